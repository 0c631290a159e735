/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_VCPU_UNIT_H
#define MOAT_PROOF_VCPU_UNIT_H

#include "owner.h"
#include "theory_contexts.h"
#include "core/vcpu.h"
#include "core/vm.h"

/*@ requires vm < MOAT_VM_MAX && life_ok(vm) && call_ok(call);
    assigns \nothing; exits \false;
    ensures \result <==> vcpu_there(vm, call->x[2]); */
bool vcpu_exists(const struct moat *m, uint32_t vm, const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures call->x[3] % MOAT_PAGE_SIZE != 0 ==>
      \result == refusal(MOAT_BAD_ARG, 3);
    ensures call->x[3] % MOAT_PAGE_SIZE == 0 && call->x[4] % 4 != 0 ==>
      \result == refusal(MOAT_BAD_ARG, 4);
    ensures call->x[3] % MOAT_PAGE_SIZE == 0 && call->x[4] % 4 == 0 ==>
      \result == (call->x[6] <= 1 ? MOAT_OK : refusal(MOAT_BAD_ARG, 6)); */
uint64_t vcpu_create_arguments(const struct call *call);

/*@ requires config_ok && step_ok(locked) && call_ok(call) && \valid(plan);
    requires \separated(plan, call, call->x + (0 .. CALL_WORDS - 1));
    assigns plan->run, plan->region[0 .. 1], plan->operand; exits \false;
    ensures VM(m, locked.vm).life != MOAT_VM_BUILDING ==>
      \result == MOAT_BAD_STATE;
    ensures VM(m, locked.vm).life == MOAT_VM_BUILDING &&
      call->x[2] >= VM(m, locked.vm).vcpu_count ==>
        \result == refusal(MOAT_BAD_VCPU, 2);
    ensures VM(m, locked.vm).life == MOAT_VM_BUILDING &&
      vcpu_there(locked.vm, call->x[2]) ==>
        \result == refusal(MOAT_OCCUPIED, 2);
    ensures \result == MOAT_OK ==>
      VM(m, locked.vm).life == MOAT_VM_BUILDING &&
      call->x[2] < VM(m, locked.vm).vcpu_count &&
      VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_ABSENT &&
      plan->operand == 3 && plan->run.count == 1 &&
      plan->run.first < PAGE_COUNT(m) &&
      is_in_page(plan->run.first, call->x[3]); */
uint64_t vcpu_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m) && call_ok(call);
    assigns VM(m, locked.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false; */
static void measure_vcpu(
	struct moat *m, struct vm_locked locked, const struct call *call);

/*@ requires config_ok && host_ok && step_ok(held.vm) && call_ok(call);
    requires reached_ok && \valid_read(plan) && plan->run.count == 1;
    requires plan->run.first < PAGE_COUNT(m) && call->x[6] <= 1;
    requires PAGE(m, plan->run.first).state == MOAT_PAGE_HOST;
    requires VM(m, held.vm.vm).life == MOAT_VM_BUILDING;
    requires call->x[2] < VM(m, held.vm.vm).vcpu_count;
    requires VCPU(m, held.vm.vm, call->x[2]).state == MOAT_VCPU_ABSENT;
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      PAGE(m, plan->run.first), TABLE(m, plan->run.first),
      CONTEXT(m, plan->run.first), VCPU(m, held.vm.vm, call->x[2]),
      VM(m, held.vm.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false;
    ensures VCPU(m, held.vm.vm, call->x[2]).state ==
      (call->x[6] == 1 ? MOAT_VCPU_OFF : MOAT_VCPU_READY);
    ensures VCPU(m, held.vm.vm, call->x[2]).page == plan->run.first;
    ensures CONTEXT(m, plan->run.first).pc == call->x[4] &&
      CONTEXT(m, plan->run.first).x[0] == call->x[5];
    ensures context: PAGE(m, plan->run.first).state == MOAT_PAGE_VCPU &&
      hangs_at(plan->run.first, held.vm.vm, call->x[2]);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != plan->run.first ==> page_same{Pre,Post}(p);
    ensures zero: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, plan->run.first).entry[i] == 0;
    ensures vm_1: vm_held(held.vm.vm);
    ensures host_ok;
    ensures page_3: reached_ok;
    ensures page_1: records_ok{Pre} ==> records_ok;
    ensures roots: roots_named{Pre} ==> ROOTS_OK;
    ensures contexts: contexts_up{Pre} ==> CONTEXTS_UP;
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void vcpu_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

/*@ requires step_ok(locked) && call_ok(call) && \valid(plan);
    requires \separated(plan, call, call->x + (0 .. CALL_WORDS - 1));
    assigns plan->run, plan->region[0 .. 1]; exits \false;
    ensures VM(m, locked.vm).life != MOAT_VM_BUILDING &&
      VM(m, locked.vm).life != MOAT_VM_DYING ==>
        \result == MOAT_BAD_STATE;
    ensures VM(m, locked.vm).life == MOAT_VM_BUILDING ||
      VM(m, locked.vm).life == MOAT_VM_DYING ==>
        (vcpu_there(locked.vm, call->x[2]) <==> \result == MOAT_OK) &&
        (\result == MOAT_OK || \result == refusal(MOAT_BAD_VCPU, 2));
    ensures \result == MOAT_OK ==>
      VM(m, locked.vm).life != MOAT_VM_ACTIVE &&
      vcpu_there(locked.vm, call->x[2]) && plan->run.count == 1 &&
      plan->run.first == VCPU(m, locked.vm, call->x[2]).page; */
uint64_t vcpu_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires config_ok && host_ok && step_ok(held.vm) && call_ok(call);
    requires reached_ok && \valid_read(plan) && plan->run.count == 1;
    requires vcpu_there(held.vm.vm, call->x[2]);
    requires VM(m, held.vm.vm).life != MOAT_VM_ACTIVE;
    requires plan->run.first == VCPU(m, held.vm.vm, call->x[2]).page;
    requires context_up(held.vm.vm, call->x[2]);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      PAGE(m, plan->run.first), TABLE(m, plan->run.first),
      CONTEXT(m, plan->run.first), VCPU(m, held.vm.vm, call->x[2]);
    exits \false;
    ensures VCPU(m, held.vm.vm, call->x[2]).state == MOAT_VCPU_ABSENT;
    ensures returned: PAGE(m, plan->run.first).state == MOAT_PAGE_HOST;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != plan->run.first ==> page_same{Pre,Post}(p);
    ensures page_4: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, plan->run.first).entry[i] == 0;
    ensures vm_1: vm_held(held.vm.vm);
    ensures host_ok;
    ensures page_3: reached_ok;
    ensures page_1: records_ok{Pre} ==> records_ok;
    ensures roots: roots_named{Pre} ==> ROOTS_OK;
    ensures contexts: contexts_up{Pre} ==> CONTEXTS_UP;
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void vcpu_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

#endif
