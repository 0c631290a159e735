/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine says of itself, and what it says to nonsense.
 */
#include "host.h"

enum {
	CALL_NUMBERS = 0x200,
	HOSTILE_KINDS = 8,
	HOSTILE_POOL = 64, /* pages that are named */
	HOSTILE_ROUNDS = 48, /* of each call that exists */
	REGISTERS_KEPT_FROM = 10,
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
	check_equal(features.x[1], MOAT_PAGE_SIZE, "pages have 4 KiB");
	check(features.x[5] >= 4, "there are slots for four VMs");
	check(features.x[8] > 0 && features.x[8] <= RAM_SIZE / PAGE,
		"the engine knows the RAM and no more");
	check(pool_is_host(8), "free pages are the host's");
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
	default:
		return POOL_BASE + random % HOSTILE_POOL * PAGE;
	}
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
	for (size_t i = REGISTERS_KEPT_FROM; i < REGISTERS; i++) {
		if (r->x[i] != asked->x[i]) {
			return false;
		}
	}
	if (!number_exists(number)) {
		return r->x[0] == MOAT_NOT_SUPPORTED;
	}
	return moat_status_code(r->x[0]) < MOAT_STATUS_COUNT &&
	       moat_status_operand(r->x[0]) <= MOAT_ARGUMENT_COUNT &&
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

/* The real calls get more rounds than the holes between them. */
void test_hostile_calls(void)
{
	uint64_t unlawful = 0;

	for (uint64_t number = 0; number < CALL_NUMBERS; number++) {
		uint64_t rounds = number_exists(number) ? HOSTILE_ROUNDS : 1;

		for (uint64_t round = 0; round < rounds; round++) {
			unlawful += hostile_call(number) ? 0 : 1;
		}
	}
	check_equal(unlawful, 0, "hostile calls get lawful answers");
	check_equal(smc(MOAT_FUNCTION(0x1ff), ~(uint64_t)0, 0, 0),
		MOAT_NOT_SUPPORTED, "an unknown SMC is not supported");
	check_equal(smc(0x84000fff, 0, 0, 0), MOAT_NOT_SUPPORTED,
		"an unknown PSCI function is not supported");
	vm_sweep(HOSTILE_POOL);
	check(pool_is_host(HOSTILE_POOL), "hostile calls leave nothing behind");
}

/* ---- Power --------------------------------------------------------------- */

static void never_entered(struct host_cpu *cpu)
{
	(void)cpu;
	check(false, "a refused CPU_ON starts nothing");
}

void test_power(uint64_t engine, uint64_t cpu_count)
{
	uint64_t entry = (uint64_t)host_secondary_start;
	uint64_t context = (uint64_t)host_cpu_prepare(1, never_entered);

	check(smc(PSCI_VERSION, 0, 0, 0) >= 0x10000, "PSCI is at least 1.0");
	check_equal(smc(PSCI_CPU_ON, cpu_count, entry, context),
		PSCI_INVALID_PARAMETERS, "CPU_ON refuses a CPU too many");
	check_equal(smc(PSCI_CPU_ON, ~(uint64_t)0, entry, context),
		PSCI_INVALID_PARAMETERS, "CPU_ON refuses a wild CPU");
	check_equal(smc(PSCI_CPU_ON, 0, entry, context), PSCI_ALREADY_ON,
		"CPU_ON refuses the CPU that asks");
	if (cpu_count < 2) {
		return;
	}
	check_equal(smc(PSCI_CPU_ON, 1, engine, context), PSCI_INVALID_ADDRESS,
		"CPU_ON refuses an entry in the engine");
	check_equal(smc(PSCI_CPU_ON, 1, entry + 2, context),
		PSCI_INVALID_ADDRESS, "CPU_ON refuses an unaligned entry");
	check_equal(smc(PSCI_CPU_ON, 1, ~(uint64_t)3, context),
		PSCI_INVALID_ADDRESS, "CPU_ON refuses an entry that is no RAM");
	check_equal(smc(PSCI_AFFINITY_INFO, 1, 0, 0), PSCI_IS_OFF,
		"the CPU is still off");
}
