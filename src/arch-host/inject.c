/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/inject.h"

#include <stddef.h>
#include <ucontext.h>

#include "arch-host/inside.h"
#include "moat/port.h"

enum { STACK_SIZE = 0x40000 };

/* The one strike, as there is one thread (machine.h). */
static struct {
	struct host_machine *machine; /* NULL: none is armed */
	struct host_strike what;
	uint64_t event_count;
	const char *struck;
	ucontext_t interrupted; /* the step that it came into */
	ucontext_t strike;
	bool is_going; /* it came and has not returned */
	bool is_on; /* it is what runs now */
	bool is_awake; /* a lock was released since somebody waited last */
	/* Of the one that does not run now. */
	uint32_t inside;
	struct moat_event event;
	_Alignas(16) unsigned char stack[STACK_SIZE];
} inject;

/* ---- Two stacks -------------------------------------------------------- */

/* What belongs to a step goes and comes with it. */
static void swap_steps(struct host_machine *machine)
{
	uint32_t inside = machine->inside;
	struct moat_event event = machine->event;

	machine->inside = inject.inside;
	machine->event = inject.event;
	inject.inside = inside;
	inject.event = event;
}

static void go_on(struct host_machine *machine)
{
	inject.is_on = true;
	swap_steps(machine);
	swapcontext(&inject.interrupted, &inject.strike);
	swap_steps(machine);
	inject.is_on = false;
}

static void go_back(void)
{
	swapcontext(&inject.strike, &inject.interrupted);
}

static void strike_main(void)
{
	inject.what.act(inject.machine, inject.what.argument);
	inject.is_going = false;
	go_back();
}

static void come(struct host_machine *machine)
{
	getcontext(&inject.strike);
	inject.strike.uc_stack.ss_sp = inject.stack;
	inject.strike.uc_stack.ss_size = sizeof(inject.stack);
	inject.strike.uc_link = NULL;
	makecontext(&inject.strike, strike_main, 0);
	inject.inside = HOST_NO_CPU;
	inject.is_going = true;
	go_on(machine);
}

/* ---- Steps ------------------------------------------------------------- */

void inside_enter(struct host_machine *machine, uint32_t cpu)
{
	if (machine->cpus[cpu].is_inside) {
		moat_port_panic("a CPU that is in a step takes another one");
	}
	machine->cpus[cpu].is_inside = true;
	machine->inside = cpu;
}

/*
 * Whatever a strike waited for was released by now, and each time the strike
 * has gone on (inside_wake).
 */
void inside_leave(struct host_machine *machine, uint32_t cpu)
{
	machine->cpus[cpu].is_inside = false;
	machine->inside = HOST_NO_CPU;
	if (inject.is_going && !inject.is_on) {
		moat_port_panic("deadlock: a step has ended and a strike still "
				"waits for its lock");
	}
}

void inside_event(struct host_machine *machine, const char *name)
{
	if (!machine || machine != inject.machine || inject.is_on) {
		return;
	}
	inject.event_count++;
	if (inject.event_count == inject.what.at) {
		inject.struck = name;
		come(machine);
	}
}

void inside_wake(struct host_machine *machine)
{
	inject.is_awake = true;
	if (inject.is_going && !inject.is_on) {
		go_on(machine);
	}
}

bool inside_wait(struct host_machine *machine)
{
	bool was_awake = inject.is_awake;

	inject.is_awake = false;
	if (inject.is_on) {
		go_back();
		return true;
	}
	if (!was_awake && inject.is_going) {
		go_on(machine);
		return !inject.is_going || inject.is_awake;
	}
	return was_awake;
}

void inside_forget(const struct host_machine *machine)
{
	if (machine == inject.machine) {
		inject.machine = NULL;
		inject.struck = NULL;
		inject.event_count = 0;
	}
}

/* ---- The interface ----------------------------------------------------- */

void host_machine_strike(
	struct host_machine *machine, const struct host_strike *strike)
{
	inject.machine = machine;
	inject.what = *strike;
	inject.struck = NULL;
	inject.event_count = 0;
}

const char *host_machine_struck(const struct host_machine *machine)
{
	return machine == inject.machine ? inject.struck : NULL;
}

uint64_t host_machine_port_events(const struct host_machine *machine)
{
	return machine == inject.machine ? inject.event_count : 0;
}
