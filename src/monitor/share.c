/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invalidations by each CPU of its own TLB, as software does that has no
 * broadcast, or asks by interrupt: a loss is gone when every CPU that may hold
 * something of its VMID has invalidated stage 2 after the store was visible,
 * waited for it, invalidated stage 1, and waited for that, or both at once
 * (Arm ARM, D8.13.5; a DSB NSH waits for a TLBI of this CPU alone, B2.3.12).
 */
#include "monitor/state.h"

static struct share *share_at(const struct monitor *m, uint32_t index)
{
	return (struct share *)m->share.item + index;
}

static struct share *find(const struct monitor *m, uint16_t index, uint32_t cpu)
{
	for (uint32_t i = 0; i < m->share.count; i++) {
		struct share *share = share_at(m, i);

		if (share->loss == index && share->cpu == cpu) {
			return share;
		}
	}
	return NULL;
}

/* The share of @cpu is @progress from now on. */
static void set(struct monitor *m, const struct share *now)
{
	struct share *share = find(m, now->loss, now->cpu);

	if (!share) {
		share = list_add(m, &m->share, sizeof(*share));
	}
	if (share) {
		*share = *now;
	}
}

static uint8_t progress_of(
	const struct monitor *m, uint16_t index, uint32_t cpu)
{
	const struct share *share = find(m, index, cpu);

	return share ? share->progress : loss_at(m, index)->progress;
}

/* Every CPU that may hold something of the VMID is at least at @progress. */
static bool have_all(const struct monitor *m, uint32_t page, uint16_t index,
	uint8_t progress)
{
	uint64_t holders = m->kept->regime[m->table[page].vmid].holders;

	for (uint32_t cpu = 0; cpu < WATCH_CPUS; cpu++) {
		if ((holders >> cpu & 1) != 0 &&
			progress_of(m, index, cpu) < progress) {
			return false;
		}
	}
	return true;
}

void share_note(struct monitor *m, uint32_t page, uint16_t index,
	const struct watch_event *event)
{
	struct share now = {page, index, (uint8_t)event->cpu, STAGE_1_ISSUED};
	uint8_t before = progress_of(m, index, event->cpu);
	bool is_stage_2 = event->kind == WATCH_TLBI_IPAS2E1;

	if (is_stage_2) {
		now.progress = STAGE_2_ISSUED;
	}
	/* Not before the store is visible; stage 1 after stage 2 is done, if
	 * that was not of both. */
	if (before < PUBLISHED || before == LOSS_GONE ||
		(is_stage_2 && before >= STAGE_2_DONE) ||
		(event->kind == WATCH_TLBI_VMALLE1 && before < STAGE_2_DONE)) {
		return;
	}
	set(m, &now);
	if (have_all(m, page, index, STAGE_1_ISSUED)) {
		loss_at(m, index)->miss = MONITOR_NOT_COMPLETED;
	}
}

/* The loss of @share is gone if all have done their share. */
static void settle(struct monitor *m, const struct share *share)
{
	struct table *table = &m->table[share->page];
	struct loss *loss = loss_at(m, share->loss);

	if (have_all(m, share->page, share->loss, LOSS_GONE)) {
		table_settle(m, table, loss);
		loss->progress = LOSS_GONE;
		loss_sweep(m, table);
	}
}

void share_complete(struct monitor *m, uint32_t cpu)
{
	uint32_t i = 0;

	while (i < m->share.count) {
		struct share share = *share_at(m, i);
		uint32_t count = m->share.count;

		if (share.cpu == cpu && share.progress == STAGE_2_ISSUED) {
			share_at(m, i)->progress = STAGE_2_DONE;
		} else if (share.cpu == cpu &&
			   share.progress == STAGE_1_ISSUED) {
			share_at(m, i)->progress = LOSS_GONE;
			settle(m, &share);
		}
		/* A loss that is gone takes all its shares with it. */
		i = m->share.count < count ? 0 : i + 1;
	}
}

void share_forget(struct monitor *m, uint16_t index)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < m->share.count; i++) {
		if (share_at(m, i)->loss != index) {
			*share_at(m, left++) = *share_at(m, i);
		}
	}
	m->share.count = left;
}
