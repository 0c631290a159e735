/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the host's map has the entries of a region. As macros: a prover that
 * has to make use of "for all" does it where it sees the entries, and does not
 * look behind the name of a function.
 */
#ifndef MOAT_PROOF_REGIONS_H
#define MOAT_PROOF_REGIONS_H

#include "theory_addresses.h"
#include "theory_tables.h"

/* The entry of a region, and that of a page in the region's own table. */
#define REGION_ENTRY(r) \
	HOST_TABLE(m, REGION(m, r).table).entry[REGION(m, r).slot]
#define HOST_LEAF(r, i) HOST_TABLE(m, MOAT(m).leaf_first + (r)).entry[i]

/* clang-format off */
/* The entries of regions: none is in a region's table. */
#define REGION_OK(r) \
	(0 <= REGION(m, r).table < PROOF_HOST_TABLES && \
	0 <= REGION(m, r).slot < ENTRY_COUNT && \
	!(MOAT(m).leaf_first <= REGION(m, r).table < \
		MOAT(m).leaf_first + REGION_COUNT(m)))
/* clang-format on */

/*@
  // What the record of the @i-th page of region @r says.
  predicate open_in{L}(integer r, integer i) =
    is_open(PAGE(m, r * ENTRY_COUNT + i).state);

  // As init leaves it; but for the counts, regions never change.
  predicate layout_ok{L} =
    REGION_COUNT(m) * ENTRY_COUNT == PAGE_COUNT(m) &&
    REGION_COUNT(m) <= PROOF_REGIONS &&
    MOAT(m).leaf_first + REGION_COUNT(m) <= PROOF_HOST_TABLES &&
    MOAT(m).config.memory_pa.value % MOAT_PAGE_SIZE == 0 &&
    MOAT(m).config.memory_pa.value + PROOF_HOST_TABLES * MOAT_PAGE_SIZE <=
      0x1000000000000 &&
    \forall integer r; 0 <= r < REGION_COUNT(m) ==> REGION_OK(r);

  // A range is whole regions, so a region ends where its range does or before.
  lemma region_of_a_range: \forall integer size, first, p;
    0 <= size && size % REGION_BYTES == 0 && first % ENTRY_COUNT == 0 &&
    0 <= first <= p < first + size / MOAT_PAGE_SIZE ==>
      ENTRY_COUNT - p % ENTRY_COUNT <= first + size / MOAT_PAGE_SIZE - p;
  lemma region_ends{L}: config_ok ==>
    \forall integer i, p; 0 <= i < MOAT(m).config.ram_count &&
      has_page(i, p) ==>
        ENTRY_COUNT - p % ENTRY_COUNT <= MOAT(m).range_page[i] +
          MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE - p;
  lemma region_goes_on{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      ENTRY_COUNT - p % ENTRY_COUNT <= pages_on(p);
  lemma pages_have_addresses{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      pa_of(p) + pages_on(p) * MOAT_PAGE_SIZE <= 0x1000000000000;
  lemma region_has_addresses{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      pa_of(p) + (ENTRY_COUNT - p % ENTRY_COUNT) * MOAT_PAGE_SIZE <=
        0x1000000000000;
*/

#endif
