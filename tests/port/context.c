/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vCPU starts with, and how an access of it ends in an abort. */
#include "internal.h"
#include "moat/port.h"

#define PC UINT64_C(0x40080000)
#define ARGUMENT UINT64_C(0x123456789abcdef0)

/* PSTATE as SPSR_EL2 holds it (Arm ARM, C5.2.19). */
#define MODE_MASK UINT64_C(0x1f)
#define MODE_EL0T UINT64_C(0x0)
#define MODE_EL1T UINT64_C(0x4)
#define MODE_EL1H UINT64_C(0x5)
#define MASKED_DAIF UINT64_C(0x3c0)

/* VBAR_EL1 is 2 KiB aligned, so an offset into the vectors shows in the PC. */
#define VECTOR_BYTES UINT64_C(0x800)

static struct moat_context *context_at(const struct port_bed *bed, uint32_t i)
{
	return (struct moat_context *)(void *)bed_page(bed, i);
}

/* A context whose page held @value before it was reset. */
static struct moat_context *context_over(
	const struct port_bed *bed, uint32_t i, unsigned char value)
{
	bytes_fill(bed_page(bed, i), MOAT_PAGE_SIZE, value);
	moat_port_context_reset(context_at(bed, i), 3, PC, ARGUMENT);
	return context_at(bed, i);
}

/* ---- moat_port_context_reset -------------------------------------------- */

static bool reset_gives_the_start_and_one_argument(const struct port_bed *bed)
{
	const struct moat_context *context = context_over(bed, 1, 0xff);

	return context->pc == PC && context->x[0] == ARGUMENT &&
	       bytes_are((const unsigned char *)&context->x[1],
		       30 * sizeof(uint64_t), 0);
}

/* PSCI (Arm DEN 0022), "Initial core configuration": EL1, DAIF masked. */
static bool reset_starts_at_el1_with_exceptions_masked(
	const struct port_bed *bed)
{
	uint64_t pstate = context_over(bed, 1, 0xff)->pstate;

	return (pstate & MODE_MASK) == MODE_EL1H &&
	       (pstate & MASKED_DAIF) == MASKED_DAIF;
}

/* Nothing of what the page held is left: the two end up the same. */
static bool reset_writes_all_of_the_context(const struct port_bed *bed)
{
	const unsigned char *one = (void *)context_over(bed, 1, 0x00);
	const unsigned char *two = (void *)context_over(bed, 2, 0xff);

	for (uint32_t i = 0; i < sizeof(struct moat_context); i++) {
		if (one[i] != two[i]) {
			return false;
		}
	}
	return true;
}

static bool reset_gives_no_interrupts(const struct port_bed *bed)
{
	const struct moat_context *context = context_over(bed, 1, 0xff);

	return context->wants_maintenance == 0 &&
	       bytes_are((const unsigned char *)context->list_register,
		       sizeof(context->list_register), 0);
}

/* ---- moat_port_context_abort -------------------------------------------- */

/* Where the next run begins when @mode makes an access that aborts. */
static struct moat_context *aborted(
	const struct port_bed *bed, uint64_t mode, enum moat_access access)
{
	const struct moat_ipa ipa = {UINT64_C(0x9000)};
	struct moat_context *context = context_over(bed, 1, 0);

	for (uint32_t i = 0; i < 31; i++) {
		context->x[i] = 100 + i;
	}
	context->pstate = mode;
	moat_port_context_abort(context, ipa, access);
	return context;
}

static bool abort_comes_to(const struct port_bed *bed, uint64_t mode,
	enum moat_access access, uint64_t offset)
{
	const struct moat_context *context = aborted(bed, mode, access);
	bool holds = context->pc % VECTOR_BYTES == offset &&
		     (context->pstate & MODE_MASK) == MODE_EL1H &&
		     (context->pstate & MASKED_DAIF) == MASKED_DAIF;

	for (uint32_t i = 0; i < 31; i++) {
		holds = holds && context->x[i] == 100 + i;
	}
	return holds;
}

/* Arm ARM, D1.3.1.5: the vector depends on where the exception came from. */
static bool abort_of_el1_comes_to_its_vector(const struct port_bed *bed)
{
	return abort_comes_to(bed, MODE_EL1H, MOAT_ACCESS_READ, 0x200);
}

static bool abort_of_el1_on_sp_el0_comes_to_its_vector(
	const struct port_bed *bed)
{
	return abort_comes_to(bed, MODE_EL1T, MOAT_ACCESS_WRITE, 0x000);
}

static bool abort_of_el0_comes_to_its_vector(const struct port_bed *bed)
{
	return abort_comes_to(bed, MODE_EL0T, MOAT_ACCESS_FETCH, 0x400);
}

static const struct port_test tests[] = {
	{"reset_gives_the_start_and_one_argument",
		reset_gives_the_start_and_one_argument},
	{"reset_starts_at_el1_with_exceptions_masked",
		reset_starts_at_el1_with_exceptions_masked},
	{"reset_writes_all_of_the_context", reset_writes_all_of_the_context},
	{"reset_gives_no_interrupts", reset_gives_no_interrupts},
	{"abort_of_el1_comes_to_its_vector", abort_of_el1_comes_to_its_vector},
	{"abort_of_el1_on_sp_el0_comes_to_its_vector",
		abort_of_el1_on_sp_el0_comes_to_its_vector},
	{"abort_of_el0_comes_to_its_vector", abort_of_el0_comes_to_its_vector},
};

struct port_tests port_tests_of_contexts(void)
{
	struct port_tests all = PORT_TESTS(tests);

	return all;
}
