/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_HOLD_H
#define MOAT_PROOF_HOLD_H

#include "headers.h"
#include "theory_engine.h"
#include "theory_locks.h"
#include "trusted.h"

/* What the lock protects: another CPU may have changed it, but keeps what is
 * promised of it, and does not end what runs on this CPU. */
/*@ requires sizes_ok && vm < VM_COUNT(m) && cpu < CPU_COUNT(m);
    requires VM_LOCK(m, vm).owner != cpu;
    assigns VM(m, vm), VM_LOCK(m, vm); exits \false;
    admit ensures vm_held(vm);
    admit ensures CPU(m, cpu).vm == vm ==> cpu_ok(cpu) &&
      VCPU(m, vm, CPU(m, cpu).vcpu).page ==
        \old(VCPU(m, vm, CPU(m, cpu).vcpu).page);
    admit ensures \old(engine_ok) ==> engine_ok;
    ensures VM_LOCK(m, vm).owner == cpu;
    ensures \result.vm == vm && \result.cpu == cpu; */
struct vm_locked vm_lock(
	struct moat *m, uint32_t cpu, uint32_t vm, const char *site);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    requires VM_LOCK(m, locked.vm).owner == locked.cpu;
    requires locked.cpu < MOAT_CPU_MAX;
    requires vm_held(locked.vm);
    assigns VM_LOCK(m, locked.vm); exits \false;
    ensures VM_LOCK(m, locked.vm).owner != locked.cpu; */
void vm_unlock(struct moat *m, struct vm_locked locked);

/*@ requires cpu < MOAT_CPU_MAX;
    requires lock != NONE ==>
      lock < REGION_LOCK_COUNT && REGION_LOCK(m, lock).owner != cpu;
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures lock != NONE ==> REGION_LOCK(m, lock).owner == cpu;
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT && l != lock ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner); */
static void region_lock(
	struct moat *m, uint32_t cpu, uint32_t lock, const char *site);

/*@ requires holds_region(cpu, lock);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures lock != NONE ==> REGION_LOCK(m, lock).owner != cpu;
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT && l != lock ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner); */
static void region_unlock(struct moat *m, uint32_t cpu, uint32_t lock);

/*@ requires cpu < MOAT_CPU_MAX && lock < REGION_LOCK_COUNT;
    requires REGION_LOCK(m, lock).owner != cpu;
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures REGION_LOCK(m, lock).owner == cpu;
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT && l != lock ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner); */
static void region_lock_above(
	struct moat *m, uint32_t cpu, uint32_t lock, const char *site);

/*@ requires lock != NONE && holds_region(cpu, lock);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures REGION_LOCK(m, lock).owner != cpu;
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT && l != lock ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner); */
static void region_unlock_above(struct moat *m, uint32_t cpu, uint32_t lock);

/*@ requires cpu < MOAT_CPU_MAX;
    requires \forall integer l; 1 <= l < REGION_LOCK_COUNT - 1 ==>
      REGION_LOCK(m, l).owner == cpu;
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures \forall integer l; 1 <= l < REGION_LOCK_COUNT - 1 ==>
      REGION_LOCK(m, l).owner != cpu;
    ensures ends: \forall integer l; l == 0 || l == REGION_LOCK_COUNT - 1 ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner); */
static void regions_unlock_between(struct moat *m, uint32_t cpu);

/*@ requires cpu < MOAT_CPU_MAX && holds_no_region(cpu);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures \result.cpu == cpu && is_ranked(\result) && !\result.is_all;
    ensures covers(\result, first) && covers(\result, second);
    ensures holds_region(cpu, \result.low) && holds_region(cpu, \result.high);
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT &&
      l != \result.low && l != \result.high ==>
        REGION_LOCK(m, l).owner != cpu; */
struct regions_locked regions_lock(struct moat *m, uint32_t cpu, uint32_t first,
	uint32_t second, const char *site);

/*@ requires cpu < MOAT_CPU_MAX && holds_no_region(cpu);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures \result.cpu == cpu && is_ranked(\result) && \result.is_all;
    ensures \result.low == 0 && \result.high == REGION_LOCK_COUNT - 1;
    ensures holds_every_region(cpu); */
struct regions_locked regions_lock_all(
	struct moat *m, uint32_t cpu, const char *site);

/*@ requires is_ranked(locked);
    requires holds_region(locked.cpu, locked.low);
    requires holds_region(locked.cpu, locked.high);
    requires locked.is_all ==> holds_every_region(locked.cpu) &&
      locked.low == 0 && locked.high == REGION_LOCK_COUNT - 1;
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures two: !locked.is_all ==>
      \forall integer l; 0 <= l < REGION_LOCK_COUNT ==>
        (l == locked.low || l == locked.high ?
          REGION_LOCK(m, l).owner != locked.cpu :
          REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner));
    ensures all: locked.is_all ==> holds_no_region(locked.cpu); */
void regions_unlock(struct moat *m, struct regions_locked locked);

/*@ assigns \nothing; exits \false;
    ensures region != NONE ==>
      (\result <==> locked.is_all || covers(locked, region)); */
bool regions_cover(struct regions_locked locked, uint32_t region);

#endif
