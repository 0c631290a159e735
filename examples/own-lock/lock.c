/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bring your own lock: what a program links in place of src/core/lock.c, in a
 * build from the list of sources. This one spins on a flag, where the
 * library's hands out tickets; a hypervisor would call its own lock here.
 *
 * What is shown and proved of the library's lock (tests/weak, proofs/spin) is
 * then not shown of this one, fairness above all.
 */
#include "core/lock.h"

#include "moat/port.h"

void lock_acquire(struct lock *lock)
{
	while (__atomic_exchange_n(&lock->serving, 1, __ATOMIC_ACQUIRE) != 0) {
		moat_port_wait();
	}
}

void lock_release(struct lock *lock)
{
	if (__atomic_exchange_n(&lock->serving, 0, __ATOMIC_RELEASE) != 1) {
		moat_port_panic("a lock that nobody holds");
	}
	moat_port_wake();
}

void mutex_init(struct mutex *mutex)
{
	const struct mutex open = {.owner = LOCK_NOBODY};

	*mutex = open;
}

/* Only the owner writes its own number, so it reads it exactly while it holds
 * the mutex. */
bool mutex_is_held(const struct mutex *mutex, uint32_t cpu)
{
	return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == cpu;
}

void mutex_lock(struct mutex *mutex, uint32_t cpu)
{
	if (cpu == LOCK_NOBODY || mutex_is_held(mutex, cpu)) {
		moat_port_panic("a mutex locked twice by one CPU");
	}
	lock_acquire(&mutex->lock);
	__atomic_store_n(&mutex->owner, cpu, __ATOMIC_RELAXED);
}

void mutex_unlock(struct mutex *mutex, uint32_t cpu)
{
	if (!mutex_is_held(mutex, cpu)) {
		moat_port_panic("a mutex unlocked by another CPU");
	}
	__atomic_store_n(&mutex->owner, LOCK_NOBODY, __ATOMIC_RELAXED);
	lock_release(&mutex->lock);
}
