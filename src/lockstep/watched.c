/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/watched.h"

#include <inttypes.h>
#include <string.h>

#include "model/model.h"
#include "monitor/player.h"

enum {
	LINE_BYTES = 4096, /* a console may leave much before an event */
	EXPLANATION = 256,
	EXIT_BROKEN = 1,
	EXIT_MALFORMED = 2,
	ALL = MOAT_READ + MOAT_WRITE + MOAT_EXECUTE
};

struct watched {
	const char *name;
	struct player player;
	struct model *model; /* NULL: no trace yet */
	uint64_t steps; /* events of the trace, of this engine */
	/* Of the engines before it. */
	uint64_t events;
	uint64_t total;
	uint64_t line;
};

/* What the model's records permit; nothing is said of what is no RAM to it. */
static bool look(void *context, uint32_t number, struct monitor_right right[2])
{
	const struct watched *watched = context;
	struct moat_pa pa = {player_pa(&watched->player, number)};
	const struct monitor_right host = {0, ALL};
	struct model_page page;

	memset(right, 0, 2 * sizeof(*right));
	if (!watched->model || !model_page_at(watched->model, pa, &page)) {
		return false;
	}
	if (page.state == MOAT_PAGE_HOST || page.state == MOAT_PAGE_LENT ||
		page.state == MOAT_PAGE_SHARED) {
		right[0] = host;
	}
	if (page.state == MOAT_PAGE_VM || page.state == MOAT_PAGE_SHARED ||
		page.state == MOAT_PAGE_LENT) {
		right[1].vmid = (uint16_t)(page.vm + 1);
		right[1].permission = page.state == MOAT_PAGE_LENT
					      ? (uint8_t)page.permission
					      : ALL;
	}
	return true;
}

static int fail(const struct watched *watched, const char *what, int status)
{
	printf("%s:%" PRIu64 ": %s\n", watched->name, watched->line, what);
	return status;
}

/* An event of the trace: the model takes the step. */
static int take_step(struct watched *watched, const char *line)
{
	char difference[MODEL_DIFFERENCE_TEXT];
	struct model_parse_error error;
	struct moat_event event;
	uint64_t sequence;

	switch (model_event_parse(line, &event, &sequence, &error)) {
	case MODEL_PARSE_OTHER:
		return 0;
	case MODEL_PARSE_MALFORMED:
		return fail(watched, error.reason, EXIT_MALFORMED);
	case MODEL_PARSE_EVENT:
		break;
	}
	if (sequence != watched->steps) {
		return fail(watched, "an event of the trace is missing",
			EXIT_BROKEN);
	}
	watched->steps++;
	switch (model_event(
		&watched->model, &event, difference, sizeof(difference))) {
	case MODEL_REPLAY_AGREES:
		return 0;
	case MODEL_REPLAY_DIFFERS:
		return fail(watched, difference, EXIT_BROKEN);
	case MODEL_REPLAY_MALFORMED:
	default:
		return fail(watched, difference, EXIT_MALFORMED);
	}
}

static int take_line(struct watched *watched, const char *line)
{
	char text[EXPLANATION];

	switch (player_line(&watched->player, line)) {
	case PLAYER_GOOD:
		return 0;
	case PLAYER_MALFORMED:
		return fail(watched, watched->player.error, EXIT_MALFORMED);
	case PLAYER_BROKEN:
		monitor_explain(
			player_verdict(&watched->player), text, sizeof(text));
		return fail(watched, text, EXIT_BROKEN);
	case PLAYER_OTHER:
	default:
		return take_step(watched, line);
	}
}

static void forget(struct watched *watched)
{
	player_end(&watched->player);
	model_destroy(watched->model);
	watched->model = NULL;
}

/* The first event of an engine; whatever was before, is done with. */
static void begin(struct watched *watched)
{
	const struct monitor_records records = {watched, look};

	watched->events += watched->player.count;
	watched->total += watched->steps;
	watched->steps = 0;
	forget(watched);
	watched->player = player_make(&records);
}

static int take_all(struct watched *watched, FILE *file)
{
	char line[LINE_BYTES];
	int status = 0;

	while (status == 0 && fgets(line, sizeof(line), file)) {
		watched->line++;
		if (strstr(line, "watch 0 begin ")) {
			begin(watched);
		}
		status = take_line(watched, line);
	}
	if (status == 0 && (ferror(file) || !watched->player.monitor)) {
		return fail(watched, "no watch event", EXIT_MALFORMED);
	}
	return status;
}

int watched(FILE *file, const char *name)
{
	struct watched watched = {.name = name};
	int status = take_all(&watched, file);

	if (status == 0) {
		printf("monitor: %" PRIu64 " events, %" PRIu64
		       " steps, no rule is broken\n",
			watched.events + watched.player.count,
			watched.total + watched.steps);
	}
	forget(&watched);
	return status;
}
