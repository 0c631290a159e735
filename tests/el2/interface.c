/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine says of itself, and what it says to nonsense.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u

enum {
	SLOT = 2, /* of the victim */
	CALL_NUMBERS = 0x200,
	HOSTILE_KINDS = 10,
	HOSTILE_POOL = 64, /* pages that are named */
	HOSTILE_ROUNDS = 48, /* of each call that exists */
	HOSTILE_RUNS = 64, /* of a vCPU that is there */
	REGISTERS = 18
};

static bool number_exists(uint64_t number)
{
	static const uint64_t numbers[] = {
#define NUMBER(constant, name, number, arguments) number,
		MOAT_HOST_CALLS(NUMBER)
#undef NUMBER
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (numbers[i] == number) {
			return true;
		}
	}
	return false;
}

void test_interface(void)
{
	struct moat_regs version = call(moat_version());
	struct moat_regs features = call(moat_features());

	check_equal(version.x[0], MOAT_OK, "version is there");
	check_equal(version.x[1], MOAT_ABI_VERSION, "version is ours");
	check_equal(
		features.x[1], MOAT_PAGE_SIZE, "pages have the size of ours");
	check(features.x[5] >= 4, "there are slots for four VMs");
	check(features.x[8] > 0 && features.x[8] <= RAM_SIZE / PAGE,
		"the engine knows the RAM and no more");
	check(pool_is_host(8), "free pages are the host's");
	check(machine_redistributor_is_known(),
		"the interrupt controller says what it is");
}

/* ---- Hostile calls ------------------------------------------------------- */

/* xorshift64*: the same numbers in each run. */
static uint64_t hostile_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state / 0x1000;
	state ^= state * 0x2000000;
	state ^= state / 0x8000000;
	return state * 0x2545f4914f6cdd1du;
}

/* One argument as an attacker would choose it. */
static uint64_t hostile_argument(void)
{
	uint64_t random = hostile_random() / 0x10000;

	switch (random % HOSTILE_KINDS) {
	case 0:
		return 0;
	case 1:
		return ~(uint64_t)0;
	case 2:
		return random; /* unaligned */
	case 3:
		return ~(uint64_t)0 / PAGE + random % 3; /* wraps in bytes */
	case 4:
		return ~(uint64_t)0 - PAGE + 1; /* the last page there is */
	case 5:
		return RAM_BASE + RAM_SIZE; /* just behind RAM */
	case 6:
		return random % 16;
	case 7:
		return GUEST_CODE + random % 8 * PAGE;
	case 8: /* the shared half of the victim, or a block */
		return ((uint64_t)1 << 31) + random % 4 * BLOCK;
	default:
		return POOL_BASE + random % HOSTILE_POOL * PAGE;
	}
}

/* The highest register that a refusal may name. */
static uint64_t argument_count(uint64_t number)
{
	static const uint64_t counts[CALL_NUMBERS] = {
#define COUNT(constant, name, number, arguments) [number] = arguments,
		MOAT_HOST_CALLS(COUNT)
#undef COUNT
	};

	return counts[number];
}

/* x10.. are kept, but by a run that was not refused: it ends with x14. */
static bool answer_keeps(uint64_t number, const struct moat_regs *asked,
	const struct moat_regs *r)
{
	bool is_run = number == MOAT_VCPU_RUN && r->x[0] == MOAT_OK;
	size_t first = is_run ? MOAT_RUN_RESULT_COUNT : MOAT_RESULT_COUNT;

	for (size_t i = first + 1; i < REGISTERS; i++) {
		if (r->x[i] != asked->x[i]) {
			return false;
		}
	}
	return true;
}

static bool answer_is_lawful(uint64_t number, const struct moat_regs *asked,
	const struct moat_regs *r)
{
	bool refused = r->x[0] != MOAT_OK;

	for (size_t i = 1; refused && i <= MOAT_RESULT_COUNT; i++) {
		if (r->x[i] != 0) {
			return false;
		}
	}
	if (!answer_keeps(number, asked, r)) {
		return false;
	}
	if (!number_exists(number)) {
		return r->x[0] == MOAT_NOT_SUPPORTED;
	}
	return moat_status_code(r->x[0]) < MOAT_STATUS_COUNT &&
	       moat_status_operand(r->x[0]) <= argument_count(number) &&
	       r->x[0] < 0x10000;
}

/* The first few are enough to see what is wrong. */
static void hostile_report(uint64_t number, const struct moat_regs *answer)
{
	static uint64_t reports = 8;

	if (reports == 0) {
		return;
	}
	reports--;
	console_text("host: call ");
	console_hex(number);
	console_text(" answered ");
	console_hex(answer->x[0]);
	console_text("\n");
}

static bool hostile_call(uint64_t number)
{
	struct moat_regs asked = {{MOAT_FUNCTION(number)}};
	struct moat_regs answer;

	for (size_t i = 1; i < REGISTERS; i++) {
		asked.x[i] = hostile_argument();
	}
	answer = call(asked);
	if (answer_is_lawful(number, &asked, &answer)) {
		return true;
	}
	hostile_report(number, &answer);
	return false;
}

/* Every page that the host can reach. */
static bool secret_is_kept(void)
{
	for (uint64_t i = 0; i < HOSTILE_POOL; i++) {
		uint64_t page = POOL_BASE + i * PAGE;
		uint64_t state = page_state(page);
		bool is_open = state == MOAT_PAGE_HOST ||
			       state == MOAT_PAGE_LENT ||
			       state == MOAT_PAGE_SHARED;

		if (is_open == touch_aborts(TOUCH_READ, page) ||
			(is_open && word_read(page) == SECRET)) {
			return false;
		}
	}
	return true;
}

/* The real calls get more rounds than the holes between them. */
static void hostile_round(void)
{
	uint64_t unlawful = 0;

	for (uint64_t number = 0; number < CALL_NUMBERS; number++) {
		uint64_t rounds = number_exists(number) ? HOSTILE_ROUNDS : 1;

		for (uint64_t round = 0; round < rounds; round++) {
			unlawful += hostile_call(number) ? 0 : 1;
		}
	}
	check_equal(unlawful, 0, "hostile calls get lawful answers");
}

#define LIST_HARDWARE 0x2000000000000000u
#define LIST_STATES 0x4000000000000000u /* the unit of the state */

/* No list register of an exit is tied to the machine, or has an interrupt that
 * is not the host's to give, or that another has. */
static bool lists_are_lawful(struct moat_regs exit)
{
	bool is_lawful = true;

	for (size_t i = 10; i < 14; i++) {
		uint64_t number = exit.x[i] % 0x100000000u;

		if (exit.x[i] / LIST_STATES == 0) {
			continue;
		}
		is_lawful = is_lawful && exit.x[i] / LIST_HARDWARE % 2 == 0 &&
			    number < 1020 && number != INTERRUPT_TIMER;
		for (size_t j = 10; j < i; j++) {
			is_lawful = is_lawful &&
				    (exit.x[j] / LIST_STATES == 0 ||
					    exit.x[j] % 0x100000000u != number);
		}
	}
	return is_lawful;
}

/* Identifiers that are likely to be right, wrong, or given twice. */
static uint64_t hostile_list(void)
{
	uint64_t random = hostile_random();
	uint64_t number = random / 0x100 % 4 == 0 ? random % 0x100000000u
						  : 1016 + random % 8;

	if (random / 0x1000 % 2 == 0) {
		number = INTERRUPT_TIMER - 1 + random % 4;
	}
	return random / 0x100000000u * 0x100000000u + number;
}

/* A vCPU is run with entries of garbage; no order is one of guest.S. */
static void hostile_runs(const struct vm *vm)
{
	uint64_t wrong = 0;

	vm_run(vm);
	for (uint64_t i = 0; i < HOSTILE_RUNS; i++) {
		struct moat_regs entry = vm_request(vm);

		for (size_t j = 4; j < REGISTERS; j++) {
			entry.x[j] =
				j < 10 ? hostile_argument() : hostile_list();
		}
		entry.x[4] = ~(uint64_t)0;
		entry = call(entry);
		wrong += !exit_is_report(entry) || !lists_are_lawful(entry);
	}
	check_equal(wrong, 0, "entries of garbage do nothing unlawful");
}

/* A VM is there to be attacked, with tables in both halves. */
void test_hostile_calls(void)
{
	struct pool pool = {0, 1};
	struct vm vm;

	check_equal(vm_build(&vm, &pool, SLOT, 32, SECRET) +
			    vm_add_tables(&vm, &pool, vm_shared(&vm)),
		MOAT_OK, "a victim is built");
	hostile_runs(&vm);
	hostile_round();
	check(secret_is_kept(), "and do not bring a secret to light");
	check_equal(smc(MOAT_FUNCTION(0x1ff), ~(uint64_t)0, 0, 0),
		MOAT_NOT_SUPPORTED, "an unknown SMC is not supported");
	check_equal(smc(0x84000fff, 0, 0, 0), MOAT_NOT_SUPPORTED,
		"an unknown PSCI function is not supported");
	vm_sweep(HOSTILE_POOL);
	check(pool_is_host(HOSTILE_POOL), "hostile calls leave nothing behind");
}
