/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In front of the header of the same name in the image that is watched: what
 * concerns tables also tells watch.h, so that the events are what the CPU was
 * really made to do. (A macro does not expand itself: C11, 6.10.3.4.)
 */
#ifndef MOAT_ARCH_AARCH64_WATCHED_SYSREG_H
#define MOAT_ARCH_AARCH64_WATCHED_SYSREG_H

#include "../../sysreg.h"

#include "arch-aarch64/watch.h"

#define isb() (isb(), watch_plain(WATCH_ISB))
#define dsb_ishst() (dsb_ishst(), watch_plain(WATCH_DSB_ISHST))
#define dsb_ish() (dsb_ish(), watch_plain(WATCH_DSB_ISH))
#define dsb_nsh() (dsb_nsh(), watch_plain(WATCH_DSB_NSH))
#define dsb_sy() (dsb_sy(), watch_plain(WATCH_DSB_SY))

#define tlbi_ipas2e1is(operand) (tlbi_ipas2e1is(operand), watch_entry(operand))
#define tlbi_ripas2e1is(operand) \
	(tlbi_ripas2e1is(operand), watch_range(operand))
#define tlbi_vmalle1() (tlbi_vmalle1(), watch_all(WATCH_TLBI_VMALLE1))
#define tlbi_vmalle1is() (tlbi_vmalle1is(), watch_all(WATCH_TLBI_VMALLE1IS))
#define tlbi_vmalls12e1is() \
	(tlbi_vmalls12e1is(), watch_all(WATCH_TLBI_VMALLS12E1IS))
#define tlbi_alle1() (tlbi_alle1(), watch_all(WATCH_TLBI_ALLE1))

#define write_vttbr_el2(value) (write_vttbr_el2(value), watch_stage2())

#endif
