/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_VM_UNIT_H
#define MOAT_PROOF_VM_UNIT_H

#include "owner.h"
#include "theory_contexts.h"
#include "theory_runs.h"
#include "theory_life.h"
#include "core/vm.h"

/*@
  // The pages that a plan is about, and that it is in order.
  predicate plan_ok{L}(struct plan *plan) =
    \valid_read(plan) && 1 <= plan->run.count <= ENTRY_COUNT &&
    plan->run.first + plan->run.count <= PAGE_COUNT(m);
  predicate is_planned{L}(struct plan *plan, integer p) =
    plan->run.first <= p < plan->run.first + plan->run.count;

  predicate is_in_state{L}(integer v, integer i, integer state) =
    VCPU(m, v, i).state == state;
  predicate has_no{L}(integer v, integer state) =
    \forall integer i; 0 <= i < MOAT_VCPU_MAX ==> !is_in_state(v, i, state);

  // No entry in the root of a VM.
  predicate is_bare{L}(integer v) =
    \forall integer t, i;
      VM(m, v).root <= t < VM(m, v).root + VM(m, v).root_count &&
      0 <= i < ENTRY_COUNT ==> !is_valid(TABLE(m, t).entry[i]);

  predicate create_ok{L}(integer ipa_bits, integer vcpus, integer pa) =
    MOAT_IPA_BITS_MIN <= ipa_bits <= MOAT(m).config.ipa_bits &&
    1 <= vcpus <= MOAT_VCPU_MAX &&
    pa % (vm_root_pages(ipa_bits) * MOAT_PAGE_SIZE) == 0;
*/

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> is_growing(locked.vm); */
bool vm_is_growing(const struct moat *m, struct vm_locked locked);

/*@ requires call_ok(call);
    requires MOAT_IPA_BITS_MIN <= call->x[3] <= MOAT_IPA_BITS_MAX;
    assigns \nothing; exits \false;
    ensures \result.start_level == vm_root_level(call->x[3]);
    ensures \result.page_count == vm_root_pages(call->x[3]); */
static struct s2_root root_for(const struct call *call);

/*@ requires sizes_ok && call_ok(call);
    assigns \nothing; exits \false;
    ensures !(MOAT_IPA_BITS_MIN <= call->x[3] <= MOAT(m).config.ipa_bits) ==>
      \result == refusal(MOAT_BAD_ARG, 3);
    ensures MOAT_IPA_BITS_MIN <= call->x[3] <= MOAT(m).config.ipa_bits &&
      !(1 <= call->x[4] <= MOAT_VCPU_MAX) ==>
        \result == refusal(MOAT_BAD_ARG, 4);
    ensures \result == MOAT_OK <==>
      create_ok(call->x[3], call->x[4], call->x[2]); */
uint64_t vm_create_arguments(const struct moat *m, const struct call *call);

/*@ requires config_ok && step_ok(locked) && call_ok(call) && \valid(plan);
    requires \separated(plan, call, call->x + (0 .. CALL_WORDS - 1));
    requires create_ok(call->x[3], call->x[4], call->x[2]);
    assigns plan->is_whole, plan->run, plan->region[0 .. 1], plan->operand;
    exits \false;
    ensures is_live(locked.vm) <==> \result == MOAT_BAD_STATE;
    ensures \result == MOAT_OK || \result == MOAT_BAD_STATE ||
      \result == refusal(MOAT_BAD_PAGE, 2);
    ensures \result == MOAT_OK ==> plan_ok(plan) && plan->is_whole &&
      plan->operand == 2 && pa_of(plan->run.first) == call->x[2];
    ensures \result == MOAT_OK ==>
      plan->run.count == vm_root_pages(call->x[3]); */
uint64_t vm_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires sizes_ok && vm < VM_COUNT(m) && index < MOAT_ROOT_PAGES_MAX;
    requires VM(m, vm).root + index < PAGE_COUNT(m);
    assigns PAGE(m, VM(m, vm).root + index); exits \false;
    ensures PAGE(m, VM(m, vm).root + index).state == MOAT_PAGE_TABLE;
    ensures PAGE(m, VM(m, vm).root + index).mapping ==
      VM(m, vm).start_level;
    ensures hangs_at(VM(m, vm).root + index, vm, SLOT_ROOT + index);
    ensures only: \forall integer q; 0 <= q < PAGE_COUNT(m) &&
      q != VM(m, vm).root + index ==> page_same{Pre,Post}(q); */
static void root_set(struct moat *m, uint32_t vm, uint32_t index);

/*@ requires sizes_ok && vm < VM_COUNT(m);
    assigns VM(m, vm); exits \false;
    ensures VM(m, vm).life == MOAT_VM_EMPTY;
    ensures bare: HAS_NO_VCPU(vm);
    ensures vm_1: vm_held(vm); */
static void vm_clear(struct moat *m, uint32_t vm);

/*@ requires sizes_ok && vm < VM_COUNT(m) && call_ok(call);
    requires create_ok(call->x[3], call->x[4], call->x[2]);
    requires root_page + vm_root_pages(call->x[3]) <= PAGE_COUNT(m);
    assigns VM(m, vm); exits \false;
    ensures VM(m, vm).life == MOAT_VM_BUILDING;
    ensures VM(m, vm).root == root_page;
    ensures VM(m, vm).root_count == vm_root_pages(call->x[3]);
    ensures VM(m, vm).ipa_bits == call->x[3];
    ensures VM(m, vm).vcpu_count == call->x[4];
    ensures bare: HAS_NO_VCPU(vm);
    ensures root: vm_ok(vm);
    ensures vm_1: vm_held(vm); */
static void vm_begin(struct moat *m, uint32_t vm, uint32_t root_page,
	const struct call *call);

/*@ requires config_ok && host_ok && step_ok(held.vm) && call_ok(call);
    requires plan_ok(plan) && reached_ok && !is_live(held.vm.vm);
    requires create_ok(call->x[3], call->x[4], call->x[2]);
    requires plan->run.count == vm_root_pages(call->x[3]);
    requires \forall integer p; is_planned(plan, p) ==>
      PAGE(m, p).state == MOAT_PAGE_HOST;
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      PAGE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      TABLE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      CONTEXT(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      VM(m, held.vm.vm); exits \false;
    ensures VM(m, held.vm.vm).life == MOAT_VM_BUILDING;
    ensures VM(m, held.vm.vm).root == plan->run.first;
    ensures VM(m, held.vm.vm).root_count == plan->run.count;
    ensures VM(m, held.vm.vm).vcpu_count == call->x[4];
    ensures HAS_NO_VCPU(held.vm.vm);
    ensures roots: \forall integer p; is_planned(plan, p) ==>
      is_table_page(p) && level_of(p) == VM(m, held.vm.vm).start_level &&
      hangs_at(p, held.vm.vm, SLOT_ROOT + p - plan->run.first);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !is_planned(plan, p) ==> page_same{Pre,Post}(p);
    ensures zero: \forall integer t, i; is_planned(plan, t) &&
      0 <= i < ENTRY_COUNT ==> TABLE(m, t).entry[i] == 0;
    ensures vm_1: vm_held(held.vm.vm);
    ensures host_ok;
    ensures page_3: reached_ok;
    ensures page_1: records_ok{Pre} ==> records_ok;
    ensures roots: roots_named{Pre} ==> ROOTS_OK;
    ensures contexts: contexts_up{Pre} ==> CONTEXTS_UP;
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void vm_create_apply(struct moat *m, struct held held, const struct plan *plan,
	const struct call *call);

/*@ requires step_ok(locked);
    assigns \nothing; exits \false;
    ensures \result == (VM(m, locked.vm).life == MOAT_VM_BUILDING ?
      MOAT_OK : MOAT_BAD_STATE); */
uint64_t vm_seal_check(const struct moat *m, struct vm_locked locked);

/*@ requires step_ok(held.vm) && \valid(call);
    requires VM(m, held.vm.vm).life == MOAT_VM_BUILDING;
    assigns VM(m, held.vm.vm).life,
      call->result[1 .. MOAT_MEASUREMENT_WORDS]; exits \false;
    ensures VM(m, held.vm.vm).life == MOAT_VM_ACTIVE;
    ensures \forall integer i; 0 <= i < MOAT_MEASUREMENT_WORDS ==>
      call->result[i + 1] == VM(m, held.vm.vm).measurement[i];
    ensures vm_1: vm_held(held.vm.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK;
    ensures roots: roots_named{Pre} ==> ROOTS_OK; */
void vm_seal_apply(struct moat *m, struct held held, struct call *call);

/*@ requires sizes_ok && vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result < 256;
    ensures \result == 0 <==> has_no(vm, state); */
static uint64_t vcpu_bitmap(
	const struct moat *m, uint32_t vm, enum moat_vcpu_state state);

/*@ requires sizes_ok && vm < VM_COUNT(m) && vm_held(vm);
    assigns \nothing; exits \false;
    ensures \result == 0 <==> has_no_vcpu(vm); */
static uint64_t vcpu_created(const struct moat *m, uint32_t vm);

/*@ requires step_ok(locked);
    assigns \nothing; exits \false;
    ensures !is_growing(locked.vm) ==> \result == MOAT_BAD_STATE;
    ensures is_growing(locked.vm) ==>
      \result == MOAT_OK || \result == MOAT_BUSY;
    ensures \result == MOAT_OK ==> is_growing(locked.vm) &&
      has_no(locked.vm, MOAT_VCPU_RUNNING);
    ensures \result == MOAT_BUSY ==>
      !has_no(locked.vm, MOAT_VCPU_RUNNING); */
uint64_t vm_kill_check(const struct moat *m, struct vm_locked locked);

/*@ requires step_ok(held.vm) && is_growing(held.vm.vm);
    requires has_no(held.vm.vm, MOAT_VCPU_RUNNING);
    assigns VM(m, held.vm.vm).life; exits \false;
    ensures VM(m, held.vm.vm).life == MOAT_VM_DYING;
    ensures vm_1: vm_held(held.vm.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK;
    ensures roots: roots_named{Pre} ==> ROOTS_OK; */
void vm_kill_apply(struct moat *m, struct held held);

/*@ requires step_ok(locked) && \valid(plan);
    assigns plan->run, plan->region[0 .. 1]; exits \false;
    ensures VM(m, locked.vm).life != MOAT_VM_DYING ==>
      \result == MOAT_BAD_STATE;
    ensures VM(m, locked.vm).life == MOAT_VM_DYING ==>
      \result == MOAT_OK || \result == MOAT_NOT_EMPTY;
    ensures \result == MOAT_NOT_EMPTY ==>
      !(has_no_vcpu(locked.vm) && is_bare(locked.vm));
    ensures \result == MOAT_OK ==>
      VM(m, locked.vm).life == MOAT_VM_DYING &&
      has_no_vcpu(locked.vm) && is_bare(locked.vm);
    ensures \result == MOAT_OK ==> plan_ok(plan) &&
      plan->run.first == VM(m, locked.vm).root &&
      plan->run.count == VM(m, locked.vm).root_count; */
uint64_t vm_free_check(
	const struct moat *m, struct vm_locked locked, struct plan *plan);

/*@ requires config_ok && host_ok && step_ok(held.vm) && plan_ok(plan);
    requires reached_ok && roots_named && is_live(held.vm.vm);
    requires VM(m, held.vm.vm).life == MOAT_VM_DYING;
    requires has_no_vcpu(held.vm.vm) && is_bare(held.vm.vm);
    requires plan->run.first == VM(m, held.vm.vm).root;
    requires plan->run.count == VM(m, held.vm.vm).root_count;
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      PAGE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      TABLE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      CONTEXT(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      VM(m, held.vm.vm); exits \false;
    ensures VM(m, held.vm.vm).life == MOAT_VM_EMPTY;
    ensures HAS_NO_VCPU(held.vm.vm);
    ensures returned: \forall integer p; is_planned(plan, p) ==>
      PAGE(m, p).state == MOAT_PAGE_HOST;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !is_planned(plan, p) ==> page_same{Pre,Post}(p);
    ensures page_4: \forall integer t, i; is_planned(plan, t) &&
      0 <= i < ENTRY_COUNT ==> TABLE(m, t).entry[i] == 0;
    ensures vm_1: vm_held(held.vm.vm);
    ensures host_ok;
    ensures page_3: reached_ok;
    ensures page_1: records_ok{Pre} ==> records_ok;
    ensures roots: ROOTS_OK;
    ensures contexts: contexts_up{Pre} ==> CONTEXTS_UP;
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void vm_free_apply(struct moat *m, struct held held, const struct plan *plan);

/*@ requires config_ok && step_ok(held.vm) && \valid(call);
    assigns call->result[1 .. 7]; exits \false;
    ensures call->result[1] == VM(m, held.vm.vm).life;
    ensures is_live(held.vm.vm) ==>
      call->result[2] == VM(m, held.vm.vm).ipa_bits &&
      call->result[3] == VM(m, held.vm.vm).vcpu_count &&
      call->result[4] == pa_of(VM(m, held.vm.vm).root);
    ensures !is_live(held.vm.vm) ==> \forall integer r; 2 <= r <= 7 ==>
      call->result[r] == \old(call->result[r]); */
void vm_info_apply(const struct moat *m, struct held held, struct call *call);

#endif
