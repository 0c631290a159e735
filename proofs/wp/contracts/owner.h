/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_OWNER_H
#define MOAT_PROOF_OWNER_H

#include "opaque_descriptors.h"

#include "assumed.h"
#include "core/owner.h"
#include "theory_inverse.h"

/*@
  // What one slot of the parent of such a page stands for.
  logic integer bytes_of_slot(integer state, integer level) =
    state == MOAT_PAGE_TABLE ? entry_bytes(level) * ENTRY_COUNT
                             : entry_bytes(level);
  predicate is_power_of_table(integer bytes) =
    bytes == MOAT_PAGE_SIZE || bytes == REGION_BYTES ||
    bytes == LEVEL_1_BYTES || bytes == LEVEL_1_BYTES * ENTRY_COUNT ||
    bytes == LEVEL_1_BYTES * ENTRY_COUNT * ENTRY_COUNT;
*/

/*@ requires level_in(record.mapping) <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result == bytes_of_slot(record.state, level_in(record.mapping));
    ensures is_power_of_table(\result); */
static uint64_t slot_bytes(struct page record);

/*@ requires is_power_of_table(bytes) && slot < 0x10000;
    assigns \nothing; exits \false;
    ensures \result <= 0x7fff000000000000;
    ensures slot < ENTRY_COUNT ==> \result <= 0x1ff000000000000; */
static uint64_t slot_offset(uint32_t slot, uint64_t bytes);

/*@ requires config_ok && inverse_ok && page < PAGE_COUNT(m);
    requires is_mapped(PAGE(m, page).state) || is_table_page(page);
    assigns \nothing; exits \false;
    ensures \result.vm < VM_COUNT(m) && is_live(\result.vm); */
struct owner owner_of(const struct moat *m, uint32_t page);

/* Pages in a row, of a host whose map is as it should be. */
/* clang-format off */
#define OF_A_RUN \
	requires config_ok && host_ok; \
	requires 1 <= run.count <= ENTRY_COUNT; \
	requires run.first + run.count <= PAGE_COUNT(m); \
	requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);

/* What becomes of them changes nothing of others. */
#define CHANGES_A_RUN \
	assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1), \
		REGION(m, 0 .. PROOF_REGIONS - 1), \
		PAGE(m, run.first .. run.first + run.count - 1), \
		TABLE(m, run.first .. run.first + run.count - 1), \
		CONTEXT(m, run.first .. run.first + run.count - 1); \
	ensures host_ok; \
	ensures page_3: \forall integer p; \
		0 <= p < PAGE_COUNT(m) ==> page_3(p); \
	ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) && \
		!(run.first <= p < run.first + run.count) ==> \
			page_same{Pre,Post}(p); \
	ensures only: \forall integer t, i; \
		0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT && \
		!(run.first <= t < run.first + run.count) ==> \
			TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]);
/* clang-format on */

/*@ OF_A_RUN
    requires \forall integer p; run.first <= p < run.first + run.count ==>
      is_open(PAGE(m, p).state);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      TABLE(m, run.first .. run.first + run.count - 1),
      CONTEXT(m, run.first .. run.first + run.count - 1); exits \false;
    ensures host_ok;
    ensures closed: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (reaches(p) <==> is_open(PAGE(m, p).state) &&
        !(run.first <= p < run.first + run.count));
    ensures zero: \forall integer t, i;
      run.first <= t < run.first + run.count && 0 <= i < ENTRY_COUNT ==>
        TABLE(m, t).entry[i] == 0;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      !(run.first <= t < run.first + run.count) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ OF_A_RUN
    requires \forall integer p; run.first <= p < run.first + run.count ==>
      is_open(PAGE(m, p).state);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1); exits \false;
    ensures host_ok;
    ensures closed: \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (reaches(p) <==> is_open(PAGE(m, p).state) &&
        !(run.first <= p < run.first + run.count)); */
void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ requires sizes_ok && run.first + run.count <= PAGE_COUNT(m);
    assigns PAGE(m, run.first .. run.first + run.count - 1); exits \false;
    ensures written: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == record.state &&
        PAGE(m, p).mapping == record.mapping &&
        PAGE(m, p).slot == record.slot && PAGE(m, p).parent == record.parent;
    ensures only: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(run.first <= p < run.first + run.count) ==> page_same{Pre,Post}(p); */
void owner_set(struct moat *m, struct page_run run, struct page record);

/*@ OF_A_RUN
    requires one_state: \forall integer p;
      run.first <= p < run.first + run.count ==>
        (is_open(PAGE(m, p).state) <==> is_open(PAGE(m, run.first).state));
    CHANGES_A_RUN
    exits \false;
    ensures returned: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == MOAT_PAGE_HOST && PAGE(m, p).mapping == 0 &&
        hangs_at(p, 0, 0);
    ensures page_4: \forall integer t, i;
      run.first <= t < run.first + run.count && 0 <= i < ENTRY_COUNT ==>
        TABLE(m, t).entry[i] == 0; */
void owner_return(
	struct moat *m, struct regions_locked locked, struct page_run run);

#endif
