/* SPDX-License-Identifier: BSD-2-Clause */
/* A vCPU names its context page, and the page names its vCPU. */
#ifndef MOAT_PROOF_CONTEXTS_H
#define MOAT_PROOF_CONTEXTS_H

#include "theory_host.h"
#include "theory_inverse.h"
#include "theory_vm.h"

/* As macros, for the reason that theory_vm.h gives. */
/* clang-format off */
#define HANGS(p, what, at, place) \
	(PAGE(m, p).state == what && PAGE(m, p).parent == at && \
	PAGE(m, p).slot == place)
#define CONTEXT_UP(v, i) \
	(VCPU(m, v, i).state != MOAT_VCPU_ABSENT ==> \
		VCPU(m, v, i).page < PAGE_COUNT(m) && \
		HANGS(VCPU(m, v, i).page, MOAT_PAGE_VCPU, v, i))
#define CONTEXTS_UP \
	(\forall integer v, i; 0 <= v < VM_COUNT(m) && \
		0 <= i < MOAT_VCPU_MAX ==> CONTEXT_UP(v, i))
#define ROOTS_OK \
	(\forall integer v, p; 0 <= v < VM_COUNT(m) && \
		VM(m, v).life != MOAT_VM_EMPTY && VM(m, v).root <= p && \
		p < VM(m, v).root + VM(m, v).root_count ==> \
			p < PAGE_COUNT(m) && \
			HANGS(p, MOAT_PAGE_TABLE, v, \
				SLOT_ROOT + p - VM(m, v).root) && \
			level_in(PAGE(m, p).mapping) == \
				VM(m, v).start_level)
#define HAS_NO_VCPU(v) \
	(\forall integer i; 0 <= i < MOAT_VCPU_MAX ==> \
		VCPU(m, v, i).state == MOAT_VCPU_ABSENT)
/* clang-format on */

/*@
  // [VCPU-1] A vCPU names a page that is its context, and nobody else's.
  predicate context_up{L}(integer v, integer i) = CONTEXT_UP(v, i);
  predicate contexts_up{L} = CONTEXTS_UP;

  // [TABLE-1] What a VM says is its root, is.
  predicate roots_named{L} = ROOTS_OK;
  predicate has_no_vcpu{L}(integer v) = HAS_NO_VCPU(v);

  // [PAGE-3], of all pages.
  predicate reached_ok{L} =
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
*/

#endif
