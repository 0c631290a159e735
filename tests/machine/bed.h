/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine whose CPU 0 runs a vCPU, and tables of its VM that a test writes
 * itself, so that it can make what the engine never makes.
 */
#ifndef MOAT_TESTS_MACHINE_BED_H
#define MOAT_TESTS_MACHINE_BED_H

#include "arch-host/machine.h"
#include "moat/port.h"

#define BED_RAM UINT64_C(0x40000000)
#define BED_REGION UINT64_C(0x200000)

/* Pages of RAM. The root is of level 2, four pages. */
#define BED_ROOT BED_RAM
#define BED_TABLE (BED_RAM + 0x4000) /* level 3, for the first 2 MiB */
#define BED_CONTEXT (BED_RAM + 0x8000)
#define BED_PAGE (BED_RAM + 0x9000) /* HOST */
#define BED_BLOCK (BED_RAM + BED_REGION) /* a whole region, HOST */

/* The IPAs that entry 0 of BED_TABLE and entry 1 of the root translate. */
#define BED_PAGE_IPA UINT64_C(0)
#define BED_BLOCK_IPA BED_REGION

struct host_machine *bed_make(void);

/* @machine, which bed_make made, again as that left it. */
void bed_restart(struct host_machine *machine);

/* Store an entry as if by magic: no monitor sees it. */
void bed_store(struct host_machine *machine, uint64_t pa, uint64_t descriptor);

/* Store it as the engine does. */
void bed_write(struct host_machine *machine, uint64_t pa, uint64_t descriptor);

/* Whether what runs on CPU 0 may make that access at @ipa. */
bool bed_may(struct host_machine *machine, uint64_t ipa, enum moat_access kind);

/* Forget pages of CPU 0's VM. */
void bed_invalidate(struct host_machine *machine, uint64_t ipa,
	uint64_t page_count, uint32_t level);

/* The step is over. */
void bed_end_step(struct host_machine *machine);

/* Demand that @holds; @what is the message. */
void expect(bool holds, const char *what);

/* Demand that the rule broken so far begins like this; NULL: none. */
void expect_broken(const struct host_machine *machine, const char *rule);

int expect_failures(void);

void test_context(void);
void test_inject(void);
void test_memory(void);
void test_permission(void);
void test_rules(void);
void test_tlb(void);
void test_told(void);

#endif
