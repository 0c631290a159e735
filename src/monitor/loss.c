/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Losses on their way: an entry that lost something goes through the states of
 * enum progress, pushed by barriers and invalidations of one CPU, until nobody
 * can hold what it lost.
 *
 * Only what is on its way is ever visited: tables with losses are on a list,
 * and each has a list of its own.
 */
#include "monitor/state.h"

#include "pte.h"

/* ---- Lists ------------------------------------------------------------- */

static uint16_t loss_take(struct monitor *m)
{
	uint16_t index = m->loss_free;

	if (index != NO_LOSS) {
		m->loss_free = loss_at(m, index)->next;
		return index;
	}
	if (m->loss.count == LOSS_MAX ||
		!list_add(m, &m->loss, sizeof(struct loss))) {
		monitor_violate(m, MONITOR_FULL, NULL, 0);
		return NO_LOSS;
	}
	return (uint16_t)(m->loss.count - 1);
}

/* The first loss puts the table on the list of those that have some. */
static bool note_unclean(struct monitor *m, uint32_t page)
{
	uint32_t *place;

	if (m->table[page].first == NO_LOSS) {
		m->table[page].top = 0;
	}
	if (m->table[page].is_listed) {
		return true;
	}
	place = list_add(m, &m->unclean, sizeof(*place));
	if (!place) {
		return false;
	}
	*place = page;
	m->table[page].is_listed = true;
	return true;
}

void loss_add(struct monitor *m, uint32_t page, const struct loss *loss)
{
	struct table *table = &m->table[page];
	uint16_t index;

	if (!note_unclean(m, page)) {
		return;
	}
	index = loss_take(m);
	if (index == NO_LOSS) {
		return;
	}
	*loss_at(m, index) = *loss;
	loss_at(m, index)->next = NO_LOSS;
	if (table->first == NO_LOSS) {
		table->first = index;
	} else {
		loss_at(m, table->last)->next = index;
	}
	table->last = index;
	table->pins++;
	if (loss->slot > table->top) {
		table->top = loss->slot;
	}
}

/* Entries mostly go in ascending order: beyond the highest there is none. */
struct loss *loss_find(
	const struct monitor *m, const struct table *table, uint32_t slot)
{
	uint16_t index = slot <= table->top ? table->first : NO_LOSS;

	while (index != NO_LOSS && loss_at(m, index)->slot != slot) {
		index = loss_at(m, index)->next;
	}
	return index == NO_LOSS ? NULL : loss_at(m, index);
}

static void give_back(struct monitor *m, uint16_t index)
{
	share_forget(m, index);
	loss_at(m, index)->next = m->loss_free;
	m->loss_free = index;
}

void loss_sweep(struct monitor *m, struct table *table)
{
	uint16_t index = table->first;
	uint16_t next;

	table->first = NO_LOSS;
	table->last = NO_LOSS;
	for (; index != NO_LOSS; index = next) {
		next = loss_at(m, index)->next;
		if (loss_at(m, index)->progress == LOSS_GONE) {
			give_back(m, index);
			continue;
		}
		loss_at(m, index)->next = NO_LOSS;
		if (table->first == NO_LOSS) {
			table->first = index;
		} else {
			loss_at(m, table->last)->next = index;
		}
		table->last = index;
	}
}

/* Tables without a loss leave the list. */
static void sweep_list(struct monitor *m)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < m->unclean.count; i++) {
		uint32_t page = *page_at(&m->unclean, i);

		if (m->table[page].first != NO_LOSS) {
			*page_at(&m->unclean, left++) = page;
		} else {
			m->table[page].is_listed = false;
		}
	}
	m->unclean.count = left;
}

enum monitor_rule loss_cause(const struct loss *loss)
{
	switch ((enum progress)loss->progress) {
	case STAGE_2_ISSUED:
	case STAGE_1_ISSUED:
		return MONITOR_NOT_COMPLETED;
	case STAGE_2_DONE:
		return loss->miss ? (enum monitor_rule)loss->miss
				  : MONITOR_ONLY_STAGE_2;
	case WRITTEN:
	case PUBLISHED:
	default:
		break;
	}
	return loss->miss ? (enum monitor_rule)loss->miss
			  : MONITOR_NOT_INVALIDATED;
}

void loss_demand_none(struct monitor *m, uint32_t cpu)
{
	for (uint32_t i = 0; i < m->unclean.count; i++) {
		struct table *table = &m->table[*page_at(&m->unclean, i)];

		for (uint16_t at = table->first; at != NO_LOSS;
			at = loss_at(m, at)->next) {
			if (loss_at(m, at)->cpu == cpu ||
				loss_at(m, at)->writer == cpu) {
				monitor_violate(m, loss_cause(loss_at(m, at)),
					table,
					loss_at(m, at)->slot *
						sizeof(uint64_t));
				return;
			}
		}
	}
	for (uint32_t i = 0; i < m->unpublished.count; i++) {
		struct table *table = &m->table[*page_at(&m->unpublished, i)];

		if (table->writer == cpu && table->state == TABLE_LINKED) {
			monitor_violate(m, MONITOR_NOT_PUBLISHED, table, 0);
		}
	}
}

/* ---- Invalidations ----------------------------------------------------- */

/* What an instruction invalidates. */
struct reach_of_tlbi {
	bool of_stage_1;
	bool of_stage_2;
	bool is_by_ipa;
	bool is_last_level;
	bool is_broadcast;
	bool is_of_all;
	uint32_t cpu;
	uint64_t vmid;
	uint64_t ipa;
	uint64_t size;
	uint64_t level; /* hint: of the leaf; 0 none */
};

static struct reach_of_tlbi decode(
	const struct monitor *m, const struct watch_event *event)
{
	enum watch_kind kind = event->kind;
	bool last = kind == WATCH_TLBI_IPAS2LE1IS;
	bool by_ipa = last || kind == WATCH_TLBI_IPAS2E1IS ||
		      kind == WATCH_TLBI_IPAS2E1;
	bool stage_1 =
		kind == WATCH_TLBI_VMALLE1 || kind == WATCH_TLBI_VMALLE1IS;
	struct reach_of_tlbi tlbi = {
		.of_stage_1 = !by_ipa,
		.of_stage_2 = !stage_1,
		.is_by_ipa = by_ipa,
		.is_last_level = last,
		.is_broadcast = kind != WATCH_TLBI_IPAS2E1 &&
				kind != WATCH_TLBI_VMALLE1 &&
				kind != WATCH_TLBI_VMALLS12E1 &&
				kind != WATCH_TLBI_ALLE1,
		.is_of_all =
			kind == WATCH_TLBI_ALLE1 || kind == WATCH_TLBI_ALLE1IS,
		.cpu = event->cpu,
		.vmid = event->word[0],
		.ipa = event->word[1],
		.size = event->word[2] * page_bytes(m),
		.level = event->word[3],
	};

	return tlbi;
}

static bool covers_address(const struct monitor *m,
	const struct reach_of_tlbi *tlbi, const struct table *table,
	const struct loss *loss)
{
	uint64_t bytes = entry_bytes(m, table->level);
	uint64_t ipa = table->ipa + loss->slot * bytes;

	return !tlbi->is_by_ipa ||
	       (tlbi->ipa < ipa + bytes && ipa < tlbi->ipa + tlbi->size);
}

/*
 * A level hint promises where the leaf is: entries of that level go, and tables
 * above it unless only the last level is asked for (Arm ARM, D8.13.5, TTL).
 */
static bool covers_level(const struct reach_of_tlbi *tlbi,
	const struct table *table, bool is_table)
{
	if (!tlbi->is_by_ipa) {
		return true;
	}
	if (is_table) {
		return !tlbi->is_last_level &&
		       (tlbi->level == 0 || tlbi->level > table->level);
	}
	return tlbi->level == 0 || tlbi->level == table->level;
}

/* Whether one CPU's own TLB is all that matters. */
static bool is_alone(
	const struct monitor *m, const struct table *table, uint32_t cpu)
{
	return (m->kept->regime[table->vmid].holders & ~(UINT64_C(1) << cpu)) ==
	       0;
}

/* Why @tlbi does nothing for @loss; MONITOR_NONE if it does. */
static enum monitor_rule miss_of(const struct monitor *m,
	const struct reach_of_tlbi *tlbi, const struct table *table,
	const struct loss *loss)
{
	bool is_table = pte_is_table(loss->old, table->level);

	if (!covers_address(m, tlbi, table, loss)) {
		return MONITOR_WRONG_ADDRESS;
	}
	if (!tlbi->is_of_all && tlbi->vmid != table->vmid) {
		return MONITOR_WRONG_VMID;
	}
	if (!covers_level(tlbi, table, is_table)) {
		return MONITOR_WRONG_LEVEL;
	}
	if (!tlbi->is_broadcast && !is_alone(m, table, tlbi->cpu)) {
		return MONITOR_ONLY_LOCAL;
	}
	if (tlbi->of_stage_2) {
		return loss->progress == WRITTEN ? MONITOR_BEFORE_WRITE
						 : MONITOR_NONE;
	}
	if (loss->progress == STAGE_2_ISSUED) {
		return MONITOR_STAGE_1_EARLY;
	}
	return loss->progress < STAGE_2_ISSUED ? MONITOR_ONLY_STAGE_1
					       : MONITOR_NONE;
}

/* A miss by address at another VMID is none: that one was not meant. */
static void note_miss(const struct reach_of_tlbi *tlbi,
	const struct table *table, struct loss *loss, enum monitor_rule miss)
{
	bool is_meant =
		miss != MONITOR_WRONG_ADDRESS && miss != MONITOR_RANGE_SHORT;

	if ((is_meant || tlbi->vmid == table->vmid) && miss > loss->miss &&
		loss->progress < STAGE_1_ISSUED) {
		loss->miss = (uint8_t)miss;
	}
}

/* Done is done: stage 2 once more takes nothing back. And what the writer has
 * issued itself it can wait for itself. */
static bool is_further(
	const struct reach_of_tlbi *tlbi, const struct loss *loss)
{
	enum progress next = tlbi->of_stage_1 ? STAGE_1_ISSUED : STAGE_2_ISSUED;

	return loss->progress < next ||
	       (loss->progress == next && loss->cpu != loss->writer);
}

static void advance(struct reach_of_tlbi *tlbi, struct loss *loss)
{
	loss->cpu = (uint8_t)tlbi->cpu;
	loss->miss = 0;
	loss->progress = tlbi->of_stage_1 ? STAGE_1_ISSUED : STAGE_2_ISSUED;
}

/* Returns how many losses of the table the invalidation is for. */
static uint32_t invalidate_table(
	struct monitor *m, struct reach_of_tlbi *tlbi, struct table *table)
{
	uint32_t count = 0;

	for (uint16_t at = table->first; at != NO_LOSS;
		at = loss_at(m, at)->next) {
		struct loss *loss = loss_at(m, at);
		enum monitor_rule miss = miss_of(m, tlbi, table, loss);

		if (miss != MONITOR_NONE) {
			note_miss(tlbi, table, loss, miss);
			if (miss == MONITOR_ONLY_LOCAL) {
				share_note(m, (uint32_t)(table - m->table), at,
					m->event);
			}
			continue;
		}
		if (is_further(tlbi, loss)) {
			advance(tlbi, loss);
		}
		count++;
	}
	return count;
}

/* Other entries were met, so that the range was too short for these. */
static void note_short(struct monitor *m, const struct reach_of_tlbi *tlbi)
{
	for (uint32_t i = 0; i < m->unclean.count; i++) {
		struct table *table = &m->table[*page_at(&m->unclean, i)];

		for (uint16_t at = table->first; at != NO_LOSS;
			at = loss_at(m, at)->next) {
			if (!covers_address(m, tlbi, table, loss_at(m, at))) {
				note_miss(tlbi, table, loss_at(m, at),
					MONITOR_RANGE_SHORT);
			}
		}
	}
}

/* All of a VMID: what a CPU had cached of it may be forgotten. */
static void note_flush(struct monitor *m, const struct reach_of_tlbi *tlbi)
{
	struct cpu *cpu = &m->kept->cpu[tlbi->cpu];

	if (tlbi->of_stage_1 && tlbi->of_stage_2) {
		cpu->flush = tlbi->is_of_all ? ALL_VMIDS : (uint16_t)tlbi->vmid;
		cpu->is_flush_local = !tlbi->is_broadcast;
	}
}

void loss_invalidate(struct monitor *m, const struct watch_event *event)
{
	struct reach_of_tlbi tlbi = decode(m, event);
	const struct cpu *cpu = &m->kept->cpu[event->cpu];
	uint32_t count = 0;

	/* TLBI acts on the VMID in VTTBR_EL2 (Arm ARM, D8.13.5). */
	if (!tlbi.is_of_all &&
		(cpu->vmid != tlbi.vmid || !cpu->is_synchronised)) {
		monitor_violate(m, MONITOR_VMID_NOT_SELECTED, NULL, tlbi.ipa);
		return;
	}
	for (uint32_t i = 0; i < m->unclean.count; i++) {
		count += invalidate_table(
			m, &tlbi, &m->table[*page_at(&m->unclean, i)]);
	}
	if (tlbi.is_by_ipa && count > 0) {
		note_short(m, &tlbi);
	}
	note_flush(m, &tlbi);
}

/* ---- Barriers ---------------------------------------------------------- */

static bool is_wide(enum watch_kind kind)
{
	return kind != WATCH_DSB_NSH;
}

static bool waits_for_loads(enum watch_kind kind)
{
	return kind != WATCH_DSB_ISHST;
}

/* One barrier is one step: it cannot wait for what comes after it. */
static void barrier_on(struct monitor *m, const struct watch_event *event,
	struct table *table, struct loss *loss)
{
	bool is_enough = is_wide(event->kind) || is_alone(m, table, event->cpu);

	if (loss->cpu != event->cpu || !is_enough) {
		return;
	}
	if (loss->progress == WRITTEN) {
		loss->progress = PUBLISHED;
	} else if (!waits_for_loads(event->kind)) {
		/* Only a DSB of loads and stores waits for a TLBI. */
		return;
	} else if (loss->progress == STAGE_2_ISSUED) {
		loss->progress = STAGE_2_DONE;
	} else if (loss->progress == STAGE_1_ISSUED) {
		table_settle(m, table, loss);
		loss->progress = LOSS_GONE;
	}
}

static void barrier_on_table(
	struct monitor *m, const struct watch_event *event, struct table *table)
{
	for (uint16_t at = table->first; at != NO_LOSS;
		at = loss_at(m, at)->next) {
		barrier_on(m, event, table, loss_at(m, at));
	}
	loss_sweep(m, table);
}

/* The stores of this CPU are visible to walks. */
void loss_publish(struct monitor *m, const struct watch_event *event)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < m->unpublished.count; i++) {
		uint32_t page = *page_at(&m->unpublished, i);

		if (m->table[page].writer == event->cpu) {
			m->table[page].writer = NO_CPU;
		} else {
			*page_at(&m->unpublished, left++) = page;
		}
	}
	m->unpublished.count = left;
}

/* CPUs that are at EL1 may have walked again at once. */
static void flush_one(struct monitor *m, uint32_t vmid, uint64_t cpus)
{
	uint64_t walking = 0;

	for (uint32_t i = 0; i < WATCH_CPUS; i++) {
		const struct cpu *cpu = &m->kept->cpu[i];

		if (cpu->is_in_el1 && cpu->vmid == vmid) {
			walking |= UINT64_C(1) << i;
		}
	}
	m->kept->regime[vmid].holders &= ~cpus | walking;
}

static void complete_flush(struct monitor *m, uint32_t number)
{
	struct cpu *cpu = &m->kept->cpu[number];
	uint64_t cpus =
		cpu->is_flush_local ? UINT64_C(1) << number : UINT64_MAX;

	for (uint32_t vmid = 0; cpu->flush == ALL_VMIDS && vmid < WATCH_VMIDS;
		vmid++) {
		flush_one(m, vmid, cpus);
	}
	if (cpu->flush < WATCH_VMIDS) {
		flush_one(m, cpu->flush, cpus);
	}
	cpu->flush = NO_VMID;
}

void loss_complete(struct monitor *m, const struct watch_event *event)
{
	const struct cpu *cpu = &m->kept->cpu[event->cpu];

	if (m->unclean.count != 0) {
		/* Settling a table may add to no list but those of others. */
		for (uint32_t i = 0; i < m->unclean.count; i++) {
			barrier_on_table(
				m, event, &m->table[*page_at(&m->unclean, i)]);
		}
		sweep_list(m);
	}
	if (is_wide(event->kind)) {
		loss_publish(m, event);
	}
	if (cpu->flush != NO_VMID && waits_for_loads(event->kind) &&
		(is_wide(event->kind) || cpu->is_flush_local)) {
		complete_flush(m, event->cpu);
	}
	if (waits_for_loads(event->kind)) {
		share_complete(m, event->cpu);
	}
}
