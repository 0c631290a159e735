/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_RUN_H
#define MOAT_PROOF_RUN_H

#include "headers.h"
#include "theory_vm.h"
#include "trusted.h"
#include "core/run.h"

/*@
  // 2^(8 * size), or 0 where that is no 64-bit number.
  logic integer end_of_size(integer size) =
    size == 1 ? 0x100 : (size == 2 ? 0x10000 :
    (size == 4 ? 0x100000000 : 0));
  logic integer cut(integer value, integer size) =
    size == 1 ? value % 0x100 : (size == 2 ? value % 0x10000 :
    (size == 4 ? value % 0x100000000 : value));

  // The first @count list registers are safe, and no two have one interrupt.
  predicate lists_ok{L}(integer page, integer count) =
    (\forall integer i; 0 <= i < count ==>
      list_is_safe(CONTEXT(m, page).list_register[i])) &&
    (\forall integer i, j; 0 <= i < j < count &&
      CONTEXT(m, page).list_register[i] != 0 &&
      CONTEXT(m, page).list_register[j] != 0 ==>
        list_interrupt(CONTEXT(m, page).list_register[i]) !=
        list_interrupt(CONTEXT(m, page).list_register[j]));

  // Before a run: the vCPU is READY, the CPU runs nothing.
  predicate may_start{L}(integer v, integer i, integer c) =
    v < VM_COUNT(m) && vm_held(v) && VM(m, v).life == MOAT_VM_ACTIVE &&
    i < MOAT_VCPU_MAX && VCPU(m, v, i).state == MOAT_VCPU_READY &&
    c < CPU_COUNT(m) && CPU(m, c).vm == NONE;
*/

/*@
  logic integer guest_x{L}(integer page, integer r) = CONTEXT(m, page).x[r];
*/

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == (call->x[3] < MOAT_ENTRY_FLAGS_END ?
      MOAT_OK : refusal(MOAT_BAD_ARG, 3)); */
uint64_t run_arguments(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == (call->x[3] % 2 == MOAT_ENTRY_ABORT &&
      pending != MOAT_EXIT_FAULT && pending != MOAT_EXIT_MMIO ?
        refusal(MOAT_BAD_ENTRY, 3) : MOAT_OK); */
static uint64_t entry_check(const struct call *call, uint32_t pending);

/*@ requires vm < MOAT_VM_MAX && life_ok(vm) && call_ok(call);
    assigns \nothing; exits \false;
    ensures \result <==> vcpu_there(vm, call->x[2]); */
bool vcpu_exists(const struct moat *m, uint32_t vm, const struct call *call);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m) && vm_held(locked.vm);
    requires call_ok(call);
    assigns \nothing; exits \false;
    ensures VM(m, locked.vm).life != MOAT_VM_ACTIVE ==>
      \result == MOAT_BAD_STATE;
    ensures VM(m, locked.vm).life == MOAT_VM_ACTIVE &&
      !vcpu_there(locked.vm, call->x[2]) ==>
        \result == refusal(MOAT_BAD_VCPU, 2);
    ensures VM(m, locked.vm).life == MOAT_VM_ACTIVE &&
      vcpu_there(locked.vm, call->x[2]) &&
      VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_RUNNING ==>
        \result == MOAT_BUSY;
    ensures VM(m, locked.vm).life == MOAT_VM_ACTIVE &&
      vcpu_there(locked.vm, call->x[2]) &&
      VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_OFF ==>
        \result == refusal(MOAT_VCPU_IS_OFF, 2);
    ensures \result == MOAT_OK ==> call->x[2] < MOAT_VCPU_MAX &&
      VM(m, locked.vm).life == MOAT_VM_ACTIVE &&
      VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_READY; */
uint64_t run_check(
	const struct moat *m, struct vm_locked locked, const struct call *call);

/*@ requires sizes_ok && context < PAGE_COUNT(m);
    requires count <= MOAT_HOST_CALL_MAX && call_ok(call);
    assigns CONTEXT(m, context).x[0 .. 7]; exits \false;
    ensures CONTEXT(m, context).x[0] == MOAT_OK;
    ensures CONTEXT(m, context).x[1] == 0;
    ensures \forall integer r; 2 <= r < 2 + count ==>
      CONTEXT(m, context).x[r] == call->x[r + 2];
    ensures \forall integer r; 2 + count <= r < 31 ==>
      CONTEXT(m, context).x[r] == \old(CONTEXT(m, context).x[r]); */
static void answer_host_call(struct moat *m, uint32_t context, uint32_t count,
	const struct call *call);

/*@ assigns \nothing; exits \false;
    ensures \result == end_of_size(size); */
static uint64_t size_end(uint32_t size);

/*@ assigns \nothing; exits \false;
    ensures \result == cut(value, size); */
uint64_t run_cut(uint64_t value, uint32_t size);

/*@ assigns \nothing; exits \false;
    ensures !access.is_signed ||
      cut(value, access.size) < end_of_size(access.size) / 2 ==>
        \result == (access.is_wide ? cut(value, access.size) :
          cut(cut(value, access.size), 4));
    ensures !access.is_wide ==> \result < 0x100000000;
    ensures access.is_signed && access.is_wide &&
      end_of_size(access.size) != 0 &&
      cut(value, access.size) >= end_of_size(access.size) / 2 ==>
        \result == cut(value, access.size) + 0x10000000000000000 -
          end_of_size(access.size); */
static uint64_t extended(uint64_t value, struct moat_trap access);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && call_ok(call);
    assigns CONTEXT(m, context).x[0 .. 30], CONTEXT(m, context).pc;
    exits \false;
    ensures CONTEXT(m, context).pc ==
      (\old(CONTEXT(m, context).pc) + 4) % 0x10000000000000000;
    ensures \forall integer r; 0 <= r < 31 &&
      (r != access.register_index || access.access != MOAT_ACCESS_READ) ==>
        CONTEXT(m, context).x[r] == \old(CONTEXT(m, context).x[r]); */
static void answer_mmio(struct moat *m, uint32_t context,
	struct moat_trap access, const struct call *call);

/*@ requires sizes_ok && vm < VM_COUNT(m) && vm_held(vm) && call_ok(call);
    requires vcpu_there(vm, call->x[2]);
    assigns CONTEXT(m, VCPU(m, vm, call->x[2]).page); exits \false;
    ensures call->x[3] % 2 != MOAT_ENTRY_ABORT &&
      VCPU(m, vm, call->x[2]).pending != MOAT_EXIT_MMIO &&
      VCPU(m, vm, call->x[2]).pending != MOAT_EXIT_HOST_CALL ==>
        CONTEXT(m, VCPU(m, vm, call->x[2]).page) ==
        \old(CONTEXT(m, VCPU(m, vm, call->x[2]).page)); */
static void answer(struct moat *m, uint32_t vm, const struct call *call);

/*@ requires context < PROOF_PAGES && count <= MOAT_LIST_REGISTER_MAX;
    assigns \nothing; exits \false;
    ensures \result <==> \exists integer i; 0 <= i < count &&
      !list_is_empty(CONTEXT(m, context).list_register[i]) &&
      list_interrupt(CONTEXT(m, context).list_register[i]) == interrupt; */
static bool is_given(const struct moat *m, uint32_t context, uint32_t count,
	uint64_t interrupt);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && call_ok(call);
    assigns CONTEXT(m, context).list_register[0 .. 3],
      CONTEXT(m, context).wants_maintenance; exits \false;
    ensures lists_ok(context, MOAT_LIST_REGISTER_MAX);
    ensures \forall integer i;
      LIST_COUNT(m) <= i < MOAT_LIST_REGISTER_MAX ==>
        CONTEXT(m, context).list_register[i] == 0; */
static void give_interrupts(
	struct moat *m, uint32_t context, const struct call *call);

/*@ requires sizes_ok && vm < VM_COUNT(m) && index < MOAT_VCPU_MAX;
    assigns VCPU(m, vm, index).pending, VCPU(m, vm, index).count,
      VCPU(m, vm, index).access; exits \false;
    ensures VCPU(m, vm, index).pending == 0;
    ensures VCPU(m, vm, index).count == 0; */
static void vcpu_settle(struct moat *m, uint32_t vm, uint64_t index);

/*@ requires sizes_ok && \valid(call) && call_ok(call);
    requires may_start(locked.vm, call->x[2], call->cpu);
    requires \separated(call, call->x + (0 .. CALL_WORDS - 1));
    assigns CONTEXT(m, VCPU(m, locked.vm, call->x[2]).page),
      VCPU(m, locked.vm, call->x[2]), CPU(m, call->cpu).vm,
      CPU(m, call->cpu).vcpu, call->action; exits \false;
    ensures call->action == MOAT_GUEST_ENTER;
    ensures runs(call->cpu, locked.vm, call->x[2]);
    ensures runs_on(locked.vm, call->x[2], call->cpu);
    ensures vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK;
    ensures VCPU(m, locked.vm, call->x[2]).page ==
      \old(VCPU(m, locked.vm, call->x[2]).page);
    ensures lists_ok(VCPU(m, locked.vm, call->x[2]).page,
      MOAT_LIST_REGISTER_MAX); */
void run_apply(struct moat *m, struct vm_locked locked, struct call *call);

/*@ requires \valid(regs);
    assigns regs->x[0 .. MOAT_RUN_RESULT_COUNT]; exits \false;
    ensures \forall integer r; 0 <= r <= MOAT_RUN_RESULT_COUNT ==>
      regs->x[r] == 0; */
static void exit_clear(struct moat_regs *regs);

/*@ requires \valid_read(leaving) && \valid(regs);
    requires \separated(regs, leaving);
    assigns regs->x[2 .. 6]; exits \false;
    ensures \forall integer r; 2 <= r <= 6 ==>
      regs->x[r] == leaving->told[r - 2]; */
static void exit_told(const struct leaving *leaving, struct moat_regs *regs);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && \valid(regs);
    requires count <= MOAT_HOST_CALL_MAX;
    assigns regs->x[2 .. 8]; exits \false;
    ensures regs->x[2] == count;
    ensures \forall integer r; 3 <= r < 3 + count ==>
      regs->x[r] == guest_x(context, r - 1);
    ensures \forall integer r; 3 + count <= r < 9 ==>
      regs->x[r] == \old(regs->x[r]); */
static void exit_host_call(const struct moat *m, uint32_t context,
	uint32_t count, struct moat_regs *regs);

/*@ requires sizes_ok && context < PAGE_COUNT(m) && \valid(regs);
    assigns regs->x[10 .. 14]; exits \false;
    ensures \forall integer r; 10 <= r < 10 + LIST_COUNT(m) ==>
      regs->x[r] == list_fields(
        CONTEXT(m, context).list_register[r - 10]);
    ensures \forall integer r; 10 + LIST_COUNT(m) <= r < 14 ==>
      regs->x[r] == \old(regs->x[r]);
    ensures regs->x[14] == CONTEXT(m, context).maintenance % 256; */
static void exit_interrupts(
	const struct moat *m, uint32_t context, struct moat_regs *regs);

/*@ requires sizes_ok && leaving_ok(leaving) && \valid(regs);
    requires \separated(regs, leaving);
    assigns regs->x[0 .. MOAT_RUN_RESULT_COUNT]; exits \false;
    ensures regs->x[0] == MOAT_OK && regs->x[1] == leaving->reason;
    ensures leaving->reason != MOAT_EXIT_HOST_CALL ==>
      \forall integer r; 2 <= r <= 6 ==>
        regs->x[r] == leaving->told[r - 2];
    ensures leaving->reason != MOAT_EXIT_HOST_CALL ==>
      regs->x[7] == 0 && regs->x[8] == 0;
    ensures leaving->reason == MOAT_EXIT_HOST_CALL ==>
      regs->x[2] == leaving->count;
    ensures leaving->reason == MOAT_EXIT_HOST_CALL ==>
      \forall integer r; 3 <= r < 3 + leaving->count ==>
        regs->x[r] == guest_x(leaving->context, r - 1);
    ensures leaving->reason == MOAT_EXIT_HOST_CALL ==>
      (leaving->count < 5 ==> regs->x[7] == 0) &&
      (leaving->count < 6 ==> regs->x[8] == 0);
    ensures regs->x[9] == 0;
    ensures \forall integer r; 10 <= r < 10 + LIST_COUNT(m) ==>
      regs->x[r] == list_fields(
        CONTEXT(m, leaving->context).list_register[r - 10]);
    ensures regs->x[13] == 0;
    ensures regs->x[14] ==
      CONTEXT(m, leaving->context).maintenance % 256; */
static void exit_record(const struct moat *m, const struct leaving *leaving,
	struct moat_regs *regs);

/*@ requires sizes_ok && vm < VM_COUNT(m) && index < MOAT_VCPU_MAX;
    requires \valid_read(leaving) && \valid_read(trap);
    assigns VCPU(m, vm, index).pending, VCPU(m, vm, index).count,
      VCPU(m, vm, index).access; exits \false;
    ensures VCPU(m, vm, index).pending ==
      (leaving->state == MOAT_VCPU_READY ?
        leaving->reason : \old(VCPU(m, vm, index).pending));
    ensures VCPU(m, vm, index).count ==
      (leaving->state == MOAT_VCPU_READY ?
        leaving->count : \old(VCPU(m, vm, index).count)); */
static void vcpu_owe(struct moat *m, uint32_t vm, uint32_t index,
	const struct leaving *leaving, const struct moat_trap *trap);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m) && vm_held(locked.vm);
    requires leaving_ok(leaving) && \valid(regs) && \valid_read(trap);
    requires \separated(regs, leaving, trap);
    requires CPU(m, leaving->cpu).vm == locked.vm && cpu_ok(leaving->cpu);
    assigns regs->x[0 .. MOAT_RUN_RESULT_COUNT],
      VCPU(m, locked.vm, CPU(m, leaving->cpu).vcpu),
      CPU(m, leaving->cpu).vm, CPU(m, leaving->cpu).vcpu; exits \false;
    ensures CPU(m, leaving->cpu).vm == NONE;
    ensures VCPU(m, locked.vm, \old(CPU(m, leaving->cpu).vcpu)).state ==
      leaving->state;
    ensures VCPU(m, locked.vm, \old(CPU(m, leaving->cpu).vcpu)).pending ==
      (leaving->state == MOAT_VCPU_READY ? leaving->reason : 0);
    ensures regs->x[0] == MOAT_OK && regs->x[1] == leaving->reason;
    ensures vm_held(locked.vm);
    ensures vcpu_1{Pre} ==> CPUS_OK;
    ensures vcpu_1{Pre} ==> VCPUS_OK; */
void run_end(struct moat *m, struct vm_locked locked,
	const struct leaving *leaving, const struct moat_trap *trap,
	struct moat_regs *regs);

/*@ assigns \nothing; exits \false;
    ensures \result.vmid == 0;
    ensures \result.root.value == MOAT(m).config.memory_pa.value; */
struct moat_stage2 moat_host_stage2(const struct moat *m);

#ifndef MOAT_PROOF_S2_H
/*@ requires config_ok && vm < VM_COUNT(m) && is_live(vm) && vm_ok(vm);
    assigns \nothing; exits \false;
    ensures \result.vmid == vm + 1;
    ensures \result.root.value == pa_of(VM(m, vm).root); */
struct moat_stage2 s2_of(const struct moat *m, uint32_t vm);
#endif

/*@ requires config_ok && cpu < CPU_COUNT(m);
    requires CPU(m, cpu).vm == NONE || (CPU(m, cpu).vm < VM_COUNT(m) &&
      is_live(CPU(m, cpu).vm) && vm_ok(CPU(m, cpu).vm));
    assigns \nothing; exits \false;
    ensures host: CPU(m, cpu).vm == NONE ==> \result.vmid == 0 &&
      \result.root.value == MOAT(m).config.memory_pa.value;
    ensures guest: CPU(m, cpu).vm != NONE ==>
      \result.vmid == CPU(m, cpu).vm + 1 &&
      \result.root.value == pa_of(VM(m, CPU(m, cpu).vm).root); */
struct moat_stage2 moat_cpu_stage2(const struct moat *m, uint32_t cpu);

/*@ requires sizes_ok && cpu < CPU_COUNT(m);
    requires CPU(m, cpu).vm == NONE || (CPU(m, cpu).vm < VM_COUNT(m) &&
      CPU(m, cpu).vcpu < MOAT_VCPU_MAX &&
      VCPU(m, CPU(m, cpu).vm, CPU(m, cpu).vcpu).page < PAGE_COUNT(m));
    assigns \nothing; exits \false;
    ensures CPU(m, cpu).vm == NONE ==> \result == \null; */
struct moat_context *moat_cpu_context(struct moat *m, uint32_t cpu);

#endif
