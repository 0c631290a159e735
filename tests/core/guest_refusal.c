/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of refusals of the calls of a VM that concern pages, as
 * refusal_order.c has it for the host: single operands that break one rule in
 * the order of guest.h, then any two of them together.
 */
#include <criterion/criterion.h>

#include "scene.h"
#include "table.h"

#define BAD_ARG(operand) AT(MOAT_BAD_ARG, operand)
#define BAD_IPA(operand) AT(MOAT_BAD_IPA, operand)
#define NO_TABLE AT(MOAT_NO_TABLE, 1)
#define NEEDS_SPLIT AT(MOAT_NEEDS_SPLIT, 1)
#define NOT_MAPPED AT(MOAT_NOT_MAPPED, 1)
#define BAD_PAGE AT(MOAT_BAD_PAGE, 1)

/* { the operand, its bad value, the answer }: of all three calls */
static const struct violation {
	uint32_t operand;
	uint64_t value;
	uint64_t answer;
} violations[] = {
	{1, IPA_VM_PAGE + 8, BAD_ARG(1)},
	{1, UINT64_MAX, BAD_ARG(1)},
	{1, IPA_UPPER + 0x800, BAD_ARG(1)},
	{2, 0, BAD_ARG(2)},
	{1, IPA_UPPER, BAD_IPA(1)},
	{1, IPA_LENT_PAGE, BAD_IPA(1)},
	{1, IPA_OUTSIDE, BAD_IPA(1)},
	{1, UINT64_C(1) << 63, BAD_IPA(1)},
	{1, -BED_PAGE, BAD_IPA(1)},
	{2, 0x40000001, BAD_IPA(2)},
	{2, 0xfffffffffffff, BAD_IPA(2)},
	{2, 0x10000000000000, BAD_IPA(2)},
	{2, UINT64_MAX, BAD_IPA(2)},
	{1, IPA_NO_PARENT, NO_TABLE},
	{1, IPA_NO_LEAF, NO_TABLE},
	{1, IPA_VM_BLOCK, NEEDS_SPLIT},
	{1, IPA_SHARED_BLOCK, NEEDS_SPLIT},
	{1, IPA_VM_BLOCK + BED_PAGE, NEEDS_SPLIT},
	{1, IPA_EMPTY_SLOT, NOT_MAPPED},
	{1, IPA_EMPTY_LEAF, NOT_MAPPED},
};

/* { the call; an address where it succeeds; one in another state, or 0 } */
static const struct guest_row {
	const char *name;
	uint32_t number;
	uint64_t good, other;
} calls[] = {
	{"share", MOAT_GUEST_SHARE, IPA_VM_PAGE, IPA_SHARED_PAGE},
	{"unshare", MOAT_GUEST_UNSHARE, IPA_SHARED_PAGE, IPA_VM_PAGE},
	{"relinquish", MOAT_GUEST_RELINQUISH, IPA_VM_PAGE, 0},
};

static struct bed running(void)
{
	struct bed bed = bed_make();

	scene_full(&bed, 0);
	scene_run(&bed, 0, 0, 1);
	return bed;
}

static void expect_refused(
	struct bed *bed, const struct moat_regs *regs, uint64_t answer)
{
	struct bed_answer is = bed_ask(bed, 1, regs);

	expect_equal("the action", is.action, MOAT_GUEST_RESUME);
	expect_equal("the answer", is.x[0], answer);
	for (uint32_t i = 1; i < 5; i++) {
		expect_equal("a result of a refused call", is.x[i], 0);
	}
}

static struct moat_regs good_call(const struct guest_row *call)
{
	struct moat_regs regs = scene_guest_call(call->number, call->good, 1);

	regs.x[3] = 3;
	regs.x[4] = 4;
	return regs;
}

Test(guest_refusal, without_a_violation_each_call_succeeds)
{
	for (size_t i = 0; i < LENGTH(calls); i++) {
		struct bed bed = running();
		struct moat_regs regs = good_call(&calls[i]);

		bed_about("%s as it should be", calls[i].name);
		expect_equal("x0", bed_ask(&bed, 1, &regs).x[0], MOAT_OK);
		bed_end(&bed);
	}
}

static void each_alone(struct bed *bed, const struct guest_row *call)
{
	for (size_t i = 0; i < LENGTH(violations); i++) {
		struct moat_regs regs = good_call(call);

		bed_about("%s with x%u = 0x%llx", call->name,
			(unsigned)violations[i].operand,
			(unsigned long long)violations[i].value);
		regs.x[violations[i].operand] = violations[i].value;
		expect_refused(bed, &regs, violations[i].answer);
	}
}

static void each_pair(struct bed *bed, const struct guest_row *call)
{
	for (size_t i = 0; i < LENGTH(violations); i++) {
		for (size_t j = i + 1; j < LENGTH(violations); j++) {
			const struct violation *a = &violations[i];
			const struct violation *b = &violations[j];
			struct moat_regs regs = good_call(call);

			if (a->operand == b->operand) {
				continue;
			}
			bed_about("%s with 0x%llx and 0x%llx", call->name,
				(unsigned long long)a->value,
				(unsigned long long)b->value);
			regs.x[a->operand] = a->value;
			regs.x[b->operand] = b->value;
			expect_refused(bed, &regs, a->answer);
		}
	}
}

/* The last status: a page that is there and of another kind. */
static void other_state(struct bed *bed, const struct guest_row *call)
{
	struct moat_regs regs = good_call(call);

	bed_about("%s of a page in another state", call->name);
	regs.x[1] = call->other;
	expect_refused(bed, &regs, BAD_PAGE);
	regs.x[2] = 0x40000001;
	expect_refused(bed, &regs, BAD_IPA(2));
}

Test(guest_refusal, the_earlier_status_wins)
{
	for (size_t i = 0; i < LENGTH(calls); i++) {
		struct bed bed = running();

		each_alone(&bed, &calls[i]);
		each_pair(&bed, &calls[i]);
		if (calls[i].other != 0) {
			other_state(&bed, &calls[i]);
		}
		bed_end(&bed);
	}
}

Test(guest_refusal, the_table_has_the_order_of_the_enumeration)
{
	for (size_t i = 1; i < LENGTH(violations); i++) {
		cr_expect_leq(violations[i - 1].answer % 256,
			violations[i].answer % 256, "row %zu", i);
	}
}
