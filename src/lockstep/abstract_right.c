/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the page records of the engine permit, as its machine's monitor asks:
 * for [TLB-1], who may reach a page, by whatever translation.
 */
#include <string.h>

#include "core/state.h"
#include "lockstep/abstract.h"
#include "monitor/monitor.h"

enum { LEVELS = 4, ALL = MOAT_READ + MOAT_WRITE + MOAT_EXECUTE };

/* Whose VMID, one more, is nobody's: not 0, which is the host's. */
#define NO_VM (UINT16_MAX - UINT32_C(1))

/* The VM at whose root the chain of parents from @page ends. */
static uint32_t vm_of(const struct moat *m, uint32_t page)
{
	for (int turn = 0; turn <= LEVELS && page < PAGE_COUNT(m); turn++) {
		struct page record = PAGE(m, page);

		if (record.slot >= SLOT_ROOT) {
			return record.parent;
		}
		page = record.parent;
	}
	return NO_VM;
}

/* The host's VMID is 0, that of a VM its number plus one. */
static bool look(void *context, uint32_t page, struct monitor_right right[2])
{
	const struct host_machine *machine = context;
	const struct moat *m = machine->engine;
	const struct monitor_right host = {0, ALL};
	struct page record = {.state = MOAT_PAGE_ENGINE};

	memset(right, 0, 2 * sizeof(*right));
	if (page < PAGE_COUNT(m)) {
		record = PAGE(m, page);
	}
	if (record.state == MOAT_PAGE_HOST || record.state == MOAT_PAGE_LENT ||
		record.state == MOAT_PAGE_SHARED) {
		right[0] = host;
	}
	if (record.state == MOAT_PAGE_VM || record.state == MOAT_PAGE_SHARED ||
		record.state == MOAT_PAGE_LENT) {
		right[1].vmid = (uint16_t)(vm_of(m, page) + 1);
		right[1].permission = record.state == MOAT_PAGE_LENT
					      ? record.mapping / 8
					      : ALL;
	}
	return true;
}

void abstract_join(struct host_machine *machine)
{
	const struct monitor_records records = {machine, look};

	monitor_join(machine->monitor, &records);
	monitor_check_all(machine->monitor);
}

const char *abstract_rights(struct host_machine *machine)
{
	if (machine->is_watched) {
		monitor_check_all(machine->monitor);
	}
	return monitor_verdict(machine->monitor)->rule == MONITOR_NONE
		       ? NULL
		       : "no_right: an agent can reach a page that the records "
			 "deny it [TLB-1]";
}
