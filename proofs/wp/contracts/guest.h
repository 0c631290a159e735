/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_GUEST_H
#define MOAT_PROOF_GUEST_H

/* Before s2.h, which lets its own steps panic: here none does. */
#include "hold.h"
#include "psci.h"
#include "run.h"
#include "s2.h"
#include "theorem.h"
#include "trusted_trace.h"

/*@ requires sizes_ok && context < PAGE_COUNT(m);
    assigns CONTEXT(m, context).x[0 .. 4]; exits \false;
    ensures CONTEXT(m, context).x[0] == status;
    ensures \forall integer r; 1 <= r <= 4 ==> CONTEXT(m, context).x[r] == 0; */
void guest_answer(struct moat *m, uint32_t context, uint64_t status);

/*@ requires sizes_ok && leaving_ok(leaving);
    assigns CONTEXT(m, leaving->context).x[0 .. 4], leaving->reason,
      leaving->count; exits \false;
    ensures leaving_ok(leaving);
    ensures \old(CONTEXT(m, leaving->context).x[1]) > MOAT_HOST_CALL_MAX ==>
      leaving->reason == \old(leaving->reason) &&
      leaving->count == \old(leaving->count) &&
      CONTEXT(m, leaving->context).x[0] == refusal(MOAT_BAD_ARG, 1);
    ensures \old(CONTEXT(m, leaving->context).x[1]) <= MOAT_HOST_CALL_MAX ==>
      leaving->reason == MOAT_EXIT_HOST_CALL &&
      leaving->count == \old(CONTEXT(m, leaving->context).x[1]); */
static void guest_host_call(struct moat *m, struct leaving *leaving);

/*@ requires sizes_ok && context < PAGE_COUNT(m);
    assigns CONTEXT(m, context).x[0 .. 4]; exits \false;
    ensures CONTEXT(m, context).x[0] == MOAT_OK;
    ensures CONTEXT(m, context).x[1] == MOAT_ABI_VERSION;
    ensures \forall integer r; 2 <= r <= 4 ==> CONTEXT(m, context).x[r] == 0; */
static void guest_version(struct moat *m, uint32_t context);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && locked.vm < VM_COUNT(m);
    assigns CONTEXT(m, context).x[0 .. 4]; exits \false;
    ensures CONTEXT(m, context).x[0] == MOAT_OK;
    ensures CONTEXT(m, context).x[1] == MOAT_PAGE_SIZE;
    ensures CONTEXT(m, context).x[2] == VM(m, locked.vm).ipa_bits;
    ensures CONTEXT(m, context).x[3] == MOAT_RANGE_PAGES_MAX;
    ensures CONTEXT(m, context).x[4] == MOAT_HOST_CALL_MAX; */
static void guest_features(
	struct moat *m, struct vm_locked locked, uint32_t context);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && locked.vm < VM_COUNT(m);
    assigns CONTEXT(m, context).x[0 .. 4]; exits \false;
    ensures CONTEXT(m, context).x[0] == MOAT_OK;
    ensures \forall integer r; 1 <= r <= 4 ==> CONTEXT(m, context).x[r] ==
      VM(m, locked.vm).measurement[r - 1]; */
static void guest_measurement(
	struct moat *m, struct vm_locked locked, uint32_t context);

/*@ assigns \nothing; exits \false;
    ensures \result <==> access == MOAT_ACCESS_READ ||
      (access == MOAT_ACCESS_WRITE && descriptor / 128 % 2 == 1) ||
      (access == MOAT_ACCESS_FETCH && descriptor / PROOF_XN % 2 == 0); */
static bool leaf_permits(uint64_t descriptor, enum moat_access access);

/*@ requires \valid_read(trap);
    assigns \nothing; exits \false;
    ensures \result <==> trap->has_syndrome != 0 &&
      trap->access != MOAT_ACCESS_FETCH && trap->register_index <= 31 &&
      (trap->size == 1 || trap->size == 2 || trap->size == 4 ||
        trap->size == 8); */
static bool is_device_access(const struct moat_trap *trap);

/*@ requires sizes_ok && leaving_ok(leaving) && \valid_read(trap);
    requires \separated(trap, leaving);
    assigns leaving->reason, leaving->told[0 .. 3]; exits \false;
    ensures leaving->reason == MOAT_EXIT_MMIO;
    ensures leaving->told[0] == trap->ipa.value &&
      leaving->told[1] == trap->size && leaving->told[2] == trap->access;
    ensures leaving->told[3] ==
      (trap->access == MOAT_ACCESS_WRITE && trap->register_index < 31 ?
        cut(CONTEXT(m, leaving->context).x[trap->register_index],
          trap->size) : \old(leaving->told[3])); */
static void tell_mmio(
	struct moat *m, const struct moat_trap *trap, struct leaving *leaving);

/*@ requires \valid(leaving) && \valid_read(trap);
    requires \separated(trap, leaving);
    assigns leaving->reason, leaving->told[0 .. 1]; exits \false;
    ensures leaving->reason == MOAT_EXIT_FAULT;
    ensures leaving->told[0] ==
      trap->ipa.value / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;
    ensures leaving->told[1] == trap->access; */
static void tell_fault(const struct moat_trap *trap, struct leaving *leaving);

/*@ requires config_ok && step_ok(locked) && leaving_ok(leaving);
    requires is_live(locked.vm) && \valid_read(trap);
    requires \separated(trap, leaving);
    requires trap->ipa.value / 2 < VM(m, locked.vm).half;
    assigns leaving->reason, leaving->told[0 .. 3]; exits \false;
    ensures leaving_ok(leaving); */
static void guest_abort_inside(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving);

/*@ requires config_ok && step_ok(locked) && leaving_ok(leaving);
    requires is_live(locked.vm) && \valid_read(trap);
    requires \separated(trap, leaving);
    assigns leaving->reason, leaving->told[0 .. 3]; exits \false;
    ensures leaving_ok(leaving); */
static void guest_abort(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving);

/*@ requires sizes_ok && leaving_ok(leaving);
    assigns CONTEXT(m, leaving->context).pc, leaving->reason,
      leaving->told[0]; exits \false;
    ensures leaving_ok(leaving) && leaving->reason == MOAT_EXIT_WFI;
    ensures leaving->told[0] == CONTEXT(m, leaving->context).deadline; */
static void guest_wfi(struct moat *m, struct leaving *leaving);

/*@ requires sizes_ok && \valid(leaving);
    requires leaving->context < PAGE_COUNT(m);
    assigns leaving->reason, leaving->told[0]; exits \false;
    ensures leaving->reason == MOAT_EXIT_WFI;
    ensures leaving->told[0] == CONTEXT(m, leaving->context).deadline; */
void guest_tell_wfi(const struct moat *m, struct leaving *leaving);

/* ---- Steps ------------------------------------------------------------- */

/* Of a step under the VM's lock that moves no pages: what it needs, may write,
 * and keeps. */
/* clang-format off */
#define STEP_NEEDS \
	requires config_ok && step_ok(locked) && is_live(locked.vm) && vcpu_1; \
	requires leaving_ok(leaving);
#define STEP_ASSIGNS \
	assigns CONTEXT(m, 0 .. PROOF_PAGES - 1), \
		VM(m, locked.vm).vcpu[0 .. MOAT_VCPU_MAX - 1];
#define LEAVING_ASSIGNS \
	assigns leaving->reason, leaving->state, leaving->count, \
		leaving->told[0 .. LEAVING_TOLD - 1];
#define STEP_KEEPS \
	ensures vm_1: vm_held(locked.vm); \
	ensures cpus: CPUS_OK; \
	ensures vcpus: VCPUS_OK;
/* clang-format on */

/*@ STEP_NEEDS
    requires !is_guest_move(number);
    STEP_ASSIGNS
    LEAVING_ASSIGNS
    STEP_KEEPS
    exits \false;
    ensures leaving_ok(leaving); */
static void guest_moat_call(struct moat *m, struct vm_locked locked,
	uint32_t number, struct leaving *leaving);

/*@ STEP_NEEDS
    requires !asks_to_move(CONTEXT(m, leaving->context).x[0]);
    STEP_ASSIGNS
    LEAVING_ASSIGNS
    STEP_KEEPS
    exits \false;
    ensures leaving_ok(leaving); */
static void guest_call(
	struct moat *m, struct vm_locked locked, struct leaving *leaving);

/*@ STEP_NEEDS
    requires \valid_read(trap) && \separated(trap, leaving);
    requires trap->kind == MOAT_TRAP_CALL ==>
      !asks_to_move(CONTEXT(m, leaving->context).x[0]);
    STEP_ASSIGNS
    LEAVING_ASSIGNS
    STEP_KEEPS
    exits \false;
    ensures leaving_ok(leaving);
    ensures silent: trap->kind == MOAT_TRAP_IRQ ==>
      leaving->reason == MOAT_EXIT_IRQ; */
static void guest_decide(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving);

/*@ requires step_ok(locked) && locked.cpu < CPU_COUNT(m);
    requires CPU(m, locked.cpu).vm == locked.vm && cpu_ok(locked.cpu);
    assigns \nothing; exits \false;
    ensures \result.cpu == locked.cpu && \result.reason == 0;
    ensures \result.context ==
      VCPU(m, locked.vm, CPU(m, locked.cpu).vcpu).page;
    ensures \result.context < PAGE_COUNT(m);
    ensures \result.state == MOAT_VCPU_READY && \result.count == 0;
    ensures \result.regions.low == NONE && \result.regions.high == NONE &&
      \result.regions.is_all == 0; */
static struct leaving leaving_none(
	const struct moat *m, struct vm_locked locked);

/*@ requires config_ok && step_ok(locked) && vcpu_1;
    requires locked.cpu < CPU_COUNT(m);
    requires CPU(m, locked.cpu).vm == locked.vm && cpu_ok(locked.cpu);
    requires \valid(regs) && \valid_read(trap) && \separated(regs, trap);
    requires trap->kind == MOAT_TRAP_CALL ==> !asks_to_move(CONTEXT(m,
      VCPU(m, locked.vm, CPU(m, locked.cpu).vcpu).page).x[0]);
    STEP_ASSIGNS
    assigns CPU(m, locked.cpu).vm, CPU(m, locked.cpu).vcpu,
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      regs->x[0 .. MOAT_RUN_RESULT_COUNT];
    STEP_KEEPS
    exits \false;
    ensures locks: \forall integer l; 0 <= l < REGION_LOCK_COUNT ==>
      REGION_LOCK(m, l).owner == \old(REGION_LOCK(m, l).owner);
    ensures \result == MOAT_GUEST_RESUME || \result == MOAT_HOST_RETURN;
    ensures goes_on: \result == MOAT_GUEST_RESUME ==>
      CPU(m, locked.cpu).vm == locked.vm &&
      \forall integer r; 0 <= r <= MOAT_RUN_RESULT_COUNT ==>
        regs->x[r] == \old(regs->x[r]);
    ensures ends: \result == MOAT_HOST_RETURN ==>
      CPU(m, locked.cpu).vm == NONE && regs->x[0] == MOAT_OK; */
static enum moat_action guest_step(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct moat_regs *regs);

/*@ requires engine_ok && cpu < CPU_COUNT(m);
    requires CPU(m, cpu).vm != NONE;
    requires VM_LOCK(m, CPU(m, cpu).vm).owner != cpu;
    requires \valid(regs) && \valid_read(trap) && \separated(regs, trap);
    requires trap->kind == MOAT_TRAP_CALL ==> !asks_to_move(CONTEXT(m,
      VCPU(m, CPU(m, cpu).vm, CPU(m, cpu).vcpu).page).x[0]);
    assigns CONTEXT(m, 0 .. PROOF_PAGES - 1), CPU(m, cpu).vm,
      CPU(m, cpu).vcpu, VM(m, CPU(m, cpu).vm),
      VM_LOCK(m, CPU(m, cpu).vm),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      regs->x[0 .. MOAT_RUN_RESULT_COUNT];
    exits \false;
    ensures released: VM_LOCK(m, \old(CPU(m, cpu).vm)).owner != cpu;
    ensures cpus: CPUS_OK;
    ensures vcpus: VCPUS_OK;
    ensures \result == MOAT_GUEST_RESUME || \result == MOAT_HOST_RETURN;
    ensures goes_on: \result == MOAT_GUEST_RESUME ==>
      CPU(m, cpu).vm == \old(CPU(m, cpu).vm) &&
      \forall integer r; 0 <= r <= MOAT_RUN_RESULT_COUNT ==>
        regs->x[r] == \old(regs->x[r]);
    ensures ends: \result == MOAT_HOST_RETURN ==>
      CPU(m, cpu).vm == NONE && regs->x[0] == MOAT_OK; */
enum moat_action moat_guest_exit(struct moat *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs);

#endif
