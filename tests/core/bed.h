/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test bed: a small machine, and calls that are watched.
 *
 * Every call made by bed_call is one more case of the generic tests: a refused
 * call changes no byte of RAM nor of the engine's memory [CALL-1], its results
 * are zero, x10..x17 are kept, no lock stays taken, every invariant holds, the
 * port saw no broken rule, and no CPU has a translation that is gone [TLB-1].
 *
 * The same holds of the calls of a VM, made by bed_ask. And the model answers
 * each call as the engine does (beside.h).
 *
 * A failure prints what the test was about (bed_about), and the test goes on.
 */
#ifndef MOAT_TESTS_CORE_BED_H
#define MOAT_TESTS_CORE_BED_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-host/machine.h"

/* The granule of this build, by its list in granule.h: what the tables of
 * literals count in. With pages of 4 KiB 0x1000, 512 and 0x200000. */
#define BED_PAGE ((uint64_t)MOAT_PAGE_SIZE)
#define BED_ENTRIES MOAT_TABLE_ENTRIES
#define BED_REGION (BED_ENTRIES * BED_PAGE)

/*
 * RAM of the bed, in regions. The page behind C's last one has the next page
 * index, but is not its neighbour.
 */
#define BED_A UINT64_C(0x40000000) /* what VMs are made of */
#define BED_B (BED_A + BED_REGION) /* the host's, but for one page: */
#define BED_WITHHELD (BED_B + 259 * BED_PAGE)
#define BED_C (BED_A + 2 * BED_REGION) /* the host's */
#define BED_C_LAST (BED_C + BED_REGION - BED_PAGE) /* the first range ends */
/* Regions of 512 MiB need more room. */
#define BED_IS_64K (MOAT_PAGE_BITS == 16)
#define BED_D /* the host's: the second range */ \
	(BED_IS_64K ? UINT64_C(0x100000000) : UINT64_C(0x80000000))
#define BED_D_LAST (BED_D + BED_REGION - BED_PAGE)
#define BED_E /* four regions, for blocks */ \
	(BED_IS_64K ? UINT64_C(0x180000000) : UINT64_C(0xa0000000))
#define BED_F (BED_E + BED_REGION)
#define BED_G (BED_E + 2 * BED_REGION)
#define BED_H (BED_E + 3 * BED_REGION)
#define BED_MEMORY /* the engine's, outside RAM */ \
	(BED_IS_64K ? UINT64_C(0x220000000) : UINT64_C(0x90000000))
#define BED_DEVICE UINT64_C(0x09000000)
#define BED_HIDDEN_DEVICE UINT64_C(0x0a000000) /* withheld */

enum {
	BED_CPUS = 3,
	BED_VMS = 6,
	BED_IPA_BITS = 44,
	BED_HOST_BITS = BED_IS_64K ? 34 : 32,
	BED_LIST_REGISTERS = 3 /* that a host may use: one is the engine's */
};

/* What x0 shows: a status, and the argument register at fault. */
#define AT(status, operand) ((uint64_t)(status) + 256 * (uint64_t)(operand))

struct bed {
	struct host_machine *machine;
	struct moat *engine;
	unsigned char *ram; /* RAM and the engine's memory before the call */
	unsigned char *memory;
	unsigned char *now; /* room for the engine's memory after it */
	unsigned char *is_resident; /* room for host_machine_resident */
};

struct moat_config bed_config(void);

/* A machine of bed_config, all of it the host's; or of another shape. */
struct bed bed_make(void);
struct bed bed_make_of(const struct moat_config *config);
void bed_end(struct bed *bed);

/* What the test is about from now on; failures and crashes print it. */
__attribute__((format(printf, 1, 2))) void bed_about(const char *format, ...);

/* Expect, and go on if it is not so. */
void expect(bool holds, const char *what);
void expect_equal(const char *what, uint64_t is, uint64_t should_be);

/* A watched call; returns x0, which says OK for a guest that was entered. */
uint64_t bed_call(struct bed *bed, uint32_t cpu, struct moat_regs *regs);

/* What holds after every step. */
void bed_check(struct bed *bed);

/* A call that prepares something, on CPU 0: must be OK, is not watched. */
struct moat_regs bed_do(struct bed *bed, struct moat_regs regs);

/* Load @count pages, by as many calls as it takes. */
void bed_load(struct bed *bed, struct moat_vm_id vm, uint64_t ipa, uint64_t pa,
	uint64_t count);

/*
 * The running vCPU of @cpu traps; @regs become those of the host. Watched: a
 * guest that goes on costs the host no register, one that is left x0..x14.
 */
enum moat_action bed_trap(struct bed *bed, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs);

/* What a VM's call came to. */
struct bed_answer {
	enum moat_action action;
	uint64_t x[5]; /* the guest's x0..x4 afterwards */
	struct moat_regs host; /* the host's, if the run ended */
};

/*
 * The running vCPU of @cpu makes the call in x0..x17 of @regs. Watched: but for
 * x0..x4 of the guest nothing of its context changes, and unless the run ends
 * nothing else in RAM or in the engine's memory.
 */
struct bed_answer bed_ask(
	struct bed *bed, uint32_t cpu, const struct moat_regs *regs);

/* One 64-bit access of what runs on @cpu; false if stage 2 refuses. */
bool bed_read(struct bed *bed, uint32_t cpu, uint64_t ipa, uint64_t *value);
bool bed_write(struct bed *bed, uint32_t cpu, uint64_t ipa, uint64_t value);
bool bed_fetch(struct bed *bed, uint32_t cpu, uint64_t ipa);

/* The first word of RAM at @pa, whoever may reach it. */
uint64_t bed_word(const struct bed *bed, uint64_t pa);

/* Whether the page of RAM at @pa is all zero. */
bool bed_is_zero(const struct bed *bed, uint64_t pa);

#endif
