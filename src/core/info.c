/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/owner.h"
#include "core/pages.h"

CORE PART void page_info_apply(
	const struct moat *m, uint32_t page, struct call *call)
{
	struct page record = PAGE(m, page);

	call->result[1] = record.state;
	call->result[4] = page_level(record);
	call->result[5] = page_permission(record);
	if (record.state == MOAT_PAGE_VCPU) {
		call->result[2] = record.parent;
		call->result[3] = record.slot;
	} else if (record.state == MOAT_PAGE_TABLE ||
		   page_is_mapped(record.state)) {
		struct owner owner = owner_of(m, page);

		call->result[2] = owner.vm;
		call->result[3] = owner.ipa;
	}
}
