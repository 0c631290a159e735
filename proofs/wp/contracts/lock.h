/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three locks, as code of one CPU: trusted_wait.h says what that means. Of
 * a wait it is shown what holds behind it, not that it ends. Tickets and rounds
 * wrap, and are meant to.
 */
#ifndef MOAT_PROOF_LOCK_H
#define MOAT_PROOF_LOCK_H

#include "trusted_wait.h"

/*@
  // The number behind a ticket or a round. Of the last one WP cannot say which
  // follows, as its arithmetic has no remainder there.
  predicate follows(integer next, integer ticket) =
    ticket < 0xffffffff ==> next == ticket + 1;
*/

/* ---- Ticket lock ------------------------------------------------------- */

/*@ requires \valid(lock);
    assigns lock->next; exits \false;
    ensures \result == \old(lock->next) && follows(lock->next, \result); */
static uint32_t lock_draw(struct lock *lock);

/*@ requires \valid_read(lock);
    assigns lock->serving; exits \false;
    ensures \result <==> lock->serving == ticket; */
static bool lock_serves(const struct lock *lock, uint32_t ticket);

/*@ requires \valid(lock);
    assigns *lock; exits \false;
    ensures mine: lock->serving == \old(lock->next);
    ensures drawn: follows(lock->next, lock->serving); */
void lock_acquire(struct lock *lock);

/*@ requires \valid(lock);
    assigns lock->serving; exits \false;
    ensures follows(lock->serving, \old(lock->serving)); */
static void lock_serve_next(struct lock *lock);

/*@ requires \valid(lock);
    requires held: lock->next != lock->serving;
    assigns lock->serving; exits \false;
    ensures follows(lock->serving, \old(lock->serving)); */
void lock_release(struct lock *lock);

/* ---- Mutex ------------------------------------------------------------- */

/*@ requires \valid(mutex);
    assigns *mutex; exits \false;
    ensures mutex->owner == LOCK_NOBODY;
    ensures open: mutex->lock.next == 0 && mutex->lock.serving == 0; */
void mutex_init(struct mutex *mutex);

/*@ requires \valid_read(mutex);
    assigns \nothing; exits \false;
    ensures \result <==> mutex->owner == cpu; */
bool mutex_is_held(const struct mutex *mutex, uint32_t cpu);

/*@ requires \valid_read(mutex);
    requires free: mutex->owner != cpu;
    assigns mutex->lock.serving; exits \false;
    ensures mutex->lock.serving == ticket; */
static void mutex_wait(
	const struct mutex *mutex, uint32_t cpu, uint32_t ticket);

/*@ requires \valid(mutex);
    requires free: mutex->owner != cpu && cpu != LOCK_NOBODY;
    assigns *mutex; exits \false;
    ensures mutex->owner == cpu;
    ensures mine: mutex->lock.serving == \old(mutex->lock.next);
    ensures drawn: follows(mutex->lock.next, mutex->lock.serving); */
void mutex_lock(struct mutex *mutex, uint32_t cpu);

/*@ requires \valid(mutex);
    requires held: mutex->owner == cpu && cpu != LOCK_NOBODY;
    assigns *mutex; exits \false;
    ensures mutex->owner == LOCK_NOBODY;
    ensures served:
      follows(mutex->lock.serving, \old(mutex->lock.serving));
    ensures mutex->lock.next == \old(mutex->lock.next); */
void mutex_unlock(struct mutex *mutex, uint32_t cpu);

/* ---- Rendezvous -------------------------------------------------------- */

/*@ requires \valid(rendezvous);
    assigns *rendezvous; exits \false;
    ensures rendezvous->arrived == 0 && follows(rendezvous->round, round); */
static void open_round(struct rendezvous *rendezvous, uint32_t round);

/*@ requires \valid(rendezvous);
    requires expected: rendezvous->arrived < parties;
    assigns *rendezvous; exits \false;
    ensures last: \old(rendezvous->arrived) + 1 == parties ==>
      rendezvous->arrived == 0 &&
      follows(rendezvous->round, \old(rendezvous->round));
    ensures others: \old(rendezvous->arrived) + 1 < parties ==>
      rendezvous->arrived == \old(rendezvous->arrived) + 1 &&
      rendezvous->round != \old(rendezvous->round); */
void rendezvous_meet(struct rendezvous *rendezvous, uint32_t parties);

#endif
