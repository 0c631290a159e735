/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every change here is one of six: a region is a block, a table or empty before
 * it, and one of them after it. Closing always invalidates, as a valid entry
 * went; opening invalidates only where a table becomes a block again, for the
 * pages of the table may be cached when the block appears (Arm ARM, D8.14.1,
 * break-before-make). While an entry is broken another CPU of the host may
 * fault on it; its abort waits for the region's lock and is then retried.
 */
#include "core/host_map.h"

#include "core/hold.h"
#include "core/require.h"
#include "core/store.h"
#include "moat/port.h"
#include "pte.h"

CORE PART void host_map_set(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor)
{
	store_host_descriptor(m, table, slot, descriptor);
}

uint64_t host_map_table_pa(const struct moat *m, uint32_t table)
{
	return MOAT(m).config.memory_pa.value + table * PAGE_BYTES;
}

uint64_t host_map_entry(const struct moat *m, uint32_t region)
{
	struct region r = REGION(m, region);

	return HOST_TABLE(m, r.table).entry[r.slot];
}

PART uint32_t host_map_leaf(const struct moat *m, uint32_t region)
{
	return MOAT(m).leaf_first + region;
}

static uint64_t region_pa(const struct moat *m, uint32_t region)
{
	return page_pa(m, region * ENTRY_COUNT);
}

static void region_set(struct moat *m, uint32_t region, uint64_t descriptor)
{
	struct region r = REGION(m, region);

	host_map_set(m, r.table, r.slot, descriptor);
}

/* Forget @count pages at @pa of the host's translations, leaves of @level. */
static PART void host_invalidate(
	struct moat *m, uint64_t pa, uint32_t count, uint32_t level)
{
	struct moat_invalidation what = {.stage2 = moat_host_stage2(m),
		.ipa = {pa},
		.page_count = count,
		.level = level};

	moat_port_invalidate(&what);
}

/* The same of pages whose table went as well. */
static void host_invalidate_table(struct moat *m, uint64_t pa, uint32_t count)
{
	struct moat_invalidation what = {.stage2 = moat_host_stage2(m),
		.ipa = {pa},
		.page_count = count,
		.level = LEAF_LEVEL,
		.is_table = 1};

	moat_port_invalidate(&what);
}

/* ---- Shapes ------------------------------------------------------------ */

static void leaf_fill_one(
	struct moat *m, uint32_t region, uint32_t slot, uint64_t pa)
{
	uint32_t page = region * ENTRY_COUNT + slot;
	bool open = page_is_open(PAGE(m, page).state);

	host_map_set(m, host_map_leaf(m, region), slot,
		open ? pte_page(pa, PTE_NORMAL) : PTE_EMPTY);
}

/* Write a region's level-3 table, which is not linked, from its records. */
static void leaf_fill(struct moat *m, uint32_t region)
{
	uint64_t pa = region_pa(m, region);

	/*@ loop invariant 0 <= slot <= ENTRY_COUNT;
	    loop invariant \forall integer i; 0 <= i < slot ==>
	      (is_valid(HOST_LEAF(region, i)) <==> open_in(region, i));
	    loop invariant \forall integer t, i;
	      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
	      t != MOAT(m).leaf_first + region ==>
	        HOST_TABLE(m, t).entry[i] ==
	          \at(HOST_TABLE(m, t).entry[i], Pre);
	    loop assigns slot, HOST_TABLE(m, MOAT(m).leaf_first + region);
	    loop variant ENTRY_COUNT - slot; */
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		leaf_fill_one(m, region, slot, pa + slot * PAGE_BYTES);
	}
}

/* The same where all pages are open, which no record need say again. */
static void leaf_open(struct moat *m, uint32_t region)
{
	uint32_t table = host_map_leaf(m, region);
	uint64_t pa = region_pa(m, region);

	/*@ loop invariant 0 <= slot <= ENTRY_COUNT;
	    loop invariant \forall integer i; 0 <= i < slot ==>
	      is_valid(HOST_LEAF(region, i));
	    loop invariant \forall integer t, i;
	      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
	      t != MOAT(m).leaf_first + region ==>
	        HOST_TABLE(m, t).entry[i] ==
	          \at(HOST_TABLE(m, t).entry[i], Pre);
	    loop assigns slot, HOST_TABLE(m, MOAT(m).leaf_first + region);
	    loop variant ENTRY_COUNT - slot; */
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		host_map_set(m, table, slot,
			pte_page(pa + slot * PAGE_BYTES, PTE_NORMAL));
	}
}

/* The pages' entries go. The caller invalidates, or nothing leads here yet. */
static PART void leaf_clear(struct moat *m, struct page_run run)
{
	uint32_t table = host_map_leaf(m, page_region(run.first));

	/*@ loop invariant 0 <= i <= run.count;
	    loop invariant \forall integer j;
	      run.first % ENTRY_COUNT <= j < run.first % ENTRY_COUNT + i ==>
	        !is_valid(HOST_LEAF(run.first / ENTRY_COUNT, j));
	    loop invariant \forall integer t, j;
	      0 <= t < PROOF_HOST_TABLES && 0 <= j < ENTRY_COUNT &&
	      (t != MOAT(m).leaf_first + run.first / ENTRY_COUNT ||
	        j < run.first % ENTRY_COUNT ||
	        j >= run.first % ENTRY_COUNT + i) ==>
	        HOST_TABLE(m, t).entry[j] ==
	          \at(HOST_TABLE(m, t).entry[j], Pre);
	    loop assigns i,
	      HOST_TABLE(m, MOAT(m).leaf_first + run.first / ENTRY_COUNT);
	    loop variant run.count - i; */
	for (uint32_t i = 0; i < run.count; i++) {
		host_map_set(
			m, table, (run.first + i) % ENTRY_COUNT, PTE_EMPTY);
	}
}

/* Link a table whose contents every table walk sees first. */
static void leaf_link(struct moat *m, uint32_t region)
{
	moat_port_publish();
	region_set(m, region,
		pte_table(host_map_table_pa(m, host_map_leaf(m, region))));
	moat_port_publish();
}

/* From nothing to a block; the table below, if any, is no longer led to. */
static void region_make_block(struct moat *m, uint32_t region)
{
	region_set(m, region, pte_block(region_pa(m, region), PTE_NORMAL));
	moat_port_publish();
}

/* What closed == 0 and closed == ENTRY_COUNT stand for, and between them. */
APART void host_map_shape(struct moat *m, uint32_t region)
{
	uint32_t closed = REGION(m, region).closed;

	if (closed == 0) {
		region_make_block(m, region);
	} else if (closed == ENTRY_COUNT) {
		region_set(m, region, PTE_EMPTY);
	} else {
		leaf_fill(m, region);
		leaf_link(m, region);
	}
}

/* ---- Close ------------------------------------------------------------- */

/* A block becomes a table, or nothing: break, then make. */
static APART void block_close(struct moat *m, struct page_run run)
{
	uint32_t region = page_region(run.first);

	region_set(m, region, PTE_EMPTY);
	host_invalidate(m, region_pa(m, region), ENTRY_COUNT, LEAF_LEVEL - 1);
	if (run.count < ENTRY_COUNT) {
		leaf_open(m, region);
		leaf_clear(m, run);
		leaf_link(m, region);
	}
}

/* The last open pages of a table are gone: it goes, too. */
static APART void table_end(struct moat *m, struct page_run run)
{
	region_set(m, page_region(run.first), PTE_EMPTY);
	host_invalidate_table(m, page_pa(m, run.first), run.count);
}

/* A table loses entries; the last open one takes the table with it. */
static PART void table_close(
	struct moat *m, struct page_run run, uint32_t closed)
{
	leaf_clear(m, run);
	if (closed + run.count == ENTRY_COUNT) {
		table_end(m, run);
	} else {
		host_invalidate(
			m, page_pa(m, run.first), run.count, LEAF_LEVEL);
	}
}

/* The count is what chooses the shape; it follows the entries. */
static PART void region_close(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	uint32_t region = page_region(run.first);
	uint32_t closed = REGION(m, region).closed;

	REQUIRE(regions_cover(locked, region));
	/*@ assert fits: closed_in(region) + run.count <= ENTRY_COUNT; */
	if (closed == 0) {
		block_close(m, run);
	} else {
		table_close(m, run, closed);
	}
	REGION(m, region).closed = (uint16_t)(closed + run.count);
	/*@ assert ok: regions_ok; */
	/*@ assert apart: regions_apart; */
	/*@ assert done: closed_part(
	      region, run.first % ENTRY_COUNT, run.count); */
	/*@ assert beside: same_beside{Pre,Here}(
	      region, run.first % ENTRY_COUNT, run.count); */
	/*@ assert elsewhere: \forall integer r, i; 0 <= r < REGION_COUNT(m) &&
	      r != region && 0 <= i < ENTRY_COUNT ==>
	        (reaches_in(r, i) <==> reaches_in{Pre}(r, i)); */
	/*@ assert counted:
	      closed_in(region) == closed_in{Pre}(region) + run.count; */
	/*@ assert others: \forall integer r; 0 <= r < REGION_COUNT(m) &&
	      r != region ==> same_region{Pre,Here}(r) &&
	        closed_in(r) == closed_in{Pre}(r); */
	/*@ assert shapes: \forall integer r; 0 <= r < REGION_COUNT(m) ==>
	      SHAPE_OK(r); */
}

/* ---- Open -------------------------------------------------------------- */

/* Entries from invalid to valid: published, nothing to forget. */
static PART void table_open(struct moat *m, struct page_run run)
{
	uint32_t table = host_map_leaf(m, page_region(run.first));
	uint64_t pa = page_pa(m, run.first);

	/*@ loop invariant 0 <= i <= run.count;
	    loop invariant \forall integer j;
	      run.first % ENTRY_COUNT <= j < run.first % ENTRY_COUNT + i ==>
	        is_valid(HOST_LEAF(run.first / ENTRY_COUNT, j));
	    loop invariant \forall integer t, j;
	      0 <= t < PROOF_HOST_TABLES && 0 <= j < ENTRY_COUNT &&
	      (t != MOAT(m).leaf_first + run.first / ENTRY_COUNT ||
	        j < run.first % ENTRY_COUNT ||
	        j >= run.first % ENTRY_COUNT + i) ==>
	        HOST_TABLE(m, t).entry[j] ==
	          \at(HOST_TABLE(m, t).entry[j], Pre);
	    loop assigns i,
	      HOST_TABLE(m, MOAT(m).leaf_first + run.first / ENTRY_COUNT);
	    loop variant run.count - i; */
	for (uint32_t i = 0; i < run.count; i++) {
		host_map_set(m, table, (run.first + i) % ENTRY_COUNT,
			pte_page(pa + i * PAGE_BYTES, PTE_NORMAL));
	}
	moat_port_publish();
}

/* The last closed page is back: table, nothing, block. */
static APART void table_coalesce(struct moat *m, uint32_t region)
{
	region_set(m, region, PTE_EMPTY);
	host_invalidate_table(m, region_pa(m, region), ENTRY_COUNT);
	region_make_block(m, region);
}

static PART void region_open(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	uint32_t region = page_region(run.first);
	uint32_t closed = REGION(m, region).closed;

	REQUIRE(regions_cover(locked, region));
	/*@ assert shape: SHAPE_OK(region); */
	/*@ assert fits: run.count <= closed_in(region); */
	REGION(m, region).closed = (uint16_t)(closed - run.count);
	/*@ assert places: \forall integer r; 0 <= r < REGION_COUNT(m) ==>
	      REGION(m, r).table == \at(REGION(m, r).table, Pre) &&
	      REGION(m, r).slot == \at(REGION(m, r).slot, Pre); */
	/*@ assert ok: regions_ok; */
	/*@ assert apart: regions_apart; */
	if (closed == ENTRY_COUNT) {
		/* It had no entry, so nothing can be cached of it. */
		host_map_shape(m, region);
		/*@ assert shaped: open_part(
		      region, run.first % ENTRY_COUNT, run.count); */
	} else if (closed == run.count) {
		table_coalesce(m, region);
		/*@ assert whole: open_part(
		      region, run.first % ENTRY_COUNT, run.count); */
	} else {
		table_open(m, run);
		/*@ assert table:
		      is_table(REGION_ENTRY(region), REGION_LEVEL); */
		/*@ assert opened: open_part(
		      region, run.first % ENTRY_COUNT, run.count); */
	}
	/*@ assert done: open_part(
	      region, run.first % ENTRY_COUNT, run.count); */
	/*@ assert beside: same_beside{Pre,Here}(
	      region, run.first % ENTRY_COUNT, run.count); */
	/*@ assert elsewhere: \forall integer r, i; 0 <= r < REGION_COUNT(m) &&
	      r != region && 0 <= i < ENTRY_COUNT ==>
	        (reaches_in(r, i) <==> reaches_in{Pre}(r, i)); */
	/*@ assert before: same_beside{Here,Pre}(
	      region, run.first % ENTRY_COUNT, run.count); */
	/*@ assert counted:
	      closed_in(region) == closed_in{Pre}(region) - run.count; */
	/*@ assert others: \forall integer r; 0 <= r < REGION_COUNT(m) &&
	      r != region ==> same_region{Pre,Here}(r) &&
	        closed_in(r) == closed_in{Pre}(r); */
	/*@ assert shapes: \forall integer r; 0 <= r < REGION_COUNT(m) ==>
	      SHAPE_OK(r); */
}

/* ---- Runs -------------------------------------------------------------- */

/* The part of @run that lies in its first region. */
static PART struct page_run run_first_region(struct page_run run)
{
	uint32_t room = ENTRY_COUNT - run.first % ENTRY_COUNT;
	struct page_run part = {run.first, run.count < room ? run.count : room};

	return part;
}

static PART struct page_run run_behind(struct page_run run, uint32_t count)
{
	struct page_run rest = {run.first + count, run.count - count};

	return rest;
}

/* The second region of a run, which few runs have. */
static APART void region_close_second(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	region_close(m, locked, run);
}

/* A run has at most 512 pages, so it touches at most two regions. */
CORE PART void host_map_close(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	struct page_run part = run_first_region(run);

	/*@ assert first: \forall integer i;
	      run.first % ENTRY_COUNT <= i <
	        run.first % ENTRY_COUNT + part.count ==>
	          reaches(run.first / ENTRY_COUNT * ENTRY_COUNT + i) &&
	          reaches_in(run.first / ENTRY_COUNT, i); */
	/*@ assert second: \forall integer i;
	      0 <= i < run.count - part.count ==>
	        reaches((run.first / ENTRY_COUNT + 1) * ENTRY_COUNT + i) &&
	        reaches_in(run.first / ENTRY_COUNT + 1, i); */
	region_close(m, locked, part);
	if (part.count < run.count) {
		region_close_second(m, locked, run_behind(run, part.count));
	}
}

static APART void region_open_second(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	region_open(m, locked, run);
}

CORE PART void host_map_open(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	struct page_run part = run_first_region(run);

	/*@ assert first: \forall integer i;
	      run.first % ENTRY_COUNT <= i <
	        run.first % ENTRY_COUNT + part.count ==>
	          !reaches(run.first / ENTRY_COUNT * ENTRY_COUNT + i) &&
	          !reaches_in(run.first / ENTRY_COUNT, i); */
	/*@ assert second: \forall integer i;
	      0 <= i < run.count - part.count ==>
	        !reaches((run.first / ENTRY_COUNT + 1) * ENTRY_COUNT + i) &&
	        !reaches_in(run.first / ENTRY_COUNT + 1, i); */
	/*@ assert recorded: \forall integer r, i;
	      0 <= r < REGION_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
	        (reaches(r * ENTRY_COUNT + i) <==> reaches_in(r, i)) &&
	        (open_in(r, i) <==> reaches_in(r, i) ||
	          run.first <= r * ENTRY_COUNT + i < run.first + run.count); */
	region_open(m, locked, part);
	if (part.count < run.count) {
		region_open_second(m, locked, run_behind(run, part.count));
	}
}
