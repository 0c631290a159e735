/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU trapped. Some calls are answered here; everything else ends the run
 * with an exit record: the complete list of what flows from a VM to the host.
 */
#include "core/lock.h"
#include "core/require.h"
#include "core/trace.h"
#include "core/vcpu.h"

#define INSTRUCTION_BYTES 4 /* of A64: WFI is stepped over */

/* A trap on its way through the engine. */
struct leaving {
	uint32_t cpu;
	uint32_t context; /* page */
	enum moat_exit_reason reason; /* 0: the guest goes on */
	uint32_t count; /* registers a HOST_CALL declares */
};

/* Results are written on every path: nothing is left of another call. */
static void guest_answer(
	struct moat *m, uint32_t context, uint64_t status, uint64_t x1)
{
	CONTEXT(m, context).x[0] = status;
	CONTEXT(m, context).x[1] = x1;
	CONTEXT(m, context).x[2] = 0;
	CONTEXT(m, context).x[3] = 0;
}

/* The registers stay where they are; the exit record copies those declared. */
/* The registers stay where they are; the exit record copies those declared. */
static void guest_host_call(struct moat *m, struct leaving *leaving)
{
	uint64_t count = CONTEXT(m, leaving->context).x[1];

	if (count > MOAT_HOST_CALL_MAX) {
		guest_answer(
			m, leaving->context, status_at(MOAT_BAD_ARG, 1), 0);
	} else {
		leaving->reason = MOAT_EXIT_HOST_CALL;
		leaving->count = (uint32_t)count;
	}
}

static void guest_call(struct moat *m, struct leaving *leaving)
{
	switch (call_number(CONTEXT(m, leaving->context).x[0])) {
	case MOAT_GUEST_VERSION:
		guest_answer(m, leaving->context, MOAT_OK, MOAT_ABI_VERSION);
		break;
	case MOAT_GUEST_HOST_CALL:
		guest_host_call(m, leaving);
		break;
	default:
		CONTEXT(m, leaving->context).x[0] = MOAT_NOT_SUPPORTED;
		break;
	}
}

/* The arch layer is trusted to decode; what it cannot name is not shown. */
static enum moat_exit_reason abort_reason(const struct moat_trap *trap)
{
	return trap->access >= MOAT_ACCESS_READ &&
			       trap->access < MOAT_ACCESS_END
		       ? MOAT_EXIT_FAULT
		       : MOAT_EXIT_OTHER;
}

/* Decide; a reason of 0 means that the guest goes on. */
static void guest_decide(
	struct moat *m, const struct moat_trap *trap, struct leaving *leaving)
{
	switch (trap->kind) {
	case MOAT_TRAP_IRQ:
		leaving->reason = MOAT_EXIT_IRQ;
		break;
	case MOAT_TRAP_WFI:
		CONTEXT(m, leaving->context).pc += INSTRUCTION_BYTES;
		leaving->reason = MOAT_EXIT_WFI;
		break;
	case MOAT_TRAP_CALL:
		guest_call(m, leaving);
		break;
	case MOAT_TRAP_ABORT:
		leaving->reason = abort_reason(trap);
		break;
	case MOAT_TRAP_SERROR:
		leaving->reason = MOAT_EXIT_SERROR;
		break;
	case MOAT_TRAP_OTHER:
	case MOAT_TRAP_END:
	default:
		leaving->reason = MOAT_EXIT_OTHER;
		break;
	}
}

/* The exit record. Everything that the reason does not list is zero. */
static void exit_record(const struct moat *m, const struct moat_trap *trap,
	const struct leaving *leaving, struct moat_regs *regs)
{
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		regs->x[i] = 0;
	}
	regs->x[1] = leaving->reason;
	if (leaving->reason == MOAT_EXIT_FAULT) {
		regs->x[2] = trap->ipa.value / PAGE_BYTES * PAGE_BYTES;
		regs->x[3] = trap->access;
	}
	if (leaving->reason == MOAT_EXIT_HOST_CALL) {
		regs->x[2] = leaving->count;
		for (uint32_t i = 0; i < leaving->count; i++) {
			regs->x[3 + i] = CONTEXT(m, leaving->context).x[2 + i];
		}
	}
}

/*
 * The registers of the guest are in its context page, which nobody else can
 * reach; those of the host are in @regs and untouched while the guest goes on.
 * The VM's lock is held for the whole step, so that vm_kill and other vCPUs see
 * the vCPU either running or stopped with its exit pending.
 */
enum moat_action moat_guest_exit(struct moat *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	enum moat_action action = MOAT_GUEST_RESUME;
	struct leaving leaving = {.cpu = cpu};
	struct vm_locked locked;
	struct moat_event event;

	REQUIRE(cpu < CPU_COUNT(m) && CPU(m, cpu).vm != NONE);
	locked = vm_lock(m, CPU(m, cpu).vm);
	leaving.context = VCPU(m, locked.vm, CPU(m, cpu).vcpu).page;
	event = trace_exit_begin(cpu, trap, &CONTEXT(m, leaving.context));
	guest_decide(m, trap, &leaving);
	if (leaving.reason != 0) {
		action = MOAT_HOST_RETURN;
		exit_record(m, trap, &leaving, regs);
		vcpu_stop(m, locked, cpu, leaving.reason, leaving.count);
	}
	trace_exit_end(&event, action, &CONTEXT(m, leaving.context), regs);
	vm_unlock(m, locked);
	return action;
}
