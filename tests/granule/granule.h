/* SPDX-License-Identifier: BSD-2-Clause */
/* One machine with RAM at low and at the highest addresses, and its checks. */
#ifndef MOAT_TESTS_GRANULE_GRANULE_H
#define MOAT_TESTS_GRANULE_GRANULE_H

#include "arch-host/machine.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Literals of the granule that is tested (Arm ARM, D8.2). */
struct granule {
	uint32_t page_bits;
	uint64_t page, region;
	uint64_t span[4]; /* bytes that a table of a level translates; 0: there
			   * is no such table */
};

const struct granule *granule_of_this_build(void);

#define GRANULE_LOW UINT64_C(0x40000000) /* the first range: two regions */
#define GRANULE_MEMORY UINT64_C(0x30000000)

/*
 * RAM: two regions at GRANULE_LOW; above 36 @bits also the last region of the
 * space, and of 48 bits the one below 2^47. What lies between 4 GiB and the
 * next range is withheld, so that it needs no tables.
 */
struct moat_config granule_config(uint32_t bits);

/* Demand that @is is @should_be; @what and the text of about() are the
 * message. */
void about(const char *text, uint64_t number);
void expect(const char *what, uint64_t is, uint64_t should_be);

/* Demand that a call of the host on CPU 0 is answered so; its registers. */
struct moat_regs expect_call(struct host_machine *machine, const char *what,
	struct moat_regs regs, uint64_t answer);

/* Whether CPU @cpu may make an access to the word at @ipa. */
bool may_write(struct host_machine *machine, uint32_t cpu, uint64_t ipa,
	uint64_t value);
bool may_read(struct host_machine *machine, uint32_t cpu, uint64_t ipa,
	uint64_t *value);

/* No rule was broken, every invariant holds. */
void end(struct host_machine *machine);

void test_roots(void);
void test_host(void);

#endif
