/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The regions of the host's map: where their entries are, what shape they have,
 * and how many of their pages are closed. It stands in the place of
 * theory_host.h, which has these words as callers know them: host_ok is more
 * here than it is there.
 */
#ifndef MOAT_PROOF_REGIONS_H
#define MOAT_PROOF_REGIONS_H
#define MOAT_PROOF_HOST_H

#include "theory_addresses.h"
#include "theory_tables.h"

/*
 * As macros: a prover that has to make use of "for all" does it where it sees
 * the entries, and does not look behind the name of a function.
 */

/* The entry of a region, and that of a page in the region's own table. */
#define REGION_ENTRY(r) \
	HOST_TABLE(m, REGION(m, r).table).entry[REGION(m, r).slot]
#define HOST_LEAF(r, i) HOST_TABLE(m, MOAT(m).leaf_first + (r)).entry[i]

/* clang-format off */
/* The entries of regions: none is in a region's table, each is its own. */
#define REGION_OK(r) \
	(0 <= REGION(m, r).table < PROOF_HOST_TABLES && \
	0 <= REGION(m, r).slot < ENTRY_COUNT && \
	!(MOAT(m).leaf_first <= REGION(m, r).table < \
		MOAT(m).leaf_first + REGION_COUNT(m)))

/* The count is what chooses the shape. */
#define SHAPE_OK(r) \
	(REGION(m, r).closed == closed_in(r) && \
	(REGION(m, r).closed == 0 ==> \
		is_leaf(REGION_ENTRY(r), REGION_LEVEL)) && \
	(0 < REGION(m, r).closed < ENTRY_COUNT ==> \
		is_table(REGION_ENTRY(r), REGION_LEVEL)) && \
	(REGION(m, r).closed == ENTRY_COUNT ==> \
		!is_valid(REGION_ENTRY(r))))
/* clang-format on */

/*@
  // The host reaches page @p, the @i-th of region @r.
  predicate reaches_in{L}(integer r, integer i) =
    is_leaf(REGION_ENTRY(r), REGION_LEVEL) ||
    (is_table(REGION_ENTRY(r), REGION_LEVEL) && is_valid(HOST_LEAF(r, i)));
  predicate reaches{L}(integer p) =
    reaches_in(p / ENTRY_COUNT, p % ENTRY_COUNT);

  // [PAGE-3] The host reaches what the record says it may.
  predicate page_3{L}(integer p) =
    reaches(p) <==> is_open(PAGE(m, p).state);

  // What the record of the @i-th page of region @r says.
  predicate open_in{L}(integer r, integer i) =
    is_open(PAGE(m, r * ENTRY_COUNT + i).state);

  predicate regions_ok{L} =
    \forall integer r; 0 <= r < REGION_COUNT(m) ==> REGION_OK(r);
  predicate regions_apart{L} =
    \forall integer q, r; 0 <= q < REGION_COUNT(m) &&
      0 <= r < REGION_COUNT(m) && q != r ==>
        REGION(m, q).table != REGION(m, r).table ||
        REGION(m, q).slot != REGION(m, r).slot;

  // As init leaves it; but for the counts, regions never change.
  predicate layout_ok{L} =
    REGION_COUNT(m) * ENTRY_COUNT == PAGE_COUNT(m) &&
    REGION_COUNT(m) <= PROOF_REGIONS &&
    MOAT(m).leaf_first + REGION_COUNT(m) <= PROOF_HOST_TABLES &&
    MOAT(m).config.memory_pa.value % MOAT_PAGE_SIZE == 0 &&
    MOAT(m).config.memory_pa.value + PROOF_HOST_TABLES * MOAT_PAGE_SIZE <=
      0x1000000000000 &&
    regions_ok && regions_apart;

  // Of region @r, the @n pages from the @f-th on; and all others. Symbols of
  // their own, as it is by them that a prover finds out what to count.
  axiomatic Parts {
    predicate open_part{L}(integer r, integer f, integer n)
      reads proof_moat, proof_region, proof_host_table;
    predicate closed_part{L}(integer r, integer f, integer n)
      reads proof_moat, proof_region, proof_host_table;
    axiom open_part_is{L}: \forall integer r, f, n; open_part(r, f, n) <==>
      0 <= f && 0 <= n && f + n <= ENTRY_COUNT &&
      \forall integer i; f <= i < f + n ==> reaches_in(r, i);
    axiom closed_part_is{L}: \forall integer r, f, n; closed_part(r, f, n) <==>
      0 <= f && 0 <= n && f + n <= ENTRY_COUNT &&
      \forall integer i; f <= i < f + n ==> !reaches_in(r, i);
  }
  predicate same_beside{A,B}(integer r, integer f, integer n) =
    \forall integer i; 0 <= i < ENTRY_COUNT && !(f <= i < f + n) ==>
      (reaches_in{A}(r, i) <==> reaches_in{B}(r, i));
  predicate same_region{A,B}(integer r) =
    \forall integer i; 0 <= i < ENTRY_COUNT ==>
      (reaches_in{A}(r, i) <==> reaches_in{B}(r, i));

  // How many of region @r's pages the host does not reach. The axioms are what
  // is true of a count of 512 things, and takes an induction to show.
  axiomatic Closed {
    logic integer closed_in{L}(integer r)
      reads proof_moat, proof_region, proof_host_table;
    axiom counted_same{A,B}: \forall integer r; same_region{A,B}(r) ==>
      closed_in{A}(r) == closed_in{B}(r);
    axiom counted_part{A,B}: \forall integer r, f, n;
      open_part{A}(r, f, n) && closed_part{B}(r, f, n) &&
      same_beside{A,B}(r, f, n) ==> closed_in{B}(r) == closed_in{A}(r) + n;
    axiom counted_open{L}: \forall integer r, f, n; open_part(r, f, n) ==>
      0 <= closed_in(r) && closed_in(r) + n <= ENTRY_COUNT &&
      (closed_in(r) + n == ENTRY_COUNT ==> \forall integer i;
        0 <= i < ENTRY_COUNT && !(f <= i < f + n) ==> !reaches_in(r, i));
    axiom counted_closed{L}: \forall integer r, f, n; closed_part(r, f, n) ==>
      n <= closed_in(r) <= ENTRY_COUNT &&
      (closed_in(r) == n ==> \forall integer i;
        0 <= i < ENTRY_COUNT && !(f <= i < f + n) ==> reaches_in(r, i));
  }

  // What init builds, and every step keeps.
  predicate host_ok{L} =
    layout_ok && \forall integer r; 0 <= r < REGION_COUNT(m) ==> SHAPE_OK(r);

  // The @i-th page of region @r.
  lemma region_of_it: \forall integer r, i; 0 <= r && 0 <= i < ENTRY_COUNT ==>
    (r * ENTRY_COUNT + i) / ENTRY_COUNT == r;
  lemma place_of_it: \forall integer r, i; 0 <= r && 0 <= i < ENTRY_COUNT ==>
    (r * ENTRY_COUNT + i) % ENTRY_COUNT == i;
  lemma reached_there{L}: \forall integer r, i;
    0 <= r && 0 <= i < ENTRY_COUNT ==>
      (reaches(r * ENTRY_COUNT + i) <==> reaches_in(r, i));

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
