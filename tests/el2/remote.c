/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other CPUs: turning them on, and making calls on them. An employed CPU waits
 * at its desk for one request after the other.
 */
#include "host.h"

enum desk_state { DESK_EMPTY, DESK_POSTED, DESK_DONE, DESK_CLOSED };

/* Written by CPU 0 while EMPTY or DONE, by its CPU while POSTED. */
struct desk {
	enum desk_state state;
	bool is_touch; /* read the word at x[1] instead of a call */
	struct moat_regs regs;
};

static struct desk desks[CPU_COUNT_MAX];

static void desk_set(struct desk *desk, enum desk_state state)
{
	__atomic_store_n(&desk->state, state, __ATOMIC_RELEASE);
}

static enum desk_state desk_get(const struct desk *desk)
{
	return __atomic_load_n(&desk->state, __ATOMIC_ACQUIRE);
}

static void desk_work(struct desk *desk)
{
	if (desk->is_touch) {
		desk->regs.x[0] = touch_aborts(TOUCH_READ, desk->regs.x[1]);
	} else {
		desk->regs = call(desk->regs);
	}
	desk_set(desk, DESK_DONE);
}

static void desk_serve(struct host_cpu *cpu)
{
	struct desk *desk = &desks[cpu->index];
	enum desk_state state = desk_get(desk);

	while (state != DESK_CLOSED) {
		if (state == DESK_POSTED) {
			desk_work(desk);
		}
		machine_yield();
		state = desk_get(desk);
	}
	smc(MOAT_PSCI_CPU_OFF, 0, 0, 0);
}

/* ---- CPU 0's side -------------------------------------------------------- */

uint64_t cpu_turn_on(uint64_t index, void (*entry)(struct host_cpu *cpu))
{
	return smc(PSCI_CPU_ON, index, (uint64_t)host_secondary_start,
		(uint64_t)host_cpu_prepare(index, entry));
}

void cpu_wait_for_off(uint64_t index)
{
	while (smc(PSCI_AFFINITY_INFO, index, 0, 0) != PSCI_IS_OFF) {
		machine_yield();
	}
}

void cpu_employ(uint64_t index)
{
	desk_set(&desks[index], DESK_EMPTY);
	check_equal(cpu_turn_on(index, desk_serve), MOAT_PSCI_SUCCESS,
		"another CPU comes on to help");
}

void cpu_dismiss(uint64_t index)
{
	desk_set(&desks[index], DESK_CLOSED);
	cpu_wait_for_off(index);
}

static void desk_post(uint64_t index, struct moat_regs regs, bool is_touch)
{
	desks[index].regs = regs;
	desks[index].is_touch = is_touch;
	desk_set(&desks[index], DESK_POSTED);
}

void cpu_post(uint64_t index, struct moat_regs request)
{
	desk_post(index, request, false);
}

bool cpu_is_done(uint64_t index)
{
	return desk_get(&desks[index]) == DESK_DONE;
}

struct moat_regs cpu_collect(uint64_t index)
{
	while (!cpu_is_done(index)) {
		machine_yield();
	}
	return desks[index].regs;
}

struct moat_regs call_on(uint64_t index, struct moat_regs request)
{
	if (index == host_cpu_self()->index) {
		return call(request);
	}
	cpu_post(index, request);
	return cpu_collect(index);
}

bool cpu_read_aborts(uint64_t index, uint64_t address)
{
	struct moat_regs regs = {{0, address}};

	if (index == host_cpu_self()->index) {
		return touch_aborts(TOUCH_READ, address);
	}
	desk_post(index, regs, true);
	return cpu_collect(index).x[0] != 0;
}
