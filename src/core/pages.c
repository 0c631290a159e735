/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data pages. Pages that come pass the checks of the slots first and of the
 * pages last, under their regions' locks; pages that go are found in the
 * tables, under the VM's lock, before their regions can be locked. Entries go
 * first, all with one invalidation; then contents; then the owner.
 */
#include "core/pages.h"

#include "core/owner.h"
#include "core/vm.h"
#include "moat/port.h"
#include "pte.h"

static uint32_t within_budget(uint64_t count)
{
	return count < MOAT_RANGE_PAGES_MAX ? (uint32_t)count
					    : MOAT_RANGE_PAGES_MAX;
}

/*
 * Whether the range of x[@count_operand] pages at x2 lies in the protected
 * half. Divides what is left of the half, so that no count can wrap.
 */
static uint64_t half_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, uint32_t count_operand)
{
	uint64_t half = VM(m, locked.vm).half;

	if (call->x[2] >= half) {
		return status_at(MOAT_BAD_IPA, 2);
	}
	if (call->x[count_operand] > (half - call->x[2]) / PAGE_BYTES) {
		return status_at(MOAT_BAD_IPA, count_operand);
	}
	return MOAT_OK;
}

/* ---- Load, donate ------------------------------------------------------ */

uint64_t page_give_arguments(const struct call *call)
{
	for (uint32_t operand = 2; operand <= 3; operand++) {
		if (call->x[operand] % PAGE_BYTES != 0) {
			return status_at(MOAT_BAD_ARG, operand);
		}
	}
	return call->x[4] == 0 ? status_at(MOAT_BAD_ARG, 4) : MOAT_OK;
}

/* Contents that the host chose enter only while the VM is being built. */
static bool may_be_given(
	const struct moat *m, struct vm_locked locked, const struct call *call)
{
	return call->number == MOAT_PAGE_LOAD
		       ? VM(m, locked.vm).life == MOAT_VM_BUILDING
		       : vm_is_growing(m, locked);
}

uint64_t page_give_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint32_t count = within_budget(call->x[4]);
	uint64_t status;

	if (!may_be_given(m, locked, call)) {
		return MOAT_BAD_STATE;
	}
	status = half_check(m, locked, call, 4);
	if (status != MOAT_OK) {
		return status;
	}
	plan->place = s2_walk(m, locked, call->x[2], LEAF_LEVEL);
	if (plan->place.table == NONE) {
		return status_at(MOAT_NO_TABLE, 2);
	}
	count = s2_count_empty(m, plan->place, count);
	if (count == 0) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	plan_take(m, call, 3, count, plan);
	return MOAT_OK;
}

/* The record and the entry of one page, each other's inverse [PAGE-2]. */
static void give_one(
	struct moat *m, uint32_t page, struct place place, uint64_t pa)
{
	const struct page record = {.state = MOAT_PAGE_VM,
		.level = LEAF_LEVEL,
		.slot = (uint16_t)place.slot,
		.parent = place.table};

	page_set(m, page, record);
	s2_set(m, place, pte_page(pa, PTE_NORMAL));
}

/* The pages are closed to the host and have their contents. */
static void give(struct moat *m, const struct plan *plan, struct call *call)
{
	for (uint32_t i = 0; i < plan->run.count; i++) {
		struct place place = {plan->place.table, plan->place.slot + i};

		give_one(m, plan->run.first + i, place,
			call->x[3] + i * PAGE_BYTES);
	}
	moat_port_publish();
	call->result[1] = plan->run.count;
}

void page_load_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call)
{
	owner_take_contents(m, held.regions, plan->run);
	give(m, plan, call);
}

void page_donate_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	owner_take(m, held.regions, plan->run);
	give(m, plan, call);
}

/* ---- Reclaim ----------------------------------------------------------- */

uint64_t page_reclaim_arguments(const struct call *call)
{
	if (call->x[2] % PAGE_BYTES != 0) {
		return status_at(MOAT_BAD_ARG, 2);
	}
	return call->x[3] == 0 ? status_at(MOAT_BAD_ARG, 3) : MOAT_OK;
}

/* Note the region of a page; false if it would be the plan's third. */
static bool plan_region(struct plan *plan, uint32_t region)
{
	if (plan->region[0] == NONE) {
		plan->region[0] = region;
	} else if (plan->region[1] == NONE && plan->region[0] != region) {
		plan->region[1] = region;
	}
	return plan->region[0] == region || plan->region[1] == region;
}

/* Whether the entry at @place maps a page that the plan can take along. */
static bool plan_mapped(
	const struct moat *m, struct place place, struct plan *plan)
{
	return pte_is_leaf(s2_entry(m, place), LEAF_LEVEL) &&
	       plan_region(plan, page_region(s2_page(m, place)));
}

uint64_t page_reclaim_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint32_t limit = within_budget(call->x[3]);
	struct place place;
	uint64_t status;

	if (VM(m, locked.vm).life != MOAT_VM_DYING) {
		return MOAT_BAD_STATE;
	}
	status = half_check(m, locked, call, 3);
	if (status != MOAT_OK) {
		return status;
	}
	place = s2_walk(m, locked, call->x[2], LEAF_LEVEL);
	if (place.table == NONE) {
		return status_at(MOAT_NO_TABLE, 2);
	}
	plan->place = place;
	while (plan->run.count < limit && place.slot < ENTRY_COUNT &&
		plan_mapped(m, place, plan)) {
		plan->run.count++;
		place.slot++;
	}
	return plan->run.count == 0 ? status_at(MOAT_NOT_MAPPED, 2) : MOAT_OK;
}

/* Unmap one page and note it in the CPU's batch. */
static void unmap_one(
	struct moat *m, uint32_t cpu, const struct plan *plan, uint32_t i)
{
	struct place place = {plan->place.table, plan->place.slot + i};

	CPU(m, cpu).batch[i] = s2_page(m, place);
	s2_set(m, place, PTE_EMPTY);
}

/* The longest run of pages that follow each other in the batch, from @i. */
static struct page_run batch_run(
	const struct moat *m, uint32_t cpu, uint32_t i, uint32_t count)
{
	struct page_run run = {CPU(m, cpu).batch[i], 1};

	while (i + run.count < count &&
		CPU(m, cpu).batch[i + run.count] == run.first + run.count) {
		run.count++;
	}
	return run;
}

/*
 * The batch is the CPU's own, so that the pages are known when their entries
 * are gone; contiguous ones share one scrub and one change of the host's map.
 */
void page_reclaim_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	uint32_t count = plan->run.count;
	uint32_t done = 0;

	for (uint32_t i = 0; i < count; i++) {
		unmap_one(m, call->cpu, plan, i);
	}
	s2_invalidate(m, held.vm, call->x[2], count, false);
	while (done < count) {
		struct page_run run = batch_run(m, call->cpu, done, count);

		owner_return(m, held.regions, run);
		done += run.count;
	}
	call->result[1] = count;
}

/* ---- Info -------------------------------------------------------------- */

/*
 * The VM of a table, and the first IPA it translates: up the parents, at most
 * to the root. They stand still: a table that holds something stays.
 */
static void table_info(const struct moat *m, uint32_t table, struct call *call)
{
	struct page at = PAGE(m, table);

	while (at.slot < SLOT_ROOT && at.level > 0) {
		call->result[3] += at.slot * s2_table_bytes(at.level);
		at = PAGE(m, at.parent);
	}
	call->result[3] += (at.slot % SLOT_ROOT) * s2_table_bytes(at.level);
	call->result[2] = at.parent;
}

void page_info_apply(const struct moat *m, uint32_t page, struct call *call)
{
	struct page record = PAGE(m, page);

	call->result[1] = record.state;
	call->result[4] = record.level;
	if (record.state == MOAT_PAGE_TABLE) {
		table_info(m, page, call);
	} else if (record.state == MOAT_PAGE_VCPU) {
		call->result[2] = record.parent;
		call->result[3] = record.slot;
	} else if (record.state != MOAT_PAGE_HOST &&
		   record.state != MOAT_PAGE_ENGINE) {
		table_info(m, record.parent, call);
		call->result[3] += record.slot * s2_entry_bytes(record.level);
	}
}
