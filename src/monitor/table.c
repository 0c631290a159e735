/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables: from the moment an entry or a VTTBR_EL2 leads to one until no walk
 * can be in it any more. What hangs below a table that goes, goes with it, and
 * every entry in it has then something to lose.
 */
#include "monitor/state.h"

#include "pte.h"

/* The deepest chain of tables: levels 0 to 3. */
enum { DEPTH_MAX = 4 };

static uint64_t slot_ipa(
	const struct monitor *m, const struct table *table, uint32_t slot)
{
	return table->ipa + slot * entry_bytes(m, table->level);
}

static uint32_t find(const struct monitor *m, uint64_t pa)
{
	return m->memory.page(m->memory.context, pa);
}

static const uint64_t *entries_of(
	const struct monitor *m, const struct table *table)
{
	return m->memory.table(m->memory.context, (uint32_t)(table - m->table));
}

/* Whether anybody could have cached something of the table's regime. */
static bool is_held(const struct monitor *m, const struct table *table)
{
	return m->kept->regime[table->vmid].holders != 0;
}

/* ---- Linking ----------------------------------------------------------- */

static void table_adopt(struct monitor *m, uint32_t page,
	const struct table *parent, uint32_t slot);

/* The entry @slot of @table is valid from now on. */
static void entry_adopt(struct monitor *m, const struct table *table,
	uint32_t slot, uint64_t entry)
{
	uint32_t page;

	if (pte_is_leaf(entry, table->level)) {
		reach_add(m, table, entry);
	} else if (pte_is_table(entry, table->level)) {
		page = find(m, pte_pa(entry));
		if (page != MONITOR_NO_PAGE) {
			table_adopt(m, page, table, slot);
		}
	}
}

static void adopt_as(
	struct monitor *m, struct table *table, const struct table *place)
{
	const uint64_t *entry = entries_of(m, table);

	table->ipa = place->ipa;
	table->vmid = place->vmid;
	table->level = place->level;
	table->state = TABLE_LINKED;
	for (uint32_t slot = 0; slot < entry_count(m); slot++) {
		if (pte_is_valid(entry[slot])) {
			entry_adopt(m, table, slot, entry[slot]);
		}
	}
}

static void table_forget(struct monitor *m, struct table *table);

/* A table that only a regime nobody has cached leads to is as good as free. */
static bool make_free(struct monitor *m, struct table *table)
{
	if (table->state != TABLE_FREE && !is_held(m, table)) {
		table_forget(m, table);
	}
	return table->state == TABLE_FREE;
}

static bool is_at(const struct table *table, const struct table *place)
{
	return table->vmid == place->vmid && table->ipa == place->ipa &&
	       table->level == place->level;
}

/*
 * A table that was detached and is linked again where it was has lost nothing
 * that it still says.
 */
static void reattach(struct monitor *m, struct table *table)
{
	const uint64_t *entry = entries_of(m, table);

	for (uint16_t at = table->first; at != NO_LOSS;
		at = loss_at(m, at)->next) {
		struct loss *loss = loss_at(m, at);

		if (entry[loss->slot] == loss->old) {
			loss->progress = LOSS_GONE;
			table->pins--;
		}
	}
	loss_sweep(m, table);
	table->state = TABLE_LINKED;
}

static void table_adopt(struct monitor *m, uint32_t page,
	const struct table *parent, uint32_t slot)
{
	struct table *table = &m->table[page];
	const struct table place = {.ipa = slot_ipa(m, parent, slot),
		.vmid = parent->vmid,
		.level = (uint8_t)(parent->level + 1)};

	if (table->state == TABLE_DETACHED && is_at(table, &place)) {
		reattach(m, table);
		return;
	}
	if (!make_free(m, table)) {
		monitor_violate(m, MONITOR_LINKED_TWICE, table, 0);
		return;
	}
	adopt_as(m, table, &place);
}

/* ---- Going ------------------------------------------------------------- */

static void table_detach(struct monitor *m, uint32_t page);

/* Entry @slot of the table @page no longer says @old, to all or in part. */
static void entry_lose(struct monitor *m, uint32_t page, struct loss loss)
{
	const struct table *table = &m->table[page];
	uint32_t child;

	loss.progress = WRITTEN;
	loss.cpu = (uint8_t)m->event->cpu;
	loss.writer = loss.cpu;
	loss_add(m, page, &loss);
	if (pte_is_table(loss.old, table->level)) {
		child = find(m, pte_pa(loss.old));
		if (child != MONITOR_NO_PAGE &&
			m->table[child].state == TABLE_LINKED) {
			m->table[child].pins++;
			table_detach(m, child);
		}
	}
}

/* The table is out of the tree, with all that its entries lead to. */
static void table_detach(struct monitor *m, uint32_t page)
{
	struct table *table = &m->table[page];
	const uint64_t *entry = entries_of(m, table);

	table->state = TABLE_DETACHED;
	for (uint32_t slot = 0; slot < entry_count(m); slot++) {
		if (pte_is_valid(entry[slot])) {
			entry_lose(m, page,
				(struct loss){.old = entry[slot],
					.slot = (uint16_t)slot});
		}
	}
}

static void unpin(struct table *table)
{
	if (table->pins > 0) {
		table->pins--;
	}
	if (table->pins == 0 && table->state == TABLE_DETACHED) {
		table->state = TABLE_FREE;
	}
}

void table_settle(
	struct monitor *m, struct table *table, const struct loss *loss)
{
	uint32_t child;

	if (pte_is_leaf(loss->old, table->level)) {
		reach_remove(m, table, loss->old);
	} else if (pte_is_table(loss->old, table->level)) {
		child = find(m, pte_pa(loss->old));
		if (child != MONITOR_NO_PAGE &&
			m->table[child].state == TABLE_DETACHED) {
			unpin(&m->table[child]);
		}
	}
	unpin(table);
}

/* An entry of a regime that nobody has cached is gone at once. */
static void entry_forget(
	struct monitor *m, const struct table *table, uint64_t old)
{
	uint32_t child;

	if (pte_is_leaf(old, table->level)) {
		reach_remove(m, table, old);
	} else if (pte_is_table(old, table->level)) {
		child = find(m, pte_pa(old));
		if (child != MONITOR_NO_PAGE) {
			table_forget(m, &m->table[child]);
		}
	}
}

/* So is a whole table, and what it had lost before. */
static void table_forget(struct monitor *m, struct table *table)
{
	const uint64_t *entry = entries_of(m, table);

	if (table->state == TABLE_FREE) {
		return;
	}
	for (uint32_t slot = 0;
		table->state == TABLE_LINKED && slot < entry_count(m); slot++) {
		if (pte_is_valid(entry[slot])) {
			entry_forget(m, table, entry[slot]);
		}
	}
	for (uint16_t at = table->first; at != NO_LOSS;
		at = loss_at(m, at)->next) {
		table_settle(m, table, loss_at(m, at));
		loss_at(m, at)->progress = LOSS_GONE;
	}
	loss_sweep(m, table);
	table->state = TABLE_FREE;
	table->pins = 0;
}

/* ---- Writes ------------------------------------------------------------ */

/* Remember whose stores to the table walks may not see yet. */
static void note_writer(struct monitor *m, uint32_t page, uint32_t cpu)
{
	struct table *table = &m->table[page];
	uint32_t *place;

	if (table->writer == NO_CPU) {
		place = list_add(m, &m->unpublished, sizeof(*place));
		if (!place) {
			return;
		}
		*place = page;
	}
	table->writer = (uint8_t)cpu;
}

/* What a link leads to must be visible first: by a DSB after it was written, or
 * because the link is a store-release of the same CPU. */
static void demand_contents(struct monitor *m, const struct watch_event *event,
	const struct table *table)
{
	uint32_t page = find(m, pte_pa(event->word[1]));
	bool is_release = event->kind == WATCH_RELEASE;

	if (!pte_is_table(event->word[1], table->level) ||
		page == MONITOR_NO_PAGE || m->table[page].writer == NO_CPU) {
		return;
	}
	if (!is_release || m->table[page].writer != event->cpu) {
		monitor_violate(m, MONITOR_CHILD_NOT_PUBLISHED, table,
			event->word[0] % page_bytes(m));
	}
}

/* What may not change of an entry that stays valid (Arm ARM, D8.14.1); none if
 * only what it permits changes. */
static enum monitor_rule change_of(uint64_t old, uint64_t now, uint32_t level)
{
	bool was_table = pte_is_table(old, level);

	if (was_table != pte_is_table(now, level)) {
		return MONITOR_BBM_SIZE;
	}
	if (pte_pa(old) != pte_pa(now)) {
		return was_table ? MONITOR_BBM_TABLE : MONITOR_BBM_OUTPUT;
	}
	return (old & ~PTE_RIGHTS) == (now & ~PTE_RIGHTS)
		       ? MONITOR_NONE
		       : MONITOR_BBM_ATTRIBUTES;
}

/* Whether what @old permits is more than what @now does. */
static bool is_downgrade(uint64_t old, uint64_t now)
{
	return (pte_may_write(old) && !pte_may_write(now)) ||
	       (pte_may_execute(old) && !pte_may_execute(now));
}

/* Where the entry written is. */
struct written {
	uint32_t page;
	uint32_t slot;
	uint64_t old;
	uint64_t now;
};

/*
 * An entry that is half invalidated is written. Only another CPU's work may not
 * be touched, and nothing may become valid that does not agree with what may
 * still be cached.
 */
static void judge_half(
	struct monitor *m, const struct written *written, struct loss *loss)
{
	struct table *table = &m->table[written->page];
	uint64_t offset = written->slot * sizeof(uint64_t);

	if (loss->cpu != m->event->cpu) {
		monitor_violate(m, MONITOR_HALF_CHANGED, table, offset);
	} else if (pte_is_valid(written->now) &&
		   change_of(loss->old, written->now, table->level) !=
			   MONITOR_NONE) {
		monitor_violate(m, loss_cause(loss), table, offset);
	} else if (pte_is_valid(written->now)) {
		if (loss->miss == MONITOR_NONE &&
			loss->progress < STAGE_2_ISSUED) {
			loss->miss = MONITOR_DOWNGRADE;
		}
		if (!is_downgrade(loss->old, written->now)) {
			table_settle(m, table, loss);
			loss->progress = LOSS_GONE;
			loss_sweep(m, table);
		}
	}
}

/* From valid to something else that is valid. */
static void judge_change(struct monitor *m, const struct written *written)
{
	const struct table *table = &m->table[written->page];
	enum monitor_rule rule =
		change_of(written->old, written->now, table->level);

	if (rule != MONITOR_NONE && is_held(m, table)) {
		monitor_violate(
			m, rule, table, written->slot * sizeof(uint64_t));
	}
}

static void write_linked(struct monitor *m, const struct written *written)
{
	struct table *table = &m->table[written->page];
	struct loss *half = loss_find(m, table, written->slot);
	bool was_valid = pte_is_valid(written->old);
	bool is_valid = pte_is_valid(written->now);

	if (half) {
		judge_half(m, written, half);
	}
	if (was_valid && is_valid) {
		judge_change(m, written);
	}
	/* First what is new: a page that is in both never seems lost. */
	if (is_valid) {
		entry_adopt(m, table, written->slot, written->now);
	}
	if (!was_valid) {
		return;
	}
	if (is_held(m, table) &&
		(!is_valid || is_downgrade(written->old, written->now))) {
		entry_lose(m, written->page,
			(struct loss){.old = written->old,
				.slot = (uint16_t)written->slot,
				.miss = is_valid ? MONITOR_DOWNGRADE
						 : MONITOR_NONE});
	} else {
		entry_forget(m, table, written->old);
	}
}

void table_write(struct monitor *m, const struct watch_event *event)
{
	uint64_t pa = event->word[0];
	uint32_t page = find(m, pa);
	struct written written = {.page = page,
		.slot = (uint32_t)(pa % page_bytes(m) / sizeof(uint64_t)),
		.now = event->word[1]};
	struct table *table = &m->table[page];

	if (page == MONITOR_NO_PAGE) {
		return;
	}
	written.old = entries_of(m, table)[written.slot];
	if (written.old == written.now) {
		return;
	}
	if (table->state == TABLE_LINKED) {
		lock_demand(m, table, pa % page_bytes(m));
		demand_contents(m, event, table);
		write_linked(m, &written);
	} else if (table->state == TABLE_DETACHED &&
		   pte_is_valid(written.now)) {
		monitor_violate(m, MONITOR_TABLE_RELEASED, table, 0);
	}
	if (pte_is_valid(written.now) || table->state == TABLE_FREE) {
		note_writer(m, page, event->cpu);
	}
}

/* ---- Pages ------------------------------------------------------------- */

/*
 * The page at @pa is overwritten, or, if @is_kept, its contents are about to be
 * used by somebody else.
 */
void table_zero(struct monitor *m, uint64_t pa, bool is_kept)
{
	uint32_t page = find(m, pa);

	if (page == MONITOR_NO_PAGE) {
		return;
	}
	if (!make_free(m, &m->table[page])) {
		monitor_violate(m, MONITOR_TABLE_RELEASED, &m->table[page], 0);
		return;
	}
	reach_demand_none(m, page, pa);
	if (!is_kept) {
		note_writer(m, page, m->event->cpu);
	}
}

/* ---- Roots ------------------------------------------------------------- */

/* Concatenated tables of the start level lie one behind the other (D8.2.2). */
static uint32_t root_pages(const struct monitor *m, const struct regime *regime)
{
	uint64_t whole = entry_bytes(m, regime->start_level) * entry_count(m);
	uint64_t space = UINT64_C(1) << regime->ipa_bits;

	return space > whole ? (uint32_t)(space / whole) : 1;
}

static void root_forget(struct monitor *m, const struct regime *regime)
{
	for (uint32_t i = 0; i < root_pages(m, regime); i++) {
		uint32_t page = find(m, regime->root + i * page_bytes(m));

		if (page != MONITOR_NO_PAGE) {
			make_free(m, &m->table[page]);
		}
	}
}

static void root_adopt(
	struct monitor *m, const struct regime *regime, uint32_t vmid)
{
	struct table place = {
		.vmid = (uint16_t)vmid, .level = regime->start_level};

	for (uint32_t i = 0; i < root_pages(m, regime); i++) {
		uint32_t page = find(m, regime->root + i * page_bytes(m));

		place.ipa = i * entry_bytes(m, place.level) * entry_count(m);
		if (page == MONITOR_NO_PAGE ||
			(m->table[page].state == TABLE_LINKED &&
				is_at(&m->table[page], &place))) {
			continue;
		}
		if (!make_free(m, &m->table[page])) {
			monitor_violate(
				m, MONITOR_LINKED_TWICE, &m->table[page], 0);
			return;
		}
		adopt_as(m, &m->table[page], &place);
	}
}

void table_select(struct monitor *m, const struct watch_event *event)
{
	uint32_t vmid = (uint32_t)(event->word[0] % WATCH_VMIDS);
	struct regime *regime = &m->kept->regime[vmid];
	const struct regime now = {.root = event->word[1],
		.holders = regime->holders,
		.ipa_bits = (uint8_t)event->word[2],
		.start_level = (uint8_t)event->word[3]};

	if (regime->root != UINT64_MAX &&
		(regime->root != now.root || regime->ipa_bits != now.ipa_bits ||
			regime->start_level != now.start_level)) {
		if (regime->holders != 0) {
			monitor_violate(m, MONITOR_VMID_REUSED, NULL, now.root);
			return;
		}
		root_forget(m, regime);
	}
	*regime = now;
	root_adopt(m, regime, vmid);
	m->kept->cpu[event->cpu].vmid = (uint16_t)vmid;
	m->kept->cpu[event->cpu].is_synchronised = false;
}
