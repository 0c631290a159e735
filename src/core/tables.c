/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/tables.h"

#include "core/owner.h"
#include "core/vm.h"
#include "moat/port.h"
#include "pte.h"

/* x2 is the IPA, x3 the level of the table named. */
static uint64_t level_arguments(const struct call *call, uint32_t lowest)
{
	if (call->x[3] < lowest || call->x[3] > LEAF_LEVEL) {
		return status_at(MOAT_BAD_ARG, 3);
	}
	if (call->x[2] % s2_table_bytes((uint32_t)call->x[3]) != 0) {
		return status_at(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

/* The same of calls whose x4 is the table's page. */
static uint64_t level_and_page_arguments(
	const struct call *call, uint32_t lowest)
{
	uint64_t status = level_arguments(call, lowest);

	if (status == MOAT_OK && call->x[4] % PAGE_BYTES != 0) {
		status = status_at(MOAT_BAD_ARG, 4);
	}
	return status;
}

/*
 * The IPA and the level against the VM's; then @place is the entry that leads,
 * or would lead, to the table named: its table must be there.
 */
static uint64_t parent_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct place *place)
{
	uint32_t level = (uint32_t)call->x[3];

	if (call->x[2] / 2 >= VM(m, locked.vm).half) {
		return status_at(MOAT_BAD_IPA, 2);
	}
	if (level <= VM(m, locked.vm).start_level) {
		return status_at(MOAT_BAD_IPA, 3);
	}
	*place = s2_walk(m, locked, call->x[2], level - 1);
	return place->table == NONE ? status_at(MOAT_NO_TABLE, 2) : MOAT_OK;
}

/* Plan on the pages of a block from @first on, and on @table. */
static void plan_block(struct plan *plan, uint32_t first, uint32_t table)
{
	const struct page_run block = {first, ENTRY_COUNT};

	plan->run = block;
	plan->table = table;
	plan->region[0] = page_region(first);
	plan->region[1] = page_region(table);
}

static struct page_run one_page(uint32_t page)
{
	struct page_run run = {page, 1};

	return run;
}

/* The record of the table that will hang at @place. */
static struct page table_record(const struct moat *m, struct place place)
{
	struct page record = {.state = MOAT_PAGE_TABLE,
		.mapping = (uint8_t)(s2_level(m, place) + 1),
		.slot = (uint16_t)place.slot,
		.parent = place.table};

	return record;
}

/* ---- Create ------------------------------------------------------------ */

uint64_t table_create_arguments(const struct call *call)
{
	return level_and_page_arguments(call, 1);
}

uint64_t table_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint64_t status;

	if (!vm_is_growing(m, locked)) {
		return MOAT_BAD_STATE;
	}
	status = parent_check(m, locked, call, &plan->place);
	if (status != MOAT_OK) {
		return status;
	}
	if (pte_is_valid(s2_entry(m, plan->place))) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	return plan_take(m, call, 4, 1, plan);
}

/* Page @page, all zero and nobody's, becomes the table at @place. */
static void table_hang(
	struct moat *m, struct place place, uint32_t page, uint64_t descriptor)
{
	/*@ assert unled: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
	        !is_led_to(t, i, page); */
	/*@ assert childless: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      !is_below(p, page); */
	/*@ assert free: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      is_below(p, place.table) ==> PAGE(m, p).slot != place.slot; */
	page_set(m, page, table_record(m, place));
	s2_set(m, place, descriptor);
	/*@ assert leads: target(place.table, place.slot) == page; */
	/*@ assert leaves_up: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      page_2_up(p); */
	/*@ assert tables_up: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      p != page ==> table_1(p); */
	/*@ assert down: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
	        page_2_down(t, i) && table_2(t, i); */
}

/* The table is empty: what it translates faults before and after. */
void table_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	owner_take(m, held.regions, plan->run);
	/*@ assert taken: inverse_ok; */
	/* Its zeroes are seen before the link to it is. */
	moat_port_publish();
	table_hang(m, plan->place, plan->run.first, pte_table(call->x[4]));
	moat_port_publish();
}

/* ---- Destroy ----------------------------------------------------------- */

uint64_t table_destroy_arguments(const struct call *call)
{
	return level_arguments(call, 1);
}

/* A table must be there; a block is not one. */
static uint64_t is_table_check(const struct moat *m, struct place place)
{
	uint64_t entry = s2_entry(m, place);

	if (pte_is_leaf(entry, s2_level(m, place))) {
		return status_at(MOAT_NEEDS_SPLIT, 2);
	}
	return pte_is_valid(entry) ? MOAT_OK : status_at(MOAT_NO_TABLE, 2);
}

uint64_t table_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint64_t status;

	if (VM(m, locked.vm).life == MOAT_VM_EMPTY) {
		return MOAT_BAD_STATE;
	}
	status = parent_check(m, locked, call, &plan->place);
	if (status == MOAT_OK) {
		status = is_table_check(m, plan->place);
	}
	if (status != MOAT_OK) {
		return status;
	}
	if (!s2_is_empty(m, s2_page(m, plan->place), 1)) {
		return status_at(MOAT_NOT_EMPTY, 2);
	}
	plan_run(plan, one_page(s2_page(m, plan->place)));
	return MOAT_OK;
}

void table_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	/*@ assert childless: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      !is_below(p, plan->run.first); */
	/*@ assert led_here: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
	      is_led_to(t, i, plan->run.first) ==>
	        t == plan->place.table && i == plan->place.slot; */
	/*@ assert alone: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      p != plan->run.first && is_below(p, plan->place.table) ==>
	        PAGE(m, p).slot != plan->place.slot; */
	call->result[1] = pte_pa(s2_entry(m, plan->place));
	s2_set(m, plan->place, PTE_EMPTY);
	/* No leaf is left below it: one address finds the walk cache. */
	s2_invalidate_table(m, held.vm, call->x[2], 1);
	owner_return(m, held.regions, plan->run);
	/*@ assert leaves_up: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      page_2_up(p); */
	/*@ assert tables_up: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      table_1(p); */
	/*@ assert leaves_down: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
	        page_2_down(t, i); */
	/*@ assert tables_down: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
	        table_2(t, i); */
}

/* ---- Fold -------------------------------------------------------------- */

uint64_t table_fold_arguments(const struct call *call)
{
	return level_arguments(call, LEAF_LEVEL);
}

/*
 * Whether entry @i of @table continues entry 0, which leads to page @page on a
 * boundary of regions: the next page, in the same state, with the same
 * attributes. The descriptor says all but the state, and as RAM is whole
 * regions the page that it leads to is page @page + @i.
 */
static bool entry_continues(
	const struct moat *m, uint32_t table, uint32_t page, uint32_t i)
{
	struct place first = {table, 0};
	struct place place = {table, i};

	/*@ assert next: page + i < PAGE_COUNT(m) &&
	      pa_of(page + i) == pa_of(page) + i * MOAT_PAGE_SIZE &&
	      page_at(pa_of(page + i)) == page + i; */
	/*@ assert further: is_leaf(further(entry_at(table, 0), i), LEAF_LEVEL)
	      && leads_to(further(entry_at(table, 0), i)) == pa_of(page + i);
	*/
	/*@ assert follows: entry_at(table, i) == further(entry_at(table, 0), i)
	      ==> target(table, i) == page + i; */
	return s2_entry(m, place) ==
		       pte_forward(s2_entry(m, first), i * PAGE_BYTES) &&
	       PAGE(m, page + i).state == PAGE(m, page).state;
}

/*
 * Whether a block would translate exactly as the table does: the first page on
 * a 2 MiB boundary, every other entry its continuation.
 */
static bool table_is_uniform(const struct moat *m, uint32_t table)
{
	struct place first = {table, 0};
	uint32_t page;

	if (!pte_is_leaf(s2_entry(m, first), LEAF_LEVEL) ||
		pte_pa(s2_entry(m, first)) % REGION_BYTES != 0) {
		return false;
	}
	page = s2_page(m, first);
	/*@ loop invariant 1 <= i <= ENTRY_COUNT;
	    loop invariant room: page + i <= PAGE_COUNT(m);
	    loop invariant entries: \forall integer j; 0 <= j < i ==>
	      continues(table, page, j);
	    loop invariant pages: \forall integer p; page <= p < page + i ==>
	      continues(table, page, p - page);
	    loop assigns i;
	    loop variant ENTRY_COUNT - i; */
	for (uint32_t i = 1; i < ENTRY_COUNT; i++) {
		if (!entry_continues(m, table, page, i)) {
			return false;
		}
	}
	return true;
}

uint64_t table_fold_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	struct place first = {NONE, 0};
	uint64_t status;

	if (!vm_is_growing(m, locked)) {
		return MOAT_BAD_STATE;
	}
	status = parent_check(m, locked, call, &plan->place);
	if (status == MOAT_OK) {
		status = is_table_check(m, plan->place);
	}
	if (status != MOAT_OK) {
		return status;
	}
	first.table = s2_page(m, plan->place);
	if (!table_is_uniform(m, first.table)) {
		return status_at(MOAT_NOT_UNIFORM, 2);
	}
	plan_block(plan, s2_page(m, first), first.table);
	return MOAT_OK;
}

/* The pages of the block, whose slot and level change and nothing else. */
static struct page record_at(
	struct page record, uint32_t level, uint32_t parent, uint32_t slot)
{
	record.mapping = (uint8_t)(level + 8 * page_permission(record));
	record.parent = parent;
	record.slot = (uint16_t)slot;
	return record;
}

/*
 * Between break and make a vCPU may fault; its abort waits for the VM's lock,
 * finds the block and goes on. The table page goes back only when no walk can
 * be in it any more: the invalidation has seen to that.
 */
void table_fold_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call)
{
	struct page record = record_at(PAGE(m, plan->run.first), LEAF_LEVEL - 1,
		plan->place.table, plan->place.slot);

	call->result[1] = pte_pa(s2_entry(m, plan->place));
	/* Break: nothing may hold a page and the block at once. */
	s2_set(m, plan->place, PTE_EMPTY);
	s2_invalidate_table(m, held.vm, call->x[2], ENTRY_COUNT);
	owner_set(m, plan->run, record);
	/* Make. */
	s2_set(m, plan->place, s2_leaf(m, plan->run.first, record));
	moat_port_publish();
	owner_return(m, held.regions, one_page(plan->table));
}

/* ---- Split ------------------------------------------------------------- */

uint64_t table_split_arguments(const struct call *call)
{
	return level_and_page_arguments(call, LEAF_LEVEL);
}

uint64_t table_split_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	uint64_t entry;
	uint64_t status;

	if (!vm_is_growing(m, locked)) {
		return MOAT_BAD_STATE;
	}
	status = parent_check(m, locked, call, &plan->place);
	if (status != MOAT_OK) {
		return status;
	}
	entry = s2_entry(m, plan->place);
	if (pte_is_table(entry, LEAF_LEVEL - 1)) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	if (!pte_is_valid(entry)) {
		return status_at(MOAT_NOT_MAPPED, 2);
	}
	status = plan_take(m, call, 4, 1, plan);
	if (status == MOAT_OK) {
		plan->region[1] = page_region(s2_page(m, plan->place));
	}
	return status;
}

/*
 * Entry @slot of the new table, which nothing leads to yet, for its page of the
 * block that begins with page @first, at @pa.
 */
static void split_one(struct moat *m, uint32_t table, uint32_t first,
	uint64_t pa, uint32_t slot)
{
	struct page record =
		record_at(PAGE(m, first + slot), LEAF_LEVEL, table, slot);
	struct place place = {table, slot};

	page_set(m, first + slot, record);
	s2_set(m, place,
		pte_leaf(pa + slot * PAGE_BYTES, LEAF_LEVEL, s2_kind(record)));
}

/* All of its pages, none of which is the table itself. */
static void split_pages(
	struct moat *m, uint32_t table, uint32_t first, uint64_t pa)
{
	/*@ loop invariant 0 <= slot <= ENTRY_COUNT;
	    loop invariant records: \forall integer p;
	      first <= p < first + slot ==>
	        is_rehung{Pre,Here}(p, LEAF_LEVEL) &&
	        hangs_at(p, table, p - first);
	    loop invariant others: \forall integer p;
	      0 <= p < PAGE_COUNT(m) &&
	      !(first <= p < first + slot) ==> page_same{Pre,Here}(p);
	    loop invariant entries: \forall integer i; 0 <= i < slot ==>
	      is_leaf(entry_at(table, i), LEAF_LEVEL) &&
	      target(table, i) == first + i;
	    loop invariant only: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT && t != table ==>
	        TABLE(m, t).entry[i] == \at(TABLE(m, t).entry[i], Pre);
	    loop assigns slot, PAGE(m, first .. first + ENTRY_COUNT - 1),
	      TABLE(m, table);
	    loop variant ENTRY_COUNT - slot; */
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		split_one(m, table, first, pa, slot);
	}
}

void table_split_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	const uint32_t first = s2_page(m, plan->place);
	const uint64_t pa = pte_pa(s2_entry(m, plan->place));
	uint32_t table = plan->run.first;

	owner_take(m, held.regions, plan->run);
	page_set(m, table, table_record(m, plan->place));
	split_pages(m, table, first, pa);
	/* Break: nothing may hold the block and a page at once. */
	s2_set(m, plan->place, PTE_EMPTY);
	s2_invalidate(m, held.vm, call->x[2], ENTRY_COUNT, LEAF_LEVEL - 1);
	/* Make; the invalidation has published the table's contents. */
	s2_set(m, plan->place, pte_table(call->x[4]));
	moat_port_publish();
}
