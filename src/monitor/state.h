/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor keeps; for src/monitor only. */
#ifndef MOAT_MONITOR_STATE_H
#define MOAT_MONITOR_STATE_H

#include "monitor/monitor.h"

enum {
	NO_LOSS = UINT16_MAX, /* the end of a list of losses */
	LOSS_MAX = NO_LOSS - 1,
	NO_CPU = UINT8_MAX,
	ALL_VMIDS = UINT16_MAX - 1, /* of a flush */
	NO_VMID = UINT16_MAX,
	AGENTS = 2, /* that can have rights on one page */
	LAST_LEVEL = 3,
	HELD_MAX = 128 /* locks, of all CPUs */
};

/* How far the invalidation of a loss has come; each follows the one before. */
enum progress {
	WRITTEN, /* walks may still read the old entry */
	PUBLISHED, /* walks read the new one, TLBs may hold the old one */
	STAGE_2_ISSUED,
	STAGE_2_DONE, /* stage 1 combined with it may be left */
	STAGE_1_ISSUED
};

/* What an entry said and a CPU may still hold: the cost of an entry. */
struct loss {
	uint64_t old;
	uint16_t slot;
	uint16_t next; /* of the same table */
	uint8_t progress;
	uint8_t cpu; /* who has to go on */
	uint8_t miss; /* enum monitor_rule: an invalidation that did not do; or
		       * DOWNGRADE: none yet, the entry only permits less */
	uint8_t writer; /* who may not end its step before it is gone */
};
_Static_assert(sizeof(struct loss) <= 16, "what an entry may cost");

enum table_state {
	TABLE_FREE, /* no walk comes here */
	TABLE_LINKED,
	TABLE_DETACHED /* no entry leads here, but a walk may be in it */
};

/* Of each page, as a table. */
struct table {
	uint64_t ipa; /* where what it translates begins */
	uint16_t vmid;
	uint16_t pins; /* losses here, and of the entry that led here */
	uint16_t first; /* of its losses */
	uint16_t last;
	uint16_t top; /* the highest slot among them */
	uint8_t level;
	uint8_t state;
	uint8_t writer; /* whose stores to it may not be visible to walks */
	uint8_t is_listed; /* among those that have losses */
};

/* Who reaches a page, by how many leaves that permit it. */
struct agent {
	uint16_t vmid;
	uint16_t read; /* 0: there is no such agent */
	uint16_t write;
	uint16_t execute;
};

struct page {
	struct agent agent[AGENTS];
	struct monitor_right known[AGENTS]; /* at the end of the last step */
};
_Static_assert(sizeof(struct page) == 24, "what a page costs");

/* What a CPU was noted to have changed about a page. */
struct touch {
	uint32_t page;
	uint32_t cpu;
};

/* Two agents reached a page, which they could not before the step. */
struct meeting {
	uint32_t page;
	uint32_t cpu;
	struct monitor_right right[AGENTS];
};

/* A lock, and the CPU that holds it. */
struct held {
	uint32_t cpu;
	uint16_t number;
	uint16_t vmid; /* whose tables it protects */
};

struct regime {
	uint64_t root; /* UINT64_MAX: none yet */
	uint64_t holders; /* CPUs that may have something of it cached */
	uint8_t ipa_bits;
	uint8_t start_level;
};

struct cpu {
	uint16_t vmid; /* selected, or NO_VMID */
	uint16_t flush; /* a VMID wholly invalidated, not yet waited for */
	bool is_flush_local;
	bool is_synchronised; /* since it was selected */
	bool is_in_el1; /* it walks what it has selected */
};

/* What is kept from step to step. */
struct kept {
	struct regime regime[WATCH_VMIDS];
	struct cpu cpu[WATCH_CPUS];
	struct monitor_verdict verdict;
	bool has_locks; /* somebody told of one */
	uint32_t held_count;
	struct held held[HELD_MAX];
};

/* How far one CPU of several is with a loss, by invalidations of its own TLB:
 * from STAGE_2_ISSUED on. */
struct share {
	uint32_t page; /* the table */
	uint16_t loss;
	uint8_t cpu;
	uint8_t progress; /* or LOSS_GONE */
};

struct list {
	void *item;
	uint32_t count;
	uint32_t capacity;
};

struct monitor {
	struct monitor_memory memory;
	struct monitor_records records; /* look may be NULL */
	struct kept *kept; /* one block with the two below */
	struct table *table; /* of each page */
	struct page *page; /* of each page */
	size_t kept_size;
	/* Of the step that is under way, empty between steps. */
	struct list loss; /* struct loss; those given back by next */
	uint16_t loss_free;
	struct list unclean; /* uint32_t: tables that have losses */
	struct list share; /* struct share */
	struct list unpublished; /* uint32_t: tables that have a writer */
	struct list touched; /* struct touch */
	unsigned char *toucher; /* of each page: one more than whose the last
				 * touch in that list is, or 0 */
	struct list meeting; /* struct meeting */
	const struct watch_event *event; /* that is being judged */
};

/* ---- monitor.c --------------------------------------------------------- */

/* The first violation stands. @place is an offset in @table or, without one, a
 * physical address. */
void monitor_violate(struct monitor *m, enum monitor_rule rule,
	const struct table *table, uint64_t place);

/* A place for one more item of @size bytes; NULL, and FULL, without. */
void *list_add(struct monitor *m, struct list *list, size_t size);

static inline struct loss *loss_at(const struct monitor *m, uint16_t index)
{
	return (struct loss *)m->loss.item + index;
}

static inline uint32_t *page_at(const struct list *list, uint32_t index)
{
	return (uint32_t *)list->item + index;
}

/* Bytes that an entry of @level translates. */
static inline uint64_t entry_bytes(const struct monitor *m, uint32_t level)
{
	uint32_t bits = m->memory.page_bits;

	return UINT64_C(1) << (bits + (LAST_LEVEL - level) * (bits - 3));
}

static inline uint32_t entry_count(const struct monitor *m)
{
	return 1U << (m->memory.page_bits - 3);
}

static inline uint64_t page_bytes(const struct monitor *m)
{
	return UINT64_C(1) << m->memory.page_bits;
}

/* ---- table.c ----------------------------------------------------------- */

void table_write(struct monitor *m, const struct watch_event *event);
void table_zero(struct monitor *m, uint64_t pa, bool is_kept);
void table_select(struct monitor *m, const struct watch_event *event);

/* What @loss of @table lost is lost: nobody holds it any more. */
void table_settle(
	struct monitor *m, struct table *table, const struct loss *loss);

/* ---- loss.c ------------------------------------------------------------ */

void loss_add(struct monitor *m, uint32_t page, const struct loss *loss);
struct loss *loss_find(
	const struct monitor *m, const struct table *table, uint32_t slot);

/* Forget the losses of @table whose progress is LOSS_GONE. */
enum { LOSS_GONE = 0xff };
void loss_sweep(struct monitor *m, struct table *table);

/* Why @loss is one. */
enum monitor_rule loss_cause(const struct loss *loss);

void loss_publish(struct monitor *m, const struct watch_event *event);
void loss_invalidate(struct monitor *m, const struct watch_event *event);
void loss_complete(struct monitor *m, const struct watch_event *event);

/* Nothing of that CPU may be half done. */
void loss_demand_none(struct monitor *m, uint32_t cpu);

/* Of the loss @index of the table @page: what @tlbi, of its CPU alone, does for
 * it; a barrier waited for what the CPU did; the loss is no more. */
void share_note(struct monitor *m, uint32_t page, uint16_t index,
	const struct watch_event *event);
void share_complete(struct monitor *m, uint32_t cpu);
void share_forget(struct monitor *m, uint16_t index);

/* ---- lock.c ------------------------------------------------------------ */

void lock_take(struct monitor *m, const struct watch_event *event);
void lock_drop(struct monitor *m, const struct watch_event *event);

/* The CPU, who changes @table, has its lock; holds none any more. */
void lock_demand(struct monitor *m, const struct table *table, uint64_t place);
void lock_demand_none(struct monitor *m, uint32_t cpu);

/* ---- reach.c ----------------------------------------------------------- */

/* A leaf of @table leads to what it says, or no longer does. */
void reach_add(struct monitor *m, const struct table *table, uint64_t leaf);
void reach_remove(struct monitor *m, const struct table *table, uint64_t leaf);

/* Nobody may reach the page who could not see its contents before. */
void reach_demand_none(struct monitor *m, uint32_t page, uint64_t pa);
void reach_step_end(struct monitor *m, uint32_t cpu);
void reach_check(struct monitor *m, uint32_t page);

/* What steps that are under way touched is not to be judged. */
void reach_forget(struct monitor *m);

#endif
