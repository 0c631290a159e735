/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trace of watch events, from whatever source, played to a monitor: its RAM
 * is what the events say was written there, zero before.
 */
#ifndef MOAT_MONITOR_PLAYER_H
#define MOAT_MONITOR_PLAYER_H

#include "monitor/monitor.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PLAYER_RANGES = 16 };

struct player_range {
	uint64_t base;
	uint64_t size;
};

struct player {
	struct monitor *monitor; /* NULL before the first event but begin, ram*/
	struct player_range range[PLAYER_RANGES];
	uint32_t range_count;
	uint32_t page_bits; /* 0: nothing began */
	uint32_t page_count;
	uint64_t **table; /* of each page, NULL if all zero */
	uint64_t *zero; /* such a page */
	/* What own events said, if nobody else is asked; two a page. */
	struct monitor_right *stated;
	unsigned char *is_stated;
	struct monitor_records records; /* of somebody else, or look NULL */
	uint64_t count; /* events */
	const char *error;
};

/* A player of nothing yet. @records may be NULL. */
struct player player_make(const struct monitor_records *records);
void player_end(struct player *player);

enum player_result {
	PLAYER_OTHER, /* the line has no event */
	PLAYER_GOOD,
	PLAYER_BROKEN, /* a rule is; also all lines after that */
	PLAYER_MALFORMED /* player->error says why */
};

/* Play the event in a line, if it has one. Events are numbered without gap. */
enum player_result player_line(struct player *player, const char *line);

/* The page at @pa, or MONITOR_NO_PAGE; and the reverse. */
uint32_t player_page(const struct player *player, uint64_t pa);
uint64_t player_pa(const struct player *player, uint32_t page);

/* The verdict, NULL if nothing was played. */
const struct monitor_verdict *player_verdict(const struct player *player);

#ifdef __cplusplus
}
#endif

#endif
