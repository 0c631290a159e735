/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU trapped. What the engine can answer it answers; everything else ends
 * the run.
 */
#include "core/guest.h"

#include "core/hold.h"
#include "core/require.h"
#include "core/store.h"
#include "core/trace.h"
#include "core/vm.h"
#include "pte.h"

/*
 * Results are written on every path, zero where there are none, as the host's
 * calls do it: a guest never finds what another call left.
 */
void guest_answer(struct moat *m, uint32_t context, uint64_t status)
{
	CONTEXT(m, context).x[0] = status;
	/*@ loop invariant 1 <= i <= 5;
	    loop invariant CONTEXT(m, context).x[0] == status;
	    loop invariant \forall integer r; 1 <= r < i ==>
	      CONTEXT(m, context).x[r] == 0;
	    loop assigns i, CONTEXT(m, context).x[1 .. 4];
	    loop variant 5 - i; */
	for (uint32_t i = 1; i <= 4; i++) {
		CONTEXT(m, context).x[i] = 0;
	}
}

/* ---- Calls ------------------------------------------------------------- */

/* The registers stay where they are; the exit record copies those declared. */
static void guest_host_call(struct moat *m, struct leaving *leaving)
{
	uint64_t count = CONTEXT(m, leaving->context).x[1];

	if (count > MOAT_HOST_CALL_MAX) {
		guest_answer(m, leaving->context, status_at(MOAT_BAD_ARG, 1));
	} else {
		leaving->reason = MOAT_EXIT_HOST_CALL;
		leaving->count = (uint32_t)count;
	}
}

static void guest_version(struct moat *m, uint32_t context)
{
	guest_answer(m, context, MOAT_OK);
	CONTEXT(m, context).x[1] = MOAT_ABI_VERSION;
}

static void guest_features(
	struct moat *m, struct vm_locked locked, uint32_t context)
{
	guest_answer(m, context, MOAT_OK);
	CONTEXT(m, context).x[1] = MOAT_PAGE_SIZE;
	CONTEXT(m, context).x[2] = VM(m, locked.vm).ipa_bits;
	CONTEXT(m, context).x[3] = MOAT_RANGE_PAGES_MAX;
	CONTEXT(m, context).x[4] = MOAT_HOST_CALL_MAX;
}

static void guest_measurement(
	struct moat *m, struct vm_locked locked, uint32_t context)
{
	guest_answer(m, context, MOAT_OK);
	/*@ loop invariant 0 <= i <= MOAT_MEASUREMENT_WORDS;
	    loop invariant CONTEXT(m, context).x[0] == MOAT_OK;
	    loop invariant \forall integer r; 1 <= r < 1 + i ==>
	      CONTEXT(m, context).x[r] ==
	        VM(m, locked.vm).measurement[r - 1];
	    loop assigns i, CONTEXT(m, context).x[1 .. 4];
	    loop variant MOAT_MEASUREMENT_WORDS - i; */
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		CONTEXT(m, context).x[1 + i] = VM(m, locked.vm).measurement[i];
	}
}

static void guest_moat_call(struct moat *m, struct vm_locked locked,
	uint32_t number, struct leaving *leaving)
{
	switch (number) {
	case MOAT_GUEST_VERSION:
		guest_version(m, leaving->context);
		break;
	case MOAT_GUEST_FEATURES:
		guest_features(m, locked, leaving->context);
		break;
	case MOAT_GUEST_MEASUREMENT:
		guest_measurement(m, locked, leaving->context);
		break;
	case MOAT_GUEST_HOST_CALL:
		guest_host_call(m, leaving);
		break;
	case MOAT_GUEST_SHARE:
	case MOAT_GUEST_UNSHARE:
	case MOAT_GUEST_RELINQUISH:
		guest_pages(m, locked, number, leaving);
		break;
	default:
		CONTEXT(m, leaving->context).x[0] = MOAT_NOT_SUPPORTED;
		break;
	}
}

/*
 * HVC and SMC are the same to a guest (SMCCC 1.2, section 2.6: the conduit is
 * discovered, not part of the function). Our range first, then PSCI and SMCCC.
 */
static void guest_call(
	struct moat *m, struct vm_locked locked, struct leaving *leaving)
{
	uint32_t number = call_number(CONTEXT(m, leaving->context).x[0]);

	if (number == NONE) {
		guest_psci(m, locked, leaving);
	} else {
		guest_moat_call(m, locked, number, leaving);
	}
}

/* ---- Aborts ------------------------------------------------------------ */

/* Every leaf is readable; the rest is in the descriptor. */
static bool leaf_permits(uint64_t descriptor, enum moat_access access)
{
	return access == MOAT_ACCESS_READ ||
	       (access == MOAT_ACCESS_WRITE && pte_may_write(descriptor)) ||
	       (access == MOAT_ACCESS_FETCH && pte_may_execute(descriptor));
}

/*
 * An access that the host can emulate: of one register, with a valid syndrome
 * (Arm ARM, ESR_EL2.ISV). The arch layer is trusted, but the fields become an
 * index and a size, so they are checked.
 */
static bool is_device_access(const struct moat_trap *trap)
{
	return trap->has_syndrome && trap->access != MOAT_ACCESS_FETCH &&
	       (trap->size == 1 || trap->size == 2 || trap->size == 4 ||
		       trap->size == 8) &&
	       trap->register_index <= 31;
}

/* The one register of the access, and only of a store, cut to its size. */
static void tell_mmio(
	struct moat *m, const struct moat_trap *trap, struct leaving *leaving)
{
	leaving->reason = MOAT_EXIT_MMIO;
	leaving->told[0] = trap->ipa.value;
	leaving->told[1] = trap->size;
	leaving->told[2] = trap->access;
	if (trap->access == MOAT_ACCESS_WRITE && trap->register_index < 31) {
		leaving->told[3] = run_cut(
			CONTEXT(m, leaving->context).x[trap->register_index],
			trap->size);
	}
}

/* The offset within the page is the guest's own business. */
static void tell_fault(const struct moat_trap *trap, struct leaving *leaving)
{
	leaving->reason = MOAT_EXIT_FAULT;
	leaving->told[0] = trap->ipa.value / PAGE_BYTES * PAGE_BYTES;
	leaving->told[1] = trap->access;
}

/* An abort inside the IPA space: the tables as they are now decide. */
static void guest_abort_inside(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving)
{
	struct place place = s2_walk_leaf(m, locked, trap->ipa.value);
	uint64_t descriptor = s2_entry(m, place);
	bool is_mapped = pte_is_leaf(descriptor, s2_level(m, place));

	if (is_mapped && leaf_permits(descriptor, trap->access)) {
		return; /* another CPU was changing it; by now that is done */
	}
	if (!is_mapped && trap->ipa.value >= VM(m, locked.vm).half &&
		is_device_access(trap)) {
		tell_mmio(m, trap, leaving);
	} else {
		tell_fault(trap, leaving);
	}
}

static void guest_abort(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving)
{
	if (trap->access < MOAT_ACCESS_READ ||
		trap->access >= MOAT_ACCESS_END) {
		leaving->reason = MOAT_EXIT_OTHER;
	} else if (trap->ipa.value / 2 >= VM(m, locked.vm).half) {
		tell_fault(trap, leaving);
	} else {
		guest_abort_inside(m, locked, trap, leaving);
	}
}

/* ---- Traps ------------------------------------------------------------- */

static void guest_wfi(struct moat *m, struct leaving *leaving)
{
	store_context_step(m, leaving->context);
	guest_tell_wfi(m, leaving);
}

void guest_tell_wfi(const struct moat *m, struct leaving *leaving)
{
	leaving->reason = MOAT_EXIT_WFI;
	leaving->told[0] = CONTEXT(m, leaving->context).deadline;
}

/* Decide; a reason of 0 means that the guest goes on. */
static void guest_decide(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct leaving *leaving)
{
	switch (trap->kind) {
	case MOAT_TRAP_IRQ:
		leaving->reason = MOAT_EXIT_IRQ;
		break;
	case MOAT_TRAP_WFI:
		guest_wfi(m, leaving);
		break;
	case MOAT_TRAP_CALL:
		guest_call(m, locked, leaving);
		break;
	case MOAT_TRAP_ABORT:
		guest_abort(m, locked, trap, leaving);
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

/* Nothing to tell yet. Field by field: most traps need few of them. */
static struct leaving leaving_none(
	const struct moat *m, struct vm_locked locked)
{
	struct leaving leaving;

	leaving.cpu = locked.cpu;
	leaving.context = VCPU(m, locked.vm, CPU(m, locked.cpu).vcpu).page;
	leaving.reason = 0;
	leaving.state = MOAT_VCPU_READY;
	leaving.count = 0;
	/*@ loop invariant 0 <= i <= LEAVING_TOLD;
	    loop assigns i, leaving.told[0 .. LEAVING_TOLD - 1];
	    loop variant LEAVING_TOLD - i; */
	for (uint32_t i = 0; i < LEAVING_TOLD; i++) {
		leaving.told[i] = 0;
	}
	leaving.regions = regions_none();
	return leaving;
}

/*
 * The registers of the guest are in its context page, which nobody else can
 * reach; those of the host are in @regs and untouched while the guest goes on.
 * The VM's lock is held for the whole step, so that vm_kill and other vCPUs see
 * the vCPU either running or stopped with its exit pending.
 */
static enum moat_action guest_step(struct moat *m, struct vm_locked locked,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	struct leaving leaving = leaving_none(m, locked);
	struct trace_step exit;

	exit.cpu = locked.cpu;
	exit.action = MOAT_GUEST_RESUME;
	exit.regs = regs;
	trace_exit_before(&exit, trap, &CONTEXT(m, leaving.context));
	guest_decide(m, locked, trap, &leaving);
	/*@ assert decided: vcpu_1; */
	if (leaving.reason != 0) {
		exit.action = MOAT_HOST_RETURN;
		run_end(m, locked, &leaving, trap, regs);
		/*@ assert ended: vcpu_1; */
	}
	/*@ assert either: vcpu_1; */
	trace_exit(&exit, trap, &CONTEXT(m, leaving.context));
	regions_unlock(m, leaving.regions);
	return exit.action;
}

enum moat_action moat_guest_exit(struct moat *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	enum moat_action action;
	struct vm_locked locked;

	REQUIRE(cpu < CPU_COUNT(m));
	witness_enter(cpu);
	REQUIRE(CPU(m, cpu).vm != NONE);
	locked = vm_lock(m, cpu, CPU(m, cpu).vm, HERE);
	action = guest_step(m, locked, trap, regs);
	vm_unlock(m, locked);
	witness_leave();
	return action;
}
