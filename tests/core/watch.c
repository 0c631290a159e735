/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

#include <stdbool.h>
#include <string.h>

#include "arch-host/current.h"
#include "arch-host/machine.h"
#include "moat/port.h"
#include "pte.h"

enum { DIRTY_MAX = 8 };

/* Tables with descriptors that are not published, by their first bytes. */
static uintptr_t dirty[DIRTY_MAX];
static uint32_t dirty_count;
static const char *fault;

static uint32_t invalidations[MOAT_VM_MAX + 1]; /* by VMID */
static uint64_t page_counts[MOAT_VM_MAX + 1]; /* of the last of each VMID */

void watch_count_from_zero(void)
{
	memset(invalidations, 0, sizeof(invalidations));
}

uint32_t watch_invalidations(uint32_t vmid)
{
	return invalidations[vmid];
}

uint64_t watch_page_count(uint32_t vmid)
{
	return page_counts[vmid];
}

void watch_start(void)
{
	dirty_count = 0;
	fault = NULL;
}

const char *watch_end(void)
{
	const char *was = fault;

	if (!was && dirty_count > 0) {
		was = "a descriptor was not published";
	}
	watch_start();
	return was;
}

static bool is_dirty(uintptr_t table)
{
	for (uint32_t i = 0; i < dirty_count; i++) {
		if (dirty[i] == table) {
			return true;
		}
	}
	return false;
}

static uintptr_t table_of(const void *byte)
{
	return (uintptr_t)byte / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;
}

/* A page of level 3 may look like a table of another, but no data page is a
 * table that was written a moment ago. */
static void note_link(uint64_t descriptor)
{
	const void *table =
		host_machine_memory(host_current, pte_pa(descriptor));

	if (descriptor == pte_table(pte_pa(descriptor)) && table &&
		is_dirty(table_of(table))) {
		fault = "a table was linked before it was published";
	}
}

static void note_write(const uint64_t *entry)
{
	if (is_dirty(table_of(entry))) {
		return;
	}
	if (dirty_count == DIRTY_MAX) {
		fault = "too many tables were written and not published";
		return;
	}
	dirty[dirty_count] = table_of(entry);
	dirty_count++;
}

/* ---- In the place of the port ------------------------------------------ */

void __real_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor);
void __wrap_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor);
void __real_moat_port_publish(void);
void __wrap_moat_port_publish(void);
void __real_moat_port_invalidate(const struct moat_invalidation *what);
void __wrap_moat_port_invalidate(const struct moat_invalidation *what);

void __wrap_moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	note_link(descriptor);
	note_write(entry);
	__real_moat_port_descriptor_write(entry, descriptor);
}

void __wrap_moat_port_publish(void)
{
	dirty_count = 0;
	__real_moat_port_publish();
}

/* It begins with the barrier that publishes (port.h). */
void __wrap_moat_port_invalidate(const struct moat_invalidation *what)
{
	uint32_t vmid = what->stage2.vmid % (MOAT_VM_MAX + 1);

	dirty_count = 0;
	invalidations[vmid]++;
	page_counts[vmid] = what->page_count;
	__real_moat_port_invalidate(what);
}
