/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks: two CPUs that change the entries of one regime at once could each do
 * all that the architecture asks for and still leave what neither meant. Which
 * lock protects what is said with it; a trace that says nothing of locks is not
 * judged by them.
 */
#include "monitor/state.h"

static struct held *find(struct cpu *cpu, uint64_t number)
{
	for (uint32_t i = 0; i < cpu->held_count; i++) {
		if (cpu->held[i].number == number) {
			return &cpu->held[i];
		}
	}
	return NULL;
}

static bool is_taken(const struct monitor *m, uint64_t number)
{
	for (uint32_t i = 0; i < WATCH_CPUS; i++) {
		if (find(&m->kept->cpu[i], number)) {
			return true;
		}
	}
	return false;
}

void lock_take(struct monitor *m, const struct watch_event *event)
{
	struct cpu *cpu = &m->kept->cpu[event->cpu];
	struct held *held = &cpu->held[cpu->held_count];

	m->kept->has_locks = true;
	if (is_taken(m, event->word[0])) {
		monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
		return;
	}
	if (cpu->held_count == HELD_MAX) {
		monitor_violate(m, MONITOR_FULL, NULL, 0);
		return;
	}
	held->number = (uint16_t)event->word[0];
	held->vmid = (uint16_t)event->word[1];
	cpu->held_count++;
}

void lock_drop(struct monitor *m, const struct watch_event *event)
{
	struct cpu *cpu = &m->kept->cpu[event->cpu];
	struct held *held = find(cpu, event->word[0]);

	if (!held) {
		monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
		return;
	}
	*held = cpu->held[--cpu->held_count];
}

void lock_demand(struct monitor *m, const struct table *table, uint64_t place)
{
	const struct cpu *cpu = &m->kept->cpu[m->event->cpu];
	bool has_lock = !m->kept->has_locks;

	for (uint32_t i = 0; i < cpu->held_count; i++) {
		has_lock = has_lock || cpu->held[i].vmid == table->vmid;
	}
	if (!has_lock) {
		monitor_violate(m, MONITOR_NOT_LOCKED, table, place);
	}
}

void lock_demand_none(struct monitor *m, uint32_t cpu)
{
	if (m->kept->cpu[cpu].held_count != 0) {
		monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
	}
}
