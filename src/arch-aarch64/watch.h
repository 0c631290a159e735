/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image that is watched: every event of monitor/event.h on this machine, as
 * text by semihosting, between the events of the trace. moat-model monitor
 * judges both. Until moat_init there is none.
 */
#ifndef MOAT_ARCH_AARCH64_WATCH_H
#define MOAT_ARCH_AARCH64_WATCH_H

#include "monitor/event.h"

/* An event of the calling CPU without words. */
void watch_plain(enum watch_kind kind);

/* VTTBR_EL2 was written, VTCR_EL2 before it. */
void watch_stage2(void);

/* The operands of TLBI IPAS2E1IS and RIPAS2E1IS. */
void watch_entry(uint64_t operand);
void watch_range(uint64_t operand);

/* Of all addresses, by the VMID that is selected. */
void watch_all(enum watch_kind kind);

#endif
