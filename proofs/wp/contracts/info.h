/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_INFO_H
#define MOAT_PROOF_INFO_H

#include "owner.h"
#include "core/pages.h"

/*@ requires config_ok && inverse_ok && page < PAGE_COUNT(m);
    requires \valid(call);
    assigns call->result[1 .. 5]; exits \false;
    ensures call->result[1] == PAGE(m, page).state;
    ensures call->result[4] == level_of(page);
    ensures call->result[5] == PAGE(m, page).mapping / 8;
    ensures PAGE(m, page).state == MOAT_PAGE_VCPU ==>
      call->result[2] == PAGE(m, page).parent &&
      call->result[3] == PAGE(m, page).slot;
    ensures is_mapped(PAGE(m, page).state) || is_table_page(page) ==>
      call->result[2] < VM_COUNT(m) && is_live(call->result[2]);
    ensures PAGE(m, page).state == MOAT_PAGE_HOST ||
      PAGE(m, page).state == MOAT_PAGE_ENGINE ==>
        call->result[2] == \old(call->result[2]) &&
        call->result[3] == \old(call->result[3]); */
void page_info_apply(const struct moat *m, uint32_t page, struct call *call);

#endif
