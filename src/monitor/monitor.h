/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor: whether what ports do to live tables is what the architecture
 * asks for, whatever a TLB may happen to hold.
 *
 * It follows every table from the moment it can be walked, and every entry
 * from the moment it loses something (a translation, a table, a permission)
 * until no CPU can hold what it lost: the write published, stage 2 invalidated
 * and that waited for, stage 1 invalidated and that waited for (Arm ARM, D8.13
 * and D8.14). By physical page it knows who can reach it, through entries or
 * through what may be cached of them [TLB-1].
 *
 * Promise.  The first rule broken is named and stays; nothing is judged after
 * it. An entry that has nothing to lose costs no memory of its own, one that is
 * being invalidated 16 bytes; a barrier costs in proportion to these.
 */
#ifndef MOAT_MONITOR_MONITOR_H
#define MOAT_MONITOR_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/event.h"
#include "monitor/rule.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MONITOR_NO_PAGE UINT32_MAX

/* The memory in which tables and pages are, by a dense index of its pages. */
struct monitor_memory {
	void *context;
	uint32_t page_count;
	uint32_t page_bits; /* log2 of the page size: the granule */
	/* The page at an address, or MONITOR_NO_PAGE. */
	uint32_t (*page)(void *context, uint64_t pa);
	uint64_t (*pa)(void *context, uint32_t page);
	/* The entries in it. A write is judged before it is stored. */
	const uint64_t *(*table)(void *context, uint32_t page);
};

/* What the records let the agent of a VMID do with a page. */
struct monitor_right {
	uint16_t vmid;
	uint8_t permission; /* 1 read, 2 write, 4 execute; 0: no agent */
};

/* The records, asked at the end of a step for pages that changed hands. What
 * they say nothing about, returning false, may be as it is. */
struct monitor_records {
	void *context;
	bool (*look)(
		void *context, uint32_t page, struct monitor_right right[2]);
};

struct monitor_verdict {
	enum monitor_rule rule; /* MONITOR_NONE: all is well */
	enum watch_kind at; /* what was done when it was noticed */
	uint32_t cpu;
	uint32_t vmid;
	uint64_t ipa; /* of the entry or, 0, of none */
	uint64_t pa; /* of the entry, table or page */
};

/* Returns NULL if memory runs out. */
struct monitor *monitor_create(const struct monitor_memory *memory);
void monitor_destroy(struct monitor *monitor); /* NULL: nothing */

/* The records are asked from now on; until then none are. */
void monitor_join(
	struct monitor *monitor, const struct monitor_records *records);

/* Take the next event. */
void monitor_take(struct monitor *monitor, const struct watch_event *event);

const struct monitor_verdict *monitor_verdict(const struct monitor *monitor);

/* One line: the rule's name and text, and where. @text has @size bytes. */
void monitor_explain(
	const struct monitor_verdict *verdict, char *text, size_t size);

/* Ask the records about a page that no event concerned, but their own change;
 * or about every page. */
void monitor_check(struct monitor *monitor, uint32_t page);
void monitor_check_all(struct monitor *monitor);

/* Between steps all of it is @monitor_size bytes, to be kept and given back. */
size_t monitor_size(const struct monitor *monitor);
void monitor_save(const struct monitor *monitor, void *to);
void monitor_load(struct monitor *monitor, const void *from);

#ifdef __cplusplus
}
#endif

#endif
