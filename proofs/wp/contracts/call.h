/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_CALL_H
#define MOAT_PROOF_CALL_H

#include "opaque_descriptors.h"

/* Before s2.h, which lets its own steps panic: here none does. */
#include "hold.h"

#include "give.h"
#include "info.h"
#include "run.h"
#include "tables.h"
#include "theorem.h"
#include "theory_call.h"
#include "trusted_trace.h"
#include "vcpu.h"
#include "vm.h"
#include "core/pages.h"

/*@
  predicate answers{L}(struct moat_regs *regs, integer x0, integer x1) =
    regs->x[0] == x0 && regs->x[1] == x1 &&
    \forall integer r; 2 <= r <= MOAT_RESULT_COUNT ==> regs->x[r] == 0;

  // The host runs on the CPU, and the CPU holds nothing.
  predicate host_runs{L}(integer cpu) =
    cpu < CPU_COUNT(m) && CPU(m, cpu).vm == NONE && holds_no_region(cpu);
  predicate holds_no_vm{L}(integer cpu) =
    \forall integer v; 0 <= v < VM_COUNT(m) ==> VM_LOCK(m, v).owner != cpu;

  // A host that comes with its registers; they are no part of the call.
  predicate regs_ok{L}(struct moat_regs *regs) =
    \valid(regs) && \valid(regs->x + (0 .. CALL_WORDS - 1));
*/

/*@
  // A call that has no answer yet, in its frame.
  predicate call_begun{L}(struct call *c, integer number) =
    call_ok(c) && \valid(c) && \separated(c, c->x + (0 .. CALL_WORDS - 1)) &&
    c->number == number && c->cpu < CPU_COUNT(m) &&
    (c->is_single != 0 ==>
      number == MOAT_PAGE_DONATE || number == MOAT_PAGE_RECLAIM);
  // By what a call is about: a VM or a vCPU as such, a table, or pages.
  predicate is_about_a_vm(integer number) =
    number == MOAT_VM_CREATE || number == MOAT_VM_SEAL ||
    number == MOAT_VM_KILL || number == MOAT_VM_FREE ||
    number == MOAT_VM_INFO || number == MOAT_VCPU_CREATE ||
    number == MOAT_VCPU_DESTROY;
  predicate is_about_a_table(integer number) =
    number == MOAT_TABLE_CREATE || number == MOAT_TABLE_DESTROY ||
    number == MOAT_TABLE_FOLD || number == MOAT_TABLE_SPLIT;
  predicate is_moving(integer number) =
    number == MOAT_PAGE_RECLAIM || number == MOAT_PAGE_RECALL;

  // What no state can make good has been refused.
  predicate gives_well{L}(struct call *c) =
    is_unit(c, c->x[2]) && is_unit(c, c->x[3]) &&
    c->x[3] % MOAT_PAGE_SIZE == 0 && permits(c) &&
    (!gives_block(c) ==> asked(c) > 0);
  predicate tables_well{L}(struct call *c) =
    (c->number == MOAT_TABLE_CREATE ==> 1 <= c->x[3] <= LEAF_LEVEL &&
      c->x[4] % MOAT_PAGE_SIZE == 0) &&
    (c->number == MOAT_TABLE_DESTROY ==> 1 <= c->x[3] <= LEAF_LEVEL) &&
    (c->number == MOAT_TABLE_FOLD ==> c->x[3] == LEAF_LEVEL) &&
    (c->number == MOAT_TABLE_SPLIT ==> c->x[3] == LEAF_LEVEL &&
      c->x[4] % MOAT_PAGE_SIZE == 0);
  predicate asks_well{L}(struct call *c) =
    (c->number == MOAT_VM_CREATE ==>
      create_ok(c->x[3], c->x[4], c->x[2])) &&
    (c->number == MOAT_VCPU_CREATE ==> c->x[6] <= 1) &&
    tables_well(c) && (is_giving(c) ==> gives_well(c)) &&
    (is_moving(c->number) && c->is_single == 0 ==> c->x[3] > 0);

  // What the check of a call about a VM or a vCPU found, and planned.
  predicate vm_planned{L}(struct call *c, struct plan *plan, integer v) =
    (c->number == MOAT_VM_CREATE ==> !is_live(v) && plan_ok(plan) &&
      plan->run.count == vm_root_pages(c->x[3]) && plan->is_whole != 0) &&
    (c->number == MOAT_VM_SEAL ==> VM(m, v).life == MOAT_VM_BUILDING) &&
    (c->number == MOAT_VM_KILL ==>
      is_growing(v) && has_no(v, MOAT_VCPU_RUNNING)) &&
    (c->number == MOAT_VM_FREE ==> VM(m, v).life == MOAT_VM_DYING &&
      has_no_vcpu(v) && is_bare(v) && plan_ok(plan) &&
      plan->run.first == VM(m, v).root &&
      plan->run.count == VM(m, v).root_count) &&
    (c->number == MOAT_VCPU_CREATE ==>
      VM(m, v).life == MOAT_VM_BUILDING && c->x[2] < VM(m, v).vcpu_count &&
      VCPU(m, v, c->x[2]).state == MOAT_VCPU_ABSENT &&
      plan->run.count == 1 && plan->run.first < PAGE_COUNT(m)) &&
    (c->number == MOAT_VCPU_DESTROY ==>
      VM(m, v).life != MOAT_VM_ACTIVE && vcpu_there(v, c->x[2]) &&
      plan->run.count == 1 && plan->run.first == VCPU(m, v, c->x[2]).page);

  // That of one about a table, or about pages that are given.
  predicate tables_planned{L}(struct call *c, struct plan *plan, integer v) =
    (c->number == MOAT_TABLE_CREATE ==>
      is_above(plan->place.table, plan->place.slot, c->x[3]) &&
      !is_valid(entry_at(plan->place.table, plan->place.slot)) &&
      plan->run.count == 1 && plan->run.first < PAGE_COUNT(m) &&
      c->x[4] == pa_of(plan->run.first)) &&
    (c->number == MOAT_TABLE_DESTROY ==> is_live(v) &&
      is_above(plan->place.table, plan->place.slot, c->x[3]) &&
      is_table(entry_at(plan->place.table, plan->place.slot),
        level_of(plan->place.table)) && plan->run.count == 1 &&
      plan->run.first == target(plan->place.table, plan->place.slot) &&
      \forall integer i; 0 <= i < ENTRY_COUNT ==>
        !is_valid(entry_at(plan->run.first, i)));
  predicate give_planned{L}(struct call *c, struct plan *plan) =
    gives_pages(plan) && gives_slots(plan, c) &&
    is_table_page(plan->place.table) && c->x[2] < 0x1000000000000 &&
    c->x[3] == pa_of(plan->run.first) &&
    (c->is_single != 0 ==> plan->run.count == 1);
  predicate planned_for{L}(struct call *c, struct plan *plan, integer v) =
    vm_planned(c, plan, v) && tables_planned(c, plan, v) &&
    (is_giving(c) ==> give_planned(c, plan));

  // Calls of which all stages are under contract: not those that fold, split
  // or move.
  predicate is_covered(integer number) =
    is_about_a_vm(number) || number == MOAT_TABLE_CREATE ||
    number == MOAT_TABLE_DESTROY || number == MOAT_PAGE_LOAD ||
    number == MOAT_PAGE_DONATE || number == MOAT_PAGE_LEND ||
    number == MOAT_BLOCK_DONATE || number == MOAT_BLOCK_LEND;
  predicate leads_to_a_table{L}(struct plan *plan) =
    is_table(entry_at(plan->place.table, plan->place.slot),
      level_of(plan->place.table));
  predicate leads_to_no_page{L}(struct plan *plan) =
    !is_leaf(entry_at(plan->place.table, plan->place.slot),
      level_of(plan->place.table)) &&
    is_valid(entry_at(plan->place.table, plan->place.slot));
  predicate single_ok{L}(struct call *c, integer number) =
    c->is_single != 0 ==>
      number == MOAT_PAGE_DONATE || number == MOAT_PAGE_RECLAIM;
  predicate is_kept{A,B}(struct call *c) =
    \at(c->result[0], B) != MOAT_OK ==> records_same{A,B};
  predicate is_a_gift(integer number) =
    number == MOAT_PAGE_LOAD || number == MOAT_PAGE_DONATE ||
    number == MOAT_PAGE_LEND || number == MOAT_BLOCK_DONATE ||
    number == MOAT_BLOCK_LEND;

  // What pages are taken are the host's.
  predicate takes{L}(integer number) =
    number == MOAT_VM_CREATE || number == MOAT_VCPU_CREATE ||
    number == MOAT_TABLE_CREATE || number == MOAT_TABLE_SPLIT ||
    number == MOAT_PAGE_LOAD || number == MOAT_PAGE_DONATE ||
    number == MOAT_PAGE_LEND || number == MOAT_BLOCK_DONATE ||
    number == MOAT_BLOCK_LEND;
  predicate run_is_hosts{L}(struct plan *plan) =
    \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == MOAT_PAGE_HOST;
*/

/* ---- Arguments --------------------------------------------------------- */

/*@ requires sizes_ok && call_begun(call, number);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> asks_well(call); */
static uint64_t call_arguments(
	uint32_t number, const struct moat *m, const struct call *call);

/* ---- Check ------------------------------------------------------------- */

/*@ requires sizes_ok && \valid(plan);
    requires plan->operand != 0 ==>
      plan->run.first + plan->run.count <= PAGE_COUNT(m);
    requires plan->operand <= CALL_WORDS;
    assigns plan->run.count; exits \false;
    ensures \result == MOAT_OK ||
      (\old(plan->operand) != 0 &&
        \result == refusal(MOAT_BAD_PAGE, \old(plan->operand)));
    ensures none: \old(plan->operand) == 0 || \result != MOAT_OK ==>
      plan->run.count == \old(plan->run.count);
    ensures prefix: \result == MOAT_OK && \old(plan->operand) != 0 ==>
      1 <= plan->run.count <= \old(plan->run.count);
    ensures whole: \result == MOAT_OK && \old(plan->is_whole) ==>
      plan->run.count == \old(plan->run.count);
    ensures host: \result == MOAT_OK && \old(plan->operand) != 0 ==>
      \forall integer p; \old(plan->run.first) <= p <
        \old(plan->run.first) + plan->run.count ==>
          PAGE(m, p).state == MOAT_PAGE_HOST; */
static uint64_t pages_check(const struct moat *m, struct plan *plan);

/*@ requires engine_ok && step_ok(locked) && call_begun(call, number);
    requires asks_well(call) && plan_free(plan, call);
    requires is_about_a_vm(number);
    assigns plan->run, plan->region[0 .. 1], plan->operand, plan->is_whole;
    exits \false;
    ensures planned: \result == MOAT_OK ==> vm_planned(call, plan, locked.vm);
    ensures takes: \result == MOAT_OK && takes(number) ==>
      plan->operand != 0 && plan->operand <= CALL_WORDS &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m);
    ensures keeps: \result == MOAT_OK && !takes(number) ==>
      plan->operand == \old(plan->operand); */
static uint64_t vm_call_check(uint32_t number, const struct moat *m,
	struct vm_locked locked, const struct call *call, struct plan *plan);

/*@ requires engine_ok && step_ok(locked) && call_begun(call, number);
    requires asks_well(call) && plan_free(plan, call) && is_covered(number);
    requires plan->operand == 0;
    assigns *plan; exits \false;
    ensures vm: \result == MOAT_OK && is_about_a_vm(number) ==>
      vm_planned(call, plan, locked.vm);
    ensures table: \result == MOAT_OK && is_about_a_table(number) ==>
      tables_planned(call, plan, locked.vm);
    ensures given: \result == MOAT_OK && is_a_gift(number) ==>
      give_planned(call, plan);
    ensures takes: \result == MOAT_OK && takes(number) ==>
      plan->operand != 0 && plan->operand <= CALL_WORDS &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m);
    ensures keeps: \result == MOAT_OK && !takes(number) ==>
      plan->operand == 0; */
static uint64_t call_check(uint32_t number, const struct moat *m,
	struct vm_locked locked, const struct call *call, struct plan *plan);

/* ---- Apply ------------------------------------------------------------- */

/*@ requires engine_ok && step_ok(held.vm) && call_begun(call, number);
    requires asks_well(call) && \valid_read(plan);
    requires is_about_a_vm(number) && \separated(call, plan);
    requires vm_planned(call, plan, held.vm.vm);
    requires takes(number) ==> run_is_hosts(plan);
    HOST_ASSIGNS
    assigns VM(m, held.vm.vm), call->result[1 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures vm_1: vm_held(held.vm.vm);
    ensures roots: ROOTS_OK;
    KEEPS_DATA */
static void vm_call_apply(uint32_t number, struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

/*@ requires engine_ok && step_ok(held.vm) && call_begun(call, number);
    requires asks_well(call) && \valid_read(plan) && is_covered(number);
    requires \separated(call, plan, call->x + (0 .. CALL_WORDS - 1));
    requires planned_for(call, plan, held.vm.vm);
    requires takes(number) ==> run_is_hosts(plan);
    HOST_ASSIGNS
    assigns VM(m, held.vm.vm), call->result[1 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures vm_1: vm_held(held.vm.vm);
    KEEPS_DATA */
static void call_apply(uint32_t number, struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

/* ---- Steps ------------------------------------------------------------- */

/*@ requires engine_ok && step_ok(locked) && call_begun(call, number);
    requires asks_well(call) && \valid(plan) && is_covered(number);
    requires \separated(call, plan, call->x + (0 .. CALL_WORDS - 1));
    requires planned_for(call, plan, locked.vm);
    requires takes(number) ==>
      plan->operand != 0 && plan->operand <= CALL_WORDS &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m);
    requires !takes(number) ==> plan->operand == 0;
    requires holds_no_region(call->cpu);
    HOST_ASSIGNS
    assigns VM(m, locked.vm), REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      plan->run.count, call->result[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures vm_1: vm_held(locked.vm);
    ensures released: holds_no_region(call->cpu);
    KEEPS_DATA
    CHANGES_NOTHING(call->result[0] != MOAT_OK) */
static void call_plan(uint32_t number, struct moat *m, struct vm_locked locked,
	struct plan *plan, struct call *call);

/*@ requires engine_ok && step_ok(locked) && call_begun(call, number);
    requires asks_well(call) && is_covered(number);
    requires holds_no_region(call->cpu);
    HOST_ASSIGNS
    assigns VM(m, locked.vm), REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      call->result[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures vm_1: vm_held(locked.vm);
    ensures released: holds_no_region(call->cpu);
    KEEPS_DATA
    CHANGES_NOTHING(call->result[0] != MOAT_OK) */
static void call_under_locks(uint32_t number, struct moat *m,
	struct vm_locked locked, struct call *call);

/*@ requires engine_ok && call_begun(call, number) && is_covered(number);
    requires holds_no_region(call->cpu) && holds_no_vm(call->cpu);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      call->result[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures released: holds_no_region(call->cpu) && holds_no_vm(call->cpu);
    KEEPS_DATA
    CHANGES_NOTHING(call->result[0] != MOAT_OK) */
static void call_vm(uint32_t number, struct moat *m, struct call *call);

/*@ requires \valid(call);
    assigns call->result[0]; exits \false;
    ensures call->result[0] == status; */
static void call_refuse(struct call *call, uint64_t status);

/*@ requires sizes_ok && call_begun(call, number);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==>
      asks_well(call) && call->x[1] < VM_COUNT(m); */
static uint64_t call_vm_arguments(
	uint32_t number, const struct moat *m, const struct call *call);

/*@ requires engine_ok && step_ok(locked) && call_begun(call, MOAT_VCPU_RUN);
    requires call->action == MOAT_HOST_RESUME && call->cpu == locked.cpu;
    requires CPU(m, call->cpu).vm == NONE;
    assigns CONTEXT(m, 0 .. PROOF_PAGES - 1), VM(m, locked.vm),
      CPU(m, call->cpu).vm, CPU(m, call->cpu).vcpu, call->action,
      call->result[0]; exits \false;
    ensures vm_1: vm_held(locked.vm);
    ensures cpus: CPUS_OK;
    ensures vcpus: VCPUS_OK;
    ensures refused: call->result[0] != MOAT_OK ==>
      call->action == MOAT_HOST_RESUME && CPU(m, call->cpu).vm == NONE &&
      VM(m, locked.vm) == \old(VM(m, locked.vm));
    ensures enters: call->result[0] == MOAT_OK ==>
      call->action == MOAT_GUEST_ENTER &&
      CPU(m, call->cpu).vm == locked.vm; */
static void call_run_under_lock(
	struct moat *m, struct vm_locked locked, struct call *call);

/*@ requires engine_ok && call_begun(call, MOAT_VCPU_RUN);
    requires call->action == MOAT_HOST_RESUME && holds_no_vm(call->cpu);
    requires CPU(m, call->cpu).vm == NONE;
    assigns CONTEXT(m, 0 .. PROOF_PAGES - 1), VM(m, 0 .. MOAT_VM_MAX - 1),
      VM_LOCK(m, 0 .. MOAT_VM_MAX - 1), CPU(m, call->cpu).vm,
      CPU(m, call->cpu).vcpu, call->action, call->result[0]; exits \false;
    ensures released: holds_no_vm(call->cpu);
    ensures cpus: CPUS_OK;
    ensures vcpus: VCPUS_OK;
    ensures refused: call->result[0] != MOAT_OK ==>
      call->action == MOAT_HOST_RESUME && CPU(m, call->cpu).vm == NONE;
    ensures enters: call->result[0] == MOAT_OK ==>
      call->action == MOAT_GUEST_ENTER &&
      CPU(m, call->cpu).vm == call->x[1]; */
static void call_run(struct moat *m, struct call *call);

/*@ requires config_ok && inverse_ok && call_begun(call, MOAT_PAGE_INFO);
    requires holds_no_region(call->cpu);
    assigns call->result[0 .. 5],
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures released: holds_no_region(call->cpu);
    ensures aligned: call->x[1] % MOAT_PAGE_SIZE != 0 ==>
      call->result[0] == refusal(MOAT_BAD_ARG, 1);
    ensures ram: call->x[1] % MOAT_PAGE_SIZE == 0 &&
      (\forall integer p; 0 <= p < PAGE_COUNT(m) ==>
        !is_in_page(p, call->x[1])) ==>
          call->result[0] == refusal(MOAT_BAD_PAGE, 1); */
static void call_page_info(struct moat *m, struct call *call);

/*@ requires sizes_ok && \valid(call);
    assigns call->result[1 .. 9]; exits \false;
    ensures call->result[1] == MOAT_PAGE_SIZE &&
      call->result[2] == MOAT_RANGE_PAGES_MAX &&
      call->result[3] == MOAT_IPA_BITS_MIN &&
      call->result[4] == MOAT(m).config.ipa_bits &&
      call->result[5] == VM_COUNT(m) && call->result[6] == MOAT_VCPU_MAX &&
      call->result[7] == CPU_COUNT(m) && call->result[8] == PAGE_COUNT(m); */
static void call_features(const struct moat *m, struct call *call);

/* ---- In and out -------------------------------------------------------- */

/*@ requires \valid(call) && \valid_read(regs);
    requires \base_addr(call) != \base_addr(regs);
    assigns *call; exits \false;
    ensures call->cpu == cpu && call->number == number;
    ensures call->action == MOAT_HOST_RESUME && call->is_single == 0;
    ensures call->x == &regs->x[0] && call->result[0] == MOAT_OK;
    ensures \forall integer r; 0 <= r <= MOAT_RESULT_COUNT ==>
      call->result[r] == 0; */
static void call_begin(struct call *call, uint32_t cpu,
	const struct moat_regs *regs, uint32_t number);

/*@ requires \valid_read(result + (0 .. MOAT_RESULT_COUNT)) && regs_ok(regs);
    requires \base_addr(result) != \base_addr(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures regs->x[0] == result[0] && regs->x[1] == result[1];
    ensures regs->x[2] == result[2] && regs->x[3] == result[3];
    ensures regs->x[4] == result[4] && regs->x[5] == result[5];
    ensures regs->x[6] == result[6] && regs->x[7] == result[7];
    ensures regs->x[8] == result[8] && regs->x[9] == result[9]; */
static void answer_write(
	const uint64_t result[MOAT_RESULT_COUNT + 1], struct moat_regs *regs);

/*@ requires \valid_read(call) && regs_ok(regs);
    requires \base_addr(call) != \base_addr(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == call->action;
    ensures call->action == MOAT_HOST_RESUME ==>
      regs->x[0] == call->result[0] && regs->x[1] == call->result[1] &&
      regs->x[2] == call->result[2] && regs->x[3] == call->result[3] &&
      regs->x[4] == call->result[4] && regs->x[5] == call->result[5] &&
      regs->x[6] == call->result[6] && regs->x[7] == call->result[7] &&
      regs->x[8] == call->result[8] && regs->x[9] == call->result[9];
    ensures call->action != MOAT_HOST_RESUME ==>
      \forall integer r; 0 <= r <= MOAT_RESULT_COUNT ==>
        regs->x[r] == \old(regs->x[r]); */
static enum moat_action call_end(
	const struct call *call, struct moat_regs *regs);

/*@ requires sizes_ok && regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME;
    ensures regs->x[1] == MOAT_PAGE_SIZE && regs->x[8] == PAGE_COUNT(m); */
static enum moat_action host_call_features(
	const struct moat *m, uint32_t cpu, struct moat_regs *regs);

/*@ requires config_ok && inverse_ok && regs_ok(regs);
    requires cpu < CPU_COUNT(m) && holds_no_region(cpu);
    assigns regs->x[0 .. MOAT_RESULT_COUNT],
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures \result == MOAT_HOST_RESUME;
    ensures released: holds_no_region(cpu); */
static enum moat_action host_call_page_info(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);

/*@ requires engine_ok && regs_ok(regs) && cpu < CPU_COUNT(m);
    requires CPU(m, cpu).vm == NONE && holds_no_vm(cpu);
    assigns regs->x[0 .. MOAT_RESULT_COUNT],
      CONTEXT(m, 0 .. PROOF_PAGES - 1), VM(m, 0 .. MOAT_VM_MAX - 1),
      VM_LOCK(m, 0 .. MOAT_VM_MAX - 1), CPU(m, cpu).vm, CPU(m, cpu).vcpu;
    exits \false;
    ensures released: holds_no_vm(cpu);
    ensures cpus: CPUS_OK;
    ensures vcpus: VCPUS_OK;
    ensures refused: \result == MOAT_HOST_RESUME ==>
      CPU(m, cpu).vm == NONE && regs->x[0] != MOAT_OK;
    ensures enters: \result != MOAT_HOST_RESUME ==>
      \result == MOAT_GUEST_ENTER && CPU(m, cpu).vm == regs->x[1]; */
static enum moat_action host_call_run(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu);
    requires number == MOAT_PAGE_DONATE;
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures \result == MOAT_HOST_RESUME;
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    KEEPS_DATA
    CHANGES_NOTHING(regs->x[0] != MOAT_OK) */
static enum moat_action call_single(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures \result == MOAT_HOST_RESUME;
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    KEEPS_DATA
    CHANGES_NOTHING(regs->x[0] != MOAT_OK) */
static enum moat_action host_call_donate(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu);
    requires is_covered(number);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1),
      regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures \result == MOAT_HOST_RESUME;
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    KEEPS_DATA
    CHANGES_NOTHING(regs->x[0] != MOAT_OK) */
static enum moat_action host_call_vm(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME && answers(regs, x0, x1); */
static enum moat_action host_call_constant(
	uint32_t cpu, struct moat_regs *regs, uint64_t x0, uint64_t x1);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME &&
      answers(regs, MOAT_OK, MOAT_ABI_VERSION); */
static enum moat_action host_call_version(uint32_t cpu, struct moat_regs *regs);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME &&
      answers(regs, 0xffffffffffffffff, 0); */
static enum moat_action host_call_unknown(uint32_t cpu, struct moat_regs *regs);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu) && !is_uncovered(number);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1), CPU(m, cpu).vm,
      CPU(m, cpu).vcpu, regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    ensures resumes: \result == MOAT_HOST_RESUME ==>
      CPU(m, cpu).vm == NONE;
    ensures enters: \result != MOAT_HOST_RESUME ==>
      \result == MOAT_GUEST_ENTER && CPU(m, cpu).vm == regs->x[1];
    KEEPS_DATA
    CHANGES_NOTHING(\result == MOAT_HOST_RESUME && regs->x[0] != MOAT_OK) */
static enum moat_action host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu) && !is_uncovered(number);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1), CPU(m, cpu).vm,
      CPU(m, cpu).vcpu, regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    ensures resumes: \result == MOAT_HOST_RESUME ==>
      CPU(m, cpu).vm == NONE;
    ensures enters: \result != MOAT_HOST_RESUME ==>
      \result == MOAT_GUEST_ENTER && CPU(m, cpu).vm == regs->x[1];
    KEEPS_DATA
    CHANGES_NOTHING(\result == MOAT_HOST_RESUME && regs->x[0] != MOAT_OK) */
static enum moat_action host_call_often(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number);

/*@ requires engine_ok && regs_ok(regs) && host_runs(cpu);
    requires holds_no_vm(cpu) && !asks_uncovered(regs->x[0]);
    HOST_ASSIGNS
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1), CPU(m, cpu).vm,
      CPU(m, cpu).vcpu, regs->x[0 .. MOAT_RESULT_COUNT];
    exits \false;
    HOST_KEEPS
    ensures released: holds_no_region(cpu) && holds_no_vm(cpu);
    ensures resumes: \result == MOAT_HOST_RESUME ==>
      CPU(m, cpu).vm == NONE;
    ensures enters: \result != MOAT_HOST_RESUME ==>
      \result == MOAT_GUEST_ENTER && CPU(m, cpu).vm == regs->x[1];
    KEEPS_DATA
    CHANGES_NOTHING(\result == MOAT_HOST_RESUME && regs->x[0] != MOAT_OK) */
enum moat_action moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs);

/* ---- Aborts ------------------------------------------------------------ */

/*@ requires config_ok && host_runs(cpu);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures released: holds_no_region(cpu);
    ensures \result == MOAT_HOST_RETRY || \result == MOAT_HOST_INJECT;
    ensures open: \result == MOAT_HOST_RETRY ==>
      \exists integer p; 0 <= p < PAGE_COUNT(m) &&
        is_in_page(p, ipa.value) && is_open(PAGE(m, p).state);
    ensures closed: (\forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      !is_in_page(p, ipa.value)) ==> \result == MOAT_HOST_INJECT; */
enum moat_action moat_host_abort(
	struct moat *m, uint32_t cpu, struct moat_ipa ipa);

#endif
