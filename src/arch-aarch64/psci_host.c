/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/firmware.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/psci.h"
#include "arch-aarch64/report.h"
#include "core/lock.h"

/* DEN0022, section 5.2.2: results. */
enum psci_result {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INVALID_ADDRESS = -9,
};

enum {
	SMCCC_VERSION_1_2 = 0x10002,
	PSCI_VERSION_1_1 = 0x10001,
	PSCI_NO_TRUSTED_OS = 2, /* MIGRATE_INFO_TYPE: nothing to migrate */
	EXIT_OFF = 0, /* QEMU's exit status */
	EXIT_RESET = 2,
};

/* power_state of CPU_SUSPEND in the original format: bits 31:26 and 23:17. */
#define SUSPEND_RESERVED UINT64_C(0xfcfe0000)

enum power_state {
	POWER_OFF,
	POWER_PENDING,
	POWER_ON,
};

struct power {
	enum power_state state;
	uint64_t entry;
	uint64_t context;
};

/* Protected by power_lock. */
static struct power power[MACHINE_CPU_MAX];
static struct lock power_lock;

void power_boot(void)
{
	power[cpu_number()].state = POWER_ON;
}

/* OFF -> PENDING, unless it is not off. */
static enum psci_result power_request(
	uint32_t cpu, uint64_t entry, uint64_t context)
{
	enum psci_result result = PSCI_SUCCESS;

	lock_acquire(&power_lock);
	switch (power[cpu].state) {
	case POWER_ON:
		result = PSCI_ALREADY_ON;
		break;
	case POWER_PENDING:
		result = PSCI_ON_PENDING;
		break;
	case POWER_OFF:
		power[cpu] = (struct power){POWER_PENDING, entry, context};
		break;
	}
	lock_release(&power_lock); /* wakes the CPU concerned, too */
	return result;
}

/* PENDING -> ON: true, and @request has where to start. */
static bool power_accept(struct power *request)
{
	struct power *mine = &power[cpu_number()];
	bool is_pending;

	lock_acquire(&power_lock);
	is_pending = mine->state == POWER_PENDING;
	if (is_pending) {
		mine->state = POWER_ON;
		*request = *mine;
	}
	lock_release(&power_lock);
	return is_pending;
}

static void power_off(void)
{
	lock_acquire(&power_lock);
	power[cpu_number()].state = POWER_OFF;
	lock_release(&power_lock);
}

void power_wait(void)
{
	struct power request;

	while (!power_accept(&request)) {
		wfe();
	}
	cpu_start_host(request.entry, request.context);
}

/*
 * May the host run code at @entry? Asked of the core as the host would: a
 * page_info of this CPU, which also shows in the trace. The answer may be old
 * when the CPU starts there; stage 2 then has the last word.
 */
static bool is_entry(uint64_t entry)
{
	struct moat_pa page = {entry - entry % MOAT_PAGE_SIZE};
	struct moat_regs regs = moat_page_info(page);

	if (entry % 4 != 0) {
		return false;
	}
	report_count(REPORT_CALL);
	moat_host_call(engine, cpu_number(), &regs);
	return moat_status_code(regs.x[0]) == MOAT_OK &&
	       (regs.x[1] == MOAT_PAGE_HOST || regs.x[1] == MOAT_PAGE_LENT ||
		       regs.x[1] == MOAT_PAGE_SHARED);
}

/* In the order in which firmware tests: target, address, state. */
static enum psci_result cpu_on(
	uint64_t target, uint64_t entry, uint64_t context)
{
	uint32_t cpu = machine_cpu(target);

	if (cpu == machine.cpu_count) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (!is_entry(entry)) {
		return PSCI_INVALID_ADDRESS;
	}
	return power_request(cpu, entry, context);
}

/* Section 5.7.1: the number that AFFINITY_INFO has for a state. */
static int64_t affinity_state(enum power_state state)
{
	switch (state) {
	case POWER_ON:
		return 0;
	case POWER_PENDING:
		return 2;
	case POWER_OFF:
		break;
	}
	return 1;
}

/* Affinity levels above 0 are optional since PSCI 1.0 (section 5.7.2). */
static int64_t affinity_info(uint64_t target, uint64_t level)
{
	uint32_t cpu = machine_cpu(target);
	enum power_state state;

	if (cpu == machine.cpu_count || level != 0) {
		return PSCI_INVALID_PARAMETERS;
	}
	lock_acquire(&power_lock);
	state = power[cpu].state;
	lock_release(&power_lock);
	return affinity_state(state);
}

/* Power-down requests are done as standby, which section 5.4.2 permits. */
static int64_t cpu_suspend(uint64_t power_state)
{
	if ((power_state & SUSPEND_RESERVED) != 0) {
		return PSCI_INVALID_PARAMETERS;
	}
	wfi();
	return PSCI_SUCCESS;
}

static int64_t psci_features(uint32_t function)
{
	switch (function) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND32: /* original format, no OS-initiated mode */
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON32:
	case PSCI_CPU_ON:
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t smccc_arch_features(uint32_t function)
{
	return function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES
		       ? PSCI_SUCCESS
		       : PSCI_NOT_SUPPORTED;
}

__attribute__((noreturn)) static void cpu_off(void)
{
	power_off();
	park(cpu_number());
}

/*
 * A reset would bring the host back with the pages of VMs in its RAM, which
 * nobody scrubbed; so it ends the machine as well, with another status.
 */
__attribute__((noreturn)) static void system_end(uint32_t status)
{
	report_end();
	firmware_exit(status);
}

/* Those without a result that returns, or without arguments. */
static int64_t call_simple(uint32_t function, uint32_t argument)
{
	switch (function) {
	case SMCCC_VERSION:
		return SMCCC_VERSION_1_2;
	case SMCCC_ARCH_FEATURES:
		return smccc_arch_features(argument);
	case PSCI_VERSION:
		return PSCI_VERSION_1_1;
	case PSCI_FEATURES:
		return psci_features(argument);
	case PSCI_MIGRATE_INFO_TYPE:
		return PSCI_NO_TRUSTED_OS;
	case PSCI_CPU_OFF:
		cpu_off();
	case PSCI_SYSTEM_OFF:
		system_end(EXIT_OFF);
	case PSCI_SYSTEM_RESET:
		system_end(EXIT_RESET);
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* SMCCC 1.2, section 2.5: the function is W0; a 32-bit call has 32-bit
 * arguments. */
void psci_call(struct moat_regs *regs)
{
	uint32_t function = (uint32_t)regs->x[0];
	uint64_t *x = regs->x;
	int64_t result;

	switch (function) {
	case PSCI_CPU_ON:
		result = cpu_on(x[1], x[2], x[3]);
		break;
	case PSCI_CPU_ON32:
		result = cpu_on((uint32_t)x[1], (uint32_t)x[2], (uint32_t)x[3]);
		break;
	case PSCI_AFFINITY_INFO:
		result = affinity_info(x[1], x[2]);
		break;
	case PSCI_AFFINITY_INFO32:
		result = affinity_info((uint32_t)x[1], (uint32_t)x[2]);
		break;
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND32:
		result = cpu_suspend((uint32_t)x[1]);
		break;
	default:
		result = call_simple(function, (uint32_t)x[1]);
		break;
	}
	x[0] = (uint64_t)result;
}
