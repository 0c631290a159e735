/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks: two CPUs that change the entries of one regime at once could each do
 * all that the architecture asks for and still leave what neither meant. Which
 * lock protects what is said with it; a trace that says nothing of locks is not
 * judged by them.
 */
#include "monitor/state.h"

static struct held *find(struct kept *kept, uint64_t number)
{
	for (uint32_t i = 0; i < kept->held_count; i++) {
		if (kept->held[i].number == number) {
			return &kept->held[i];
		}
	}
	return NULL;
}

void lock_take(struct monitor *m, const struct watch_event *event)
{
	struct kept *kept = m->kept;

	kept->has_locks = true;
	if (find(kept, event->word[0])) {
		monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
		return;
	}
	if (kept->held_count == HELD_MAX) {
		monitor_violate(m, MONITOR_FULL, NULL, 0);
		return;
	}
	kept->held[kept->held_count++] = (struct held){.cpu = event->cpu,
		.number = (uint16_t)event->word[0],
		.vmid = (uint16_t)event->word[1]};
}

void lock_drop(struct monitor *m, const struct watch_event *event)
{
	struct kept *kept = m->kept;
	struct held *held = find(kept, event->word[0]);

	if (!held || held->cpu != event->cpu) {
		monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
		return;
	}
	*held = kept->held[--kept->held_count];
}

void lock_demand(struct monitor *m, const struct table *table, uint64_t place)
{
	const struct kept *kept = m->kept;
	bool has_lock = !kept->has_locks;

	for (uint32_t i = 0; i < kept->held_count; i++) {
		has_lock =
			has_lock || (kept->held[i].cpu == m->event->cpu &&
					    kept->held[i].vmid == table->vmid);
	}
	if (!has_lock) {
		monitor_violate(m, MONITOR_NOT_LOCKED, table, place);
	}
}

void lock_demand_none(struct monitor *m, uint32_t cpu)
{
	for (uint32_t i = 0; i < m->kept->held_count; i++) {
		if (m->kept->held[i].cpu == cpu) {
			monitor_violate(m, MONITOR_LOCK_MISUSED, NULL, 0);
		}
	}
}
