/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_HOST_MAP_H
#define MOAT_PROOF_HOST_MAP_H

#include "opaque_descriptors.h"

#include "core/host_map.h"
#include "contracts/s2.h"
#include "theory_regions.h"

/*@
  // Pages of one region.
  predicate is_in_a_region{L}(struct page_run run) =
    1 <= run.count && run.first + run.count <= PAGE_COUNT(m) &&
    run.first % ENTRY_COUNT + run.count <= ENTRY_COUNT;
*/

/*@ assigns \nothing; exits \false;
    ensures \result.vmid == 0; */
struct moat_stage2 moat_host_stage2(const struct moat *m);

/*@ assigns \nothing; exits \false; */
bool regions_cover(struct regions_locked locked, uint32_t region);

/*@ requires table < PROOF_HOST_TABLES && slot < ENTRY_COUNT;
    assigns HOST_TABLE(m, table).entry[slot]; exits \false;
    ensures HOST_TABLE(m, table).entry[slot] == descriptor;
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != table || i != slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
void host_map_set(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor);

/*@ requires layout_ok && table < PROOF_HOST_TABLES;
    assigns \nothing; exits \false;
    ensures \result ==
      MOAT(m).config.memory_pa.value + table * MOAT_PAGE_SIZE; */
uint64_t host_map_table_pa(const struct moat *m, uint32_t table);

/*@ requires layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == REGION_ENTRY(region); */
uint64_t host_map_entry(const struct moat *m, uint32_t region);

/*@ requires layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == MOAT(m).leaf_first + region; */
uint32_t host_map_leaf(const struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == pa_of(region * ENTRY_COUNT); */
static uint64_t region_pa(const struct moat *m, uint32_t region);

/*@ requires layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, REGION(m, region).table).
      entry[REGION(m, region).slot]; exits \false;
    ensures REGION_ENTRY(region) == descriptor;
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != REGION(m, region).table || i != REGION(m, region).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void region_set(struct moat *m, uint32_t region, uint64_t descriptor);

/*@ assigns \nothing; exits \false; */
static void host_invalidate(
	struct moat *m, uint64_t pa, uint32_t count, uint32_t level);

/*@ assigns \nothing; exits \false; */
static void host_invalidate_table(struct moat *m, uint64_t pa, uint32_t count);

/* ---- Shapes ------------------------------------------------------------ */

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    requires slot < ENTRY_COUNT;
    requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns HOST_TABLE(m, MOAT(m).leaf_first + region).entry[slot];
    exits \false;
    ensures is_valid(HOST_LEAF(region, slot)) <==> open_in(region, slot);
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != MOAT(m).leaf_first + region || i != slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_fill_one(
	struct moat *m, uint32_t region, uint32_t slot, uint64_t pa);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, MOAT(m).leaf_first + region); exits \false;
    ensures filled: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      (is_valid(HOST_LEAF(region, i)) <==> open_in(region, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      t != MOAT(m).leaf_first + region ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_fill(struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, MOAT(m).leaf_first + region); exits \false;
    ensures opened: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      is_valid(HOST_LEAF(region, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      t != MOAT(m).leaf_first + region ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_open(struct moat *m, uint32_t region);

/*@ requires sizes_ok && layout_ok && is_in_a_region(run);
    assigns HOST_TABLE(m, MOAT(m).leaf_first + run.first / ENTRY_COUNT);
    exits \false;
    ensures cleared: \forall integer i;
      run.first % ENTRY_COUNT <= i < run.first % ENTRY_COUNT + run.count ==>
        !is_valid(HOST_LEAF(run.first / ENTRY_COUNT, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != MOAT(m).leaf_first + run.first / ENTRY_COUNT ||
        i < run.first % ENTRY_COUNT ||
        i >= run.first % ENTRY_COUNT + run.count) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_clear(struct moat *m, struct page_run run);

/*@ requires layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, REGION(m, region).table).
      entry[REGION(m, region).slot]; exits \false;
    ensures is_table(REGION_ENTRY(region), REGION_LEVEL);
    ensures leads_to(REGION_ENTRY(region)) ==
      MOAT(m).config.memory_pa.value +
      (MOAT(m).leaf_first + region) * MOAT_PAGE_SIZE;
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != REGION(m, region).table || i != REGION(m, region).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_link(struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, REGION(m, region).table).
      entry[REGION(m, region).slot]; exits \false;
    ensures is_leaf(REGION_ENTRY(region), REGION_LEVEL);
    ensures leads_to(REGION_ENTRY(region)) == pa_of(region * ENTRY_COUNT);
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != REGION(m, region).table || i != REGION(m, region).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void region_make_block(struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1); exits \false;
    ensures block: REGION(m, region).closed == 0 ==>
      is_leaf(REGION_ENTRY(region), REGION_LEVEL);
    ensures nothing: REGION(m, region).closed == ENTRY_COUNT ==>
      !is_valid(REGION_ENTRY(region));
    ensures table: REGION(m, region).closed != 0 &&
      REGION(m, region).closed != ENTRY_COUNT ==>
        is_table(REGION_ENTRY(region), REGION_LEVEL) &&
        \forall integer i; 0 <= i < ENTRY_COUNT ==>
          (is_valid(HOST_LEAF(region, i)) <==> open_in(region, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      t != MOAT(m).leaf_first + region &&
      (t != REGION(m, region).table || i != REGION(m, region).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
void host_map_shape(struct moat *m, uint32_t region);

/* ---- Close ------------------------------------------------------------- */

/*@ requires config_ok && layout_ok && is_in_a_region(run);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1); exits \false;
    ensures nothing: run.count == ENTRY_COUNT ==>
      !is_valid(REGION_ENTRY(run.first / ENTRY_COUNT));
    ensures table: run.count < ENTRY_COUNT ==>
      is_table(REGION_ENTRY(run.first / ENTRY_COUNT), REGION_LEVEL);
    ensures rest: run.count < ENTRY_COUNT ==> \forall integer i;
      0 <= i < ENTRY_COUNT ==>
        (is_valid(HOST_LEAF(run.first / ENTRY_COUNT, i)) <==>
          !(run.first % ENTRY_COUNT <= i <
            run.first % ENTRY_COUNT + run.count));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      t != MOAT(m).leaf_first + run.first / ENTRY_COUNT &&
      (t != REGION(m, run.first / ENTRY_COUNT).table ||
        i != REGION(m, run.first / ENTRY_COUNT).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void block_close(struct moat *m, struct page_run run);

/*@ requires config_ok && layout_ok && is_in_a_region(run);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1); exits \false;
    ensures !is_valid(REGION_ENTRY(run.first / ENTRY_COUNT));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != REGION(m, run.first / ENTRY_COUNT).table ||
        i != REGION(m, run.first / ENTRY_COUNT).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void table_end(struct moat *m, struct page_run run);

/*@ requires config_ok && layout_ok && is_in_a_region(run);
    requires closed + run.count <= ENTRY_COUNT;
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1); exits \false;
    ensures nothing: closed + run.count == ENTRY_COUNT ==>
      !is_valid(REGION_ENTRY(run.first / ENTRY_COUNT));
    ensures stays: closed + run.count < ENTRY_COUNT ==>
      REGION_ENTRY(run.first / ENTRY_COUNT) ==
        \old(REGION_ENTRY(run.first / ENTRY_COUNT));
    ensures cleared: \forall integer i;
      run.first % ENTRY_COUNT <= i < run.first % ENTRY_COUNT + run.count ==>
        !is_valid(HOST_LEAF(run.first / ENTRY_COUNT, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != MOAT(m).leaf_first + run.first / ENTRY_COUNT ||
        i < run.first % ENTRY_COUNT ||
        i >= run.first % ENTRY_COUNT + run.count) &&
      (t != REGION(m, run.first / ENTRY_COUNT).table ||
        i != REGION(m, run.first / ENTRY_COUNT).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void table_close(struct moat *m, struct page_run run, uint32_t closed);

/*@ requires config_ok && host_ok && is_in_a_region(run);
    requires open: open_part(run.first / ENTRY_COUNT,
      run.first % ENTRY_COUNT, run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, run.first / ENTRY_COUNT).closed; exits \false;
    ensures host_ok;
    ensures now: \forall integer r, i;
      0 <= r < REGION_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
        (reaches_in(r, i) <==> \old(reaches_in(r, i)) && !(r == run.first /
          ENTRY_COUNT && run.first % ENTRY_COUNT <= i <
          run.first % ENTRY_COUNT + run.count)); */
static void region_close(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* ---- Open -------------------------------------------------------------- */

/*@ requires config_ok && layout_ok && is_in_a_region(run);
    assigns HOST_TABLE(m, MOAT(m).leaf_first + run.first / ENTRY_COUNT);
    exits \false;
    ensures opened: \forall integer i;
      run.first % ENTRY_COUNT <= i < run.first % ENTRY_COUNT + run.count ==>
        is_valid(HOST_LEAF(run.first / ENTRY_COUNT, i));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != MOAT(m).leaf_first + run.first / ENTRY_COUNT ||
        i < run.first % ENTRY_COUNT ||
        i >= run.first % ENTRY_COUNT + run.count) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void table_open(struct moat *m, struct page_run run);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, REGION(m, region).table).
      entry[REGION(m, region).slot]; exits \false;
    ensures is_leaf(REGION_ENTRY(region), REGION_LEVEL);
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != REGION(m, region).table || i != REGION(m, region).slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void table_coalesce(struct moat *m, uint32_t region);

/*@ requires config_ok && host_ok && is_in_a_region(run);
    requires closed: closed_part(run.first / ENTRY_COUNT,
      run.first % ENTRY_COUNT, run.count);
    requires recorded: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      (open_in(run.first / ENTRY_COUNT, i) <==>
        reaches_in(run.first / ENTRY_COUNT, i) ||
        run.first % ENTRY_COUNT <= i < run.first % ENTRY_COUNT + run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, run.first / ENTRY_COUNT).closed; exits \false;
    ensures host_ok;
    ensures now: \forall integer r, i;
      0 <= r < REGION_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
        (reaches_in(r, i) <==> \old(reaches_in(r, i)) || (r == run.first /
          ENTRY_COUNT && run.first % ENTRY_COUNT <= i <
          run.first % ENTRY_COUNT + run.count)); */
static void region_open(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* ---- Runs -------------------------------------------------------------- */

/*@ assigns \nothing; exits \false;
    ensures \result.first == run.first;
    ensures \result.count <= run.count;
    ensures run.first % ENTRY_COUNT + \result.count <= ENTRY_COUNT;
    ensures \result.count < run.count ==>
      run.first % ENTRY_COUNT + \result.count == ENTRY_COUNT; */
static struct page_run run_first_region(struct page_run run);

/*@ requires count <= run.count && run.first + count <= 0xffffffff;
    assigns \nothing; exits \false;
    ensures \result.first == run.first + count;
    ensures \result.count == run.count - count; */
static struct page_run run_behind(struct page_run run, uint32_t count);

/*@ requires config_ok && host_ok && is_in_a_region(run);
    requires open: open_part(run.first / ENTRY_COUNT,
      run.first % ENTRY_COUNT, run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, run.first / ENTRY_COUNT).closed; exits \false;
    ensures host_ok;
    ensures now: \forall integer r, i;
      0 <= r < REGION_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
        (reaches_in(r, i) <==> \old(reaches_in(r, i)) && !(r == run.first /
          ENTRY_COUNT && run.first % ENTRY_COUNT <= i <
          run.first % ENTRY_COUNT + run.count)); */
static void region_close_second(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ requires config_ok && host_ok && is_in_a_region(run);
    requires closed: closed_part(run.first / ENTRY_COUNT,
      run.first % ENTRY_COUNT, run.count);
    requires recorded: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      (open_in(run.first / ENTRY_COUNT, i) <==>
        reaches_in(run.first / ENTRY_COUNT, i) ||
        run.first % ENTRY_COUNT <= i < run.first % ENTRY_COUNT + run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, run.first / ENTRY_COUNT).closed; exits \false;
    ensures host_ok;
    ensures now: \forall integer r, i;
      0 <= r < REGION_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
        (reaches_in(r, i) <==> \old(reaches_in(r, i)) || (r == run.first /
          ENTRY_COUNT && run.first % ENTRY_COUNT <= i <
          run.first % ENTRY_COUNT + run.count)); */
static void region_open_second(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ requires config_ok && host_ok;
    requires 1 <= run.count <= ENTRY_COUNT;
    requires run.first + run.count <= PAGE_COUNT(m);
    requires open: \forall integer p;
      run.first <= p < run.first + run.count ==> reaches(p);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1); exits \false;
    ensures host_ok;
    ensures closed: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (reaches(p) <==> \old(reaches(p)) &&
        !(run.first <= p < run.first + run.count)); */
void host_map_close(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ requires config_ok && host_ok;
    requires 1 <= run.count <= ENTRY_COUNT;
    requires run.first + run.count <= PAGE_COUNT(m);
    requires closed: \forall integer p;
      run.first <= p < run.first + run.count ==> !reaches(p);
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (is_open(PAGE(m, p).state) <==>
        reaches(p) || run.first <= p < run.first + run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1); exits \false;
    ensures host_ok;
    ensures opened: \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p); */
void host_map_open(
	struct moat *m, struct regions_locked locked, struct page_run run);

#endif
