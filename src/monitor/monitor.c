/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/monitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/state.h"

enum { FIRST_CAPACITY = 256 };

/* ---- Lists, verdict ---------------------------------------------------- */

void *list_add(struct monitor *m, struct list *list, size_t size)
{
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity * 2 + FIRST_CAPACITY;
		void *grown = realloc(list->item, capacity * size);

		if (!grown) {
			monitor_violate(m, MONITOR_FULL, NULL, 0);
			return NULL;
		}
		list->item = grown;
		list->capacity = capacity;
	}
	return (unsigned char *)list->item + list->count++ * size;
}

void monitor_violate(struct monitor *m, enum monitor_rule rule,
	const struct table *table, uint64_t place)
{
	struct monitor_verdict *verdict = &m->kept->verdict;

	if (verdict->rule != MONITOR_NONE) {
		return;
	}
	verdict->rule = rule;
	verdict->at = m->event->kind;
	verdict->cpu = m->event->cpu;
	verdict->pa = place;
	if (table) {
		verdict->pa = m->memory.pa(m->memory.context,
				      (uint32_t)(table - m->table)) +
			      place;
		verdict->vmid = table->vmid;
		verdict->ipa =
			table->ipa +
			place / sizeof(uint64_t) * entry_bytes(m, table->level);
	}
}

const struct monitor_verdict *monitor_verdict(const struct monitor *monitor)
{
	return &monitor->kept->verdict;
}

void monitor_explain(
	const struct monitor_verdict *verdict, char *text, size_t size)
{
	snprintf(text, size,
		"%s: %s; CPU %" PRIu32 " at %s, VMID %" PRIu32 " IPA 0x%" PRIx64
		", PA 0x%" PRIx64,
		monitor_rule_name(verdict->rule),
		monitor_rule_text(verdict->rule), verdict->cpu,
		watch_name(verdict->at), verdict->vmid, verdict->ipa,
		verdict->pa);
}

/* ---- Life -------------------------------------------------------------- */

static void start(struct monitor *m)
{
	for (uint32_t i = 0; i < WATCH_VMIDS; i++) {
		m->kept->regime[i].root = UINT64_MAX;
	}
	for (uint32_t i = 0; i < WATCH_CPUS; i++) {
		m->kept->cpu[i].vmid = NO_VMID;
		m->kept->cpu[i].flush = NO_VMID;
	}
	for (uint32_t i = 0; i < m->memory.page_count; i++) {
		m->table[i].first = NO_LOSS;
		m->table[i].last = NO_LOSS;
		m->table[i].writer = NO_CPU;
	}
	m->loss_free = NO_LOSS;
}

/* One block, so that it is kept and given back by one copy. */
struct monitor *monitor_create(const struct monitor_memory *memory)
{
	struct monitor *m = calloc(1, sizeof(*m));
	size_t pages = memory->page_count;

	if (!m) {
		return NULL;
	}
	m->memory = *memory;
	m->kept_size = sizeof(struct kept) +
		       pages * (sizeof(struct table) + sizeof(struct page));
	m->kept = calloc(1, m->kept_size);
	m->toucher = calloc(pages, sizeof(*m->toucher));
	if (!m->kept || !m->toucher) {
		monitor_destroy(m);
		return NULL;
	}
	m->table = (struct table *)(m->kept + 1);
	m->page = (struct page *)(m->table + pages);
	start(m);
	return m;
}

void monitor_destroy(struct monitor *monitor)
{
	if (monitor) {
		free(monitor->kept);
		free(monitor->toucher);
		free(monitor->loss.item);
		free(monitor->unclean.item);
		free(monitor->share.item);
		free(monitor->unpublished.item);
		free(monitor->touched.item);
		free(monitor->meeting.item);
		free(monitor);
	}
}

void monitor_join(
	struct monitor *monitor, const struct monitor_records *records)
{
	monitor->records = *records;
}

size_t monitor_size(const struct monitor *monitor)
{
	return monitor->kept_size;
}

void monitor_save(const struct monitor *monitor, void *to)
{
	memcpy(to, monitor->kept, monitor->kept_size);
}

/* Between steps the lists are empty, or a rule was broken: then no step
 * follows but by giving back what was kept before it. */
void monitor_load(struct monitor *monitor, const void *from)
{
	memcpy(monitor->kept, from, monitor->kept_size);
	monitor->loss.count = 0;
	monitor->loss_free = NO_LOSS;
	monitor->unclean.count = 0;
	monitor->share.count = 0;
	monitor->unpublished.count = 0;
	reach_forget(monitor);
}

void monitor_check(struct monitor *monitor, uint32_t page)
{
	static const struct watch_event step = {.kind = WATCH_STEP};

	monitor->event = &step;
	reach_check(monitor, page);
}

void monitor_check_all(struct monitor *monitor)
{
	for (uint32_t i = 0; i < monitor->memory.page_count; i++) {
		monitor_check(monitor, i);
	}
}

/* ---- Events ------------------------------------------------------------ */

/* A return to EL1 synchronises the context (Arm ARM, D1.4). The tables it goes
 * to may be new to the monitor, so what they lead to is judged. */
static void cpu_enter(struct monitor *m, uint32_t number)
{
	struct cpu *cpu = &m->kept->cpu[number];

	lock_demand_none(m, number);
	cpu->is_synchronised = true;
	cpu->is_in_el1 = true;
	if (cpu->vmid != NO_VMID) {
		m->kept->regime[cpu->vmid].holders |= UINT64_C(1) << number;
	}
	reach_step_end(m, number);
}

static void pages_zero(
	struct monitor *m, const struct watch_event *event, bool is_kept)
{
	for (uint64_t done = 0; done < event->word[1]; done += page_bytes(m)) {
		table_zero(m, event->word[0] + done, is_kept);
	}
}

static void of_cpu(struct monitor *m, const struct watch_event *event)
{
	switch ((int)event->kind) {
	case WATCH_STAGE2:
		table_select(m, event);
		break;
	case WATCH_ENTER:
		cpu_enter(m, event->cpu);
		break;
	case WATCH_LEAVE:
		m->kept->cpu[event->cpu].is_in_el1 = false;
		break;
	case WATCH_ISB:
		m->kept->cpu[event->cpu].is_synchronised = true;
		break;
	case WATCH_UNLOCK:
		loss_demand_none(m, event->cpu);
		break;
	case WATCH_LOCK:
		lock_take(m, event);
		break;
	case WATCH_DROP:
		loss_demand_none(m, event->cpu);
		lock_drop(m, event);
		break;
	case WATCH_STEP:
		loss_demand_none(m, event->cpu);
		reach_step_end(m, event->cpu);
		break;
	default:
		/* A DMB orders what this CPU does, not what walks see; a DSB of
		 * loads alone waits for neither stores nor TLBIs. */
		break;
	}
}

void monitor_take(struct monitor *monitor, const struct watch_event *event)
{
	if (monitor->kept->verdict.rule != MONITOR_NONE) {
		return;
	}
	monitor->event = event;
	switch ((int)event->kind) {
	case WATCH_WRITE:
	case WATCH_RELEASE:
		table_write(monitor, event);
		break;
	case WATCH_ZERO:
	case WATCH_CLEAN:
		pages_zero(monitor, event, event->kind == WATCH_CLEAN);
		break;
	case WATCH_DSB_SY:
	case WATCH_DSB_ISH:
	case WATCH_DSB_ISHST:
	case WATCH_DSB_NSH:
		loss_complete(monitor, event);
		break;
	default:
		if (event->kind >= WATCH_TLBI_IPAS2E1IS &&
			event->kind <= WATCH_TLBI_ALLE1) {
			loss_invalidate(monitor, event);
		} else {
			of_cpu(monitor, event);
		}
		break;
	}
}
