/* SPDX-License-Identifier: BSD-2-Clause */
/* The exception that EL1 gets in place of a stage-2 abort. */
#include <criterion/criterion.h>

#include "arch-aarch64/exit.h"

/* SCTLR_EL1 with SPAN (bit 23), and with DSSBS (bit 44) on top. */
#define SCTLR UINT64_C(0x30d00800)
#define SCTLR_DSSBS UINT64_C(0x100030d00800)
#define SCTLR_NO_SPAN UINT64_C(0x30500800)

/* { pstate before, sctlr, mte, pstate after, offset of the vector } */
static const struct {
	const char *what;
	uint64_t pstate;
	uint64_t sctlr;
	bool has_mte;
	uint64_t after;
	uint64_t offset;
} places[] = {
	{"EL1h", 0x5, SCTLR, false, 0x3c5, 0x200},
	{"EL1t", 0x4, SCTLR, false, 0x3c5, 0x000},
	{"EL0", 0x0, SCTLR, false, 0x3c5, 0x400},
	{"AArch32", 0x10, SCTLR, false, 0x3c5, 0x600},
	{"Thumb", 0x30, SCTLR, false, 0x3c5, 0x600},
	{"flags stay", 0xf0000005, SCTLR, false, 0xf00003c5, 0x200},
	{"PAN stays", 0x00400005, SCTLR, false, 0x004003c5, 0x200},
	{"PAN is set", 0x0, SCTLR_NO_SPAN, false, 0x004003c5, 0x400},
	{"UAO, SS, IL go", 0x00b00005, SCTLR, false, 0x3c5, 0x200},
	{"BTYPE goes", 0xc05, SCTLR, false, 0x3c5, 0x200},
	{"SSBS goes", 0x1005, SCTLR, false, 0x3c5, 0x200},
	{"SSBS comes", 0x5, SCTLR_DSSBS, false, 0x13c5, 0x200},
	{"DIT stays", 0x01000005, SCTLR, false, 0x010003c5, 0x200},
	{"DIT of AArch32 stays", 0x00200010, SCTLR, false, 0x010003c5, 0x600},
	{"AArch32, an odd mode", 0x13, SCTLR, false, 0x3c5, 0x600},
	{"IT, GE, Q of AArch32 go", 0x0e0ffe30, SCTLR, false, 0x3c5, 0x600},
	{"the MMU is on", 0x5, SCTLR | 1, false, 0x3c5, 0x200},
	{"PAN is set, the MMU is on", 0x5, SCTLR_NO_SPAN | 1, false, 0x004003c5,
		0x200},
	{"TCO is set", 0x5, SCTLR, true, 0x020003c5, 0x200},
};

Test(inject, pstate_and_vector_follow_the_place)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct exit_target target = {places[i].pstate, 0x40080800,
			places[i].sctlr, places[i].has_mte};
		struct exit_injection injection =
			exit_inject_abort(0x92000007, &target);

		cr_expect_eq(injection.pstate, places[i].after, "%s: %llx",
			places[i].what, (unsigned long long)injection.pstate);
		cr_expect_eq(injection.pc, 0x40080800 + places[i].offset,
			"%s: %llx", places[i].what,
			(unsigned long long)injection.pc);
	}
}

/* { stage-2 syndrome, from EL0, syndrome for EL1 } */
static const struct {
	const char *what;
	uint64_t esr;
	uint64_t pstate;
	uint64_t injected;
} aborts[] = {
	{"read of EL1", 0x93830007, 0x5, 0x96000010},
	{"write of EL1", 0x93830047, 0x5, 0x96000050},
	{"read of EL0", 0x93830007, 0x0, 0x92000010},
	{"write of AArch32", 0x93830047, 0x10, 0x92000050},
	{"16-bit instruction", 0x90000007, 0x30, 0x90000010},
	{"cache maintenance", 0x92000147, 0x5, 0x96000150},
	{"walk", 0x92000087, 0x5, 0x96000010},
	{"fetch of EL1", 0x82000007, 0x5, 0x86000010},
	{"fetch of EL0", 0x82000007, 0x0, 0x82000010},
	{"fetch, and what a fetch has not", 0x82000147, 0x5, 0x86000010},
	{"fetch, permission", 0x8200000f, 0x5, 0x86000010},
};

Test(inject, an_abort_is_external_and_synchronous)
{
	for (size_t i = 0; i < sizeof(aborts) / sizeof(aborts[0]); i++) {
		struct exit_target target = {aborts[i].pstate, 0, SCTLR, false};
		struct exit_injection injection =
			exit_inject_abort(aborts[i].esr, &target);

		cr_expect_eq(injection.esr, aborts[i].injected, "%s: %llx",
			aborts[i].what, (unsigned long long)injection.esr);
	}
}

Test(inject, an_undefined_instruction_has_no_syndrome)
{
	struct exit_target target = {0x5, 0x40080000, SCTLR, false};

	cr_assert_eq(
		exit_inject_undefined(0x62300c41, &target).esr, 0x02000000);
	cr_assert_eq(exit_inject_undefined(0x60300c41, &target).esr, 0);
	cr_assert_eq(exit_inject_undefined(0x62300c41, &target).pc, 0x40080200);
}

Test(inject, the_low_bits_of_vbar_do_not_count)
{
	struct exit_target target = {0x5, 0x400807ff, SCTLR, false};

	cr_assert_eq(exit_inject_abort(0x92000007, &target).pc, 0x40080200);
}
