/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the page records of the engine permit, as its machine's monitor asks:
 * for [TLB-1], who may reach a page, by whatever translation.
 */
#include <string.h>

#include "core/state.h"
#include "lockstep/abstract.h"
#include "monitor/monitor.h"

enum {
	LEVELS = 4,
	ALL = MOAT_READ + MOAT_WRITE + MOAT_EXECUTE,
	FIRST_REGION_LOCK = 0x100, /* numbers below are those of VMs */
	CHUNK = 64 /* records that are compared at once */
};
_Static_assert(MOAT_VM_MAX <= (int)FIRST_REGION_LOCK, "VMs have numbers below");
_Static_assert(HOST_LOCKS - FIRST_REGION_LOCK == REGION_LOCK_COUNT,
	"regions have those above");

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

/* ---- Locks ------------------------------------------------------------- */

/* The owner is who holds it: machines are entered by one thread (lock.c). */
static void look_at(struct host_machine *machine, const struct mutex *mutex,
	uint32_t number)
{
	uint32_t vmid = number < FIRST_REGION_LOCK ? number + 1 : 0;

	if (machine->told[number] != (uint8_t)(mutex->owner + 1)) {
		host_machine_lock(machine, number, vmid, mutex->owner);
	}
}

/* This is done at each descriptor written. A lock that no region has protects
 * nothing; that none at all is kept, lockstep sees after each step. */
static void look_at_locks(struct host_machine *machine)
{
	const struct moat *m = machine->engine;
	uint32_t count = REGION_COUNT(m) < REGION_LOCK_COUNT
				 ? REGION_COUNT(m)
				 : REGION_LOCK_COUNT;

	for (uint32_t vm = 0; vm < VM_COUNT(m); vm++) {
		look_at(machine, &VM_LOCK(m, vm), vm);
	}
	for (uint32_t lock = 0; lock < count; lock++) {
		look_at(machine, &REGION_LOCK(m, lock),
			FIRST_REGION_LOCK + lock);
	}
}

/* ---- Joining ----------------------------------------------------------- */

void abstract_join(struct host_machine *machine)
{
	const struct monitor_records records = {machine, look};

	machine->look_at_locks = look_at_locks;
	monitor_join(machine->monitor, &records);
	monitor_check_all(machine->monitor);
}

/* ---- Asking ------------------------------------------------------------ */

/* A table that stays one and changes may change whose all below it is. */
static bool is_moved(struct page before, struct page now)
{
	return before.state == MOAT_PAGE_TABLE && now.state == MOAT_PAGE_TABLE;
}

/* The records of some pages changed, and with them what they permit. Returns
 * whether more than they may be concerned. */
static bool ask_chunk(struct abstract *a, uint32_t first, uint32_t count)
{
	struct host_machine *machine = a->machine;
	bool is_more = false;

	for (uint32_t page = first; page < first + count; page++) {
		struct page now = PAGE(machine->engine, page);

		if (memcmp(&a->asked[page], &now, sizeof(now)) != 0) {
			is_more = is_more || is_moved(a->asked[page], now);
			a->asked[page] = now;
			monitor_check(machine->monitor, page);
		}
	}
	return is_more;
}

/* Of pages whose entries changed the monitor asks by itself; this, of those
 * whose records did. */
static void ask_changed(struct abstract *a)
{
	bool is_more = false;

	for (uint32_t page = 0; page < a->page_count; page += CHUNK) {
		uint32_t left = a->page_count - page;
		uint32_t count = left < CHUNK ? left : CHUNK;

		if (memcmp(&a->asked[page], &PAGE(a->machine->engine, page),
			    count * sizeof(struct page)) != 0) {
			is_more = ask_chunk(a, page, count) || is_more;
		}
	}
	if (is_more) {
		monitor_check_all(a->machine->monitor);
	}
}

const char *abstract_rights(struct abstract *a, bool is_all)
{
	struct monitor *monitor = a->machine->monitor;

	if (a->machine->is_watched) {
		ask_changed(a);
	}
	if (a->machine->is_watched && is_all) {
		monitor_check_all(monitor);
	}
	return monitor_verdict(monitor)->rule == MONITOR_NONE
		       ? NULL
		       : "no_right: an agent can reach a page that the records "
			 "deny it [TLB-1]";
}
