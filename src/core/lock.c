/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lock.h"

#include "core/atomic.h"
#include "core/require.h"
#include "moat/port.h"

/* ---- Ticket lock ------------------------------------------------------- */

/*
 * The ticket itself orders nothing: an add is atomic in whatever order, so that
 * no two CPUs draw the same. What the last holder did is seen through the load
 * that finds the ticket served, hence acquire.
 */
static PART uint32_t lock_draw(struct lock *lock)
{
	return atomic_add_relaxed(&lock->next, 1);
}

static PART bool lock_serves(const struct lock *lock, uint32_t ticket)
{
	return atomic_load_acquire(&lock->serving) == ticket;
}

void lock_acquire(struct lock *lock)
{
	uint32_t ticket = lock_draw(lock);

	/*@ loop assigns lock->serving; */
	while (!lock_serves(lock, ticket)) {
		moat_port_wait();
	}
}

/*
 * Relaxed load: only a holder writes `serving`, so this one reads what it found
 * on acquiring.
 *
 * The store hands all that was done under the lock to the next holder: release.
 *
 * It wakes even if nobody seems to wait. To load `next` and not wake if it is
 * ticket + 1 would be wrong: the load may be done before the store is seen,
 * while another CPU draws a ticket, still finds the old one served, and sleeps.
 * That takes a full barrier on both sides, which costs no less than SEV.
 */
static PART void lock_serve_next(struct lock *lock)
{
	uint32_t ticket = atomic_load_relaxed(&lock->serving);

	atomic_store_release(&lock->serving, ticket + 1);
	moat_port_wake();
}

/*
 * Relaxed loads: a holder drew its ticket from `next`, so it reads at least
 * that ticket + 1 (by coherence, C11 5.1.2.4 p16-19).
 */
void lock_release(struct lock *lock)
{
	REQUIRE(atomic_load_relaxed(&lock->next) !=
		atomic_load_relaxed(&lock->serving));
	lock_serve_next(lock);
}

/* ---- Mutex ------------------------------------------------------------- */

void mutex_init(struct mutex *mutex)
{
	mutex->lock.next = 0;
	mutex->lock.serving = 0;
	mutex->owner = LOCK_NOBODY;
}

/*
 * Relaxed: a CPU writes its own number when it has locked and takes it away
 * before it unlocks, and nobody else ever writes that number. So by coherence
 * it reads its own number exactly while it holds the mutex, whatever it may see
 * of other CPUs.
 */
PART bool mutex_is_held(const struct mutex *mutex, uint32_t cpu)
{
	return atomic_load_relaxed(&mutex->owner) == cpu;
}

/* Who holds the mutex already waits for itself: it is found out here, and who
 * need not wait need not ask. */
static APART void mutex_wait(
	const struct mutex *mutex, uint32_t cpu, uint32_t ticket)
{
	REQUIRE(!mutex_is_held(mutex, cpu));
	/*@ loop assigns mutex->lock.serving; */
	while (!lock_serves(&mutex->lock, ticket)) {
		moat_port_wait();
	}
}

PART void mutex_lock(struct mutex *mutex, uint32_t cpu)
{
	uint32_t ticket = lock_draw(&mutex->lock);

	if (!lock_serves(&mutex->lock, ticket)) {
		mutex_wait(mutex, cpu, ticket);
	}
	atomic_store_relaxed(&mutex->owner, cpu);
}

/* Who holds the mutex holds its lock: that is not asked again. */
PART void mutex_unlock(struct mutex *mutex, uint32_t cpu)
{
	REQUIRE(mutex_is_held(mutex, cpu));
	/* Before the release, so that the next owner's number comes after. */
	atomic_store_relaxed(&mutex->owner, LOCK_NOBODY);
	lock_serve_next(&mutex->lock);
}

/* ---- Rendezvous -------------------------------------------------------- */

/*
 * The last to come: arm the next round before anybody can be in it, then let
 * the others go. The release covers both the arming and what all parties did,
 * which their additions handed over.
 */
static void open_round(struct rendezvous *rendezvous, uint32_t round)
{
	atomic_store_relaxed(&rendezvous->arrived, 0);
	atomic_store_release(&rendezvous->round, round + 1);
	moat_port_wake();
}

/*
 * Relaxed load: a round cannot end before this CPU has arrived in it, and it
 * saw the one before end; coherence leaves only the value of now.
 *
 * The addition is a release, for what this CPU did, and an acquire, for the
 * last one to see what all did: each addition reads the one before, so that all
 * are one release sequence (C11 5.1.2.4 p10).
 */
void rendezvous_meet(struct rendezvous *rendezvous, uint32_t parties)
{
	uint32_t round = atomic_load_relaxed(&rendezvous->round);
	uint32_t before = atomic_add_acquire_release(&rendezvous->arrived, 1);

	REQUIRE(before < parties);
	if (before + 1 == parties) {
		open_round(rendezvous, round);
		return;
	}
	/*@ loop assigns rendezvous->round; */
	while (atomic_load_acquire(&rendezvous->round) == round) {
		moat_port_wait();
	}
}
