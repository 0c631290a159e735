/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/run.h"

#include "core/require.h"
#include "core/store.h"
#include "core/vcpu.h"
#include "list_register.h"

#define INSTRUCTION_BYTES 4 /* of A64 */

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
	CONTEXT(m, context).pc += INSTRUCTION_BYTES;
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

/* What the reason does not list is zero. */
static void exit_record(const struct moat *m, const struct leaving *leaving,
	struct moat_regs *regs)
{
	for (uint32_t i = 0; i <= MOAT_RUN_RESULT_COUNT; i++) {
		regs->x[i] = 0;
	}
	regs->x[1] = leaving->reason;
	for (uint32_t i = 0; i < LEAVING_TOLD; i++) {
		regs->x[2 + i] = leaving->told[i];
	}
	if (leaving->reason == MOAT_EXIT_HOST_CALL) {
		regs->x[2] = leaving->count;
		for (uint32_t i = 0; i < leaving->count; i++) {
			regs->x[3 + i] = CONTEXT(m, leaving->context).x[2 + i];
		}
	}
	for (uint32_t i = 0; i < LIST_COUNT(m); i++) {
		regs->x[10 + i] = list_register_fields(
			CONTEXT(m, leaving->context).list_register[i]);
	}
	regs->x[14] = CONTEXT(m, leaving->context).maintenance % 256;
}

/* What the next entry may answer. It owed nothing while it ran. */
static void vcpu_owe(struct moat *m, uint32_t vm, uint32_t index,
	const struct leaving *leaving, const struct moat_trap *trap)
{
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

	exit_record(m, leaving, regs);
	VCPU(m, locked.vm, index).cpu = NONE;
	VCPU(m, locked.vm, index).state = leaving->state;
	/* A vCPU that is off owes its next run nothing. */
	if (leaving->state == MOAT_VCPU_READY) {
		vcpu_owe(m, locked.vm, index, leaving, trap);
	}
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
	return at.vm == NONE ? NULL : &CONTEXT(m, VCPU(m, at.vm, at.vcpu).page);
}
