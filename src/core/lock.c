/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks: whoever comes first is served first. Tickets wrap at 2^32, far
 * beyond the number of CPUs that can wait at once, so equality is enough.
 */
#include "core/lock.h"

#include "core/require.h"
#include "moat/port.h"

void lock_acquire(struct lock *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
		moat_port_wait();
	}
}

void lock_release(struct lock *lock)
{
	/* Only the holder writes it, so a relaxed load reads its own ticket. */
	uint32_t ticket = __atomic_load_n(&lock->serving, __ATOMIC_RELAXED);

	REQUIRE(__atomic_load_n(&lock->next, __ATOMIC_RELAXED) != ticket);
	__atomic_store_n(&lock->serving, ticket + 1, __ATOMIC_RELEASE);
	if (__atomic_load_n(&lock->next, __ATOMIC_RELAXED) != ticket + 1) {
		moat_port_wake();
	}
}

struct vm_locked vm_lock(struct moat *m, uint32_t vm)
{
	struct vm_locked locked = {vm};

	lock_acquire(&VM_LOCK(m, vm));
	return locked;
}

void vm_unlock(struct moat *m, struct vm_locked locked)
{
	lock_release(&VM_LOCK(m, locked.vm));
}

static uint32_t region_lock_of(uint32_t region)
{
	return region == NONE ? NONE : region % REGION_LOCK_COUNT;
}

struct regions_locked regions_lock(
	struct moat *m, uint32_t first, uint32_t second)
{
	uint32_t a = region_lock_of(first);
	uint32_t b = region_lock_of(second);
	/* NONE is above every lock, so it ends up in @high. */
	struct regions_locked locked = {a < b ? a : b, a < b ? b : a};

	if (locked.low == locked.high) {
		locked.high = NONE;
	}
	if (locked.low != NONE) {
		lock_acquire(&REGION_LOCK(m, locked.low));
	}
	if (locked.high != NONE) {
		lock_acquire(&REGION_LOCK(m, locked.high));
	}
	return locked;
}

void regions_unlock(struct moat *m, struct regions_locked locked)
{
	if (locked.high != NONE) {
		lock_release(&REGION_LOCK(m, locked.high));
	}
	if (locked.low != NONE) {
		lock_release(&REGION_LOCK(m, locked.low));
	}
}

bool regions_cover(struct regions_locked locked, uint32_t region)
{
	uint32_t lock = region_lock_of(region);

	return locked.low == lock || locked.high == lock;
}
