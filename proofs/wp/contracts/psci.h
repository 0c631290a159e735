/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_PSCI_H
#define MOAT_PROOF_PSCI_H

#include "headers.h"
#include "theory_vm.h"
#include "trusted.h"
#include "core/guest.h"

/* A negative answer, as the 64 bits of x0. */
#define ANSWER(name) ((uint64_t)MOAT_PSCI_##name)

/*@ requires sizes_ok && context < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \forall integer i; 1 <= i <= 3 ==>
      \result.x[i] == CONTEXT(m, context).x[i] ||
      \result.x[i] == CONTEXT(m, context).x[i] % 0x100000000;
    ensures CONTEXT(m, context).x[0] % 0x100000000 / 0x40000000 % 2 == 0 ==>
      \result.function == CONTEXT(m, context).x[0] % 0x100000000 &&
      \forall integer i; 1 <= i <= 3 ==>
        \result.x[i] == CONTEXT(m, context).x[i] % 0x100000000; */
static struct psci psci_decode(const struct moat *m, uint32_t context);

/*@ requires step_ok(locked);
    assigns \nothing; exits \false;
    ensures \result <==> vcpu_there(locked.vm, target); */
static bool is_target(
	const struct moat *m, struct vm_locked locked, uint64_t target);

/*@ requires step_ok(locked) && \valid_read(psci);
    assigns \nothing; exits \false;
    ensures \result == MOAT_PSCI_SUCCESS ==>
      psci->x[1] < MOAT_VCPU_MAX && psci->x[2] < VM(m, locked.vm).half &&
      VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_OFF;
    ensures !vcpu_there(locked.vm, psci->x[1]) ==>
      \result == ANSWER(INVALID_PARAMETERS);
    ensures vcpu_there(locked.vm, psci->x[1]) &&
      (psci->x[2] % 4 != 0 || psci->x[2] >= VM(m, locked.vm).half) ==>
        \result == ANSWER(INVALID_ADDRESS);
    ensures vcpu_there(locked.vm, psci->x[1]) && psci->x[2] % 4 == 0 &&
      psci->x[2] < VM(m, locked.vm).half ==> \result ==
        (VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_OFF ?
          MOAT_PSCI_SUCCESS : ANSWER(ALREADY_ON)); */
static uint64_t cpu_on_check(
	const struct moat *m, struct vm_locked locked, const struct psci *psci);

/*@ requires step_ok(locked) && \valid_read(psci);
    requires psci->x[1] < MOAT_VCPU_MAX;
    requires VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_OFF;
    assigns VCPU(m, locked.vm, psci->x[1]),
      CONTEXT(m, VCPU(m, locked.vm, psci->x[1]).page); exits \false;
    ensures VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_READY;
    ensures VCPU(m, locked.vm, psci->x[1]).pending == 0;
    ensures VCPU(m, locked.vm, psci->x[1]).page ==
      \old(VCPU(m, locked.vm, psci->x[1]).page);
    ensures CONTEXT(m, VCPU(m, locked.vm, psci->x[1]).page).pc ==
      psci->x[2];
    ensures vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
static void cpu_on_apply(
	struct moat *m, struct vm_locked locked, const struct psci *psci);

/*@ requires step_ok(locked) && \valid_read(psci) && leaving_ok(leaving);
    requires \separated(psci, leaving);
    assigns VM(m, locked.vm).vcpu[0 .. MOAT_VCPU_MAX - 1],
      CONTEXT(m, 0 .. PROOF_PAGES - 1),
      leaving->reason, leaving->told[0 .. 1]; exits \false;
    ensures leaving_ok(leaving) && vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK;
    ensures \result != MOAT_PSCI_SUCCESS ==>
      leaving->reason == \old(leaving->reason);
    behavior refused:
      assumes !vcpu_there(locked.vm, psci->x[1]) || psci->x[2] % 4 != 0 ||
        psci->x[2] >= VM(m, locked.vm).half ||
        VCPU(m, locked.vm, psci->x[1]).state != MOAT_VCPU_OFF;
      assigns \nothing;
      ensures \result != MOAT_PSCI_SUCCESS; */
static uint64_t cpu_on(struct moat *m, struct vm_locked locked,
	const struct psci *psci, struct leaving *leaving);

/*@ requires step_ok(locked) && \valid_read(psci);
    assigns \nothing; exits \false;
    ensures psci->x[2] != 0 || !vcpu_there(locked.vm, psci->x[1]) ==>
      \result == ANSWER(INVALID_PARAMETERS);
    ensures psci->x[2] == 0 && vcpu_there(locked.vm, psci->x[1]) ==>
      \result == (VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_OFF ?
        1 : 0); */
static uint64_t affinity_info(
	const struct moat *m, struct vm_locked locked, const struct psci *psci);

/*@ assigns \nothing; exits \false;
    ensures \result == MOAT_PSCI_SUCCESS ||
      \result == ANSWER(NOT_SUPPORTED); */
static uint64_t psci_features(uint64_t function);

/*@ assigns \nothing; exits \false;
    ensures \result == (function == MOAT_SMCCC_VERSION ||
      function == MOAT_SMCCC_ARCH_FEATURES ?
        MOAT_PSCI_SUCCESS : ANSWER(NOT_SUPPORTED)); */
static uint64_t arch_features(uint64_t function);

/*@ requires \valid_read(psci) && \valid(leaving) &&
      \separated(psci, leaving);
    assigns leaving->reason, leaving->state, leaving->told[0]; exits \false;
    ensures \result == MOAT_PSCI_SUCCESS;
    ensures leaving->reason == MOAT_EXIT_PSCI;
    ensures leaving->state == MOAT_VCPU_OFF;
    ensures leaving->told[0] == psci->function; */
static uint64_t power_down(const struct psci *psci, struct leaving *leaving);

#ifndef MOAT_PROOF_GUEST_H
/*@ requires sizes_ok && \valid(leaving);
    requires leaving->context < PAGE_COUNT(m);
    assigns leaving->reason, leaving->told[0]; exits \false;
    ensures leaving->reason == MOAT_EXIT_WFI;
    ensures leaving->told[0] == CONTEXT(m, leaving->context).deadline; */
void guest_tell_wfi(const struct moat *m, struct leaving *leaving);
#endif

/*@ requires sizes_ok && \valid(leaving);
    requires leaving->context < PAGE_COUNT(m);
    assigns leaving->reason, leaving->told[0]; exits \false;
    ensures \result == MOAT_PSCI_SUCCESS;
    ensures leaving->reason == MOAT_EXIT_WFI; */
static uint64_t standby(const struct moat *m, struct leaving *leaving);

/*@ requires step_ok(locked) && \valid_read(psci) && leaving_ok(leaving);
    requires \separated(psci, leaving);
    assigns VM(m, locked.vm).vcpu[0 .. MOAT_VCPU_MAX - 1],
      CONTEXT(m, 0 .. PROOF_PAGES - 1), leaving->reason, leaving->state,
      leaving->told[0 .. 1]; exits \false;
    ensures leaving_ok(leaving) && vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
static uint64_t power_call(struct moat *m, struct vm_locked locked,
	const struct psci *psci, struct leaving *leaving);

/*@ requires step_ok(locked) && leaving_ok(leaving);
    assigns VM(m, locked.vm).vcpu[0 .. MOAT_VCPU_MAX - 1],
      CONTEXT(m, 0 .. PROOF_PAGES - 1), leaving->reason, leaving->state,
      leaving->told[0 .. 1]; exits \false;
    ensures leaving_ok(leaving) && vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void guest_psci(
	struct moat *m, struct vm_locked locked, struct leaving *leaving);

#endif
