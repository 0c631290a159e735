/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three ways in which CPUs wait for each other: ticket lock, mutex and
 * rendezvous. Nothing here knows the engine's state, so that an image and a
 * checker can use them alone; hold.h has the locks of VMs and regions.
 *
 * Every misuse is a panic: it is a fault of the engine, no caller can cause it.
 * Memory order is argued where the access is, in lock.c. tests/weak runs that
 * file under all that C11 permits and shows that each of its orders is needed;
 * proofs/spin shows that nobody waits for ever.
 */
#ifndef MOAT_CORE_LOCK_H
#define MOAT_CORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/part.h"

/*
 * A ticket lock: 8 bytes, open when zero. First come, first served. Protector
 * of its fields, and of those of a rendezvous: none, they are atomic.
 *
 * Tickets count modulo 2^32, and only equality is ever asked, so wrapping is
 * harmless while fewer than 2^32 CPUs hold a ticket at once: at most
 * MOAT_CPU_MAX do, one each, since a CPU that waits takes no other.
 */
struct lock {
	uint32_t next; /* the ticket to take */
	uint32_t serving; /* the ticket that holds the lock */
};

/* Take a ticket and wait until it is served. */
void lock_acquire(struct lock *lock);

/* Serve the next ticket. A lock that nobody holds is a panic. */
void lock_release(struct lock *lock);

/* The owner of a mutex that is free. */
#define LOCK_NOBODY UINT32_MAX

/*
 * A ticket lock that knows who holds it: 12 bytes, alone on its cache line, so
 * that CPUs with different locks do not wait for each other in the caches.
 */
struct mutex {
	_Alignas(64) struct lock lock;
	uint32_t owner; /* CPU, or LOCK_NOBODY */
};

void mutex_init(struct mutex *mutex);

/* Lock for @cpu. It is not recursive: holding it already is a panic. */
void mutex_lock(struct mutex *mutex, uint32_t cpu);

/* Unlock. Any other CPU than the owner is a panic. */
void mutex_unlock(struct mutex *mutex, uint32_t cpu);

/* Whether @cpu, the caller, holds it. Of another CPU the answer means
 * nothing. */
bool mutex_is_held(const struct mutex *mutex, uint32_t cpu);

/*
 * A place where a fixed set of CPUs meet, again and again: at boot, and to stop
 * the world (meet, one works while the others wait at the second, meet). 8
 * bytes, ready when zero. Rounds count modulo 2^32; only equality is asked, and
 * no CPU can be more than one round behind.
 */
struct rendezvous {
	uint32_t arrived; /* in this round */
	uint32_t round;
};

/*
 * Wait until @parties CPUs, the same ones in every round, have come. All that
 * any of them did before is seen by all of them behind it.
 *
 * More than @parties is a panic.
 */
void rendezvous_meet(struct rendezvous *rendezvous, uint32_t parties);

#endif
