/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power: of the host's CPUs, which the engine switches for it, and of a VM's
 * vCPUs, which are the VM's own affair (PSCI 1.1, Arm DEN 0022).
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define CONTEXT 0xc047e07u

enum { SLOT = 7, POOL_USED = 32 };

/* ---- The host's CPUs ----------------------------------------------------- */

static void never_entered(struct host_cpu *cpu)
{
	(void)cpu;
	check(false, "a refused CPU_ON starts nothing");
}

static uint64_t hvc(uint64_t function, uint64_t x1)
{
	struct moat_regs regs = {{function, x1}};

	host_hvc(&regs);
	return regs.x[0];
}

static void host_suspends(void)
{
	check_equal(smc(PSCI_CPU_SUSPEND, ~(uint64_t)0, 0, 0),
		MOAT_PSCI_INVALID_PARAMETERS,
		"CPU_SUSPEND refuses a state that is none");
	machine_interrupts_start();
	machine_interrupt_raise();
	check_equal(smc(PSCI_CPU_SUSPEND, 0, 0, 0), MOAT_PSCI_SUCCESS,
		"CPU_SUSPEND returns when an interrupt is there");
	check_equal(machine_interrupt_take(), INTERRUPT_SELF,
		"which the host takes");
	machine_interrupt_raise();
	check_equal(smc(PSCI_CPU_SUSPEND, 0x10000,
			    (uint64_t)host_secondary_start, 0),
		MOAT_PSCI_SUCCESS, "power-down is standby as well");
	machine_interrupt_take();
}

static void host_discovers(void)
{
	check_equal(smc(MOAT_PSCI_VERSION, 0, 0, 0), MOAT_PSCI_ABI_VERSION,
		"PSCI is 1.1");
	check_equal(hvc(MOAT_PSCI_VERSION, 0), MOAT_PSCI_ABI_VERSION,
		"by HVC as well");
	check_equal(smc(MOAT_SMCCC_VERSION, 0, 0, 0), MOAT_SMCCC_ABI_VERSION,
		"SMCCC is 1.2");
	check_equal(smc(MOAT_PSCI_FEATURES, PSCI_CPU_ON, 0, 0),
		MOAT_PSCI_SUCCESS, "FEATURES has CPU_ON");
	check_equal(smc(MOAT_PSCI_FEATURES, 0x84000fff, 0, 0),
		MOAT_PSCI_NOT_SUPPORTED, "and not what there is not");
	check_equal(smc(PSCI_AFFINITY_INFO, 0, 0, 0), PSCI_IS_ON,
		"AFFINITY_INFO says that this CPU is on");
	check_equal(smc(PSCI_AFFINITY_INFO, 0, 1, 0),
		MOAT_PSCI_INVALID_PARAMETERS, "and knows one level");
}

void test_power(uint64_t engine, uint64_t cpu_count)
{
	uint64_t entry = (uint64_t)host_secondary_start;
	uint64_t context = (uint64_t)host_cpu_prepare(1, never_entered);

	host_discovers();
	host_suspends();
	check_equal(smc(PSCI_CPU_ON, cpu_count, entry, context),
		MOAT_PSCI_INVALID_PARAMETERS, "CPU_ON refuses a CPU too many");
	check_equal(smc(PSCI_CPU_ON, ~(uint64_t)0, entry, context),
		MOAT_PSCI_INVALID_PARAMETERS, "CPU_ON refuses a wild CPU");
	check_equal(smc(PSCI_CPU_ON, 0, entry, context), MOAT_PSCI_ALREADY_ON,
		"CPU_ON refuses the CPU that asks");
	if (cpu_count < 2) {
		return;
	}
	check_equal(smc(PSCI_CPU_ON, 1, engine, context),
		MOAT_PSCI_INVALID_ADDRESS,
		"CPU_ON refuses an entry in the engine");
	check_equal(smc(PSCI_CPU_ON, 1, entry + 2, context),
		MOAT_PSCI_INVALID_ADDRESS, "CPU_ON refuses an unaligned entry");
	check_equal(smc(PSCI_CPU_ON, 1, ~(uint64_t)3, context),
		MOAT_PSCI_INVALID_ADDRESS,
		"CPU_ON refuses an entry that is no RAM");
	check_equal(smc(PSCI_AFFINITY_INFO, 1, 0, 0), PSCI_IS_OFF,
		"the CPU is still off");
}

/* ---- What a VM is told --------------------------------------------------- */

static const struct {
	uint64_t function;
	uint64_t x1;
	uint64_t x0;
	const char *name;
} facts[] = {
	{MOAT_PSCI_VERSION, 0, 0x10001, "and by HVC"},
	{MOAT_SMCCC_VERSION, 0, 0x10002, "and SMCCC 1.2"},
	{MOAT_PSCI_MIGRATE_INFO_TYPE, 0, 2, "without a trusted OS"},
	{MOAT_SMCCC_ARCH_FEATURES, MOAT_SMCCC_VERSION, 0,
		"ARCH_FEATURES has SMCCC_VERSION"},
	{MOAT_SMCCC_ARCH_FEATURES, 0x80008000, MOAT_PSCI_NOT_SUPPORTED,
		"and no workaround"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_VERSION, 0, "FEATURES: VERSION"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_CPU_SUSPEND, 0, "CPU_SUSPEND"},
	{MOAT_PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, "CPU_SUSPEND of 64 bits"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_CPU_OFF, 0, "CPU_OFF"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_CPU_ON, 0, "CPU_ON"},
	{MOAT_PSCI_FEATURES, PSCI_CPU_ON, 0, "CPU_ON of 64 bits"},
	{MOAT_PSCI_FEATURES, PSCI_AFFINITY_INFO, 0, "AFFINITY_INFO"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_MIGRATE_INFO_TYPE, 0,
		"MIGRATE_INFO_TYPE"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_SYSTEM_OFF, 0, "SYSTEM_OFF"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_SYSTEM_RESET, 0, "SYSTEM_RESET"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_FEATURES, 0, "FEATURES itself"},
	{MOAT_PSCI_FEATURES, MOAT_SMCCC_VERSION, 0, "SMCCC_VERSION"},
	{MOAT_PSCI_FEATURES, 0x8400000e, MOAT_PSCI_NOT_SUPPORTED,
		"but no SYSTEM_SUSPEND"},
	{MOAT_PSCI_FEATURES, MOAT_PSCI_CPU_OFF + MOAT_PSCI_64,
		MOAT_PSCI_NOT_SUPPORTED, "nor CPU_OFF of 64 bits"},
	{MOAT_PSCI_CPU_OFF + MOAT_PSCI_64, 0, MOAT_PSCI_NOT_SUPPORTED,
		"which turns nothing off"},
	{0x8400000e, 0, MOAT_PSCI_NOT_SUPPORTED, "a VM does not suspend all"},
	{0xc2000000, 0, MOAT_PSCI_NOT_SUPPORTED, "or call the firmware's"},
};

static void told(const struct vm *vm)
{
	struct moat_regs entry = vm_request(vm);

	entry.x[4] = GUEST_CALL_SMC;
	entry.x[5] = MOAT_PSCI_VERSION;
	check(exit_reports(call(entry), MOAT_PSCI_ABI_VERSION),
		"a VM finds PSCI by SMC");
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		check_equal(vm_call_status(
				    vm, facts[i].function, facts[i].x1, 0, 0),
			facts[i].x0, facts[i].name);
	}
}

/* ---- CPU_ON -------------------------------------------------------------- */

/* vCPUs 0..2 are there, and of these 0 is on; the VM has numbers for four. */
static const struct {
	uint64_t target;
	uint64_t entry;
	uint64_t x0;
	const char *name;
} refusals[] = {
	{3, GUEST_CODE, MOAT_PSCI_INVALID_PARAMETERS,
		"CPU_ON refuses a vCPU that was not created"},
	{4, GUEST_CODE, MOAT_PSCI_INVALID_PARAMETERS, "or that has no number"},
	{0x100, GUEST_CODE, MOAT_PSCI_INVALID_PARAMETERS,
		"or is in another cluster"},
	{0x80000001, GUEST_CODE, MOAT_PSCI_INVALID_PARAMETERS,
		"or is named by more than its affinity"},
	{~(uint64_t)0, 2, MOAT_PSCI_INVALID_PARAMETERS,
		"the target is tested before the entry"},
	{1, GUEST_CODE + 2, MOAT_PSCI_INVALID_ADDRESS,
		"CPU_ON refuses an unaligned entry"},
	{1, (uint64_t)1 << 38, MOAT_PSCI_INVALID_ADDRESS,
		"or one in the shared half"},
	{1, ~(uint64_t)3, MOAT_PSCI_INVALID_ADDRESS, "or none at all"},
	{0, GUEST_CODE + 2, MOAT_PSCI_INVALID_ADDRESS,
		"the entry is tested before the state"},
	{0, GUEST_CODE, MOAT_PSCI_ALREADY_ON,
		"a vCPU that turns itself on is on"},
};

static void refused(const struct vm *vm)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		check_equal(vm_call_status(vm, PSCI_CPU_ON, refusals[i].target,
				    refusals[i].entry, CONTEXT),
			refusals[i].x0, refusals[i].name);
	}
	check_equal(call(moat_vm_info(vm->id)).x[7], 6,
		"none of them turned anything on");
	check_equal(vm_ask(vm, GUEST_NOTHING, 0, SECRET), SECRET,
		"or reset the vCPU that asked");
}

static bool exit_is_power(
	struct moat_regs exit, uint64_t function, uint64_t target)
{
	uint64_t rest = 0;

	for (size_t i = 4; i <= MOAT_RUN_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	return exit.x[0] == MOAT_OK && exit.x[1] == MOAT_EXIT_PSCI &&
	       exit.x[2] == function && exit.x[3] == target && rest == 0;
}

/* What a vCPU says that starts with CONTEXT: nothing of another life. */
static bool starts_afresh(const struct vm *second)
{
	struct moat_regs exit = vm_run(second);
	uint64_t rest = exit.x[3] | exit.x[5] | exit.x[6] | exit.x[7];

	return exit.x[1] == MOAT_EXIT_HOST_CALL && exit.x[4] == CONTEXT &&
	       rest == 0;
}

static void turned_on(const struct vm *vm, const struct vm *second)
{
	check_refused(vm_request(second), MOAT_VCPU_IS_OFF, 2,
		"a vCPU that is off does not run");
	check(exit_is_power(vm_call(vm, PSCI_CPU_ON, 1, GUEST_CODE, CONTEXT),
		      MOAT_PSCI_CPU_ON, 1),
		"the VM turns it on, and the host is told which");
	check_equal(call(moat_vm_info(vm->id)).x[7], 4, "vm_info says so");
	check(exit_reports(vm_run(vm), MOAT_PSCI_SUCCESS),
		"the VM learns that it is done");
	check_equal(vm_call_status(vm, PSCI_CPU_ON, 1, GUEST_CODE, 1),
		MOAT_PSCI_ALREADY_ON, "it is not turned on twice");
	check_equal(vm_call_status(vm, PSCI_AFFINITY_INFO, 1, 0, 0), PSCI_IS_ON,
		"AFFINITY_INFO says that it is on");
	check_equal(vm_call_status(vm, PSCI_AFFINITY_INFO, 2, 0, 0),
		PSCI_IS_OFF, "and another is not");
	check_equal(vm_call_status(vm, PSCI_AFFINITY_INFO, 3, 0, 0),
		MOAT_PSCI_INVALID_PARAMETERS, "and a third not there");
	check_equal(vm_call_status(vm, PSCI_AFFINITY_INFO, 1, 1, 0),
		MOAT_PSCI_INVALID_PARAMETERS, "nor a cluster");
	check(starts_afresh(second), "it starts with what it was given");
}

/* Its argument is not GUEST_ARGUMENT, so vm_ask does not take its word. */
static void turned_off(const struct vm *vm, const struct vm *second)
{
	check_equal(vm_order(second, GUEST_MPIDR, 0, 0).x[3], 0x80000001,
		"it knows its number");
	vm_order(second, GUEST_KEEP, 0, SECRET);
	check_equal(vm_order(second, GUEST_SHOW, 0, SECRET).x[3],
		GUEST_REGISTERS, "it keeps something in its registers");
	check(exit_is_power(vm_call(second, MOAT_PSCI_CPU_OFF, 0, 0, 0),
		      MOAT_PSCI_CPU_OFF, 0),
		"it turns itself off, and the host is told");
	check_refused(vm_request(second), MOAT_VCPU_IS_OFF, 2, "and off it is");
	/* By the SMC32 form, which has nothing in the upper halves. */
	check(exit_is_power(
		      vm_call(vm, MOAT_PSCI_CPU_ON, 0xf00000001,
			      0xf00000000 + GUEST_CODE, 0xf00000000 + CONTEXT),
		      MOAT_PSCI_CPU_ON, 1),
		"the VM turns it on again");
	check(exit_reports(vm_run(vm), MOAT_PSCI_SUCCESS), "and learns it");
	check(starts_afresh(second), "it starts afresh");
	check_equal(vm_order(second, GUEST_SHOW, 0, SECRET).x[3], 0,
		"with nothing of what it kept");
}

static void suspended(const struct vm *vm)
{
	struct moat_regs exit = vm_call(vm, PSCI_CPU_SUSPEND, 0, 0, 0);

	check(exit.x[1] == MOAT_EXIT_WFI && exit.x[2] == ~(uint64_t)0,
		"CPU_SUSPEND is told as a wait");
	check(exit_reports(vm_run(vm), MOAT_PSCI_SUCCESS),
		"from which the vCPU returns");
}

static void ended(const struct vm *vm, const struct vm *second)
{
	check(exit_is_power(vm_call(second, MOAT_PSCI_SYSTEM_RESET, 0, 0, 0),
		      MOAT_PSCI_SYSTEM_RESET, 0),
		"a VM asks for its reset");
	check_refused(vm_request(second), MOAT_VCPU_IS_OFF, 2,
		"the vCPU that asked is off");
	check_equal(vm_ask(vm, GUEST_NOTHING, 0, SECRET), SECRET,
		"the others are the host's to stop");
	check(exit_is_power(vm_call(vm, MOAT_PSCI_SYSTEM_OFF, 0, 0, 0),
		      MOAT_PSCI_SYSTEM_OFF, 0),
		"a VM turns itself off");
	check_refused(vm_request(vm), MOAT_VCPU_IS_OFF, 2,
		"and its last vCPU is off");
}

void test_guest_power(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	struct vm second;
	uint64_t refusal = vm_open_for(&vm, &pool, SLOT, 39, 4);

	refusal += vm_furnish(&vm, &pool, SECRET);
	refusal += vm_add_vcpu(&vm, &pool, 1, 1);
	refusal += vm_add_vcpu(&vm, &pool, 2, 1);
	check_equal(refusal + vm_seal(&vm), MOAT_OK,
		"a VM with three vCPUs is built");
	check_equal(call(moat_vm_info(vm.id)).x[5] * 0x10 +
			    call(moat_vm_info(vm.id)).x[7],
		0x76, "of which two are off");
	second = vm;
	second.vcpu.value = 1;
	vm_run(&vm);
	told(&vm);
	refused(&vm);
	turned_on(&vm, &second);
	turned_off(&vm, &second);
	suspended(&vm);
	ended(&vm, &second);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
