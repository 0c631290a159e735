/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine withholds, and the external abort that an access gets: its
 * syndrome, vector and PSTATE from each place that can make one.
 */
#include "entry.h"

/* SPSR_EL1 of each place, flags N and C set, interrupts masked. */
#define FROM_EL1H 0xa00003c5u
#define FROM_EL1T 0xa00003c4u
#define FROM_EL0 0xa00003c0u
#define FROM_EL0_AARCH32 0xa00001d0u

/* Where a branch was to, if the CPU keeps track of it (SPSR_EL1.BTYPE). */
#define BRANCH_TYPE UINT64_C(0xc00)

#define ENGINE 0x40200000u
#define DEVICE 0x09000000u

#define BREAKPOINT_CLASS 0x3cu

static const struct {
	const char *sentence;
	uint64_t address;
} withheld[] = {
	{"the engine's RAM is withheld", 0x40000000},
	{"the engine's image is withheld", ENGINE},
	{"the ITS is withheld", 0x08080000},
	{"the ITS's translation page is withheld", 0x08090040},
	{"fw_cfg is withheld", 0x09020000},
	{"fw_cfg's DMA register is withheld", 0x09020010},
	{"the SMMU is withheld", 0x09050000},
	{"the first virtio transport is withheld", 0x0a000000},
	{"the last virtio transport is withheld", 0x0a003e00},
	{"the platform bus is withheld", 0x0c000000},
	{"PCIe memory is withheld", 0x10000000},
	{"PCIe I/O ports are withheld", 0x3eff0000},
	{"the low ECAM is withheld", 0x3f000000},
	{"the high ECAM is withheld", 0x4010000000},
	{"high PCIe memory is withheld", 0x8000000000},
};

static void check_withheld(void)
{
	for (uint32_t i = 0; i < sizeof(withheld) / sizeof(withheld[0]); i++) {
		probe((uintptr_t)probe_write, FROM_EL1H, withheld[i].address);
		check_equal(taken.esr, 0x96000050, withheld[i].sentence);
		probe((uintptr_t)probe_read, FROM_EL1H, withheld[i].address);
		check_equal(taken.esr, 0x96000010, withheld[i].sentence);
	}
}

static void check_neighbours(void)
{
	static const uint64_t mapped[] = {
		0x09000018, /* UART */
		0x09010000, /* RTC */
		0x08000000, /* distributor */
		0x080b0080, /* redistributor: SGI page */
		0x00000000, /* flash */
	};

	for (uint32_t i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++) {
		probe((uintptr_t)probe_read, FROM_EL1H, mapped[i]);
		check_equal(taken.esr >> 26, BREAKPOINT_CLASS,
			"a device that cannot DMA is mapped");
	}
}

/* The exception as a whole. */
static void check_abort(
	const struct taken *expected, uint64_t pc, const char *sentence)
{
	probe(pc, expected->spsr, ENGINE);
	check_equal(taken.esr, expected->esr, sentence);
	check_equal(taken.vector, expected->vector, "by the right vector");
	check_equal(taken.far, ENGINE, "with the address");
	check_equal(taken.elr, expected->elr, "and the PC");
	check_equal(taken.spsr & ~BRANCH_TYPE, expected->spsr,
		"and PSTATE as it was");
	check_equal(taken.daif, 0x3c0, "everything is masked");
	check_equal(taken.spsel, 1, "the stack pointer is SP_EL1");
}

static void check_places(void)
{
	uint64_t read = (uintptr_t)probe_read;
	uint64_t aarch32 = (uintptr_t)probe_read_aarch32;
	struct taken el1h = {0x200, 0x96000010, 0, read, FROM_EL1H, 0, 0};
	struct taken el1t = {0x000, 0x96000010, 0, read, FROM_EL1T, 0, 0};
	struct taken el0 = {0x400, 0x92000010, 0, read, FROM_EL0, 0, 0};
	struct taken el0_32 = {
		0x600, 0x92000010, 0, aarch32, FROM_EL0_AARCH32, 0, 0};

	check_abort(&el1h, read, "a load from EL1 aborts");
	check_abort(&el1t, read, "a load from EL1 with SP_EL0 aborts");
	check_abort(&el0, read, "a load from EL0 aborts");
	check_abort(&el0_32, aarch32, "a load from AArch32 aborts");
}

static void check_fetches(void)
{
	struct taken el1h = {0x200, 0x86000010, 0, ENGINE, FROM_EL1H, 0, 0};
	struct taken el0 = {0x400, 0x82000010, 0, ENGINE, FROM_EL0, 0, 0};

	check_abort(&el1h, (uintptr_t)probe_fetch, "a fetch from EL1 aborts");
	check_abort(&el0, (uintptr_t)probe_fetch, "a fetch from EL0 aborts");
	probe((uintptr_t)probe_fetch, FROM_EL1H, DEVICE);
	check_equal(taken.esr, 0x86000010, "a device is not executable");
}

void aborts_check(void)
{
	check_withheld();
	check_neighbours();
	check_places();
	check_fetches();
}
