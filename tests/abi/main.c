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
#include <stdlib.h>

#include "answers.h"
#include "moat/moat.h"
#include "small.h"

#define ROUNDS 400
#define STEPS 4000 /* of one engine */
#define HALF UINT64_C(0x80000000)

static struct moat *engine;
static bool guest_runs;
static unsigned int failed;
static uint64_t orders; /* checks of the order */

/* xorshift64*: Vigna 2016; the seed is fixed, so a failure comes again. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

#define PICK(list) (list)[draw(sizeof(list) / sizeof((list)[0]))]

/* ---- Domains ------------------------------------------------------------ */

static uint64_t some_vm(void)
{
	static const uint64_t list[] = {0, 0, 0, 0, 0, 1, 1, 2, UINT64_MAX};

	return PICK(list);
}

static uint64_t some_ipa(void)
{
	static const uint64_t list[] = {0, 0, 0, 0x1000, 0x2000, 0x1ff000,
		0x200000, 0x200000, 0x400000, HALF - 0x1000, HALF, HALF, HALF,
		HALF + 0x1000, HALF + 0x200000, 2 * HALF, 16 * HALF, 0x800,
		UINT64_MAX};

	return PICK(list);
}

/* Pages of the first block, whole blocks, and what is no page. */
static uint64_t some_pa(void)
{
	static const uint64_t list[] = {0x200000, 0x200000, 0x400000, 0x600000,
		0x600000, 0x3ff000, 0x800000, 0x4800, SMALL_RAM_SIZE,
		UINT64_MAX - SMALL_RAM_BASE};

	return SMALL_RAM_BASE +
	       (draw(3) == 0 ? PICK(list) : draw(48) * MOAT_PAGE_SIZE);
}

static uint64_t some_count(void)
{
	static const uint64_t list[] = {
		1, 1, 2, 512, 512, 513, 0, UINT64_C(0x80001), UINT64_MAX};

	return PICK(list);
}

static uint64_t some_level(void)
{
	static const uint64_t list[] = {3, 3, 3, 3, 2, 2, 1, 0, 4, UINT64_MAX};

	return PICK(list);
}

static uint64_t some_bits(void)
{
	static const uint64_t list[] = {32, 32, 32, 32, 36, 44, 31, 45, 64};

	return PICK(list);
}

static uint64_t some_small(void)
{
	static const uint64_t list[] = {0, 1, 1, 1, 1, 2, 3, 7, 8, 9};

	return PICK(list);
}

/* What register @number of call @call usually holds. */
static uint64_t some_argument(uint32_t call, uint32_t number)
{
	bool is_table = call / 16 == MOAT_TABLE_CREATE / 16;

	if (number == 1) {
		return call == MOAT_PAGE_INFO ? some_pa() : some_vm();
	}
	if (call == MOAT_VM_CREATE) {
		return number == 2   ? some_pa()
		       : number == 3 ? some_bits()
				     : some_small();
	}
	if (call / 16 == MOAT_VCPU_CREATE / 16) {
		return number == 3 && call == MOAT_VCPU_CREATE ? some_pa()
		       : number == 4			       ? draw(8) * 2
							       : draw(12) / 2;
	}
	if (number == 2) {
		return some_ipa();
	}
	if (is_table) {
		return number == 3 ? some_level() : some_pa();
	}
	if (call == MOAT_PAGE_RECLAIM || call == MOAT_PAGE_RECALL) {
		return some_count();
	}
	if (number == 3) {
		return some_pa();
	}
	return number == 4 && call != MOAT_BLOCK_LEND ? some_count()
						      : some_small();
}

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
	uint32_t number = 1 + (uint32_t)draw(5);
	const struct answer *then;

	if (depends(reason, number)) {
		return;
	}
	call.x[number] = some_argument(reason->call, number);
	moat_host_call(engine, 0, &call);
	then = answer_of(reason->call, call.x[0]);
	orders++;
	if (then == NULL || then->status == MOAT_OK || then > reason) {
		complain("but a register that is tested later mattered",
			reason->call, call.x[0]);
	}
}

/* ---- Steps -------------------------------------------------------------- */

static const uint32_t host_calls[] = {
#define NUMBER(constant, name, number, arguments) number,
	MOAT_HOST_CALLS(NUMBER)
#undef NUMBER
};

/* A VM that can run is made and ended less often than it is used. */
static uint32_t some_call(void)
{
	uint32_t call = PICK(host_calls);

	if ((call == MOAT_VM_KILL || call == MOAT_VM_SEAL) && draw(6) != 0) {
		call = MOAT_VCPU_RUN;
	}
	return call;
}

static void step_host(void)
{
	uint32_t number = some_call();
	struct moat_regs call = moat_call_make(number, 0, 0, 0, 0);
	struct moat_regs regs;
	struct answer *answer;

	for (uint32_t i = 1; i < 7; i++) {
		call.x[i] = some_argument(number, i);
	}
	regs = call;
	if (moat_host_call(engine, 0, &regs) == MOAT_GUEST_ENTER) {
		regs.x[0] = MOAT_OK;
		guest_runs = true;
	}
	answer = answer_of(number, regs.x[0]);
	if (answer == NULL) {
		complain("which its manual does not list", number, regs.x[0]);
		return;
	}
	answer->seen++;
	if (answer->status != MOAT_OK) {
		if (!results_are_zero(&regs)) {
			complain("but not all results are zero", number,
				regs.x[0]);
		}
		check_order(answer, call);
	}
}

static uint32_t some_guest_call(void)
{
	static const uint32_t list[] = {MOAT_GUEST_SHARE, MOAT_GUEST_SHARE,
		MOAT_GUEST_UNSHARE, MOAT_GUEST_UNSHARE, MOAT_GUEST_RELINQUISH,
		MOAT_GUEST_HOST_CALL, MOAT_GUEST_VERSION, MOAT_GUEST_FEATURES,
		MOAT_GUEST_MEASUREMENT};

	return PICK(list);
}

/*
 * The VM calls. When the host is told, the VM has its answer in its context all
 * the same, but for a host_call, which the host answers.
 */
static void step_guest(void)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *context = moat_cpu_context(engine, 0);
	uint32_t number = some_guest_call();
	struct answer *answer;
	struct moat_regs regs;
	enum moat_action action;

	if (draw(8) == 0) {
		trap.kind = MOAT_TRAP_IRQ;
	}
	context->x[0] = MOAT_FUNCTION(number);
	context->x[1] = number == MOAT_GUEST_HOST_CALL ? draw(9) : some_ipa();
	context->x[2] = some_count();
	action = moat_guest_exit(engine, 0, &trap, &regs);
	guest_runs = action != MOAT_HOST_RETURN;
	if (trap.kind != MOAT_TRAP_CALL) {
		return;
	}
	if (action == MOAT_HOST_RETURN && number == MOAT_GUEST_HOST_CALL) {
		context->x[0] = MOAT_OK;
	}
	answer = answer_of(number, context->x[0]);
	if (answer == NULL && number != MOAT_GUEST_VERSION &&
		number != MOAT_GUEST_FEATURES &&
		number != MOAT_GUEST_MEASUREMENT) {
		complain("which the manual of VMs does not list", number,
			context->x[0]);
	} else if (answer != NULL) {
		answer->seen++;
	}
}

/* Two vCPUs of a VM that both CPUs want: the second finds it BUSY. */
static void step_second_cpu(void)
{
	struct moat_regs regs = moat_call_make(MOAT_VCPU_RUN, 0, 0, 0, 0);
	struct answer *answer;

	regs.x[1] = some_vm();
	regs.x[2] = draw(2);
	if (draw(4) == 0) {
		regs = moat_call_make(MOAT_VM_KILL, some_vm(), 0, 0, 0);
	}
	if (moat_host_call(engine, 1, &regs) == MOAT_GUEST_ENTER) {
		const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};

		moat_guest_exit(engine, 1, &trap, &regs);
		return;
	}
	answer = answer_of(MOAT_VCPU_RUN, regs.x[0]);
	if (moat_status_code(regs.x[0]) == MOAT_BUSY) {
		answer_of(MOAT_VM_KILL, MOAT_BUSY)->seen++;
	}
	if (answer != NULL) {
		answer->seen++;
	}
}

/* The VM goes on, if there is one: a random call would seldom do it. */
static void step_resume(void)
{
	struct moat_regs regs = moat_call_make(MOAT_VCPU_RUN, 0, 0, 0, 0);

	guest_runs = moat_host_call(engine, 0, &regs) == MOAT_GUEST_ENTER;
}

static void step(void)
{
	if (guest_runs && draw(4) == 0) {
		step_second_cpu();
	} else if (guest_runs) {
		step_guest();
	} else if (draw(3) == 0) {
		step_resume();
	} else {
		step_host();
	}
}

/* In every other round there is a VM that can run, for the calls of VMs. */
static void make_guest(void)
{
	const struct moat_vm_id vm = {0};
	const struct moat_vcpu_id vcpu = {0};
	const struct moat_ipa ipa = {0};
	const struct moat_ipa behind = {0x200000};
	const struct moat_pa block = {SMALL_RAM_BASE + 0x200000};
	const struct moat_pa root = {SMALL_RAM_BASE};
	const struct moat_pa table = {SMALL_RAM_BASE + 0x4000};
	const struct moat_pa data = {SMALL_RAM_BASE + 0x5000};
	const struct moat_pa context = {SMALL_RAM_BASE + 0x15000};
	struct moat_regs calls[] = {
		moat_vm_create(vm, root, 32, 2),
		moat_table_create(vm, ipa, 3, table),
		moat_page_load(vm, ipa, data, 16),
		moat_block_donate(vm, behind, block),
		moat_vcpu_create(vm, vcpu, context, 0, 0),
		moat_vm_seal(vm),
	};

	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		moat_host_call(engine, 0, &calls[i]);
		if (calls[i].x[0] != MOAT_OK) {
			complain("though a guest is made of it", i,
				calls[i].x[0]);
		}
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
		engine = small_engine(2, 2);
		guest_runs = false;
		if (round % 2 == 1) {
			make_guest();
		}
		for (int i = 0; i < STEPS; i++) {
			step();
		}
	}
	failed += unseen();
	printf("%u answers, %llu checks of the order, %u failures\n",
		answer_count, (unsigned long long)orders, failed);
	return failed == 0 ? 0 : 1;
}
