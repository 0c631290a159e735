/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/hold.h"

CORE PART struct vm_locked vm_lock(
	struct moat *m, uint32_t cpu, uint32_t vm, const char *site)
{
	struct vm_locked locked = {vm, cpu};

	witness_take(WITNESS_VM + vm, site);
	mutex_lock(&VM_LOCK(m, vm), cpu);
	return locked;
}

CORE PART void vm_unlock(struct moat *m, struct vm_locked locked)
{
	witness_drop(WITNESS_VM + locked.vm);
	mutex_unlock(&VM_LOCK(m, locked.vm), locked.cpu);
}

static PART void region_lock(
	struct moat *m, uint32_t cpu, uint32_t lock, const char *site)
{
	if (lock != NONE) {
		witness_take(WITNESS_REGION + lock, site);
		mutex_lock(&REGION_LOCK(m, lock), cpu);
	}
}

static PART void region_unlock(struct moat *m, uint32_t cpu, uint32_t lock)
{
	if (lock != NONE) {
		witness_drop(WITNESS_REGION + lock);
		mutex_unlock(&REGION_LOCK(m, lock), cpu);
	}
}

/* The same of the lock above, which few steps take. */
static APART void region_lock_above(
	struct moat *m, uint32_t cpu, uint32_t lock, const char *site)
{
	region_lock(m, cpu, lock, site);
}

static APART void region_unlock_above(
	struct moat *m, uint32_t cpu, uint32_t lock)
{
	region_unlock(m, cpu, lock);
}

CORE PART struct regions_locked regions_lock(struct moat *m, uint32_t cpu,
	uint32_t first, uint32_t second, const char *site)
{
	uint32_t a = region_lock_of(first);
	uint32_t b = region_lock_of(second);
	/* NONE is above every lock, so it ends up in @high. */
	struct regions_locked locked = {
		a < b ? a : b, a < b ? b : a, cpu, false};

	if (locked.low == locked.high) {
		locked.high = NONE;
	}
	region_lock(m, cpu, locked.low, site);
	if (locked.high != NONE) {
		region_lock_above(m, cpu, locked.high, site);
	}
	return locked;
}

APART struct regions_locked regions_lock_all(
	struct moat *m, uint32_t cpu, const char *site)
{
	const struct regions_locked locked = {
		0, REGION_LOCK_COUNT - 1, cpu, true};

	/*@ loop invariant 0 <= lock <= REGION_LOCK_COUNT;
	    loop invariant \forall integer l; 0 <= l < lock ==>
	      REGION_LOCK(m, l).owner == cpu;
	    loop invariant \forall integer l;
	      lock <= l < REGION_LOCK_COUNT ==>
	        REGION_LOCK(m, l).owner != cpu;
	    loop assigns lock, REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1);
	    loop variant REGION_LOCK_COUNT - lock; */
	for (uint32_t lock = 0; lock < REGION_LOCK_COUNT; lock++) {
		region_lock(m, cpu, lock, site);
	}
	return locked;
}

/* All but the two that a lock of two has. */
static APART void regions_unlock_between(struct moat *m, uint32_t cpu)
{
	/*@ loop invariant 1 <= lock <= REGION_LOCK_COUNT - 1;
	    loop invariant \forall integer l;
	      lock <= l < REGION_LOCK_COUNT - 1 ==>
	        REGION_LOCK(m, l).owner == cpu;
	    loop invariant \forall integer l; 1 <= l < lock ==>
	      REGION_LOCK(m, l).owner != cpu;
	    loop invariant \forall integer l;
	      l == 0 || l == REGION_LOCK_COUNT - 1 ==>
	        REGION_LOCK(m, l).owner ==
	          \at(REGION_LOCK(m, l).owner, Pre);
	    loop assigns lock, REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1);
	    loop variant REGION_LOCK_COUNT - lock; */
	for (uint32_t lock = 1; lock < REGION_LOCK_COUNT - 1; lock++) {
		region_unlock(m, cpu, lock);
	}
}

CORE PART void regions_unlock(struct moat *m, struct regions_locked locked)
{
	if (locked.high != NONE) {
		region_unlock_above(m, locked.cpu, locked.high);
	}
	region_unlock(m, locked.cpu, locked.low);
	if (locked.is_all) {
		regions_unlock_between(m, locked.cpu);
	}
}

CORE PART bool regions_cover(struct regions_locked locked, uint32_t region)
{
	uint32_t lock = region_lock_of(region);

	return locked.low == lock || locked.high == lock || locked.is_all;
}
