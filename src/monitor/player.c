/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/player.h"

#include <stdlib.h>
#include <string.h>

#include "moat/granule.h"

enum { PAGES_MAX = 1 << 24 };

struct player player_make(const struct monitor_records *records)
{
	struct player player = {.monitor = NULL};

	if (records) {
		player.records = *records;
	}
	return player;
}

void player_end(struct player *player)
{
	for (uint32_t i = 0; player->table && i < player->page_count; i++) {
		free(player->table[i]);
	}
	free(player->table);
	free(player->zero);
	free(player->stated);
	free(player->is_stated);
	monitor_destroy(player->monitor);
}

/* ---- Memory ------------------------------------------------------------ */

uint32_t player_page(const struct player *player, uint64_t pa)
{
	uint64_t first = 0;

	for (uint32_t i = 0; i < player->range_count; i++) {
		const struct player_range *range = &player->range[i];

		if (pa - range->base < range->size) {
			return (uint32_t)(first + ((pa - range->base) >>
							  player->page_bits));
		}
		first += range->size >> player->page_bits;
	}
	return MONITOR_NO_PAGE;
}

uint64_t player_pa(const struct player *player, uint32_t page)
{
	uint64_t offset = (uint64_t)page << player->page_bits;
	const struct player_range *range = player->range;

	while (offset >= range->size) {
		offset -= range->size;
		range++;
	}
	return range->base + offset;
}

static uint32_t find_page(void *context, uint64_t pa)
{
	return player_page(context, pa);
}

static uint64_t find_pa(void *context, uint32_t page)
{
	return player_pa(context, page);
}

static const uint64_t *find_table(void *context, uint32_t page)
{
	const struct player *player = context;

	return player->table[page] ? player->table[page] : player->zero;
}

static const char *store(struct player *player, uint64_t pa, uint64_t value)
{
	uint64_t bytes = UINT64_C(1) << player->page_bits;
	uint32_t page = player_page(player, pa);

	if (page == MONITOR_NO_PAGE) {
		return "a table outside RAM";
	}
	if (!player->table[page]) {
		player->table[page] = calloc(1, bytes);
	}
	if (!player->table[page]) {
		return "out of memory";
	}
	player->table[page][pa % bytes / sizeof(value)] = value;
	return NULL;
}

static void zero(struct player *player, uint64_t pa, uint64_t size)
{
	for (uint64_t done = 0; done < size;
		done += UINT64_C(1) << player->page_bits) {
		uint32_t page = player_page(player, pa + done);

		if (page != MONITOR_NO_PAGE) {
			free(player->table[page]);
			player->table[page] = NULL;
		}
	}
}

/* ---- Records ----------------------------------------------------------- */

static bool look(void *context, uint32_t page, struct monitor_right right[2])
{
	const struct player *player = context;

	if (player->records.look) {
		return player->records.look(
			player->records.context, page, right);
	}
	if (player->is_stated[page]) {
		right[0] = player->stated[(size_t)page * 2];
		right[1] = player->stated[(size_t)page * 2 + 1];
	}
	return player->is_stated[page];
}

static void own(struct player *player, const struct watch_event *event)
{
	for (uint64_t i = 0; i < event->word[1]; i++) {
		uint32_t page = player_page(
			player, event->word[0] + (i << player->page_bits));
		struct monitor_right *right;

		if (page == MONITOR_NO_PAGE) {
			return;
		}
		right = &player->stated[(size_t)page * 2];
		right[0].vmid = (uint16_t)event->word[2];
		right[0].permission = (uint8_t)event->word[3];
		right[1].vmid = (uint16_t)event->word[4];
		right[1].permission = (uint8_t)event->word[5];
		player->is_stated[page] = 1;
	}
}

/* ---- Begin ------------------------------------------------------------- */

static const char *begin(struct player *player, const struct watch_event *event)
{
	if (player->page_bits != 0) {
		return "it began before";
	}
	if (event->word[0] != WATCH_VERSION) {
		return "another version";
	}
	/* Descriptors are those of pte.h, which has one granule. */
	if (event->word[1] != MOAT_PAGE_BITS) {
		return "another page size";
	}
	player->page_bits = (uint32_t)event->word[1];
	return NULL;
}

static const char *add_ram(
	struct player *player, const struct watch_event *event)
{
	uint64_t bytes = UINT64_C(1) << player->page_bits;
	uint64_t pages = event->word[1] / bytes;

	if (player->page_bits == 0 || player->monitor) {
		return "RAM is said after begin and before all else";
	}
	if (player->range_count == PLAYER_RANGES ||
		event->word[0] % bytes != 0 || event->word[1] % bytes != 0 ||
		pages == 0 || pages > PAGES_MAX - player->page_count) {
		return "no such RAM";
	}
	player->range[player->range_count].base = event->word[0];
	player->range[player->range_count].size = event->word[1];
	player->range_count++;
	player->page_count += (uint32_t)pages;
	return NULL;
}

static const char *start(struct player *player)
{
	const struct monitor_memory memory = {.context = player,
		.page_count = player->page_count,
		.page_bits = player->page_bits,
		.page = find_page,
		.pa = find_pa,
		.table = find_table};
	const struct monitor_records records = {player, look};
	size_t pages = player->page_count;

	if (pages == 0) {
		return "no RAM was said";
	}
	player->table = calloc(pages, sizeof(*player->table));
	player->zero = calloc(1, (size_t)1 << player->page_bits);
	player->stated = calloc(pages * 2, sizeof(*player->stated));
	player->is_stated = calloc(pages, 1);
	player->monitor = monitor_create(&memory);
	if (!player->table || !player->zero || !player->stated ||
		!player->is_stated || !player->monitor) {
		return "out of memory";
	}
	monitor_join(player->monitor, &records);
	return NULL;
}

/* ---- Play -------------------------------------------------------------- */

/* What was judged takes place. */
static const char *carry_out(
	struct player *player, const struct watch_event *event)
{
	if (event->kind == WATCH_WRITE || event->kind == WATCH_RELEASE) {
		return store(player, event->word[0], event->word[1]);
	}
	if (event->kind == WATCH_ZERO) {
		zero(player, event->word[0], event->word[1]);
	} else if (event->kind == WATCH_OWN) {
		own(player, event);
	}
	return NULL;
}

static const char *play(struct player *player, const struct watch_event *event)
{
	const char *error = NULL;

	if (event->kind == WATCH_BEGIN) {
		return begin(player, event);
	}
	if (event->kind == WATCH_RAM) {
		return add_ram(player, event);
	}
	if (!player->monitor) {
		error = start(player);
	}
	if (error) {
		return error;
	}
	monitor_take(player->monitor, event);
	return carry_out(player, event);
}

enum player_result player_line(struct player *player, const char *line)
{
	struct watch_event event;
	uint64_t sequence;

	switch (watch_parse(line, &event, &sequence, &player->error)) {
	case WATCH_PARSE_OTHER:
		return PLAYER_OTHER;
	case WATCH_PARSE_MALFORMED:
		return PLAYER_MALFORMED;
	case WATCH_PARSE_EVENT:
		break;
	}
	if (sequence != player->count) {
		player->error = "an event is missing or stands twice";
		return PLAYER_MALFORMED;
	}
	player->count++;
	player->error = play(player, &event);
	if (player->error) {
		return PLAYER_MALFORMED;
	}
	return player->monitor && player_verdict(player)->rule != MONITOR_NONE
		       ? PLAYER_BROKEN
		       : PLAYER_GOOD;
}

const struct monitor_verdict *player_verdict(const struct player *player)
{
	return player->monitor ? monitor_verdict(player->monitor) : NULL;
}
