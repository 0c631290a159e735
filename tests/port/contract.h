/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The port contract suite: what any port must do, told to it by its functions
 * alone. Plain freestanding C, so that it runs where the port runs: in a
 * process, or at EL2 before the engine starts.
 *
 * It runs on one CPU and needs no engine. What it cannot see: whether an
 * invalidation reaches other CPUs, whether a scrub reaches memory behind a
 * cache, and that moat_port_panic does not return. docs/porting.md says how to
 * see to these.
 */
#ifndef MOAT_TESTS_PORT_CONTRACT_H
#define MOAT_TESTS_PORT_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"

enum { PORT_BED_PAGES = 8 };

/* What the suite is lent by whoever runs it. */
struct port_bed {
	/* PORT_BED_PAGES pages of RAM that nobody else uses: where the engine
	 * would see them (ram_window), and their physical address. Both are
	 * page aligned; the contents are lost. */
	unsigned char *pages;
	struct moat_pa pa;
	/* Translate @ipa as an agent under @stage2 would, and may have done
	 * before: by what the CPU has cached, else by the tables. On AArch64:
	 * load VTTBR_EL2 and VTCR_EL2, ISB, AT S12E1R with stage 1 off, ISB,
	 * read PAR_EL1. Returns false on a fault of stage 2. */
	bool (*translate)(const struct moat_stage2 *stage2, struct moat_ipa ipa,
		struct moat_pa *pa);
	/* What this CPU translates the lower levels with: VTTBR_EL2. */
	uint64_t (*regime)(void);
	/* The verdict of one test, whose name is a sentence. */
	void (*report)(const char *test, bool has_passed);
};

/* Run every test. Returns how many failed. */
uint32_t port_contract_run(const struct port_bed *bed);

#endif
