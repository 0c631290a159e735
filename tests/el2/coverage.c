/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the test host has driven: every call with success, every status, every
 * exit reason, every entry flag, every call of a guest. A name on the console
 * is one that no test reached.
 */
#include "host.h"

enum { NUMBERS = 0x200, FLAGS = 2, PSCI_NUMBERS = 16 };

static bool call_done[NUMBERS];
static bool guest_called[NUMBERS];
static bool psci_called[PSCI_NUMBERS];
static bool status_seen[MOAT_STATUS_COUNT];
static bool reason_seen[MOAT_EXIT_END];
static bool flag_used[FLAGS];

static void coverage_run(struct moat_regs request, struct moat_regs answer)
{
	if (answer.x[1] < MOAT_EXIT_END) {
		reason_seen[answer.x[1]] = true;
	}
	for (uint64_t flag = 0; flag < FLAGS; flag++) {
		if (request.x[3] / (1u << flag) % 2 == 1) {
			flag_used[flag] = true;
		}
	}
}

/* CPUs may do this at once: they write the same. */
void coverage_call(struct moat_regs request, struct moat_regs answer)
{
	uint64_t number = request.x[0] - MOAT_FUNCTION(0);
	uint64_t code = moat_status_code(answer.x[0]);

	if (answer.x[0] != MOAT_NOT_SUPPORTED && code < MOAT_STATUS_COUNT) {
		status_seen[code] = true;
	}
	if (number >= NUMBERS || answer.x[0] != MOAT_OK) {
		return;
	}
	call_done[number] = true;
	if (number == MOAT_VCPU_RUN) {
		coverage_run(request, answer);
	}
}

void coverage_guest_call(uint64_t function)
{
	uint64_t number = function % MOAT_PSCI_64;

	if (function - MOAT_FUNCTION(0) < NUMBERS) {
		guest_called[function - MOAT_FUNCTION(0)] = true;
	} else if (number - MOAT_PSCI_VERSION % MOAT_PSCI_64 < PSCI_NUMBERS) {
		psci_called[function % PSCI_NUMBERS] = true;
	}
}

/* ---- What is missing ----------------------------------------------------- */

static uint64_t missing;

static void expect(bool is_there, const char *name)
{
	if (!is_there) {
		missing++;
		console_text("host: not driven: ");
		console_text(name);
		console_text("\n");
	}
}

static void expect_calls(void)
{
#define CALL(constant, name, number, arguments) \
	expect(call_done[number], "call " #name);
	MOAT_HOST_CALLS(CALL)
#undef CALL
#define CALL(constant, name, number, arguments) \
	expect(guest_called[number], "guest call " #name);
	MOAT_GUEST_CALLS(CALL)
#undef CALL
}

static void expect_power(void)
{
	static const char *const names[PSCI_NUMBERS] = {"VERSION",
		"CPU_SUSPEND", "CPU_OFF", "CPU_ON", "AFFINITY_INFO", 0,
		"MIGRATE_INFO_TYPE", 0, "SYSTEM_OFF", "SYSTEM_RESET",
		"FEATURES"};

	for (size_t i = 0; i < PSCI_NUMBERS; i++) {
		if (names[i] != 0) {
			expect(psci_called[i], names[i]);
		}
	}
}

/* BUSY takes a second CPU; an SError no instruction can make. */
static void expect_answers(void)
{
	static const char *const names[MOAT_STATUS_COUNT] = {"OK", "BAD_ARG",
		"BAD_VM", "BAD_STATE", "BAD_IPA", "BAD_VCPU", "BUSY",
		"VCPU_IS_OFF", "BAD_ENTRY", "NO_TABLE", "NEEDS_SPLIT",
		"OCCUPIED", "NOT_MAPPED", "NOT_EMPTY", "NOT_UNIFORM",
		"BAD_PAGE"};
	static const char *const reasons[MOAT_EXIT_END] = {0, "exit IRQ",
		"exit WFI", "exit FAULT", "exit MMIO", "exit HOST_CALL",
		"exit PSCI", "exit SHARE", "exit UNSHARE", "exit RELINQUISH", 0,
		"exit OTHER"};
	bool is_alone = call(moat_features()).x[7] == 1;

	for (size_t i = 0; i < MOAT_STATUS_COUNT; i++) {
		expect(status_seen[i] || (is_alone && i == MOAT_BUSY),
			names[i]);
	}
	for (size_t i = 0; i < MOAT_EXIT_END; i++) {
		expect(reason_seen[i] || reasons[i] == 0, reasons[i]);
	}
}

void test_coverage(void)
{
	expect_calls();
	expect_power();
	expect_answers();
	expect(flag_used[0], "entry flag ABORT");
	expect(flag_used[1], "entry flag UNDERFLOW");
	check_equal(missing, 0, "everything there is was driven");
}
