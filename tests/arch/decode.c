/* SPDX-License-Identifier: BSD-2-Clause */
/* Syndromes and what they are to the core (Arm ARM D19.2.37). */
#include <criterion/criterion.h>

#include "arch-aarch64/exit.h"

/* HPFAR_EL2 has IPA[51:12] in bits 43:4; bit 63 is NS. */
#define HPFAR_40001 UINT64_C(0x8000000000400010)
#define FAR_VALUE UINT64_C(0xffff800012345678)

static const struct {
	const char *what;
	enum exit_vector vector;
	uint64_t esr;
	enum moat_trap_kind kind;
	enum moat_access access;
	uint64_t ipa;
} rows[] = {
	{"interrupt", EXIT_VECTOR_IRQ, 0x92000046, MOAT_TRAP_IRQ, 0, 0},
	{"fast interrupt", EXIT_VECTOR_FIQ, 0x5a000000, MOAT_TRAP_IRQ, 0, 0},
	{"SError", EXIT_VECTOR_SERROR, 0xbe000000, MOAT_TRAP_SERROR, 0, 0},
	{"WFI", EXIT_VECTOR_SYNC, 0x07e00000, MOAT_TRAP_WFI, 0, 0},
	{"WFE", EXIT_VECTOR_SYNC, 0x07e00001, MOAT_TRAP_WFI, 0, 0},
	{"HVC", EXIT_VECTOR_SYNC, 0x5a000000, MOAT_TRAP_CALL, 0, 0},
	{"HVC #1", EXIT_VECTOR_SYNC, 0x5a000001, MOAT_TRAP_OTHER, 0, 0},
	{"SMC", EXIT_VECTOR_SYNC, 0x5e000000, MOAT_TRAP_CALL, 0, 0},
	{"SMC #0x8000", EXIT_VECTOR_SYNC, 0x5e008000, MOAT_TRAP_OTHER, 0, 0},
	{"read, translation, level 3", EXIT_VECTOR_SYNC, 0x93800007,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001678},
	{"write, translation, level 1", EXIT_VECTOR_SYNC, 0x93810045,
		MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, 0x40001678},
	{"read, no syndrome, level 0", EXIT_VECTOR_SYNC, 0x92000004,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001678},
	{"fetch, translation, level 2", EXIT_VECTOR_SYNC, 0x82000006,
		MOAT_TRAP_ABORT, MOAT_ACCESS_FETCH, 0x40001678},
	{"cache maintenance", EXIT_VECTOR_SYNC, 0x92000147, MOAT_TRAP_ABORT,
		MOAT_ACCESS_WRITE, 0x40001678},
	{"address size, level 0", EXIT_VECTOR_SYNC, 0x92000000, MOAT_TRAP_OTHER,
		0, 0},
	{"access flag, level 3", EXIT_VECTOR_SYNC, 0x9200000b, MOAT_TRAP_ABORT,
		MOAT_ACCESS_READ, 0x40001678},
	{"stage-1 walk of a write", EXIT_VECTOR_SYNC, 0x920000c7,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001000},
	{"stage-1 walk of a fetch", EXIT_VECTOR_SYNC, 0x82000087,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001000},
	{"stage-1 walk, permission", EXIT_VECTOR_SYNC, 0x9200008f,
		MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, 0x40001000},
	{"write, permission, level 3", EXIT_VECTOR_SYNC, 0x9200004f,
		MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, 0x40001678},
	{"fetch, permission, level 2", EXIT_VECTOR_SYNC, 0x8200000e,
		MOAT_TRAP_ABORT, MOAT_ACCESS_FETCH, 0x40001678},
	{"external abort", EXIT_VECTOR_SYNC, 0x92000010, MOAT_TRAP_OTHER, 0, 0},
	{"external abort on a walk", EXIT_VECTOR_SYNC, 0x92000017,
		MOAT_TRAP_OTHER, 0, 0},
	{"alignment", EXIT_VECTOR_SYNC, 0x92000021, MOAT_TRAP_OTHER, 0, 0},
	{"TLB conflict", EXIT_VECTOR_SYNC, 0x92000030, MOAT_TRAP_OTHER, 0, 0},
	{"data abort of EL2", EXIT_VECTOR_SYNC, 0x96000007, MOAT_TRAP_OTHER, 0,
		0},
	{"fetch abort of EL2", EXIT_VECTOR_SYNC, 0x86000007, MOAT_TRAP_OTHER, 0,
		0},
	{"system register", EXIT_VECTOR_SYNC, 0x62300000, MOAT_TRAP_OTHER, 0,
		0},
	{"FP", EXIT_VECTOR_SYNC, 0x1fe00000, MOAT_TRAP_OTHER, 0, 0},
	{"HVC of AArch32", EXIT_VECTOR_SYNC, 0x4a000000, MOAT_TRAP_OTHER, 0, 0},
	{"unknown", EXIT_VECTOR_SYNC, 0x02000000, MOAT_TRAP_OTHER, 0, 0},
};

Test(decode, each_exception_is_one_trap)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exit_syndrome syndrome = {
			rows[i].esr, FAR_VALUE, HPFAR_40001, 0x5};
		struct moat_trap trap = exit_decode(rows[i].vector, &syndrome);

		cr_expect_eq(trap.kind, rows[i].kind, "%s: kind %d",
			rows[i].what, (int)trap.kind);
		cr_expect_eq(trap.access, rows[i].access, "%s: access %d",
			rows[i].what, (int)trap.access);
		cr_expect_eq(trap.ipa.value, rows[i].ipa, "%s: ipa %llx",
			rows[i].what, (unsigned long long)trap.ipa.value);
	}
}

Test(decode, a_vector_that_is_none_is_something_else)
{
	struct exit_syndrome syndrome = {0x5a000000, 0, 0, 0x5};

	cr_assert_eq(exit_decode((enum exit_vector)99, &syndrome).kind,
		MOAT_TRAP_OTHER);
}

Test(decode, an_ipa_has_52_bits)
{
	struct exit_syndrome syndrome = {
		0x92000007, 0xfff, UINT64_C(0xfffffffffffffff0), 0x5};
	uint64_t ipa = 0;

	cr_assert(exit_ipa(&syndrome, &ipa));
	cr_assert_eq(ipa, UINT64_C(0xfffffffffffff));
}

/* Classes 0x21 and 0x25: the level that took it was at fault itself. */
Test(decode, an_abort_of_the_same_level_is_of_no_ipa)
{
	struct exit_syndrome data = {0x96000047, FAR_VALUE, HPFAR_40001, 0x5};
	struct exit_syndrome fetch = {0x86000007, FAR_VALUE, HPFAR_40001, 0x5};
	uint64_t ipa = 0;

	cr_expect_not(exit_ipa(&data, &ipa));
	cr_expect_not(exit_ipa(&fetch, &ipa));
	cr_expect_eq(exit_access(data.esr), MOAT_ACCESS_WRITE);
	cr_expect_eq(exit_access(fetch.esr), MOAT_ACCESS_FETCH);
}

Test(decode, only_an_smc_is_still_ahead)
{
	cr_assert_eq(exit_call_length(0x5e000000), 4);
	cr_assert_eq(exit_call_length(0x5a000000), 0);
	cr_assert_eq(exit_call_length(0x07e00000), 0);
}

/* { syndrome, size, register, write, sign, X }: ISV with SAS, SSE, SRT, SF, WnR
 * in bits 23:22, 21, 20:16, 15, 6. */
static const struct {
	const char *what;
	uint64_t esr;
	uint32_t size;
	uint32_t number;
	bool is_write;
	bool is_signed;
	bool is_wide;
} transfers[] = {
	{"ldrb w1", 0x93010007, 1, 1, false, false, false},
	{"ldrh w30", 0x935e0007, 2, 30, false, false, false},
	{"ldr w3", 0x93830007, 4, 3, false, false, false},
	{"ldr x0", 0x93c08007, 8, 0, false, false, true},
	{"ldrsb w2", 0x93220007, 1, 2, false, true, false},
	{"ldrsh x2", 0x93628007, 2, 2, false, true, true},
	{"ldrsw x17", 0x93b18007, 4, 17, false, true, true},
	{"strb wzr", 0x931f0047, 1, 31, true, false, false},
	{"str xzr", 0x93df8047, 8, 31, true, false, true},
	{"str w0", 0x93800046, 4, 0, true, false, false},
};

Test(decode, a_transfer_names_its_register)
{
	for (size_t i = 0; i < sizeof(transfers) / sizeof(transfers[0]); i++) {
		struct exit_syndrome syndrome = {transfers[i].esr, 0, 0, 0x5};
		struct exit_transfer transfer;

		cr_assert(exit_transfer(&syndrome, &transfer), "%s",
			transfers[i].what);
		cr_expect_eq(transfer.size, transfers[i].size, "%s",
			transfers[i].what);
		cr_expect_eq(transfer.number, transfers[i].number, "%s",
			transfers[i].what);
		cr_expect_eq(transfer.is_write, transfers[i].is_write, "%s",
			transfers[i].what);
		cr_expect_eq(transfer.is_signed, transfers[i].is_signed, "%s",
			transfers[i].what);
		cr_expect_eq(transfer.is_wide, transfers[i].is_wide, "%s",
			transfers[i].what);
	}
}

/* { syndrome, pstate } */
static const struct {
	const char *what;
	uint64_t esr;
	uint64_t pstate;
} no_transfers[] = {
	{"no ISV", 0x92830007, 0x5},
	{"stage-1 walk", 0x93830087, 0x5},
	{"fetch", 0x83830007, 0x5},
	{"AArch32", 0x93830007, 0x10},
	{"Thumb", 0x91830007, 0x30},
};

Test(decode, a_transfer_that_is_not_described_is_none)
{
	for (size_t i = 0; i < sizeof(no_transfers) / sizeof(no_transfers[0]);
		i++) {
		struct exit_syndrome syndrome = {
			no_transfers[i].esr, 0, 0, no_transfers[i].pstate};
		struct exit_transfer transfer;

		cr_expect_not(exit_transfer(&syndrome, &transfer), "%s",
			no_transfers[i].what);
	}
}

Test(decode, an_abort_carries_its_transfer)
{
	struct exit_syndrome syndrome = {
		0x93628007, FAR_VALUE, HPFAR_40001, 0x5};
	struct moat_trap trap = exit_decode(EXIT_VECTOR_SYNC, &syndrome);

	cr_assert_eq(trap.has_syndrome, 1);
	cr_assert_eq(trap.size, 2);
	cr_assert_eq(trap.register_index, 2);
	cr_assert_eq(trap.is_signed, 1);
	cr_assert_eq(trap.is_wide, 1);
}

Test(decode, an_abort_without_a_syndrome_carries_zeroes)
{
	struct exit_syndrome syndrome = {
		0x92e28007, FAR_VALUE, HPFAR_40001, 0x5};
	struct moat_trap trap = exit_decode(EXIT_VECTOR_SYNC, &syndrome);

	cr_assert_eq(trap.kind, MOAT_TRAP_ABORT);
	cr_assert_eq(trap.has_syndrome, 0);
	cr_assert_eq(trap.size, 0);
	cr_assert_eq(trap.register_index, 0);
	cr_assert_eq(trap.is_signed, 0);
	cr_assert_eq(trap.is_wide, 0);
}

/* HPFAR_EL2 is written for all others (D19.2.62). */
Test(decode, only_a_permission_fault_needs_a_walk)
{
	static const uint64_t others[] = {0x92000007, 0x9200000b, 0x9200008f,
		0x92000000, 0x92000010, 0x9600000f, 0x5a00000f};
	struct exit_syndrome data = {0x9200004f, 0, 0, 0x5};
	struct exit_syndrome fetch = {0x8200000e, 0, 0, 0x5};

	cr_expect(exit_needs_walk(&data));
	cr_expect(exit_needs_walk(&fetch));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct exit_syndrome other = {others[i], 0, 0, 0x5};

		cr_expect_not(exit_needs_walk(&other), "%llx",
			(unsigned long long)others[i]);
	}
}

/* PAR_EL1: output address in bits 51:12, attributes above and below. */
Test(decode, a_walk_gives_the_page)
{
	struct exit_syndrome syndrome = {0x9200004f, FAR_VALUE, 0, 0x5};
	uint64_t ipa = 0;

	cr_assert(exit_walked(&syndrome, UINT64_C(0xff00000040001b80)));
	cr_assert(exit_ipa(&syndrome, &ipa));
	cr_assert_eq(ipa, 0x40001678);
	cr_assert_not(exit_walked(&syndrome, UINT64_C(0x40001b81)));
}

/* { class, pstate, is it undefined } */
static const struct {
	const char *what;
	uint64_t esr;
	uint64_t pstate;
	bool is_undefined;
} classes[] = {
	{"system register", 0x62300000, 0x5, true},
	{"FP", 0x1fe00000, 0x5, true},
	{"SVE", 0x66000000, 0x5, true},
	{"SME", 0x76000000, 0x5, true},
	{"PAuth", 0x26000000, 0x5, true},
	{"MCR of AArch32", 0x0e000000, 0x10, true},
	{"WFI of AArch32", 0x07e00000, 0x10, true},
	{"WFI", 0x07e00000, 0x5, false},
	{"HVC", 0x5a000000, 0x5, false},
	{"SMC", 0x5e000000, 0x5, false},
	{"abort", 0x92000007, 0x5, false},
	{"unknown", 0x02000000, 0x5, false},
};

Test(decode, what_a_guest_has_not_is_undefined)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct exit_syndrome syndrome = {
			classes[i].esr, 0, 0, classes[i].pstate};

		cr_expect_eq(exit_is_undefined(&syndrome),
			classes[i].is_undefined, "%s", classes[i].what);
	}
}

/* ID_AA64MMFR0_EL1: TGran4_2 (43:40), TGran64_2 (39:36), TGran16_2 (35:32),
 * TGran4 (31:28), TGran64 (27:24), TGran16 (23:20). */
static const struct {
	uint64_t mmfr0;
	bool has_4k, has_16k, has_64k;
} granules[] = {
	{0x00000001124, true, false, true}, /* Cortex-A72 */
	{0x00000101125, true, true, true}, /* Neoverse N1 */
	{0x32210201126, true, true, true}, /* much as QEMU's "max" */
	{0x000f0101125, false, true, true},
	{0x0000f101125, true, true, false},
	{0x10000101125, false, true, true}, /* not at stage 2 */
	{0x01000101125, true, true, false},
	{0x00100101125, true, false, true},
	{0x222ff001125, true, true, true}, /* at stage 2 alone */
	{0x111ff001125, false, false, false},
	{0x000ff001125, false, false, false},
	/* What is younger: from 8 on it is negative. */
	{0x00077701125, true, true, true},
	{0x00088801125, false, false, false},
};

Test(decode, cpu_says_which_pages_stage_2_has)
{
	for (size_t i = 0; i < sizeof(granules) / sizeof(granules[0]); i++) {
		unsigned long long mmfr0 = granules[i].mmfr0;

		cr_expect_eq(exit_has_granule(12, mmfr0), granules[i].has_4k,
			"4 KiB of %llx", mmfr0);
		cr_expect_eq(exit_has_granule(14, mmfr0), granules[i].has_16k,
			"16 KiB of %llx", mmfr0);
		cr_expect_eq(exit_has_granule(16, mmfr0), granules[i].has_64k,
			"64 KiB of %llx", mmfr0);
	}
}

/* { page bits, ipa_bits, start level, PARange, VTCR_EL2 }: PS (18:16) is never
 * above 5; TG0 (15:14); SL0 (7:6) is 2 for a start at level 0 with 4 KiB, and
 * at level 1 with the others; T0SZ (5:0). */
static const struct {
	uint32_t page_bits;
	uint32_t ipa_bits;
	uint32_t start_level;
	uint64_t mmfr0;
	uint64_t vtcr;
} widths[] = {
	{12, 32, 2, 0x1124, 0x80043520},
	{12, 34, 2, 0x1124, 0x8004351e},
	{12, 35, 1, 0x1124, 0x8004355d},
	{12, 39, 1, 0x1124, 0x80043559},
	{12, 43, 1, 0x1125, 0x80053555},
	{12, 44, 0, 0x1125, 0x80053594},
	{12, 44, 0, 0x1126, 0x80053594},
	{12, 48, 0, 0x1126, 0x80053590},
	{12, 40, 1, 0x1122, 0x80023558},
	{14, 32, 2, 0x1124, 0x8004b560},
	{14, 40, 2, 0x1122, 0x8002b558},
	{14, 41, 1, 0x1124, 0x8004b597},
	{14, 48, 1, 0x1125, 0x8005b590},
	{16, 32, 2, 0x1124, 0x80047560},
	{16, 44, 2, 0x1124, 0x80047554},
	{16, 46, 2, 0x1125, 0x80057552},
	{16, 47, 1, 0x1125, 0x80057591},
};

Test(decode, vtcr_says_where_the_walk_starts)
{
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct moat_stage2 stage2 = {.ipa_bits = widths[i].ipa_bits,
			.start_level = widths[i].start_level};
		uint64_t vtcr = exit_vtcr(
			&stage2, widths[i].page_bits, widths[i].mmfr0);

		cr_expect_eq(vtcr, widths[i].vtcr, "%u bits: %llx",
			widths[i].ipa_bits, (unsigned long long)vtcr);
	}
}
