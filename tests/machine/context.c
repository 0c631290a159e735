/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the port makes of a context at a reset and at an abort, written out from
 * the Arm ARM: D1.3.1.5 (vectors), D17.2 (ESR_EL1), C5.2 (PSTATE).
 */
#include "bed.h"

#include <string.h>

/* What of arch[] this port uses, by its place there. */
enum { MPIDR, VBAR, ELR, SPSR, ESR, FAR, ARCH_USED };

enum { MASKED_EL1H = 0x3c5 };

static void a_reset_leaves_nothing_of_before(void)
{
	struct moat_context expected;
	struct moat_context context;

	memset(&context, 0xa5, sizeof(context));
	moat_port_context_reset(&context, 7, 0x1234, 0x5678);
	memset(&expected, 0, sizeof(expected));
	expected.x[0] = 0x5678;
	expected.pc = 0x1234;
	expected.pstate = MASKED_EL1H;
	expected.deadline = UINT64_MAX;
	expected.arch[MPIDR] = 7;
	expect(memcmp(&context, &expected, sizeof(context)) == 0, "a reset");
}

static void an_abort_is_taken_from_each_mode(void)
{
	const struct {
		uint64_t pstate;
		enum moat_access access;
		uint64_t esr;
		uint64_t vector;
	} rows[] = {
		{0x0, MOAT_ACCESS_READ, 0x92000010, 0x400},
		{0x0, MOAT_ACCESS_WRITE, 0x92000010, 0x400},
		{0x0, MOAT_ACCESS_FETCH, 0x82000010, 0x400},
		{0x4, MOAT_ACCESS_READ, 0x96000010, 0x000},
		{0x4, MOAT_ACCESS_FETCH, 0x86000010, 0x000},
		{0x3c5, MOAT_ACCESS_WRITE, 0x96000010, 0x200},
		{0x60000345, MOAT_ACCESS_FETCH, 0x86000010, 0x200},
		/* AArch32 at EL0: the mode is more than the level. */
		{0x10, MOAT_ACCESS_READ, 0x92000010, 0x400},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_context context;
		struct moat_context expected;

		memset(&context, 0x5a, sizeof(context));
		context.pc = 0x8000;
		context.pstate = rows[i].pstate;
		context.arch[VBAR] = 0x70000;
		expected = context;
		expected.arch[ELR] = 0x8000;
		expected.arch[SPSR] = rows[i].pstate;
		expected.arch[ESR] = rows[i].esr;
		expected.arch[FAR] = 0x4321;
		expected.pstate = MASKED_EL1H;
		expected.pc = 0x70000 + rows[i].vector;
		moat_port_context_abort(
			&context, (struct moat_ipa){0x4321}, rows[i].access);
		expect(memcmp(&context, &expected, sizeof(context)) == 0,
			"an abort");
	}
}

/* The pages of a context are written: a comparison has to look at them. */
static void a_context_that_is_written_is_fresh(struct host_machine *machine)
{
	struct moat_context *context =
		(void *)host_machine_memory(machine, BED_BLOCK);

	host_machine_forget_fresh(machine);
	moat_port_context_reset(context, 0, 0, 0);
	expect(machine->fresh_count == 1, "a context that is reset");
	host_machine_forget_fresh(machine);
	moat_port_context_abort(
		context, (struct moat_ipa){0}, MOAT_ACCESS_READ);
	expect(machine->fresh_count == 1, "a context that gets an abort");
}

void test_context(void)
{
	struct host_machine *machine = bed_make();

	a_reset_leaves_nothing_of_before();
	an_abort_is_taken_from_each_mode();
	a_context_that_is_written_is_fresh(machine);
	host_machine_destroy(machine);
}
