/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interrupts: what of the list registers that a host gives reaches the
 * vCPU, and what it gets back. Bits as in ICH_LR<n>_EL2 (Arm GIC, 12.4.6).
 */
#include <criterion/criterion.h>

#include "stage.h"
#include "table.h"

#define OK MOAT_OK
#define PENDING UINT64_C(0x4000000000000000)
#define ACTIVE UINT64_C(0x8000000000000000)
#define HARDWARE UINT64_C(0x2000000000000000)
#define GROUP_1 UINT64_C(0x1000000000000000)
#define PRIORITY(p) ((uint64_t)(p) << 48)
#define EOI UINT64_C(0x20000000000)
#define MASKED UINT64_C(0x10ff020000000000) /* group, priority, EOI */

/* ---- One register ------------------------------------------------------ */

/* { what the host gives, what the vCPU gets } */
static const struct given_row {
	const char *name;
	uint64_t given, got;
} given_rows[] = {
	{"nothing", 0, 0},
	{"interrupt 0", PENDING, PENDING},
	{"an SPI", PENDING + GROUP_1 + PRIORITY(0xa0) + 32,
		PENDING + GROUP_1 + PRIORITY(0xa0) + 32},
	{"every field", PENDING + ACTIVE + MASKED + 1019,
		PENDING + ACTIVE + MASKED + 1019},
	{"active", ACTIVE + 40, ACTIVE + 40},
	{"inactive", MASKED + 40, 0},
	{"inactive, hardware", HARDWARE + 40, 0},
	{"hardware", PENDING + HARDWARE + 40, 0},
	{"hardware, active", ACTIVE + HARDWARE + 40, 0},
	{"hardware, with a physical one", 0x60000028000000a0, 0},
	{"the last SPI", PENDING + 1019, PENDING + 1019},
	{"the first special one", PENDING + 1020, 0},
	{"the last special one", PENDING + 1023, 0},
	{"an LPI", PENDING + 8192, 0},
	{"2^31", PENDING + 0x80000000, 0},
	{"2^32 - 1", PENDING + 0xffffffff, 0},
	{"before the timer", PENDING + 26, PENDING + 26},
	{"the virtual timer", PENDING + 27, 0},
	{"the virtual timer, active", ACTIVE + 27, 0},
	{"behind the timer", PENDING + 28, PENDING + 28},
	/* Bits that have no meaning: 59:56, 47:42, 40:32. */
	{"reserved bits", PENDING + 0x0f00fdff00000000 + 33, PENDING + 33},
	{"all ones but hardware", 0xdfffffff00000021,
		PENDING + ACTIVE + MASKED + 33},
	{"all ones", UINT64_MAX, 0},
};

static void expect_list(const struct stage *stage, const uint64_t *got)
{
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		expect_equal("a list register of the vCPU",
			stage->context->list_register[i], got[i]);
	}
}

static const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
static const uint64_t irq_record[15] = {OK, MOAT_EXIT_IRQ};

/* Give registers, see what arrives. */
static void run_given(const struct moat_config *config, const uint64_t *given,
	const uint64_t *got)
{
	struct bed bed = bed_make_of(config);
	struct moat_regs regs = stage_entry(0);
	struct stage stage;

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	stage = stage_make_of(bed);
	stage_exit(&stage, &irq, irq_record);
	/* What was there before is no part of what is given now. */
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		stage.context->list_register[i] = PENDING + 100 + i;
		regs.x[10 + i] = given[i];
	}
	expect_equal("a run", bed_call(&stage.bed, STAGE_CPU, &regs), OK);
	expect_list(&stage, got);
	bed_end(&stage.bed);
}

Test(interrupt, each_list_register_is_made_safe)
{
	const struct moat_config config = bed_config();

	for (size_t i = 0; i < LENGTH(given_rows); i++) {
		const struct given_row *row = &given_rows[i];

		for (uint32_t at = 0; at < BED_LIST_REGISTERS; at++) {
			uint64_t given[4] = {0};
			uint64_t got[4] = {0};

			bed_about("%s in list register %u", row->name,
				(unsigned)at);
			given[at] = row->given;
			got[at] = row->got;
			run_given(&config, given, got);
		}
	}
}

/* ---- Several registers ------------------------------------------------- */

/* { the machine's list registers, what the host gives, what the vCPU gets } */
static const struct list_row {
	const char *name;
	uint32_t count;
	uint64_t given[4], got[4];
} list_rows[] = {
	{"three", 4, {PENDING + 32, PENDING + 33, ACTIVE + 34, 0},
		{PENDING + 32, PENDING + 33, ACTIVE + 34, 0}},
	{"the fourth is the engine's", 4, {0, 0, 0, PENDING + 32}, {0}},
	{"two, of two that a host has", 3,
		{PENDING + 32, PENDING + 33, PENDING + 34, PENDING + 35},
		{PENDING + 32, PENDING + 33, 0, 0}},
	{"one that a host has", 2,
		{PENDING + 32, PENDING + 33, PENDING + 34, PENDING + 35},
		{PENDING + 32, 0, 0, 0}},
	{"none that a host has", 1,
		{PENDING + 32, PENDING + 33, PENDING + 34, PENDING + 35}, {0}},
	{"no list registers", 0,
		{PENDING + 32, PENDING + 33, PENDING + 34, PENDING + 35}, {0}},

	{"one twice", 4, {PENDING + 32, PENDING + 32, 0, 0},
		{PENDING + 32, 0, 0, 0}},
	{"one twice, in other states", 4,
		{ACTIVE + 32, PENDING + GROUP_1 + 32, 0, 0},
		{ACTIVE + 32, 0, 0, 0}},
	{"one twice, apart", 4, {PENDING + 32, PENDING + 33, PENDING + 32, 0},
		{PENDING + 32, PENDING + 33, 0, 0}},
	{"one three times", 4, {PENDING + 32, PENDING + 32, PENDING + 32, 0},
		{PENDING + 32, 0, 0, 0}},
	{"the second and third", 4,
		{PENDING + 31, PENDING + 32, PENDING + 32, 0},
		{PENDING + 31, PENDING + 32, 0, 0}},
	{"interrupt 0 twice", 4, {PENDING, PENDING, 0, 0}, {PENDING, 0, 0, 0}},
	{"once empty", 4, {32, PENDING + 32, 0, 0}, {0, PENDING + 32, 0, 0}},
	{"once unsafe", 4, {PENDING + HARDWARE + 32, PENDING + 32, 0, 0},
		{0, PENDING + 32, 0, 0}},
	{"interrupt 0 behind empty ones", 4, {0, 0, PENDING, 0},
		{0, 0, PENDING, 0}},
};

Test(interrupt, each_list_is_made_safe)
{
	for (size_t i = 0; i < LENGTH(list_rows); i++) {
		const struct list_row *row = &list_rows[i];
		struct moat_config config = bed_config();

		bed_about("%s", row->name);
		config.list_register_count = row->count;
		run_given(&config, row->given, row->got);
	}
}

Test(interrupt, features_says_how_many_a_host_has)
{
	static const uint64_t has[] = {0x006, 0x006, 0x106, 0x206, 0x306};

	for (uint32_t count = 0; count < LENGTH(has); count++) {
		struct moat_config config = bed_config();
		struct bed bed;
		struct moat_regs regs;

		config.list_register_count = count;
		bed = bed_make_of(&config);
		regs = bed_do(&bed, moat_features());
		bed_about("%u list registers", (unsigned)count);
		expect_equal("x9", regs.x[9], has[count]);
		bed_end(&bed);
	}
}

/* ---- What comes back --------------------------------------------------- */

/* { the machine's, what the vCPU leaves, ICH_MISR_EL2; x10..x14 } */
static const struct back_row {
	const char *name;
	uint32_t count;
	uint64_t left[4], maintenance;
	uint64_t told[5];
} back_rows[] = {
	{"nothing", 4, {0}, 0, {0}},
	{"states", 4, {PENDING + 32, ACTIVE + 33, PENDING + ACTIVE + 34, 0}, 0,
		{PENDING + 32, ACTIVE + 33, PENDING + ACTIVE + 34, 0, 0}},
	/* An interrupt that was handled: State is 0, the rest stays. */
	{"handled", 4, {MASKED + 32, 0, 0, 0}, 2, {MASKED + 32, 0, 0, 0, 2}},
	{"the engine's own", 4, {0, 0, 0, PENDING + HARDWARE + 27}, 0, {0}},
	{"of a host that has two", 3,
		{PENDING + 32, PENDING + 33, PENDING + 34, PENDING + 35}, 0,
		{PENDING + 32, PENDING + 33, 0, 0, 0}},
	{"of a host that has none", 1, {PENDING + 32, PENDING + 33}, 1,
		{0, 0, 0, 0, 1}},
	{"of a machine that has none", 0, {PENDING + 32, PENDING + 33}, 0, {0}},
	/* Only fields that a host may see, and 8 bits of ICH_MISR_EL2. */
	{"everything", 4, {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
		UINT64_MAX,
		{0xd0ff0200ffffffff, 0xd0ff0200ffffffff, 0xd0ff0200ffffffff, 0,
			0xff}},
};

Test(interrupt, an_exit_returns_the_registers_of_the_host)
{
	for (size_t i = 0; i < LENGTH(back_rows); i++) {
		const struct back_row *row = &back_rows[i];
		struct moat_config config = bed_config();
		uint64_t record[15] = {OK, MOAT_EXIT_IRQ};
		struct stage stage;
		struct bed bed;

		bed_about("%s", row->name);
		config.list_register_count = row->count;
		bed = bed_make_of(&config);
		scene_vm(&bed, 0, MOAT_VM_ACTIVE);
		stage = stage_make_of(bed);
		stage.context->maintenance = row->maintenance;
		for (uint32_t k = 0; k < 5; k++) {
			record[10 + k] = row->told[k];
		}
		for (uint32_t k = 0; k < MOAT_LIST_REGISTER_MAX; k++) {
			stage.context->list_register[k] = row->left[k];
		}
		stage_exit(&stage, &irq, record);
		bed_end(&stage.bed);
	}
}

/* Whatever ends a run, the interrupts come back with it. */
Test(interrupt, every_exit_returns_them)
{
	static const struct moat_trap traps[] = {{.kind = MOAT_TRAP_IRQ},
		{.kind = MOAT_TRAP_WFI}, {.kind = MOAT_TRAP_SERROR},
		{.kind = MOAT_TRAP_OTHER}, {.kind = MOAT_TRAP_ABORT},
		{.kind = MOAT_TRAP_CALL}};

	for (size_t i = 0; i < LENGTH(traps); i++) {
		struct stage stage = stage_make();
		struct moat_regs regs;

		bed_about("trap %u", (unsigned)traps[i].kind);
		stage.context->x[0] = MOAT_PSCI_CPU_OFF;
		stage.context->list_register[1] = ACTIVE + 40;
		stage.context->maintenance = 1;
		bed_trap(&stage.bed, STAGE_CPU, &traps[i], &regs);
		expect_equal("x11", regs.x[11], ACTIVE + 40);
		expect_equal("x14", regs.x[14], 1);
		bed_end(&stage.bed);
	}
}
