/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's steps as a CPU takes them. */
#include "arch-host/cpu.h"
#include "arch-host/inside.h"
#include "arch-host/watch.h"

void host_cpu_assume(struct host_machine *machine, uint32_t cpu,
	const struct moat_stage2 *stage2)
{
	machine->cpus[cpu].stage2 = *stage2;
	machine->regime[stage2->vmid % (MOAT_VM_MAX + 1)] = *stage2;
	watch_enter(machine, cpu, stage2);
}

void host_cpu_install(struct host_machine *machine, uint32_t cpu)
{
	struct moat_stage2 stage2 = moat_cpu_stage2(machine->engine, cpu);

	host_cpu_assume(machine, cpu, &stage2);
}

/* @cpu comes from what it runs to the engine. */
static void machine_begin(struct host_machine *machine, uint32_t cpu)
{
	inside_enter(machine, cpu);
	watch_leave(machine, cpu);
}

/*
 * The step is over: @cpu installs the translation of what runs next, and
 * nothing that was taken away may still await its invalidation [TLB-1].
 */
static void machine_settle(struct host_machine *machine, uint32_t cpu)
{
	watch_plain(machine, WATCH_STEP);
	inside_leave(machine, cpu);
	host_cpu_install(machine, cpu);
}

enum moat_action host_machine_call(
	struct host_machine *machine, uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action;

	machine_begin(machine, cpu);
	action = moat_host_call(machine->engine, cpu, regs);
	machine_settle(machine, cpu);
	return action;
}

enum moat_action host_machine_abort(
	struct host_machine *machine, uint32_t cpu, struct moat_ipa ipa)
{
	enum moat_action action;

	machine_begin(machine, cpu);
	action = moat_host_abort(machine->engine, cpu, ipa);
	machine_settle(machine, cpu);
	return action;
}

enum moat_action host_machine_exit(struct host_machine *machine, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	enum moat_action action;

	machine_begin(machine, cpu);
	action = moat_guest_exit(machine->engine, cpu, trap, regs);
	machine_settle(machine, cpu);
	return action;
}
