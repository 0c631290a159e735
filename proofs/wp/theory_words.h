/* SPDX-License-Identifier: BSD-2-Clause */
/* What a descriptor may be, whatever it leads to; and the 512 that translate as
 * a block does. Words only: what is true of them says theory_blocks.h. */
#ifndef MOAT_PROOF_WORDS_H
#define MOAT_PROOF_WORDS_H

#include "theory_entry.h"
#include "theory_inverse.h"

/*@
  predicate begins_region{L}(integer p) = pa_of(p) % REGION_BYTES == 0;

  // [TABLE-2] An entry of a table is a word that the engine writes: other
  // words may be added to it, and a block begins where a block can.
  predicate word_ok{L}(integer t, integer i) =
    is_table_page(t) ==> TABLE(m, t).entry[i] <= PROOF_ENTRY_MAX &&
      (is_leaf(entry_at(t, i), REGION_LEVEL) && level_of(t) == REGION_LEVEL ==>
        begins_region(target(t, i)));
  predicate words_ok{L} =
    \forall integer t, i; 0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
      word_ok(t, i);

  // A descriptor @i pages further on: below the size of a block the address
  // does not carry. A symbol of its own, as it is by it that a prover finds @i;
  // theory_blocks.h says what it is.
  axiomatic Forward {
    logic integer further(integer d, integer i);
  }

  // Entry @i of table @t, if a block at page @p is to translate as the table.
  predicate continues{L}(integer t, integer p, integer i) =
    is_leaf(entry_at(t, i), LEAF_LEVEL) && target(t, i) == p + i &&
    PAGE(m, p + i).state == PAGE(m, p).state;

  // The same, of the entries before the @n-th, and of their pages.
  predicate is_uniform{L}(integer t, integer p, integer n) =
    p + n <= PAGE_COUNT(m) &&
    (\forall integer i; 0 <= i < n ==> continues(t, p, i)) &&
    (\forall integer q; p <= q < p + n ==> continues(t, p, q - p));

  // A record that goes to another level, and keeps what a VM may do.
  predicate goes_to(integer from, integer to, integer level) =
    to == level + 8 * (from / 8) && level_in(to) == level &&
    (from < 8 ==> to == level) && (from < 8 * 8 ==> to < 8 * 8);
  predicate is_rehung{A,B}(integer p, integer level) =
    \at(PAGE(m, p).state, A) == \at(PAGE(m, p).state, B) &&
    goes_to(\at(PAGE(m, p).mapping, A), \at(PAGE(m, p).mapping, B), level);
*/

#endif
