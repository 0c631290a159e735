/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's steps as a CPU takes them. */
#include "arch-host/cpu.h"
#include "arch-host/inside.h"
#include "arch-host/monitor.h"

void host_cpu_install(struct host_machine *machine, uint32_t cpu)
{
	struct moat_stage2 stage2 = moat_cpu_stage2(machine->engine, cpu);

	machine->cpus[cpu].stage2 = stage2;
	monitor_install(machine, &stage2);
	machine->regime[stage2.vmid % (MOAT_VM_MAX + 1)] = stage2;
}

/*
 * The step is over: @cpu installs the translation of what runs next, and
 * nothing that was taken away may still await its invalidation [TLB-1].
 */
static void machine_settle(struct host_machine *machine, uint32_t cpu)
{
	monitor_step_end(machine);
	inside_leave(machine, cpu);
	host_cpu_install(machine, cpu);
}

enum moat_action host_machine_call(
	struct host_machine *machine, uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action;

	inside_enter(machine, cpu);
	action = moat_host_call(machine->engine, cpu, regs);
	machine_settle(machine, cpu);
	return action;
}

enum moat_action host_machine_abort(
	struct host_machine *machine, uint32_t cpu, struct moat_ipa ipa)
{
	enum moat_action action;

	inside_enter(machine, cpu);
	action = moat_host_abort(machine->engine, cpu, ipa);
	machine_settle(machine, cpu);
	return action;
}

enum moat_action host_machine_exit(struct host_machine *machine, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	enum moat_action action;

	inside_enter(machine, cpu);
	action = moat_guest_exit(machine->engine, cpu, trap, regs);
	machine_settle(machine, cpu);
	return action;
}
