/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that come to a VM: load, donate, lend, and the same for blocks.
 *
 * Five calls, one path. They differ in the level of the entry (a page's or a
 * block's), in whether the host keeps its access (a loan) and in what becomes
 * of the contents; everything else, the order of the checks above all, is the
 * same by construction.
 */
#include "core/owner.h"
#include "core/pages.h"
#include "core/store.h"
#include "core/vm.h"
#include "moat/port.h"
#include "pte.h"

static bool is_block(const struct call *call)
{
	return call->number == MOAT_BLOCK_DONATE ||
	       call->number == MOAT_BLOCK_LEND;
}

static bool is_loan(const struct call *call)
{
	return call->number == MOAT_PAGE_LEND ||
	       call->number == MOAT_BLOCK_LEND;
}

/* Bytes that one entry maps: constants, so that nothing is divided. */
static bool is_aligned(const struct call *call, uint64_t address)
{
	return address % (is_block(call) ? REGION_BYTES : PAGE_BYTES) == 0;
}

/* The level of the table that will hold the entries. */
static uint32_t give_level(const struct call *call)
{
	return is_block(call) ? LEAF_LEVEL - 1 : LEAF_LEVEL;
}

/* Pages that one entry maps. */
static uint32_t give_pages(const struct call *call)
{
	return is_block(call) ? ENTRY_COUNT : 1;
}

/* The register that holds the permission of a loan. */
static uint32_t permission_operand(const struct call *call)
{
	return is_block(call) ? 4 : 5;
}

/* ---- Arguments --------------------------------------------------------- */

static uint64_t permission_arguments(const struct call *call)
{
	uint32_t operand = permission_operand(call);
	uint64_t permission = call->x[operand];

	/* READ, the unit, is always in; WRITE and EXECUTE are free. */
	return permission % 2 == MOAT_READ && permission <= MOAT_READ +
								    MOAT_WRITE +
								    MOAT_EXECUTE
		       ? MOAT_OK
		       : status_at(MOAT_BAD_ARG, operand);
}

CORE PART uint64_t give_arguments(const struct call *call)
{
	/*@ loop invariant 2 <= operand <= 4;
	    loop invariant \forall integer o; 2 <= o < operand ==>
	      is_unit(call, call->x[o]);
	    loop assigns operand;
	    loop variant 4 - operand; */
	for (uint32_t operand = 2; operand <= 3; operand++) {
		if (!is_aligned(call, call->x[operand])) {
			return status_at(MOAT_BAD_ARG, operand);
		}
	}
	if (!is_block(call) && call_count(call, 4) == 0) {
		return status_at(MOAT_BAD_ARG, 4);
	}
	return is_loan(call) ? permission_arguments(call) : MOAT_OK;
}

/* ---- Check ------------------------------------------------------------- */

/* Contents that the host chose enter only while the VM is being built. */
static bool give_life_permits(
	const struct moat *m, struct vm_locked locked, const struct call *call)
{
	return call->number == MOAT_PAGE_LOAD
		       ? VM(m, locked.vm).life == MOAT_VM_BUILDING
		       : vm_is_growing(m, locked);
}

/* Why the walk did not come to the level it should: a block, or nothing. */
static uint64_t short_walk(
	const struct moat *m, struct vm_locked locked, uint64_t ipa)
{
	struct place place = s2_walk_leaf(m, locked, ipa);

	return pte_is_valid(s2_entry(m, place)) ? status_at(MOAT_OCCUPIED, 2)
						: status_at(MOAT_NO_TABLE, 2);
}

/* Pages that one call gives: fewer if it measures them, as the host's CPU takes
 * no interrupt meanwhile. */
static PART uint32_t give_budget(const struct call *call)
{
	uint32_t budget = range_budget(call_count(call, 4));

	return call->number == MOAT_PAGE_LOAD && budget > MOAT_LOAD_PAGES_MAX
		       ? MOAT_LOAD_PAGES_MAX
		       : budget;
}

/* Plan on the pages for the empty entries from the plan's place on. */
static PART uint64_t slots_check(
	const struct moat *m, const struct call *call, struct plan *plan)
{
	uint32_t limit = is_block(call) ? 1 : give_budget(call);
	uint32_t count = s2_count_empty(m, plan->place, limit);

	if (count == 0) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	plan->is_whole = is_block(call);
	return plan_take(m, call, 3, count * give_pages(call), plan);
}

CORE PART uint64_t give_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	const struct range range = {
		.ipa = call->x[2],
		.count = is_block(call) ? ENTRY_COUNT : call_count(call, 4),
		.ipa_operand = 2,
		.count_operand = 4,
		.is_shared = is_loan(call),
	};
	uint64_t status;

	if (!give_life_permits(m, locked, call)) {
		return MOAT_BAD_STATE;
	}
	status = range_check(m, locked, range);
	if (status != MOAT_OK) {
		return status;
	}
	plan->place = s2_walk(m, locked, call->x[2], give_level(call));
	return plan->place.table == NONE ? short_walk(m, locked, call->x[2])
					 : slots_check(m, call, plan);
}

/* ---- Apply ------------------------------------------------------------- */

/*
 * The measurement is of what the VM will find: taken when the host can no
 * longer write the page, and not before.
 */
static void measure_pages(struct moat *m, struct vm_locked locked,
	struct page_run run, uint64_t ipa)
{
	/*@ loop invariant 0 <= i <= run.count;
	    loop assigns i,
	      VM(m, locked.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
	    loop variant run.count - i; */
	for (uint32_t i = 0; i < run.count; i++) {
		const uint64_t words[2] = {MEASURE_PAGE, ipa + i * PAGE_BYTES};

		store_measure_page(m, locked.vm, words, 2, run.first + i);
	}
}

/*
 * What the pages need before they can be the VM's: closed to the host on every
 * CPU, and then zeroed or measured. A loan needs nothing: the host stays.
 */
static PART void prepare(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	if (call->number == MOAT_PAGE_LOAD) {
		owner_take_contents(m, held.regions, plan->run);
		measure_pages(m, held.vm, plan->run, call->x[2]);
	} else if (!is_loan(call)) {
		owner_take(m, held.regions, plan->run);
	}
}

/* The record of the first page. */
static PART struct page given_record(
	const struct call *call, const struct plan *plan)
{
	uint64_t permission =
		is_loan(call) ? call->x[permission_operand(call)] : 0;
	struct page record = {
		.state = is_loan(call) ? MOAT_PAGE_LENT : MOAT_PAGE_VM,
		.mapping = (uint8_t)(give_level(call) + 8 * permission),
		.slot = (uint16_t)plan->place.slot,
		.parent = plan->place.table,
	};

	return record;
}

/* One page: its record and its entry. */
static PART void give_one(struct moat *m, struct place place, uint32_t page,
	struct page record, uint64_t pa)
{
	record.slot = (uint16_t)place.slot;
	page_set(m, page, record);
	s2_set(m, place, pte_leaf(pa, LEAF_LEVEL, s2_kind(record)));
}

/* Pages of one run follow each other in memory as well. Apart from its caller,
 * with no plan in memory: of many pages each counts for more. */
static APART void give_pages_apply(struct moat *m, struct place place,
	struct page_run run, struct page record, uint64_t pa)
{
	/*@ loop invariant 0 <= i <= run.count;
	    loop invariant \forall integer j;
	      place.slot <= j < place.slot + i ==>
	        is_leaf(entry_at(place.table, j), LEAF_LEVEL) &&
	        leads_to(entry_at(place.table, j)) ==
	          pa + (j - place.slot) * MOAT_PAGE_SIZE;
	    loop invariant \forall integer p; run.first <= p < run.first + i ==>
	      PAGE(m, p).state == record.state &&
	      PAGE(m, p).mapping == record.mapping &&
	      hangs_at(p, record.parent, place.slot + p - run.first);
	    loop invariant \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      !(run.first <= p < run.first + i) ==> page_same{Pre,Here}(p);
	    loop invariant \forall integer t, j;
	      0 <= t < PAGE_COUNT(m) && 0 <= j < ENTRY_COUNT &&
	      (t != place.table || !(place.slot <= j < place.slot + i)) ==>
	        TABLE(m, t).entry[j] == \at(TABLE(m, t).entry[j], Pre);
	    loop assigns i, PAGE(m, run.first .. run.first + run.count - 1),
	      TABLE(m, place.table);
	    loop variant run.count - i; */
	for (uint32_t i = 0; i < run.count; i++) {
		struct place at = {place.table, place.slot + i};

		give_one(m, at, run.first + i, record, pa + i * PAGE_BYTES);
	}
}

/* The pages of a block have one record and one entry. */
static PART void give_block_apply(
	struct moat *m, const struct plan *plan, const struct call *call)
{
	struct page record = given_record(call, plan);

	owner_set(m, plan->run, record);
	s2_set(m, plan->place, s2_leaf(m, plan->run.first, record));
}

/* Records and entries, of pages or of a block. */
static PART void give_entries(
	struct moat *m, const struct plan *plan, const struct call *call)
{
	if (call->is_single) {
		give_one(m, plan->place, plan->run.first,
			given_record(call, plan), call->x[3]);
	} else if (is_block(call)) {
		give_block_apply(m, plan, call);
	} else {
		give_pages_apply(m, plan->place, plan->run,
			given_record(call, plan), call->x[3]);
	}
}

/*
 * Records before entries does not matter to anybody else, all under the locks;
 * what matters is that the pages have left the host before an entry leads to
 * them, and that the entries are published before the call returns. Entries go
 * from invalid to valid: nothing is cached of them, so nothing is forgotten.
 */
CORE PART void give_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call)
{
	prepare(m, held, plan, call);
	give_entries(m, plan, call);
	moat_port_publish();
	call->result[1] = plan->run.count;
}
