/* SPDX-License-Identifier: BSD-2-Clause */
/* A small machine, and two VMs on it, for the tests of the model. */
#ifndef MOAT_TESTS_MODEL_WORLD_H
#define MOAT_TESTS_MODEL_WORLD_H

#include "model/model.h"

/*
 * Two CPUs, three VM slots; 16 MiB of RAM, eight regions, the first 64 KiB of
 * it the engine's; one device window withheld, all else below 2^36 devices.
 */
enum {
	RAM = 0x40000000,
	RAM_END = 0x41000000,
	ENGINE_PAGE = RAM,
	WINDOW = 0x09020000, /* withheld */
	DEVICE = 0x09000000,
	ROOT = 0x40200000, /* four pages, of VM 0 */
	LEAF = 0x40204000, /* the level-3 table of IPA 0 */
	CONTEXT = 0x40205000, /* of vCPU 0 */
	DATA = 0x40206000, /* eight pages at IPA 0x10000 */
	DATA_IPA = 0x10000,
	FREE_PAGE = 0x40300000, /* HOST in every world */
	FREE_BLOCK = 0x40400000, /* from here on all RAM is HOST */
	ENTRY = 0x80000 /* the first PC */
};

#define HALF 0x80000000u /* where the shared half of VM 0 begins */

struct moat_config world_config(void);

/* No VM yet. */
struct model *world_empty(void);

/* VM 0 as drawn above, 32 bits, two vCPU numbers: BUILDING, or ACTIVE. The
 * first word of its data is 0x5ec2e7. */
struct model *world_building(void);
struct model *world_active(void);

/* vCPU 0 of VM 0 runs on CPU 1. */
struct model *world_running(void);

/* Make a call on @cpu; the answer's registers. */
struct moat_regs call_on(struct model *m, uint32_t cpu, struct moat_regs regs);

/* The same on CPU 0, where every invariant and PAGE-4 must hold after it, and
 * a refusal must leave the model as it was. */
struct moat_regs call(struct model *m, struct moat_regs regs);

/* The guest on CPU 1 traps, where the host's registers were all ones; every
 * invariant must hold after it. The host's registers. */
struct moat_regs trap_on_1(
	struct model *m, struct moat_trap trap, enum moat_action expected);

/* The same for a call with x0..x4. */
struct moat_regs guest_call(
	struct model *m, const uint64_t *x, enum moat_action expected);

/* A vcpu_run on CPU 1 that is accepted, and leaves the host's registers. */
void run_on_1(struct model *m, struct moat_regs entry);

/* x0 of a refusal of VM 0 and the like, in short. */
uint64_t refused(enum moat_status status, uint64_t operand);

/* A call, made where VM 0 is as the world says, and what x0 must be. Unless it
 * is MOAT_OK, nothing may change. */
struct row {
	uint64_t x[7]; /* x[0] is the number of the call */
	enum moat_status status;
	uint64_t operand;
};

/* Make the calls one after the other, and destroy @m. */
void expect_rows(struct model *m, const struct row *rows, size_t row_count);

#define EXPECT_ROWS(m, rows) expect_rows(m, rows, sizeof(rows) / sizeof *(rows))

/* Short forms of the types that keep arguments apart. */
struct moat_vm_id vm_id(uint64_t value);
struct moat_vcpu_id vcpu_id(uint64_t value);
struct moat_pa pa_of(uint64_t value);
struct moat_ipa ipa_of(uint64_t value);

#endif
