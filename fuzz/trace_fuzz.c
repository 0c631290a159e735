/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer of what reads a console: whatever the lines say, the parser and
 * the model that replays them only ever say no. A line that is an event is the
 * one text of that event, and a model that agrees keeps its invariants.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/replay.h"
#include "model/model.h"
#include "moat/trace.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
	LINE_BYTES = 1024, /* an event has at most MOAT_EVENT_TEXT */
	LINES_MAX = 256
};

static void fail(const char *line, const char *what)
{
	fprintf(stderr, "%s\n%s\n", line, what);
	abort();
}

/* @line ends as the text of its event does. */
static void check_text(
	const char *line, const struct moat_event *event, uint64_t sequence)
{
	char text[MOAT_EVENT_TEXT];
	size_t length = moat_event_format(event, sequence, text);
	size_t end = strcspn(line, "\r\n");

	if (length > end || memcmp(line + end - length, text, length) != 0) {
		fail(line, "read as an event that has another text");
	}
}

/* Let the model take the event. Returns whether it agrees. */
static bool check_event(
	struct model **model, const char *line, const struct moat_event *event)
{
	char difference[MODEL_DIFFERENCE_TEXT];
	enum model_replay verdict =
		model_event(model, event, difference, sizeof(difference));

	if (verdict != MODEL_REPLAY_AGREES && difference[0] == '\0') {
		fail(line, "refused without a reason");
	}
	if (verdict == MODEL_REPLAY_AGREES && *model &&
		model_invariant_check(*model)) {
		fail(line, model_invariant_check(*model));
	}
	return verdict == MODEL_REPLAY_AGREES;
}

/* Returns whether the lines behind it may follow. */
static bool check_line(struct model **model, const char *line)
{
	struct model_parse_error error;
	struct moat_event event;
	uint64_t sequence;

	switch (model_event_parse(line, &event, &sequence, &error)) {
	case MODEL_PARSE_OTHER:
		return true;
	case MODEL_PARSE_MALFORMED:
		if (!error.reason || error.column < 1 ||
			error.column > strlen(line) + 1) {
			fail(line, "malformed without a reason or a place");
		}
		return true;
	case MODEL_PARSE_EVENT:
		break;
	}
	check_text(line, &event, sequence);
	return check_event(model, line, &event);
}

static void check_lines(FILE *file)
{
	struct model *model = NULL;
	char line[LINE_BYTES];
	int count = 0;

	while (count < LINES_MAX && fgets(line, sizeof(line), file) &&
		check_line(&model, line)) {
		count++;
	}
	model_destroy(model);
}

/* What replay finds, it prints. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	return freopen("/dev/null", "w", stdout) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	FILE *file = fmemopen(NULL, size + 1, "w+");

	if (!file || fwrite(bytes, 1, size, file) != size) {
		abort();
	}
	rewind(file);
	check_lines(file);
	rewind(file);
	(void)replay(file, "input");
	fclose(file);
	return 0;
}
