/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last exit of a vCPU, times the flags of the entry that answers it: what
 * the entry may do, exactly, and that it does nothing else.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "inside.h"
#include "moat/port.h"
#include "stage.h"
#include "table.h"

#define OK MOAT_OK
#define BAD_ARG AT(MOAT_BAD_ARG, 3)
#define BAD_ENTRY AT(MOAT_BAD_ENTRY, 3)
#define IS_OFF AT(MOAT_VCPU_IS_OFF, 2)

enum last_exit {
	NEVER_RAN,
	IRQ,
	WFI,
	FAULT,
	MMIO_READ,
	MMIO_WRITE,
	HOST_CALL,
	SUSPEND, /* PSCI; the exit is a WFI */
	CPU_ON,
	CPU_OFF,
	SYSTEM_OFF,
	SYSTEM_RESET,
	SHARE,
	UNSHARE,
	RELINQUISH,
	SERROR,
	OTHER,
	LAST_EXIT_COUNT
};

static const char *const last_exit_names[LAST_EXIT_COUNT] = {"no exit yet",
	"IRQ", "WFI", "FAULT", "MMIO read", "MMIO write", "HOST_CALL",
	"CPU_SUSPEND", "CPU_ON", "CPU_OFF", "SYSTEM_OFF", "SYSTEM_RESET",
	"SHARE", "UNSHARE", "RELINQUISH", "SERROR", "OTHER"};

enum flags { NONE, ABORT, UNDERFLOW, BOTH, UNKNOWN, UNKNOWN_HIGH };

static const struct named_call flag_names[] = {
	{NONE, "no flag"},
	{ABORT, "ABORT"},
	{UNDERFLOW, "UNDERFLOW"},
	{BOTH, "ABORT and UNDERFLOW"},
	{UNKNOWN, "flag 4"},
	{UNKNOWN_HIGH, "flag 2^32"},
};

static const uint64_t flag_values[] = {[NONE] = 0,
	[ABORT] = 1,
	[UNDERFLOW] = 2,
	[BOTH] = 3,
	[UNKNOWN] = 4,
	[UNKNOWN_HIGH] = 0x100000000};

/* What the entry does to the vCPU. */
enum effect {
	NOTHING,
	ANSWERS, /* x0, x1 zero; the declared registers */
	LOADS, /* the register of the access; the PC goes on */
	STEPS, /* the PC goes on */
	ABORTS /* the port gives an abort */
};

/* { the last exit, the flags, the answer, the effect } */
static const struct row rows[] = {
	{NEVER_RAN, NONE, OK, NOTHING},
	{NEVER_RAN, ABORT, BAD_ENTRY, NOTHING},
	{NEVER_RAN, UNDERFLOW, OK, NOTHING},
	{NEVER_RAN, BOTH, BAD_ENTRY, NOTHING},
	{NEVER_RAN, UNKNOWN, BAD_ARG, NOTHING},
	{NEVER_RAN, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{IRQ, NONE, OK, NOTHING},
	{IRQ, ABORT, BAD_ENTRY, NOTHING},
	{IRQ, UNDERFLOW, OK, NOTHING},
	{IRQ, BOTH, BAD_ENTRY, NOTHING},
	{IRQ, UNKNOWN, BAD_ARG, NOTHING},
	{IRQ, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{WFI, NONE, OK, NOTHING},
	{WFI, ABORT, BAD_ENTRY, NOTHING},
	{WFI, UNDERFLOW, OK, NOTHING},
	{WFI, BOTH, BAD_ENTRY, NOTHING},
	{WFI, UNKNOWN, BAD_ARG, NOTHING},
	{WFI, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{FAULT, NONE, OK, NOTHING},
	{FAULT, ABORT, OK, ABORTS},
	{FAULT, UNDERFLOW, OK, NOTHING},
	{FAULT, BOTH, OK, ABORTS},
	{FAULT, UNKNOWN, BAD_ARG, NOTHING},
	{FAULT, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{MMIO_READ, NONE, OK, LOADS},
	{MMIO_READ, ABORT, OK, ABORTS},
	{MMIO_READ, UNDERFLOW, OK, LOADS},
	{MMIO_READ, BOTH, OK, ABORTS},
	{MMIO_READ, UNKNOWN, BAD_ARG, NOTHING},
	{MMIO_READ, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{MMIO_WRITE, NONE, OK, STEPS},
	{MMIO_WRITE, ABORT, OK, ABORTS},
	{MMIO_WRITE, UNDERFLOW, OK, STEPS},
	{MMIO_WRITE, BOTH, OK, ABORTS},
	{MMIO_WRITE, UNKNOWN, BAD_ARG, NOTHING},
	{MMIO_WRITE, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{HOST_CALL, NONE, OK, ANSWERS},
	{HOST_CALL, ABORT, BAD_ENTRY, NOTHING},
	{HOST_CALL, UNDERFLOW, OK, ANSWERS},
	{HOST_CALL, BOTH, BAD_ENTRY, NOTHING},
	{HOST_CALL, UNKNOWN, BAD_ARG, NOTHING},
	{HOST_CALL, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{SUSPEND, NONE, OK, NOTHING},
	{SUSPEND, ABORT, BAD_ENTRY, NOTHING},
	{SUSPEND, UNDERFLOW, OK, NOTHING},
	{SUSPEND, BOTH, BAD_ENTRY, NOTHING},
	{SUSPEND, UNKNOWN, BAD_ARG, NOTHING},
	{SUSPEND, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{CPU_ON, NONE, OK, NOTHING},
	{CPU_ON, ABORT, BAD_ENTRY, NOTHING},
	{CPU_ON, UNDERFLOW, OK, NOTHING},
	{CPU_ON, BOTH, BAD_ENTRY, NOTHING},
	{CPU_ON, UNKNOWN, BAD_ARG, NOTHING},
	{CPU_ON, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{CPU_OFF, NONE, IS_OFF, NOTHING},
	{CPU_OFF, ABORT, IS_OFF, NOTHING},
	{CPU_OFF, UNDERFLOW, IS_OFF, NOTHING},
	{CPU_OFF, BOTH, IS_OFF, NOTHING},
	{CPU_OFF, UNKNOWN, BAD_ARG, NOTHING},
	{CPU_OFF, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{SYSTEM_OFF, NONE, IS_OFF, NOTHING},
	{SYSTEM_OFF, ABORT, IS_OFF, NOTHING},
	{SYSTEM_OFF, UNDERFLOW, IS_OFF, NOTHING},
	{SYSTEM_OFF, BOTH, IS_OFF, NOTHING},
	{SYSTEM_OFF, UNKNOWN, BAD_ARG, NOTHING},
	{SYSTEM_OFF, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{SYSTEM_RESET, NONE, IS_OFF, NOTHING},
	{SYSTEM_RESET, ABORT, IS_OFF, NOTHING},
	{SYSTEM_RESET, UNDERFLOW, IS_OFF, NOTHING},
	{SYSTEM_RESET, BOTH, IS_OFF, NOTHING},
	{SYSTEM_RESET, UNKNOWN, BAD_ARG, NOTHING},
	{SYSTEM_RESET, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{SHARE, NONE, OK, NOTHING},
	{SHARE, ABORT, BAD_ENTRY, NOTHING},
	{SHARE, UNDERFLOW, OK, NOTHING},
	{SHARE, BOTH, BAD_ENTRY, NOTHING},
	{SHARE, UNKNOWN, BAD_ARG, NOTHING},
	{SHARE, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{UNSHARE, NONE, OK, NOTHING},
	{UNSHARE, ABORT, BAD_ENTRY, NOTHING},
	{UNSHARE, UNDERFLOW, OK, NOTHING},
	{UNSHARE, BOTH, BAD_ENTRY, NOTHING},
	{UNSHARE, UNKNOWN, BAD_ARG, NOTHING},
	{UNSHARE, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{RELINQUISH, NONE, OK, NOTHING},
	{RELINQUISH, ABORT, BAD_ENTRY, NOTHING},
	{RELINQUISH, UNDERFLOW, OK, NOTHING},
	{RELINQUISH, BOTH, BAD_ENTRY, NOTHING},
	{RELINQUISH, UNKNOWN, BAD_ARG, NOTHING},
	{RELINQUISH, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{SERROR, NONE, OK, NOTHING},
	{SERROR, ABORT, BAD_ENTRY, NOTHING},
	{SERROR, UNDERFLOW, OK, NOTHING},
	{SERROR, BOTH, BAD_ENTRY, NOTHING},
	{SERROR, UNKNOWN, BAD_ARG, NOTHING},
	{SERROR, UNKNOWN_HIGH, BAD_ARG, NOTHING},

	{OTHER, NONE, OK, NOTHING},
	{OTHER, ABORT, BAD_ENTRY, NOTHING},
	{OTHER, UNDERFLOW, OK, NOTHING},
	{OTHER, BOTH, BAD_ENTRY, NOTHING},
	{OTHER, UNKNOWN, BAD_ARG, NOTHING},
	{OTHER, UNKNOWN_HIGH, BAD_ARG, NOTHING},
};

/* ---- The port, watched ------------------------------------------------- */

/* The linker leads the engine here (--wrap), and here to the port. */
void __real_moat_port_context_abort(struct moat_context *context,
	struct moat_ipa ipa, enum moat_access access);
void __wrap_moat_port_context_abort(struct moat_context *context,
	struct moat_ipa ipa, enum moat_access access);

static struct {
	uint32_t count;
	const struct moat_context *context;
	struct moat_ipa ipa;
	enum moat_access access;
} aborted;

void __wrap_moat_port_context_abort(struct moat_context *context,
	struct moat_ipa ipa, enum moat_access access)
{
	aborted.count++;
	aborted.context = context;
	aborted.ipa = ipa;
	aborted.access = access;
	__real_moat_port_context_abort(context, ipa, access);
}

/* ---- How to come to each exit ------------------------------------------ */

#define FAULT_IPA UINT64_C(0x7654320abc)
#define MMIO_IPA (IPA_UPPER + 0x10)

static struct moat_trap mmio_of(enum moat_access access)
{
	return (struct moat_trap){.kind = MOAT_TRAP_ABORT,
		.access = access,
		.ipa = {MMIO_IPA},
		.has_syndrome = 1,
		.size = 8,
		.register_index = 7,
		.is_wide = 1};
}

static struct moat_trap trap_of(uint32_t is)
{
	switch (is) {
	case IRQ:
		return (struct moat_trap){.kind = MOAT_TRAP_IRQ};
	case WFI:
		return (struct moat_trap){.kind = MOAT_TRAP_WFI};
	case FAULT:
		return (struct moat_trap){.kind = MOAT_TRAP_ABORT,
			.access = MOAT_ACCESS_FETCH,
			.ipa = {FAULT_IPA}};
	case MMIO_READ:
		return mmio_of(MOAT_ACCESS_READ);
	case MMIO_WRITE:
		return mmio_of(MOAT_ACCESS_WRITE);
	case SERROR:
		return (struct moat_trap){.kind = MOAT_TRAP_SERROR};
	default:
		return (struct moat_trap){.kind = MOAT_TRAP_OTHER};
	}
}

/* Of an exit that is a call: its x0..x3. */
static const struct moat_regs calls[LAST_EXIT_COUNT] = {
	[HOST_CALL] = {{0xc6000101, 2, GUEST(2), GUEST(3)}},
	[SUSPEND] = {{0x84000001}},
	[CPU_ON] = {{0xc4000003, 3, 0x80000, 5}},
	[CPU_OFF] = {{0x84000002}},
	[SYSTEM_OFF] = {{0x84000008}},
	[SYSTEM_RESET] = {{0x84000009}},
	[SHARE] = {{0xc6000103, IPA_VM_PAGE, 1}},
	[UNSHARE] = {{0xc6000104, IPA_SHARED_PAGE, 1}},
	[RELINQUISH] = {{0xc6000105, IPA_VM_PAGE, 1}},
};

static void leave(struct stage *stage, uint32_t is)
{
	struct moat_trap trap = trap_of(is);
	struct moat_regs regs;
	enum moat_action action;

	if (calls[is].x[0] != 0) {
		action = bed_ask(&stage->bed, STAGE_CPU, &calls[is]).action;
	} else {
		action = bed_trap(&stage->bed, STAGE_CPU, &trap, &regs);
	}
	expect_equal("the exit", action, MOAT_HOST_RETURN);
	stage->before = *stage->context;
}

static struct bed vm_with_a_vcpu_off(void)
{
	struct bed bed = bed_make();

	scene_build(&bed, 0);
	scene_fill(&bed, 0);
	scene_vcpu(&bed, 0, 1);
	scene_vcpu_off(&bed, 0, 3);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){0}));
	scene_share(&bed, 0);
	return bed;
}

/* A vCPU that never ran is number 1, all others have 0. */
static struct stage stage_after(uint32_t is)
{
	struct stage stage;

	if (is != NEVER_RAN) {
		stage = stage_make_of(vm_with_a_vcpu_off());
		leave(&stage, is);
		return stage;
	}
	stage.bed = vm_with_a_vcpu_off();
	stage.context = inside_context(&stage.bed, 0, 1);
	stage.before = *stage.context;
	return stage;
}

/* ---- What the entry did ------------------------------------------------ */

static void expect_abort(const struct stage *stage, uint32_t is)
{
	expect_equal("aborts", aborted.count, 1);
	expect(aborted.context == stage->context, "it is this vCPU's");
	expect_equal(
		"where", aborted.ipa.value, is == FAULT ? FAULT_IPA : MMIO_IPA);
	expect_equal("the access", aborted.access, trap_of(is).access);
	for (uint32_t i = 0; i < STAGE_GENERAL; i++) {
		expect_equal("a guest register", stage->context->x[i],
			stage->before.x[i]);
	}
}

static void expect_effect(struct stage *stage, uint32_t is, uint32_t effect)
{
	if (effect == ABORTS) {
		expect_abort(stage, is);
		return;
	}
	expect_equal("aborts", aborted.count, 0);
	if (effect == ANSWERS) {
		stage->before.x[0] = OK;
		stage->before.x[1] = 0;
		stage->before.x[2] = HOST(4);
		stage->before.x[3] = HOST(5);
	}
	if (effect == LOADS) {
		stage->before.x[7] = HOST(4);
	}
	if (effect == LOADS || effect == STEPS) {
		stage->before.pc += 4;
	}
	stage_expect(stage, "this is all that the entry did");
}

static void run(const struct row *row)
{
	struct stage stage = stage_after(row->is);
	struct moat_regs regs = stage_entry(flag_values[row->call]);

	memset(&aborted, 0, sizeof(aborted));
	if (row->is == NEVER_RAN) {
		regs.x[2] = 1;
	}
	expect_equal("the answer", bed_call(&stage.bed, STAGE_CPU, &regs),
		row->answer);
	if (row->answer == OK) {
		stage.before.wants_maintenance = flag_values[row->call] / 2;
	}
	expect_effect(&stage, row->is, row->becomes);
	bed_end(&stage.bed);
}

Test(pending, each_exit_meets_each_entry)
{
	const struct table table = {rows, LENGTH(rows), last_exit_names,
		LAST_EXIT_COUNT, flag_names, LENGTH(flag_names)};

	table_run(&table, run);
}

/* A refused entry leaves the exit pending; the right one still answers it. */
Test(pending, what_is_pending_stays_until_it_is_answered)
{
	struct stage stage = stage_after(HOST_CALL);
	struct moat_regs regs = stage_entry(MOAT_ENTRY_ABORT);

	bed_about("an answer after a refused one");
	expect_equal(
		"an abort", bed_call(&stage.bed, STAGE_CPU, &regs), BAD_ENTRY);
	regs = stage_entry(0);
	expect_equal("an answer", bed_call(&stage.bed, STAGE_CPU, &regs), OK);
	expect_equal("x2 of the guest", stage.context->x[2], HOST(4));
	bed_end(&stage.bed);
}

/* An exit that was answered permits nothing more. */
Test(pending, an_exit_is_answered_once)
{
	static const uint32_t answered[] = {FAULT, MMIO_READ, MMIO_WRITE};

	for (size_t i = 0; i < LENGTH(answered); i++) {
		struct stage stage = stage_after(answered[i]);
		struct moat_regs regs = stage_entry(0);

		bed_about("%s, answered before", last_exit_names[answered[i]]);
		expect_equal("an answer",
			bed_call(&stage.bed, STAGE_CPU, &regs), OK);
		stage_mark(&stage);
		leave(&stage, IRQ);
		regs = stage_entry(MOAT_ENTRY_ABORT);
		expect_equal(
			"an abort", bed_call(&stage.bed, 2, &regs), BAD_ENTRY);
		regs = stage_entry(0);
		expect_equal("a run", bed_call(&stage.bed, 2, &regs), OK);
		stage_expect(&stage, "the vCPU is as it was");
		bed_end(&stage.bed);
	}
}
