/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trapped registers: what a guest and the host are told. Hardware values are
 * those of real CPUs (the Cortex-A72's technical reference manual), or all ones
 * and all zeroes for what no CPU has yet.
 */
#include <criterion/criterion.h>

#include "arch-aarch64/emulate.h"

#define NONE UINT64_MAX /* of value: the register does not exist */

/* { register as op0, op1, CRn, CRm, op2; hardware; guest reads; host reads } */
static const struct {
	const char *what;
	uint32_t name[5];
	uint64_t hardware;
	uint64_t guest;
	uint64_t host;
} rows[] = {
	/* A72: AArch32 at EL0..3, EL2, EL3, FP, AdvSIMD, GIC. */
	{"PFR0 of an A72", {3, 0, 0, 4, 0}, 0x01002222, 0x01000011, 0x01002222},
	{"PFR0, EL0 in AArch64 alone", {3, 0, 0, 4, 0}, 0x1111, 0x11, 0x1111},
	{"PFR0 without FP", {3, 0, 0, 4, 0}, 0xff0011, 0xff0011, 0xff0011},
	{"PFR0, all ones", {3, 0, 0, 4, 0}, UINT64_MAX, 0xf10f000001ff0011,
		0xf20ff000f1ffff22},
	{"PFR1, all ones", {3, 0, 0, 4, 1}, UINT64_MAX, 0xff, 0xf0000f3ff},
	{"PFR1: SSBS, BT, MTE, SME", {3, 0, 0, 4, 1}, 0x01000321, 0x21, 0x321},
	{"ZFR0", {3, 0, 0, 4, 4}, UINT64_MAX, 0, 0},
	{"SMFR0", {3, 0, 0, 4, 5}, UINT64_MAX, 0, 0},
	/* A72: debug of Armv8, PMUv3, 6 breakpoints, 4 watchpoints. */
	{"DFR0 of an A72", {3, 0, 0, 5, 0}, 0x10305106, 0x00101006, 0x10305106},
	{"DFR0: trace, profiling, buffers", {3, 0, 0, 5, 0},
		UINT64_C(0x0000110110305516), 0x0000000000101006,
		UINT64_C(0x0000000010305506)},
	{"DFR1", {3, 0, 0, 5, 1}, UINT64_MAX, 0, 0},
	{"AFR0", {3, 0, 0, 5, 4}, UINT64_MAX, 0, 0},
	{"ISAR0 of an A72", {3, 0, 0, 6, 0}, 0x11120, 0x11120, 0x11120},
	{"ISAR0, all ones", {3, 0, 0, 6, 0}, UINT64_MAX, 0xfffffffff0fffff0,
		0xfffffffff0fffff0},
	{"ISAR1: PAuth of both kinds", {3, 0, 0, 6, 1}, 0x11011111, 0x00011001,
		0x11011111},
	{"ISAR1, all ones", {3, 0, 0, 6, 1}, UINT64_MAX, 0x00fff1ff00fff00f,
		0x00fff1ffffffffff},
	{"ISAR2, all ones", {3, 0, 0, 6, 2}, UINT64_MAX, 0xf0f000f0,
		0xfff0ffff},
	/* A72: 44 bits, 16-bit ASIDs, mixed endian, secure memory, 64 KiB. */
	{"MMFR0 of an A72", {3, 0, 0, 7, 0}, 0x1124, 0x124, 0x1124},
	{"MMFR0: 48 bits, 4 KiB with LPA2", {3, 0, 0, 7, 0}, 0x10201125,
		0x00100124, 0x10201125},
	{"MMFR0 without 64 KiB", {3, 0, 0, 7, 0}, 0x0f000004, 0x0f000004,
		0x0f000004},
	{"MMFR1: VHE, VMIDs, LORegions", {3, 0, 0, 7, 1}, 0x10212122,
		0x00202002, 0x00212002},
	{"MMFR1: HCX and what it turns on", {3, 0, 0, 7, 1},
		UINT64_C(0x0111111000000003), UINT64_C(0x0000001000000002),
		UINT64_C(0x0000101000000002)},
	{"MMFR2: CnP, NV, FWB", {3, 0, 0, 7, 2}, UINT64_C(0x1221011112001011),
		UINT64_C(0x1001001110000010), UINT64_C(0x1021001110001011)},
	{"MMFR3", {3, 0, 0, 7, 3}, UINT64_MAX, 0, 0},
	{"a reserved one", {3, 0, 0, 7, 7}, UINT64_MAX, 0, 0},
	{"AArch32's ID_PFR0", {3, 0, 0, 1, 0}, 0x131, 0, 0x131},
	{"a reserved one beside PFR1", {3, 0, 0, 4, 2}, UINT64_MAX, 0, 0},
	{"AArch32's MVFR2", {3, 0, 0, 3, 2}, 0x43, 0, 0x43},
	{"AArch32's ID_PFR2", {3, 0, 0, 3, 4}, 0x11, 0, 0x11},
	{"AArch32's ID_MMFR5", {3, 0, 0, 3, 6}, 0x1, 0, 0x1},
	/* Not ID registers: hardware does not count. */
	{"ICC_SRE_EL1", {3, 0, 12, 12, 5}, 0, 7, 7},
	{"ACTLR_EL1", {3, 0, 1, 0, 1}, 5, 0, NONE},
	{"OSLSR_EL1", {2, 0, 1, 1, 4}, 5, 8, NONE},
	{"OSLAR_EL1", {2, 0, 1, 0, 4}, 5, 0, NONE},
	{"DBGBVR15_EL1", {2, 0, 0, 15, 4}, 5, 0, NONE},
	{"DBGCLAIMSET_EL1", {2, 0, 7, 8, 6}, 5, 0, NONE},
	{"MDCCSR_EL0", {2, 3, 0, 1, 0}, 5, 0, NONE},
	{"TRCPRGCTLR", {2, 1, 0, 1, 0}, 5, NONE, NONE},
	{"DBGVCR32_EL2", {2, 4, 0, 7, 0}, 5, NONE, NONE},
	{"CNTP_CTL_EL0", {3, 3, 14, 2, 1}, 5, NONE, NONE},
	{"PMCR_EL0", {3, 3, 9, 12, 0}, 5, NONE, NONE},
	{"ICC_SGI1R_EL1", {3, 0, 12, 11, 5}, 5, NONE, NONE},
	{"LORC_EL1", {3, 0, 10, 4, 3}, 5, NONE, NONE},
	{"ERRSELR_EL1", {3, 0, 5, 3, 1}, 5, NONE, NONE},
	{"APIAKEYLO_EL1", {3, 0, 2, 1, 0}, 5, NONE, NONE},
	{"ZCR_EL1", {3, 0, 1, 2, 0}, 5, NONE, NONE},
	{"S3_0_C11_C0_0", {3, 0, 11, 0, 0}, 5, NONE, NONE},
	{"MIDR_EL1", {3, 0, 0, 0, 0}, 5, NONE, NONE},
	{"CNTFRQ_EL0", {3, 3, 14, 0, 0}, 5, NONE, NONE},
};

/* The syndrome of an MRS or MSR with that register and x@number. */
static uint64_t trap(const uint32_t *name, uint32_t number, bool is_read)
{
	return UINT64_C(0x62000000) | name[0] << 20 | name[4] << 17 |
	       name[1] << 14 | name[2] << 10 | number << 5 | name[3] << 1 |
	       (is_read ? 1 : 0);
}

static uint64_t read_as(
	const uint32_t *name, enum emulate_world world, uint64_t hardware)
{
	struct emulate_access access = emulate_decode(trap(name, 3, true));
	uint64_t value;

	return emulate_value(access.name, world, hardware, &value) ? value
								   : NONE;
}

Test(emulate, each_world_is_told_what_it_has)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t guest =
			read_as(rows[i].name, EMULATE_GUEST, rows[i].hardware);
		uint64_t host =
			read_as(rows[i].name, EMULATE_HOST, rows[i].hardware);

		cr_expect_eq(guest, rows[i].guest, "%s: guest %llx",
			rows[i].what, (unsigned long long)guest);
		cr_expect_eq(host, rows[i].host, "%s: host %llx", rows[i].what,
			(unsigned long long)host);
	}
}

/* MRS X3, S3_0_C0_C7_2, MSR OSLAR_EL1, X30, and MRS X3, S3_0_C0_C4_0 (Arm ARM
 * D19.2.37). */
Test(emulate, a_syndrome_names_register_and_direction)
{
	struct emulate_access read = emulate_decode(0x6234006f);
	struct emulate_access write = emulate_decode(0x622807c0);

	cr_assert_eq(read.name, EMULATE_NAME(3, 0, 0, 7, 2));
	cr_assert_eq(read.number, 3);
	cr_assert_not(read.is_write);
	cr_assert_eq(write.name, EMULATE_NAME(2, 0, 1, 0, 4));
	cr_assert_eq(write.number, 30);
	cr_assert(write.is_write);
	cr_assert_not(emulate_decode(0x62300069).is_write);
}

Test(emulate, id_registers_have_numbers)
{
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 0, 0, 1, 0)), 8);
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 0, 0, 7, 7)), 63);
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 0, 0, 0, 5)), 0);
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 0, 0, 8, 0)), 0);
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 1, 0, 4, 0)), 0);
	cr_assert_eq(emulate_identity(EMULATE_NAME(2, 0, 0, 4, 0)), 0);
	cr_assert_eq(emulate_identity(EMULATE_NAME(3, 0, 1, 4, 0)), 0);
}
