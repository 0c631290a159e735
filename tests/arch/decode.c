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
	{"address size, level 0", EXIT_VECTOR_SYNC, 0x92000000, MOAT_TRAP_ABORT,
		MOAT_ACCESS_READ, 0x40001678},
	{"access flag, level 3", EXIT_VECTOR_SYNC, 0x9200000b, MOAT_TRAP_ABORT,
		MOAT_ACCESS_READ, 0x40001678},
	{"stage-1 walk of a write", EXIT_VECTOR_SYNC, 0x920000c7,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001000},
	{"stage-1 walk of a fetch", EXIT_VECTOR_SYNC, 0x82000087,
		MOAT_TRAP_ABORT, MOAT_ACCESS_READ, 0x40001000},
	{"stage-1 walk, permission", EXIT_VECTOR_SYNC, 0x9200008f,
		MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, 0x40001000},
	{"permission: HPFAR_EL2 is unknown", EXIT_VECTOR_SYNC, 0x9200004f,
		MOAT_TRAP_OTHER, 0, 0},
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
			rows[i].esr, FAR_VALUE, HPFAR_40001};
		struct moat_trap trap = exit_decode(rows[i].vector, &syndrome);

		cr_expect_eq(trap.kind, rows[i].kind, "%s: kind %d",
			rows[i].what, (int)trap.kind);
		cr_expect_eq(trap.access, rows[i].access, "%s: access %d",
			rows[i].what, (int)trap.access);
		cr_expect_eq(trap.ipa.value, rows[i].ipa, "%s: ipa %llx",
			rows[i].what, (unsigned long long)trap.ipa.value);
	}
}

Test(decode, an_ipa_has_52_bits)
{
	struct exit_syndrome syndrome = {
		0x92000007, 0xfff, UINT64_C(0x00000ffffffffff0)};
	uint64_t ipa = 0;

	cr_assert(exit_ipa(&syndrome, &ipa));
	cr_assert_eq(ipa, UINT64_C(0xfffffffffffff));
}

Test(decode, only_an_smc_is_still_ahead)
{
	cr_assert_eq(exit_call_length(0x5e000000), 4);
	cr_assert_eq(exit_call_length(0x5a000000), 0);
	cr_assert_eq(exit_call_length(0x07e00000), 0);
}

/* ISV, SAS, SSE, SRT, SF, WnR. */
Test(decode, a_transfer_names_its_register)
{
	struct exit_transfer transfer;

	cr_assert(exit_transfer(0x93830007, &transfer));
	cr_assert_eq(transfer.size, 4);
	cr_assert_eq(transfer.number, 3);
	cr_assert(!transfer.is_write);
	cr_assert(exit_transfer(0x93df8047, &transfer));
	cr_assert_eq(transfer.size, 8);
	cr_assert_eq(transfer.number, 31);
	cr_assert(transfer.is_write);
	cr_assert(exit_transfer(0x93010007, &transfer));
	cr_assert_eq(transfer.size, 1);
	cr_assert_eq(transfer.number, 1);
}

Test(decode, a_transfer_that_is_not_described_is_none)
{
	struct exit_transfer transfer;

	cr_assert_not(exit_transfer(0x92830007, &transfer)); /* no ISV */
	cr_assert_not(exit_transfer(0x93a30007, &transfer)); /* signed */
	cr_assert_not(exit_transfer(0x93830087, &transfer)); /* walk */
	cr_assert_not(exit_transfer(0x83830007, &transfer)); /* fetch */
}

/* { ipa_bits, start level, PARange, VTCR_EL2 }: SL0 is 2 for a start at level
 * 0; PS is never above 5. */
static const struct {
	uint32_t ipa_bits;
	uint32_t start_level;
	uint64_t mmfr0;
	uint64_t vtcr;
} widths[] = {
	{32, 2, 0x1124, 0x80043520},
	{34, 2, 0x1124, 0x8004351e},
	{35, 1, 0x1124, 0x8004355d},
	{39, 1, 0x1124, 0x80043559},
	{43, 1, 0x1125, 0x80053555},
	{44, 0, 0x1125, 0x80053594},
	{44, 0, 0x1126, 0x80053594},
	{40, 1, 0x1122, 0x80023558},
};

Test(decode, vtcr_says_where_the_walk_starts)
{
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		uint64_t vtcr = exit_vtcr(widths[i].ipa_bits,
			widths[i].start_level, widths[i].mmfr0);

		cr_expect_eq(vtcr, widths[i].vtcr, "%u bits: %llx",
			widths[i].ipa_bits, (unsigned long long)vtcr);
	}
}
