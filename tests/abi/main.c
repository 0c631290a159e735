/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine answers as the manual says: calls with arguments from small
 * domains, in whatever state that leads to, and about each answer
 *
 * - that the manual of the call lists it;
 * - that on a refusal every result is zero;
 * - that the order holds: whatever another register is changed to, on which the
 *   refusal does not depend, the call is refused still, and for a reason that
 *   the manual names no later. (Nothing has changed in between, since the call
 *   was refused.)
 *
 * At the end each answer in the manual must have been seen.
 */
#include <stdbool.h>
#include <stdio.h>

#include "answers.h"
#include "driver.h"

#define ROUNDS 400
#define STEPS 4000 /* of one engine */

static unsigned int failed;
static uint64_t orders; /* checks of the order */

/* ---- What the manual says ----------------------------------------------- */

static struct answer *answer_of(uint32_t call, uint64_t x0)
{
	for (unsigned int i = 0; i < answer_count; i++) {
		if (answers[i].call == call &&
			answers[i].status == moat_status_code(x0) &&
			answers[i].operand == moat_status_operand(x0)) {
			return &answers[i];
		}
	}
	return NULL;
}

static void complain(const char *what, uint32_t call, uint64_t x0)
{
	if (failed < 20) {
		printf("FAILED: call 0x%x answers %u of x%u: %s\n", call,
			(unsigned int)moat_status_code(x0),
			(unsigned int)moat_status_operand(x0), what);
	}
	failed++;
}

static bool results_are_zero(const struct moat_regs *regs)
{
	bool holds = true;

	for (int i = 1; i <= MOAT_RESULT_COUNT; i++) {
		holds = holds && regs->x[i] == 0;
	}
	return holds;
}

/* ---- The order ---------------------------------------------------------- */

static bool aligns_by_another(uint32_t call)
{
	return call == MOAT_VM_CREATE || call / 16 == MOAT_TABLE_CREATE / 16;
}

/* Whether a refusal for @reason could depend on register @number. */
static bool depends(const struct answer *reason, uint32_t number)
{
	bool gives = reason->call >= MOAT_BLOCK_DONATE ||
		     reason->call == MOAT_PAGE_LOAD ||
		     reason->call == MOAT_PAGE_DONATE ||
		     reason->call == MOAT_PAGE_LEND ||
		     reason->call == MOAT_VCPU_CREATE;

	switch (reason->status) {
	case MOAT_BAD_ARG:
		return number == reason->operand ||
		       (number == 3 && reason->operand == 2 &&
			       aligns_by_another(reason->call));
	case MOAT_BAD_VM:
	case MOAT_BAD_STATE:
		return number == 1;
	case MOAT_BAD_IPA:
		return number <= 4;
	case MOAT_BAD_PAGE:
		return true;
	default:
		return number <= (gives ? 2u : 3u);
	}
}

/* Another value for one register that the refusal does not depend on. */
static void check_order(const struct answer *reason, struct moat_regs call)
{
	uint32_t number = 1 + (uint32_t)driver_draw(5);
	const struct answer *then;

	if (depends(reason, number)) {
		return;
	}
	call.x[number] = driver_argument(reason->call, number);
	moat_host_call(driver_engine, 0, &call);
	then = answer_of(reason->call, call.x[0]);
	orders++;
	if (then == NULL || then->status == MOAT_OK || then > reason) {
		complain("but a register that is tested later mattered",
			reason->call, call.x[0]);
	}
}

/* ---- Steps -------------------------------------------------------------- */

static bool has_a_list(uint32_t call)
{
	for (unsigned int i = 0; i < answer_count; i++) {
		if (answers[i].call == call) {
			return true;
		}
	}
	return false;
}

static void check(const struct driver_step *step)
{
	uint32_t call = step->function - MOAT_FUNCTION(0);
	struct answer *answer = answer_of(call, step->answer.x[0]);

	if (answer != NULL) {
		answer->seen++;
	} else if (has_a_list(call)) {
		complain("which its manual does not list", call,
			step->answer.x[0]);
	}
	if (step->by_vm || answer == NULL || answer->status == MOAT_OK) {
		return;
	}
	if (!results_are_zero(&step->answer)) {
		complain("but not all results are zero", call,
			step->answer.x[0]);
	}
	if (step->cpu == 0) {
		check_order(answer, step->call);
	}
}

static unsigned int unseen(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < answer_count; i++) {
		if (answers[i].seen == 0) {
			printf("never seen: %s of x%u from %s\n",
				answers[i].status_name, answers[i].operand,
				answers[i].name);
			count++;
		}
	}
	return count;
}

int main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		driver_start(round % 2 == 1);
		for (int i = 0; i < STEPS; i++) {
			struct driver_step step = driver_step();

			check(&step);
		}
	}
	failed += unseen();
	printf("%u answers, %llu checks of the order, %u failures\n",
		answer_count, (unsigned long long)orders, failed);
	return failed == 0 ? 0 : 1;
}
