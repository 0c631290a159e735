/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is proved of a call of the host as a whole, from moat_host_call to its
 * return (contracts/call.h). In an engine as engine_ok has it, a call that is
 * not one of is_uncovered ends, makes no run-time error, finds what the entry
 * point REQUIREs, writes no more than HOST_ASSIGNS, VMs, locks, its CPU and the
 * answer, holds no lock afterwards, and keeps what is below. It is of one CPU:
 * what others do meanwhile is what vm_lock admits (contracts/hold.h).
 *
 * Calls that are not covered fold, split or move pages. Not in it either: that
 * the tree, the roots and the contexts, which engine_ok demands, are kept.
 */
#ifndef MOAT_PROOF_THEOREM_H
#define MOAT_PROOF_THEOREM_H

#include "theory_engine.h"

/*@
  predicate is_uncovered(integer number) =
    number == MOAT_TABLE_FOLD || number == MOAT_TABLE_SPLIT ||
    number == MOAT_PAGE_RECLAIM || number == MOAT_PAGE_RECALL;
  predicate asks_uncovered(integer x0) =
    is_uncovered(x0 % 0x100000000 - MOAT_FUNCTION(0));

  predicate records_same{A,B} =
    \forall integer p; 0 <= p < \at(PAGE_COUNT(m), B) ==>
      page_same{A,B}(p);

  // Of a VM's calls these move pages.
  predicate is_guest_move(integer number) =
    number == MOAT_GUEST_SHARE || number == MOAT_GUEST_UNSHARE ||
    number == MOAT_GUEST_RELINQUISH;
  predicate asks_to_move(integer x0) =
    is_guest_move(x0 % 0x100000000 - MOAT_FUNCTION(0));
*/

/* clang-format off */
/* What such a call may write, beside locks and answers. */
#define HOST_ASSIGNS \
	assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1), \
		REGION(m, 0 .. PROOF_REGIONS - 1), \
		PAGE(m, 0 .. PROOF_PAGES - 1), \
		TABLE(m, 0 .. PROOF_PAGES - 1), \
		CONTEXT(m, 0 .. PROOF_PAGES - 1);
/* What holds of the engine again: [PAGE-3], [PAGE-1], [VCPU-1]. */
#define HOST_KEEPS \
	ensures host_ok; \
	ensures page_3: reached_ok; \
	ensures page_1: records_ok; \
	ensures cpus: CPUS_OK; \
	ensures vcpus: VCPUS_OK;

/* What a VM was given stays its own, and as it is. */
#define KEEPS_DATA \
	ensures data: \forall integer p; 0 <= p < PAGE_COUNT(m) && \
		is_mapped(\old(PAGE(m, p).state)) ==> page_same{Pre,Post}(p); \
	ensures words: \forall integer p, i; 0 <= p < PAGE_COUNT(m) && \
		0 <= i < ENTRY_COUNT && is_mapped(\old(PAGE(m, p).state)) ==> \
			TABLE(m, p).entry[i] == \old(TABLE(m, p).entry[i]);

/* A refusal: no record, no entry and nothing of the host's map is another. */
#define CHANGES_NOTHING(no) \
	ensures refused: (no) ==> \forall integer p; \
		0 <= p < PAGE_COUNT(m) ==> page_same{Pre,Post}(p); \
	ensures refused: (no) ==> \forall integer t, i; \
		0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==> \
			TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); \
	ensures refused: (no) ==> \forall integer t, i; \
		0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT ==> \
			HOST_TABLE(m, t).entry[i] == \
				\old(HOST_TABLE(m, t).entry[i]);
/* clang-format on */

#endif
