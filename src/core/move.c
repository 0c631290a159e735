/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that leave a VM, or change state where they are: reclaim and recall by
 * the host; share, unshare and relinquish by the guest.
 */
#include "core/guest.h"
#include "core/host_map.h"
#include "core/hold.h"
#include "core/owner.h"
#include "core/pages.h"
#include "pte.h"

CORE PART uint32_t range_budget(uint64_t count)
{
	return count < MOAT_RANGE_PAGES_MAX ? (uint32_t)count
					    : MOAT_RANGE_PAGES_MAX;
}

CORE PART uint64_t range_check(
	const struct moat *m, struct vm_locked locked, struct range range)
{
	uint64_t half = VM(m, locked.vm).half;
	uint64_t low = range.is_shared ? half : 0;

	if (range.ipa < low || range.ipa - low >= half) {
		return status_at(MOAT_BAD_IPA, range.ipa_operand);
	}
	/* What is left of the half is divided, the count never multiplied. */
	if (range.count > (half - (range.ipa - low)) / PAGE_BYTES) {
		return status_at(MOAT_BAD_IPA, range.count_operand);
	}
	return MOAT_OK;
}

/* ---- Which pages ------------------------------------------------------- */

/* The states a page may be in; in any other it is BAD_PAGE, or ends a range. */
static PART bool move_accepts(enum move move, uint8_t state)
{
	switch (move) {
	case MOVE_RECALL:
		return state == MOAT_PAGE_LENT;
	case MOVE_SHARE:
		return state == MOAT_PAGE_VM;
	case MOVE_UNSHARE:
		return state == MOAT_PAGE_SHARED;
	case MOVE_RECLAIM:
	case MOVE_RELINQUISH:
	default:
		return state == MOAT_PAGE_VM || state == MOAT_PAGE_SHARED;
	}
}

/*
 * Note the region of a page. A third one does not end the range: that would
 * tell a guest which of its pages lie together.
 */
static PART void plan_region(struct plan *plan, uint32_t region)
{
	if (plan->region[0] == NONE) {
		plan->region[0] = region;
	} else if (plan->region[1] == NONE && plan->region[0] != region) {
		plan->region[1] = region;
	}
	if (plan->region[0] != region && plan->region[1] != region) {
		plan->is_spread = true;
	}
}

/* One page more, which most often is the next one. */
static PART void plan_add(struct plan *plan, uint32_t page)
{
	if (plan->run.count == 0) {
		plan->run.first = page;
	} else if (page != plan->run.first + plan->run.count) {
		plan->is_scattered = true;
	}
	plan->run.count++;
}

/* Whether the page mapped at @place can go along: then it is in the plan. */
static PART bool plan_page(const struct moat *m, enum move move,
	struct place place, struct plan *plan)
{
	uint32_t page;

	if (!pte_is_leaf(s2_entry(m, place), LEAF_LEVEL)) {
		return false;
	}
	page = s2_page(m, place);
	if (!move_accepts(move, PAGE(m, page).state)) {
		return false;
	}
	plan_region(plan, page_region(page));
	plan_add(plan, page);
	return true;
}

/*
 * How many of @limit pages from the one on that @place maps follow it in
 * memory, in its region and in the table: their entries say so, being those of
 * the next addresses (as RAM is whole regions, also of the next pages).
 */
static PART uint32_t row_count(const struct moat *m, enum move move,
	struct place place, uint32_t limit)
{
	uint64_t entry = s2_entry(m, place);
	uint32_t page = s2_page(m, place);
	uint32_t count = 1;

	/*@ loop invariant 1 <= count <= limit;
	    loop invariant page + count <= PAGE_COUNT(m);
	    loop assigns count;
	    loop variant limit - count; */
	while (count < limit && (page + count) % ENTRY_COUNT != 0 &&
		TABLE(m, place.table).entry[place.slot + count] ==
			pte_forward(entry, count * PAGE_BYTES) &&
		move_accepts(move, PAGE(m, page + count).state)) {
		count++;
	}
	return count;
}

/* The pages that can go along with the one at @place, which the plan has: they
 * are in its region and go on where it ends, so that only the count is new. */
static PART void plan_row(const struct moat *m, enum move move,
	struct place *place, uint32_t limit, struct plan *plan)
{
	uint32_t left = limit - plan->run.count + 1;
	uint32_t room = ENTRY_COUNT - place->slot;
	uint32_t count = 1;

	if (limit > 1) {
		count = row_count(m, move, *place, left < room ? left : room);
	}
	plan->run.count += count - 1;
	place->slot += count;
}

/* From the plan's place on, in one leaf table. */
static PART uint64_t plan_pages(const struct moat *m, enum move move,
	struct range range, struct plan *plan)
{
	uint32_t limit = range_budget(range.count);
	struct place place = plan->place;

	/*@ loop invariant plan->run.count <= limit && plan_grows(plan);
	    loop invariant place.table == plan->place.table;
	    loop invariant place.slot ==
	      plan->place.slot + plan->run.count <= ENTRY_COUNT;
	    loop assigns place.slot, plan->region[0 .. 1], plan->is_spread,
	      plan->run, plan->is_scattered;
	    loop variant ENTRY_COUNT - place.slot; */
	while (plan->run.count < limit && place.slot < ENTRY_COUNT &&
		plan_page(m, move, place, plan)) {
		plan_row(m, move, &place, limit, plan);
	}
	if (plan->run.count > 0) {
		return MOAT_OK;
	}
	return status_at(pte_is_valid(s2_entry(m, plan->place))
				 ? MOAT_BAD_PAGE
				 : MOAT_NOT_MAPPED,
		range.ipa_operand);
}

/* The whole block at the plan's place. */
static PART uint64_t plan_move_block(const struct moat *m, enum move move,
	struct range range, struct plan *plan)
{
	const struct page_run block = {s2_page(m, plan->place), ENTRY_COUNT};

	if (range.ipa % REGION_BYTES != 0 || range.count < ENTRY_COUNT) {
		return status_at(MOAT_NEEDS_SPLIT, range.ipa_operand);
	}
	if (!move_accepts(move, PAGE(m, block.first).state)) {
		return status_at(MOAT_BAD_PAGE, range.ipa_operand);
	}
	plan_run(plan, block);
	plan->is_block = true;
	return MOAT_OK;
}

/*
 * Where the walk ends decides what the range is about: entries of a leaf table,
 * a block, or nothing.
 */
static PART uint64_t plan_range(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan)
{
	uint64_t status = range_check(m, locked, range);

	if (status != MOAT_OK) {
		return status;
	}
	plan->place = s2_walk_leaf(m, locked, range.ipa);
	if (s2_level(m, plan->place) == LEAF_LEVEL) {
		return plan_pages(m, move, range, plan);
	}
	return pte_is_valid(s2_entry(m, plan->place))
		       ? plan_move_block(m, move, range, plan)
		       : status_at(MOAT_NO_TABLE, range.ipa_operand);
}

/* The same, apart from its callers. */
static APART uint64_t plan_many(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan)
{
	return plan_range(m, locked, move, range, plan);
}

/* ---- Moving them ------------------------------------------------------- */

/* Note the pages, which are scattered, before their entries go. */
static APART void batch_fill(
	struct moat *m, uint32_t cpu, const struct plan *plan)
{
	/*@ loop invariant 0 <= i <= plan->run.count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      CPU(m, cpu).batch[j] ==
	        target(plan->place.table, plan->place.slot + j);
	    loop assigns i, CPU(m, cpu).batch[0 .. ENTRY_COUNT - 1];
	    loop variant plan->run.count - i; */
	for (uint32_t i = 0; i < plan->run.count; i++) {
		struct place place = {plan->place.table, plan->place.slot + i};

		CPU(m, cpu).batch[i] = s2_page(m, place);
	}
}

/* Page @i of the plan. */
static PART uint32_t batch_page(
	const struct moat *m, uint32_t cpu, const struct plan *plan, uint32_t i)
{
	return plan->is_scattered ? CPU(m, cpu).batch[i] : plan->run.first + i;
}

/* The longest run in the plan, from @i: pages in a row, in one state. */
static PART struct page_run batch_run(
	const struct moat *m, uint32_t cpu, const struct plan *plan, uint32_t i)
{
	struct page_run run = {batch_page(m, cpu, plan, i), 1};
	uint8_t state = PAGE(m, run.first).state;

	/*@ loop invariant 1 <= run.count <= plan->run.count - i;
	    loop invariant run.first + run.count <= PAGE_COUNT(m);
	    loop invariant \forall integer p;
	      run.first <= p < run.first + run.count ==>
	        PAGE(m, p).state == state &&
	        hangs_at(p, plan->place.table,
	          plan->place.slot + i + p - run.first);
	    loop assigns run.count;
	    loop variant plan->run.count - run.count; */
	while (i + run.count < plan->run.count &&
		batch_page(m, cpu, plan, i + run.count) ==
			run.first + run.count &&
		PAGE(m, run.first + run.count).state == state) {
		run.count++;
	}
	return run;
}

/* Take the VM's entries away, on every CPU. */
static PART void unmap(struct moat *m, struct vm_locked locked,
	const struct plan *plan, uint64_t ipa, uint32_t level)
{
	uint32_t entries = level < LEAF_LEVEL ? 1 : plan->run.count;

	/*@ loop invariant 0 <= i <= entries;
	    loop invariant \forall integer j;
	      plan->place.slot <= j < plan->place.slot + i ==>
	        TABLE(m, plan->place.table).entry[j] == 0;
	    loop invariant \forall integer t, j;
	      0 <= t < PAGE_COUNT(m) && 0 <= j < ENTRY_COUNT &&
	      (t != plan->place.table ||
	        !(plan->place.slot <= j < plan->place.slot + i)) ==>
	        TABLE(m, t).entry[j] == \at(TABLE(m, t).entry[j], Pre);
	    loop assigns i, TABLE(m, plan->place.table);
	    loop variant entries - i; */
	for (uint32_t i = 0; i < entries; i++) {
		struct place place = {plan->place.table, plan->place.slot + i};

		s2_set(m, place, PTE_EMPTY);
	}
	s2_invalidate(m, locked, ipa, plan->run.count, level);
}

/* Change the state of each page of a run, and nothing else of its record. */
static void restate(
	struct moat *m, struct page_run run, enum moat_page_state state)
{
	/*@ loop invariant 0 <= i <= run.count;
	    loop invariant \forall integer p;
	      run.first <= p < run.first + i ==> PAGE(m, p).state == state &&
	        PAGE(m, p).mapping == \at(PAGE(m, p).mapping, Pre) &&
	        PAGE(m, p).slot == \at(PAGE(m, p).slot, Pre) &&
	        PAGE(m, p).parent == \at(PAGE(m, p).parent, Pre);
	    loop invariant \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      !(run.first <= p < run.first + i) ==> page_same{Pre,Here}(p);
	    loop assigns i, PAGE(m, run.first .. run.first + run.count - 1);
	    loop variant run.count - i; */
	for (uint32_t i = 0; i < run.count; i++) {
		struct page record = PAGE(m, run.first + i);

		record.state = (uint8_t)state;
		page_set(m, run.first + i, record);
	}
}

/*
 * What happens to pages in a row that are in one state. On the way to the host
 * the VM's entries are gone and forgotten by now; sharing opens the host's map
 * after the record says so, unsharing closes it before.
 */
static PART void move_run(
	struct moat *m, struct held held, enum move move, struct page_run run)
{
	const struct page host = {.state = MOAT_PAGE_HOST};

	switch (move) {
	case MOVE_RECALL:
		owner_set(m, run, host);
		break;
	case MOVE_SHARE:
		/*@ assert closed: \forall integer p;
		      run.first <= p < run.first + run.count ==> !reaches(p); */
		restate(m, run, MOAT_PAGE_SHARED);
		host_map_open(m, held.regions, run);
		break;
	case MOVE_UNSHARE:
		host_map_close(m, held.regions, run);
		restate(m, run, MOAT_PAGE_VM);
		break;
	case MOVE_RECLAIM:
	case MOVE_RELINQUISH:
	default:
		owner_return(m, held.regions, run);
		break;
	}
}

static bool move_unmaps(enum move move)
{
	return move != MOVE_SHARE && move != MOVE_UNSHARE;
}

/*
 * Run by run: contiguous pages in one state share one scrub and one change of
 * the host's map. The pages of a block are one run, as it says of them all that
 * it says of the first [PAGE-2].
 */
static PART void move_runs(struct moat *m, struct held held,
	const struct plan *plan, struct moving moving)
{
	uint32_t done = 0;

	/*@ loop invariant 0 <= done <= plan->run.count;
	    loop invariant host_ok;
	    loop invariant \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
	      page_3(p);
	    loop invariant waiting:
	      batch_ok(moving.move, plan, moving.cpu, done);
	    loop invariant others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      !hangs_in{Pre}(plan, p, done) ==> page_same{Pre,Here}(p);
	    loop invariant only: \forall integer t, i;
	      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
	      !hangs_in{Pre}(plan, t, done) ==>
	        TABLE(m, t).entry[i] == \at(TABLE(m, t).entry[i], Pre);
	    loop invariant page_1: records_ok{Pre} ==> records_ok;
	    loop assigns done, HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
	      REGION(m, 0 .. PROOF_REGIONS - 1), PAGE(m, 0 .. PROOF_PAGES - 1),
	      TABLE(m, 0 .. PROOF_PAGES - 1), CONTEXT(m, 0 .. PROOF_PAGES - 1);
	    loop variant plan->run.count - done; */
	while (done < plan->run.count) {
		struct page_run run = batch_run(m, moving.cpu, plan, done);

		/*@ assert apart: \forall integer j;
		      done + run.count <= j < plan->run.count ==>
		        !(run.first <= planned(plan, moving.cpu, j) <
		          run.first + run.count); */
		move_run(m, held, moving.move, run);
		done += run.count;
	}
}

/* The pages of a block have one entry, and are in one state. */
static APART void move_block(struct moat *m, struct held held,
	const struct plan *plan, struct moving moving)
{
	if (move_unmaps(moving.move)) {
		unmap(m, held.vm, plan, moving.ipa, LEAF_LEVEL - 1);
	}
	move_run(m, held, moving.move, plan->run);
}

/*
 * Entries first, all of them with one invalidation, then the pages. The batch
 * is the CPU's own, so that the pages are known when their entries are gone.
 */
static APART void move_many(struct moat *m, struct held held,
	const struct plan *plan, struct moving moving)
{
	if (plan->is_block) {
		move_block(m, held, plan, moving);
		return;
	}
	/*@ assert leads: \forall integer i;
	      plan->place.slot <= i < plan->place.slot + plan->run.count ==>
	        page_2_down(plan->place.table, i) &&
	        goes(moving.move, plan->place.table, i) &&
	        hangs_at(target(plan->place.table, i), plan->place.table, i); */
	if (plan->is_scattered) {
		batch_fill(m, moving.cpu, plan);
	}
	/*@ assert filled: \forall integer j; 0 <= j < plan->run.count ==>
	      planned(plan, moving.cpu, j) ==
	        target(plan->place.table, plan->place.slot + j) &&
	      hangs(plan, j, planned(plan, moving.cpu, j)) &&
	      accepts(moving.move,
	        PAGE(m, planned(plan, moving.cpu, j)).state); */
	/*@ assert batch: batch_ok(moving.move, plan, moving.cpu, 0); */
	if (move_unmaps(moving.move)) {
		unmap(m, held.vm, plan, moving.ipa, LEAF_LEVEL);
	}
	move_runs(m, held, plan, moving);
}

/* One page on its way to the host, in the same order. */
static PART void move_one(struct moat *m, struct held held,
	const struct plan *plan, struct moving moving)
{
	const struct page_run run = {plan->run.first, 1};

	s2_set(m, plan->place, PTE_EMPTY);
	s2_invalidate(m, held.vm, moving.ipa, 1, LEAF_LEVEL);
	move_run(m, held, moving.move, run);
}

/* ---- By the host ------------------------------------------------------- */

CORE PART uint64_t move_arguments(const struct call *call)
{
	if (call->x[2] % PAGE_BYTES != 0) {
		return status_at(MOAT_BAD_ARG, 2);
	}
	return call_count(call, 3) == 0 ? status_at(MOAT_BAD_ARG, 3) : MOAT_OK;
}

static enum move host_move(const struct call *call)
{
	return call->number == MOAT_PAGE_RECALL ? MOVE_RECALL : MOVE_RECLAIM;
}

static bool move_life_permits(
	const struct moat *m, struct vm_locked locked, enum move move)
{
	return move == MOVE_RECALL ? VM(m, locked.vm).life != MOAT_VM_EMPTY
				   : VM(m, locked.vm).life == MOAT_VM_DYING;
}

/* The range that a call names. */
static struct range host_range(const struct call *call)
{
	const struct range range = {
		.ipa = call->x[2],
		.count = call_count(call, 3),
		.ipa_operand = 2,
		.count_operand = 3,
		.is_shared = host_move(call) == MOVE_RECALL,
	};

	return range;
}

CORE PART uint64_t move_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	enum move move = host_move(call);

	if (!move_life_permits(m, locked, move)) {
		return MOAT_BAD_STATE;
	}
	return call->is_single
		       ? plan_range(m, locked, move, host_range(call), plan)
		       : plan_many(m, locked, move, host_range(call), plan);
}

CORE PART void move_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	const struct moving moving = {host_move(call), call->cpu, call->x[2]};

	if (call->is_single) {
		move_one(m, held, plan, moving);
	} else {
		move_many(m, held, plan, moving);
	}
	call->result[1] = call->is_single ? 1 : plan->run.count;
}

/* ---- By the guest ------------------------------------------------------ */

static enum move guest_move(uint32_t number)
{
	switch (number) {
	case MOAT_GUEST_SHARE:
		return MOVE_SHARE;
	case MOAT_GUEST_UNSHARE:
		return MOVE_UNSHARE;
	default:
		return MOVE_RELINQUISH;
	}
}

static enum moat_exit_reason guest_reason(enum move move)
{
	switch (move) {
	case MOVE_SHARE:
		return MOAT_EXIT_SHARE;
	case MOVE_UNSHARE:
		return MOAT_EXIT_UNSHARE;
	case MOVE_RECLAIM:
	case MOVE_RECALL:
	case MOVE_RELINQUISH:
	default:
		return MOAT_EXIT_RELINQUISH;
	}
}

/* As the host's calls, but x1 and x2. */
static uint64_t guest_arguments(struct range range)
{
	if (range.ipa % PAGE_BYTES != 0) {
		return status_at(MOAT_BAD_ARG, 1);
	}
	return range.count == 0 ? status_at(MOAT_BAD_ARG, 2) : MOAT_OK;
}

/* Carry out, answer the guest, and tell the host. */
static void guest_moves(struct moat *m, struct vm_locked locked,
	const struct plan *plan, struct moving moving, struct leaving *leaving)
{
	struct held held = {locked, plan_lock(m, leaving->cpu, plan, HERE)};

	move_many(m, held, plan, moving);
	CONTEXT(m, leaving->context).x[1] = plan->run.count;
	leaving->regions = held.regions;
	leaving->reason = guest_reason(moving.move);
	leaving->told[0] = moving.ipa;
	leaving->told[1] = plan->run.count;
}

/*
 * A guest's call holds the VM's lock already; the regions' come after it, in
 * rank, and stay held until the event is out (moat_guest_exit).
 */
void guest_pages(struct moat *m, struct vm_locked locked, uint32_t number,
	struct leaving *leaving)
{
	const struct range range = {
		.ipa = CONTEXT(m, leaving->context).x[1],
		.count = CONTEXT(m, leaving->context).x[2],
		.ipa_operand = 1,
		.count_operand = 2,
	};
	const struct moving moving = {
		guest_move(number), leaving->cpu, range.ipa};
	struct plan plan = plan_none();
	uint64_t status = guest_arguments(range);

	if (status == MOAT_OK) {
		status = plan_many(m, locked, moving.move, range, &plan);
	}
	guest_answer(m, leaving->context, status);
	if (status == MOAT_OK) {
		guest_moves(m, locked, &plan, moving, leaving);
	}
}
