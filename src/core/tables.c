/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/tables.h"

#include "core/owner.h"
#include "core/vm.h"
#include "moat/port.h"
#include "pte.h"

/* x2 is the IPA, x3 the level of the table named. */
static uint64_t level_arguments(const struct call *call)
{
	if (call->x[3] < 1 || call->x[3] > LEAF_LEVEL) {
		return status_at(MOAT_BAD_ARG, 3);
	}
	if (call->x[2] % s2_table_bytes((uint32_t)call->x[3]) != 0) {
		return status_at(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

static uint64_t level_check(
	const struct moat *m, struct vm_locked locked, const struct call *call)
{
	/* Both halves: a table of level 1 may reach across the split. */
	if (call->x[2] / 2 >= VM(m, locked.vm).half) {
		return status_at(MOAT_BAD_IPA, 2);
	}
	if (call->x[3] <= VM(m, locked.vm).start_level) {
		return status_at(MOAT_BAD_IPA, 3);
	}
	return MOAT_OK;
}

/* ---- Create ------------------------------------------------------------ */

uint64_t table_create_arguments(const struct call *call)
{
	uint64_t status = level_arguments(call);

	if (status == MOAT_OK && call->x[4] % PAGE_BYTES != 0) {
		status = status_at(MOAT_BAD_ARG, 4);
	}
	return status;
}

uint64_t table_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint64_t status;

	if (!vm_is_growing(m, locked)) {
		return MOAT_BAD_STATE;
	}
	status = level_check(m, locked, call);
	if (status != MOAT_OK) {
		return status;
	}
	plan->place = s2_walk(m, locked, call->x[2], (uint32_t)call->x[3] - 1);
	if (plan->place.table == NONE) {
		return status_at(MOAT_NO_TABLE, 2);
	}
	if (pte_is_valid(s2_entry(m, plan->place))) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	plan_take(m, call, 4, 1, plan);
	return MOAT_OK;
}

/* The table is empty: what it translates faults before and after. */
void table_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	const struct page record = {.state = MOAT_PAGE_TABLE,
		.level = (uint8_t)call->x[3],
		.slot = (uint16_t)plan->place.slot,
		.parent = plan->place.table};

	owner_take(m, held.regions, plan->run);
	page_set(m, plan->run.first, record);
	/* Its zeroes are seen before the link to it is. */
	moat_port_publish();
	s2_set(m, plan->place, pte_table(call->x[4]));
	moat_port_publish();
}

/* ---- Destroy ----------------------------------------------------------- */

uint64_t table_destroy_arguments(const struct call *call)
{
	return level_arguments(call);
}

uint64_t table_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	struct page_run table = {NONE, 1};
	uint32_t level = (uint32_t)call->x[3];
	uint64_t status;

	if (VM(m, locked.vm).life == MOAT_VM_EMPTY) {
		return MOAT_BAD_STATE;
	}
	status = level_check(m, locked, call);
	if (status != MOAT_OK) {
		return status;
	}
	plan->place = s2_walk(m, locked, call->x[2], level - 1);
	if (plan->place.table == NONE ||
		!pte_is_table(s2_entry(m, plan->place), level - 1)) {
		return status_at(MOAT_NO_TABLE, 2);
	}
	table.first = s2_page(m, plan->place);
	if (!s2_is_empty(m, table.first, 1)) {
		return status_at(MOAT_NOT_EMPTY, 2);
	}
	plan_run(plan, table);
	return MOAT_OK;
}

void table_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	call->result[1] = pte_pa(s2_entry(m, plan->place));
	s2_set(m, plan->place, PTE_EMPTY);
	/* No leaf is left below it: one address finds the walk cache. */
	s2_invalidate(m, held.vm, call->x[2], 1, true);
	owner_return(m, held.regions, plan->run);
}
