/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's way in. The registers are the engine's copy, which no host can
 * change, and the answer is written to them at the very end. A call passes the
 * stages below in one fixed order, which is what makes the order of enum
 * moat_status true for every call at once.
 *
 * A stage is one switch over the call numbers, not a table of functions: a
 * prover and a reader both see where each call goes, and a compiler warns of
 * nothing that it cannot see. The number is handed down by value: where it is a
 * constant nothing of a switch is left but the one case.
 */
#include "core/call.h"

#include "core/host_map.h"
#include "core/hold.h"
#include "core/pages.h"
#include "core/require.h"
#include "core/tables.h"
#include "core/run.h"
#include "core/trace.h"
#include "core/vcpu.h"
#include "core/vm.h"

/* ---- Arguments that no state can make good ----------------------------- */

static PART uint64_t call_arguments(
	uint32_t number, const struct moat *m, const struct call *call)
{
	switch (number) {
	case MOAT_VM_CREATE:
		return vm_create_arguments(m, call);
	case MOAT_VCPU_CREATE:
		return vcpu_create_arguments(call);
	case MOAT_TABLE_CREATE:
		return table_create_arguments(call);
	case MOAT_TABLE_DESTROY:
		return table_destroy_arguments(call);
	case MOAT_TABLE_FOLD:
		return table_fold_arguments(call);
	case MOAT_TABLE_SPLIT:
		return table_split_arguments(call);
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		return give_arguments(call);
	case MOAT_PAGE_RECLAIM:
	case MOAT_PAGE_RECALL:
		return move_arguments(call);
	default:
		return MOAT_OK;
	}
}

/* ---- Check ------------------------------------------------------------- */

/* Calls about a VM or a vCPU as such. Under the VM's lock; @m is const, so that
 * a check cannot write even by mistake. */
static PART uint64_t vm_call_check(uint32_t number, const struct moat *m,
	struct vm_locked locked, const struct call *call, struct plan *plan)
{
	switch (number) {
	case MOAT_VM_CREATE:
		return vm_create_check(m, locked, call, plan);
	case MOAT_VM_SEAL:
		return vm_seal_check(m, locked);
	case MOAT_VM_KILL:
		return vm_kill_check(m, locked);
	case MOAT_VM_FREE:
		return vm_free_check(m, locked, plan);
	case MOAT_VCPU_CREATE:
		return vcpu_create_check(m, locked, call, plan);
	case MOAT_VCPU_DESTROY:
		return vcpu_destroy_check(m, locked, call, plan);
	default: /* vm_info */
		return MOAT_OK;
	}
}

/* Calls about tables and pages; the others go on to vm_call_check. */
static PART uint64_t call_check(uint32_t number, const struct moat *m,
	struct vm_locked locked, const struct call *call, struct plan *plan)
{
	uint64_t status;

	/*@ assert VM(m, locked.vm).half <= 0x800000000000; */
	switch (number) {
	case MOAT_TABLE_CREATE:
		return table_create_check(m, locked, call, plan);
	case MOAT_TABLE_DESTROY:
		return table_destroy_check(m, locked, call, plan);
	case MOAT_TABLE_FOLD:
		return table_fold_check(m, locked, call, plan);
	case MOAT_TABLE_SPLIT:
		return table_split_check(m, locked, call, plan);
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		status = give_check(m, locked, call, plan);
		/*@ assert call->number == number; */
		/*@ assert call->is_single == \at(call->is_single, Pre); */
		/*@ assert call->x[2] < 0x1000000000000 || status != MOAT_OK; */
		/*@ assert status == MOAT_OK ==> gives_slots(plan, call); */
		return status;
	case MOAT_PAGE_RECLAIM:
	case MOAT_PAGE_RECALL:
		return move_check(m, locked, call, plan);
	default:
		break;
	}
	return vm_call_check(number, m, locked, call, plan);
}

/* The pages that a call takes must be HOST. This is the last check, and under
 * the locks of their regions, which stay held until the records say that they
 * are taken: no other call can take one in between. A range is cut to the
 * prefix that is HOST; a root or a block is taken whole or not at all. */
static PART uint64_t pages_check(const struct moat *m, struct plan *plan)
{
	uint32_t count;

	if (plan->operand == 0) {
		return MOAT_OK;
	}
	count = page_count_host(m, plan->run);
	if (count == 0 || (plan->is_whole && count < plan->run.count)) {
		return status_at(MOAT_BAD_PAGE, plan->operand);
	}
	if (plan->run.count > 1) {
		plan->run.count = count;
	}
	return MOAT_OK;
}

/* ---- Apply ------------------------------------------------------------- */

/* The second halves, in the same cut. None of them can refuse any more. */
static PART void vm_call_apply(uint32_t number, struct moat *m,
	struct held held, const struct plan *plan, struct call *call)
{
	switch (number) {
	case MOAT_VM_CREATE:
		vm_create_apply(m, held, plan, call);
		break;
	case MOAT_VM_SEAL:
		vm_seal_apply(m, held, call);
		break;
	case MOAT_VM_KILL:
		vm_kill_apply(m, held);
		break;
	case MOAT_VM_FREE:
		vm_free_apply(m, held, plan);
		break;
	case MOAT_VCPU_CREATE:
		vcpu_create_apply(m, held, plan, call);
		break;
	case MOAT_VCPU_DESTROY:
		vcpu_destroy_apply(m, held, plan, call);
		break;
	default: /* vm_info */
		vm_info_apply(m, held, call);
		break;
	}
}

static PART void call_apply(uint32_t number, struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	switch (number) {
	case MOAT_TABLE_CREATE:
		table_create_apply(m, held, plan, call);
		break;
	case MOAT_TABLE_DESTROY:
		/*@ assert table_2(plan->place.table, plan->place.slot); */
		/*@ assert leads_to_a_table(plan); */
		/*@ assert leads_to_no_page(plan); */
		/*@ assert is_table_page(plan->run.first); */
		table_destroy_apply(m, held, plan, call);
		break;
	case MOAT_TABLE_FOLD:
		table_fold_apply(m, held, plan, call);
		break;
	case MOAT_TABLE_SPLIT:
		table_split_apply(m, held, plan, call);
		break;
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		give_apply(m, held, plan, call);
		break;
	case MOAT_PAGE_RECLAIM:
	case MOAT_PAGE_RECALL:
		move_apply(m, held, plan, call);
		break;
	default:
		vm_call_apply(number, m, held, plan, call);
		break;
	}
}

/* ---- Steps ------------------------------------------------------------- */

/* A refusal: nothing changes, and nothing else is told. */
static PART void call_refuse(struct call *call, uint64_t status)
{
	call->result[0] = status;
	trace_call(call);
}

/* What the check planned. The event is emitted before a lock is released, so
 * that they are numbered in an order in which steps could have happened. */
static PART void call_plan(uint32_t number, struct moat *m,
	struct vm_locked locked, struct plan *plan, struct call *call)
{
	struct held held = {locked, plan_lock(m, call->cpu, plan, HERE)};
	uint64_t status = pages_check(m, plan);

	if (status == MOAT_OK) {
		call_apply(number, m, held, plan, call);
		/*@ assert vcpu_1; */
	}
	/*@ assert vcpu_1; */
	call->result[0] = status;
	trace_call(call);
	regions_unlock(m, held.regions);
}

/* Between a check under the VM's lock and the pages' check stand the regions'
 * locks: which ones only the check can say (a reclaim reads it from the
 * tables). */
static PART void call_under_locks(uint32_t number, struct moat *m,
	struct vm_locked locked, struct call *call)
{
	struct plan plan = plan_none();
	/*@ assert call_ok(call) && \valid(call); */
	/*@ assert call->number == number && call->cpu < CPU_COUNT(m); */
	/*@ assert single_ok(call, number); */
	/*@ assert call_begun(call, number); */ /*@ assert asks_well(call); */
	/*@ assert plan_free(&plan, call); */
	uint64_t status = call_check(number, m, locked, call, &plan);

	/*@ assert call->number == number; */
	if (status == MOAT_OK) {
		/*@ assert vm_planned(call, &plan, locked.vm); */
		/*@ assert tables_planned(call, &plan, locked.vm); */
		/*@ assert is_giving(call) ==> give_planned(call, &plan); */
		call_plan(number, m, locked, &plan, call);
		/*@ assert vcpu_1; */ /*@ assert is_kept{Pre,Here}(call); */
	} else {
		call_refuse(call, status);
		/*@ assert records_same{Pre,Here}; */
	}
	/*@ assert vcpu_1; */ /*@ assert is_kept{Pre,Here}(call); */
}

/* A call whose x1 names a VM. What no state can make good is refused before any
 * lock is taken, and so is a VM number that has no lock. */
static PART uint64_t call_vm_arguments(
	uint32_t number, const struct moat *m, const struct call *call)
{
	uint64_t status = call_arguments(number, m, call);

	if (status == MOAT_OK && call->x[1] >= VM_COUNT(m)) {
		status = status_at(MOAT_BAD_VM, 1);
	}
	return status;
}

static PART void call_vm(uint32_t number, struct moat *m, struct call *call)
{
	uint64_t status = call_vm_arguments(number, m, call);

	if (status != MOAT_OK) {
		call_refuse(call, status);
	} else {
		struct vm_locked locked =
			vm_lock(m, call->cpu, (uint32_t)call->x[1], HERE);

		call_under_locks(number, m, locked, call);
		/*@ assert vcpu_1; */ vm_unlock(m, locked);
	}
	/*@ assert vcpu_1; */
}

/* vcpu_run, in the same order but without what is about pages. */
static void call_run_under_lock(
	struct moat *m, struct vm_locked locked, struct call *call)
{
	uint64_t status = run_check(m, locked, call);

	if (status == MOAT_OK) {
		run_apply(m, locked, call);
	}
	call->result[0] = status;
	trace_call(call);
}

static void call_run(struct moat *m, struct call *call)
{
	uint64_t status = run_arguments(call);

	if (status == MOAT_OK && call->x[1] >= VM_COUNT(m)) {
		status = status_at(MOAT_BAD_VM, 1);
	}
	if (status != MOAT_OK) {
		call->result[0] = status;
		trace_call(call);
	} else {
		struct vm_locked locked =
			vm_lock(m, call->cpu, (uint32_t)call->x[1], HERE);

		call_run_under_lock(m, locked, call);
		/*@ assert vcpu_1; */ vm_unlock(m, locked);
	}
	/*@ assert vcpu_1; */
}

/* page_info names no VM. The region's lock is enough to hold the record and
 * everything above it still: see owner_of. */
static void call_page_info(struct moat *m, struct call *call)
{
	uint32_t page = page_find(m, call->x[1]);

	if (call->x[1] % PAGE_BYTES != 0) {
		call->result[0] = status_at(MOAT_BAD_ARG, 1);
		trace_call(call);
	} else if (page == NONE) {
		call->result[0] = status_at(MOAT_BAD_PAGE, 1);
		trace_call(call);
	} else {
		struct regions_locked regions = regions_lock(
			m, call->cpu, page_region(page), NONE, HERE);

		page_info_apply(m, page, call);
		trace_call(call);
		regions_unlock(m, regions);
	}
}

static void call_features(const struct moat *m, struct call *call)
{
	call->result[1] = MOAT_PAGE_SIZE;
	call->result[2] = MOAT_RANGE_PAGES_MAX;
	call->result[3] = MOAT_IPA_BITS_MIN;
	call->result[4] = MOAT(m).config.ipa_bits;
	call->result[5] = VM_COUNT(m);
	call->result[6] = MOAT_VCPU_MAX;
	call->result[7] = CPU_COUNT(m);
	call->result[8] = PAGE_COUNT(m);
	call->result[9] = MOAT_HOST_CALL_MAX + 256 * LIST_COUNT(m);
	trace_call(call);
}

/* ---- In and out -------------------------------------------------------- */

/* A call that has no answer yet. In its place and one by one: what a function
 * returns gcc copies, and an array whose every index is a constant need not
 * exist. */
static PART void call_begin(struct call *call, uint32_t cpu,
	const struct moat_regs *regs, uint32_t number)
{
	call->cpu = cpu;
	call->number = number;
	call->action = MOAT_HOST_RESUME;
	call->is_single = false;
	call->x = regs->x;
	call->result[0] = 0;
	call->result[1] = 0;
	call->result[2] = 0;
	call->result[3] = 0;
	call->result[4] = 0;
	call->result[5] = 0;
	call->result[6] = 0;
	call->result[7] = 0;
	call->result[8] = 0;
	call->result[9] = 0;
}

/* One by one as well. */
static PART void answer_write(
	const uint64_t result[MOAT_RESULT_COUNT + 1], struct moat_regs *regs)
{
	_Static_assert(MOAT_RESULT_COUNT == 9, "one line for each below");
	regs->x[0] = result[0];
	regs->x[1] = result[1];
	regs->x[2] = result[2];
	regs->x[3] = result[3];
	regs->x[4] = result[4];
	regs->x[5] = result[5];
	regs->x[6] = result[6];
	regs->x[7] = result[7];
	regs->x[8] = result[8];
	regs->x[9] = result[9];
}

/* The results are written at the end: a refused call leaves zeroes, whatever a
 * check found out before it refused. A vcpu_run that was accepted leaves the
 * registers to the exit that ends the run. */
static PART enum moat_action call_end(
	const struct call *call, struct moat_regs *regs)
{
	if (call->action == MOAT_HOST_RESUME) {
		answer_write(call->result, regs);
	}
	return call->action;
}

/* Each kind of call has a frame of its own, which the others do not pay for:
 * the shortest is what a host's round trip into the engine costs at least.
 * Donate and reclaim of a page, called most often, have one each. */
static PART enum moat_action call_single(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number)
{
	struct call call;

	call_begin(&call, cpu, regs, number);
	call.is_single = true;
	call_vm(number, m, &call);
	return call_end(&call, regs);
}

static APART enum moat_action host_call_donate(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	return call_single(m, cpu, regs, MOAT_PAGE_DONATE);
}

static APART enum moat_action host_call_reclaim(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	return call_single(m, cpu, regs, MOAT_PAGE_RECLAIM);
}

static APART enum moat_action host_call_vm(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number)
{
	struct call call;

	call_begin(&call, cpu, regs, number);
	call_vm(number, m, &call);
	return call_end(&call, regs);
}

static APART enum moat_action host_call_run(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	struct call call;

	call_begin(&call, cpu, regs, MOAT_VCPU_RUN);
	call_run(m, &call);
	return call_end(&call, regs);
}

static APART enum moat_action host_call_page_info(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	struct call call;

	call_begin(&call, cpu, regs, MOAT_PAGE_INFO);
	call_page_info(m, &call);
	return call_end(&call, regs);
}

static APART enum moat_action host_call_features(
	const struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	struct call call;

	call_begin(&call, cpu, regs, MOAT_FEATURES);
	call_features(m, &call);
	return call_end(&call, regs);
}

/* A call about nothing: its answer is a constant. This is the round trip that
 * every other call pays at least, so nothing is prepared for it. */
static PART enum moat_action host_call_constant(
	uint32_t cpu, struct moat_regs *regs, uint64_t x0, uint64_t x1)
{
	trace_constant(cpu, regs, x0, x1);
	regs->x[0] = x0;
	regs->x[1] = x1;
	/*@ loop invariant 2 <= i <= MOAT_RESULT_COUNT + 1;
	    loop invariant \forall integer r; 2 <= r < i ==> regs->x[r] == 0;
	    loop assigns i, regs->x[2 .. MOAT_RESULT_COUNT];
	    loop variant MOAT_RESULT_COUNT + 1 - i; */
	for (uint32_t i = 2; i <= MOAT_RESULT_COUNT; i++) {
		regs->x[i] = 0;
	}
	return MOAT_HOST_RESUME;
}

static PART enum moat_action host_call_version(
	uint32_t cpu, struct moat_regs *regs)
{
	return host_call_constant(cpu, regs, MOAT_OK, MOAT_ABI_VERSION);
}

/* What has no number here changes nothing, calls of a guest included. */
static APART enum moat_action host_call_unknown(
	uint32_t cpu, struct moat_regs *regs)
{
	return host_call_constant(cpu, regs, MOAT_NOT_SUPPORTED, 0);
}

/* By its number; what names no VM and is unknown changes nothing, calls of a
 * guest included. */
static APART enum moat_action host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number)
{
	switch (number) {
	case MOAT_VM_CREATE:
	case MOAT_VM_SEAL:
	case MOAT_VM_KILL:
	case MOAT_VM_FREE:
	case MOAT_VM_INFO:
	case MOAT_VCPU_CREATE:
	case MOAT_VCPU_DESTROY:
	case MOAT_TABLE_CREATE:
	case MOAT_TABLE_DESTROY:
	case MOAT_TABLE_FOLD:
	case MOAT_TABLE_SPLIT:
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_RECLAIM:
	case MOAT_PAGE_LEND:
	case MOAT_PAGE_RECALL:
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		return host_call_vm(m, cpu, regs, number);
	case MOAT_VCPU_RUN:
		return host_call_run(m, cpu, regs);
	case MOAT_FEATURES:
		return host_call_features(m, cpu, regs);
	default:
		break;
	}
	return host_call_unknown(cpu, regs);
}

/* What a host calls most often, before the others. */
static APART enum moat_action host_call_often(
	struct moat *m, uint32_t cpu, struct moat_regs *regs, uint32_t number)
{
	if (number == MOAT_PAGE_DONATE && regs->x[4] == 1) {
		return host_call_donate(m, cpu, regs);
	}
	if (number == MOAT_PAGE_RECLAIM && regs->x[3] == 1) {
		return host_call_reclaim(m, cpu, regs);
	}
	if (number == MOAT_PAGE_INFO) {
		return host_call_page_info(m, cpu, regs);
	}
	return host_call(m, cpu, regs, number);
}

enum moat_action moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action;
	uint32_t number;

	REQUIRE(cpu < CPU_COUNT(m));
	witness_enter(cpu);
	REQUIRE(CPU(m, cpu).vm == NONE);
	number = call_number(regs->x[0]);
	action = number == MOAT_VERSION ? host_call_version(cpu, regs)
					: host_call_often(m, cpu, regs, number);
	witness_leave();
	return action;
}

/* ---- Aborts ------------------------------------------------------------ */

enum moat_action moat_host_abort(
	struct moat *m, uint32_t cpu, struct moat_ipa ipa)
{
	uint32_t page = page_find(m, ipa.value);
	uint32_t region = page == NONE ? NONE : page_region(page);
	struct regions_locked regions;
	enum moat_action action = MOAT_HOST_INJECT;

	REQUIRE(cpu < CPU_COUNT(m));
	witness_enter(cpu);
	REQUIRE(CPU(m, cpu).vm == NONE);
	/* Whoever holds the region's lock has finished changing its map. */
	regions = regions_lock(m, cpu, region, NONE, HERE);
	if (page != NONE && page_is_open(PAGE(m, page).state)) {
		action = MOAT_HOST_RETRY;
	}
	trace_abort(cpu, action, ipa.value);
	regions_unlock(m, regions);
	witness_leave();
	return action;
}
