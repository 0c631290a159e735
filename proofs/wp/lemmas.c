/* SPDX-License-Identifier: BSD-2-Clause */
/* All lemmas, which every other proof may use; and those that only they need,
 * before them. */
#include "core/state.h"

#include "theory_alignment.h"
#include "theory_runs.h"

#include "theory_regions.h"

#include "theory_contexts.h"
#include "theory_inverse.h"
#include "theory_leaves.h"
#include "theory_levels.h"
#include "theory_rows.h"

#include "theory_blocks.h"

/*@ lemma one_follows{L}: config_ok ==>
      \forall integer p; 0 <= p < PAGE_COUNT(m) ==> 1 <= pages_on(p); */
/*@ lemma roots_are_named{L}: sizes_ok ==> (roots_ok <==> roots_named); */
