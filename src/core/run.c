/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/run.h"

#include "core/require.h"
#include "core/store.h"
#include "core/vcpu.h"
#include "list_register.h"

/* ---- May it run -------------------------------------------------------- */

uint64_t run_arguments(const struct call *call)
{
	return call->x[3] < MOAT_ENTRY_FLAGS_END ? MOAT_OK
						 : status_at(MOAT_BAD_ARG, 3);
}

/* An abort answers an access; where none is pending there is none to end. */
static uint64_t entry_check(const struct call *call, uint32_t pending)
{
	bool is_abort = call->x[3] % 2 == MOAT_ENTRY_ABORT;

	if (is_abort && pending != MOAT_EXIT_FAULT &&
		pending != MOAT_EXIT_MMIO) {
		return status_at(MOAT_BAD_ENTRY, 3);
	}
	return MOAT_OK;
}

uint64_t run_check(
	const struct moat *m, struct vm_locked locked, const struct call *call)
{
	if (VM(m, locked.vm).life != MOAT_VM_ACTIVE) {
		return MOAT_BAD_STATE;
	}
	if (!vcpu_exists(m, locked.vm, call)) {
		return status_at(MOAT_BAD_VCPU, 2);
	}
	if (VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_RUNNING) {
		return MOAT_BUSY;
	}
	if (VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_OFF) {
		return status_at(MOAT_VCPU_IS_OFF, 2);
	}
	return entry_check(call, VCPU(m, locked.vm, call->x[2]).pending);
}

/* ---- Entry: what the pending exit permits ------------------------------ */

/* The host's answer to a HOST_CALL: what it declared, no more. */
static void answer_host_call(struct moat *m, uint32_t context, uint32_t count,
	const struct call *call)
{
	CONTEXT(m, context).x[0] = MOAT_OK;
	CONTEXT(m, context).x[1] = 0;
	/*@ loop invariant 0 <= i <= count;
	    loop invariant CONTEXT(m, context).x[0] == MOAT_OK &&
	      CONTEXT(m, context).x[1] == 0;
	    loop invariant \forall integer r; 2 <= r < 2 + i ==>
	      CONTEXT(m, context).x[r] == call->x[r + 2];
	    loop invariant \forall integer r; 2 + i <= r < 31 ==>
	      CONTEXT(m, context).x[r] ==
	        \at(CONTEXT(m, context).x[r], Pre);
	    loop assigns i, CONTEXT(m, context).x[2 .. 7];
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		CONTEXT(m, context).x[2 + i] = call->x[4 + i];
	}
}

/* 2^(8 * @size) for sizes below 8, where it fits; 0 for 8. */
static uint64_t size_end(uint32_t size)
{
	switch (size) {
	case 1:
		return UINT64_C(0x100);
	case 2:
		return UINT64_C(0x10000);
	case 4:
		return UINT64_C(0x100000000);
	default:
		return 0;
	}
}

uint64_t run_cut(uint64_t value, uint32_t size)
{
	return size_end(size) == 0 ? value : value % size_end(size);
}

/* What a load makes of the bytes it reads (Arm ARM, ESR_ELx SSE and SF). */
static uint64_t extended(uint64_t value, struct moat_trap access)
{
	uint64_t end = size_end(access.size);
	uint64_t low = run_cut(value, access.size);

	if (access.is_signed && end != 0 && low >= end / 2) {
		low += UINT64_MAX - end + 1;
	}
	return access.is_wide ? low : run_cut(low, 4);
}

/* The one register of a load; the zero register swallows it. */
static void answer_mmio(struct moat *m, uint32_t context,
	struct moat_trap access, const struct call *call)
{
	if (access.access == MOAT_ACCESS_READ && access.register_index < 31) {
		CONTEXT(m, context).x[access.register_index] =
			extended(call->x[4], access);
	}
	store_context_step(m, context);
}

/*
 * Exactly one of these, or none: an entry has one effect on the registers. The
 * PC of an access stood still at the exit, so that an abort can name it.
 */
static void answer(struct moat *m, uint32_t vm, const struct call *call)
{
	uint64_t index = call->x[2];
	uint32_t context = VCPU(m, vm, index).page;
	uint32_t pending = VCPU(m, vm, index).pending;

	if (call->x[3] % 2 == MOAT_ENTRY_ABORT) {
		store_context_abort(m, context, VCPU(m, vm, index).access.ipa,
			VCPU(m, vm, index).access.access);
	} else if (pending == MOAT_EXIT_MMIO) {
		answer_mmio(m, context, VCPU(m, vm, index).access, call);
	} else if (pending == MOAT_EXIT_HOST_CALL) {
		answer_host_call(m, context, VCPU(m, vm, index).count, call);
	}
}

/* ---- List registers ---------------------------------------------------- */

/* Whether one of the first @count list registers has @interrupt. */
static bool is_given(const struct moat *m, uint32_t context, uint32_t count,
	uint64_t interrupt)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      list_is_empty(CONTEXT(m, context).list_register[j]) ||
	      list_interrupt(CONTEXT(m, context).list_register[j]) !=
	        interrupt;
	    loop assigns i;
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		uint64_t other = CONTEXT(m, context).list_register[i];

		if (!list_register_is_empty(other) &&
			list_register_interrupt(other) == interrupt) {
			return true;
		}
	}
	return false;
}

/* What the host gives in x10.., sanitised; those it may not use are empty. */
static void give_interrupts(
	struct moat *m, uint32_t context, const struct call *call)
{
	/*@ loop invariant 0 <= i <= MOAT_LIST_REGISTER_MAX;
	    loop invariant lists_ok(context, i);
	    loop invariant \forall integer j; LIST_COUNT(m) <= j < i ==>
	      CONTEXT(m, context).list_register[j] == 0;
	    loop assigns i, CONTEXT(m, context).list_register[0 .. 3];
	    loop variant MOAT_LIST_REGISTER_MAX - i; */
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		uint64_t given = i < LIST_COUNT(m) ? list_register_sanitise(
							     call->x[10 + i])
						   : 0;

		if (given != 0 && is_given(m, context, i,
					  list_register_interrupt(given))) {
			given = 0;
		}
		CONTEXT(m, context).list_register[i] = given;
	}
	CONTEXT(m, context).wants_maintenance =
		call->x[3] / MOAT_ENTRY_UNDERFLOW % 2;
}

/* What the vCPU owed, or was owed, is settled by the entry. */
static void vcpu_settle(struct moat *m, uint32_t vm, uint64_t index)
{
	const struct moat_trap none = {0};

	VCPU(m, vm, index).pending = 0;
	VCPU(m, vm, index).count = 0;
	VCPU(m, vm, index).access = none;
}

void run_apply(struct moat *m, struct vm_locked locked, struct call *call)
{
	uint32_t index = (uint32_t)call->x[2];

	answer(m, locked.vm, call);
	give_interrupts(m, VCPU(m, locked.vm, index).page, call);
	vcpu_settle(m, locked.vm, index);
	VCPU(m, locked.vm, index).state = MOAT_VCPU_RUNNING;
	VCPU(m, locked.vm, index).cpu = call->cpu;
	CPU(m, call->cpu).vm = locked.vm;
	CPU(m, call->cpu).vcpu = index;
	call->action = MOAT_GUEST_ENTER;
}

/* ---- Exit: everything that a host learns ------------------------------- */

/* The record of a run that is over, without a word in it. */
static void exit_clear(struct moat_regs *regs)
{
	/*@ loop invariant 0 <= i <= MOAT_RUN_RESULT_COUNT + 1;
	    loop invariant \forall integer r; 0 <= r < i ==>
	      regs->x[r] == 0;
	    loop assigns i, regs->x[0 .. MOAT_RUN_RESULT_COUNT];
	    loop variant MOAT_RUN_RESULT_COUNT + 1 - i; */
	for (uint32_t i = 0; i <= MOAT_RUN_RESULT_COUNT; i++) {
		regs->x[i] = 0;
	}
}

static void exit_told(const struct leaving *leaving, struct moat_regs *regs)
{
	/*@ loop invariant 0 <= i <= LEAVING_TOLD;
	    loop invariant \forall integer r; 2 <= r < 2 + i ==>
	      regs->x[r] == leaving->told[r - 2];
	    loop assigns i, regs->x[2 .. 6];
	    loop variant LEAVING_TOLD - i; */
	for (uint32_t i = 0; i < LEAVING_TOLD; i++) {
		regs->x[2 + i] = leaving->told[i];
	}
}

/* The registers that the guest declared, and no others. */
static void exit_host_call(const struct moat *m, uint32_t context,
	uint32_t count, struct moat_regs *regs)
{
	regs->x[2] = count;
	/*@ loop invariant 3 <= r <= 3 + count;
	    loop invariant \forall integer k; 3 <= k < r ==>
	      regs->x[k] == guest_x(context, k - 1);
	    loop invariant \forall integer k; r <= k < 9 ==>
	      regs->x[k] == \at(regs->x[k], Pre);
	    loop assigns r, regs->x[3 .. 8];
	    loop variant 3 + count - r; */
	for (uint32_t r = 3; r < 3 + count; r++) {
		regs->x[r] = CONTEXT(m, context).x[r - 1];
	}
}

static void exit_interrupts(
	const struct moat *m, uint32_t context, struct moat_regs *regs)
{
	/*@ loop invariant 0 <= i <= LIST_COUNT(m);
	    loop invariant \forall integer r; 10 <= r < 10 + i ==>
	      regs->x[r] == list_fields(
	        CONTEXT(m, context).list_register[r - 10]);
	    loop invariant \forall integer r; 10 + i <= r < 14 ==>
	      regs->x[r] == \at(regs->x[r], Pre);
	    loop assigns i, regs->x[10 .. 13];
	    loop variant LIST_COUNT(m) - i; */
	for (uint32_t i = 0; i < LIST_COUNT(m); i++) {
		regs->x[10 + i] = list_register_fields(
			CONTEXT(m, context).list_register[i]);
	}
	regs->x[14] = CONTEXT(m, context).maintenance % 256;
}

/* What the reason does not list is zero. */
static void exit_record(const struct moat *m, const struct leaving *leaving,
	struct moat_regs *regs)
{
	exit_clear(regs);
	regs->x[1] = leaving->reason;
	exit_told(leaving, regs);
	/*@ assert regs->x[7] == 0 && regs->x[8] == 0 && regs->x[9] == 0; */
	/*@ assert regs->x[10] == 0 && regs->x[11] == 0 && regs->x[12] == 0 &&
	      regs->x[13] == 0; */
	if (leaving->reason == MOAT_EXIT_HOST_CALL) {
		exit_host_call(m, leaving->context, leaving->count, regs);
	}
	exit_interrupts(m, leaving->context, regs);
}

/* What the next entry may answer. It owed nothing while it ran. */
static void vcpu_owe(struct moat *m, uint32_t vm, uint32_t index,
	const struct leaving *leaving, const struct moat_trap *trap)
{
	/* A vCPU that is off owes its next run nothing. */
	if (leaving->state != MOAT_VCPU_READY) {
		return;
	}
	VCPU(m, vm, index).pending = leaving->reason;
	VCPU(m, vm, index).count = leaving->count;
	if (leaving->reason == MOAT_EXIT_FAULT ||
		leaving->reason == MOAT_EXIT_MMIO) {
		VCPU(m, vm, index).access = *trap;
	}
}

/*
 * The vCPU, the CPU and the record change together, under the VM's lock
 * [VCPU-1]. What is pending is all that the next entry may answer.
 *
 * RUNNING ends under the VM's lock, as it began, and not by a store-release on
 * the way out, which would spare an IRQ exit the lock: the end of a run and its
 * event must be one step. Were they two, a vm_kill between them would answer
 * what no order of the events explains (proofs/spin/run_kill.pml: STORE_FIRST,
 * EVENT_FIRST). The lock's release is the store-release that hands the context,
 * which the arch layer has brought up to date before, to whoever runs it next.
 */
void run_end(struct moat *m, struct vm_locked locked,
	const struct leaving *leaving, const struct moat_trap *trap,
	struct moat_regs *regs)
{
	uint32_t index = CPU(m, leaving->cpu).vcpu;

	/*@ assert index < MOAT_VCPU_MAX && vcpu_ok(locked.vm, index); */
	exit_record(m, leaving, regs);
	VCPU(m, locked.vm, index).cpu = NONE;
	VCPU(m, locked.vm, index).state = leaving->state;
	vcpu_owe(m, locked.vm, index, leaving, trap);
	CPU(m, leaving->cpu).vm = NONE;
	CPU(m, leaving->cpu).vcpu = NONE;
}

/* ---- What the arch layer loads ----------------------------------------- */

struct moat_stage2 moat_host_stage2(const struct moat *m)
{
	struct moat_stage2 stage2 = {.root = MOAT(m).config.memory_pa,
		.ipa_bits = MOAT(m).config.host_ipa_bits,
		.start_level = MOAT(m).host_start_level,
		.vmid = 0};

	return stage2;
}

struct moat_stage2 moat_cpu_stage2(const struct moat *m, uint32_t cpu)
{
	uint32_t vm;

	REQUIRE(cpu < CPU_COUNT(m));
	vm = CPU(m, cpu).vm;
	return vm == NONE ? moat_host_stage2(m) : s2_of(m, vm);
}

struct moat_context *moat_cpu_context(struct moat *m, uint32_t cpu)
{
	struct cpu at;

	REQUIRE(cpu < CPU_COUNT(m));
	at = CPU(m, cpu);
	return at.vm == NONE ? NULL
			     : store_context(m, VCPU(m, at.vm, at.vcpu).page);
}
