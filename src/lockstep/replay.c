/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

enum {
	LINE_BYTES = 4096, /* a console may leave much before an event */
	FIRST_CAPACITY = 1024,
	EXIT_DIFFERENCE = 1,
	EXIT_MALFORMED = 2
};

struct entry {
	uint64_t sequence;
	uint64_t line;
	struct moat_event event;
};

/* The events of one engine, as they were read. */
struct trace {
	const char *name;
	struct entry *entry;
	size_t count;
	size_t capacity;
	uint64_t line;
	uint64_t total; /* events of all engines */
};

static void add(struct trace *trace, const struct entry *entry)
{
	if (trace->count == trace->capacity) {
		size_t capacity = trace->capacity * 2 + FIRST_CAPACITY;
		struct entry *grown =
			realloc(trace->entry, capacity * sizeof(*trace->entry));

		if (!grown) {
			fprintf(stderr, "replay: out of memory\n");
			abort();
		}
		trace->entry = grown;
		trace->capacity = capacity;
	}
	trace->entry[trace->count++] = *entry;
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;

	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* The number of an event must be @expected. */
static bool check_sequence(
	const struct trace *trace, const struct entry *entry, uint64_t expected)
{
	if (entry->sequence == expected) {
		return true;
	}
	if (entry->sequence < expected) {
		printf("%s:%" PRIu64 ": event 0x%" PRIx64 " stands twice\n",
			trace->name, entry->line, entry->sequence);
	} else {
		printf("%s:%" PRIu64 ": events 0x%" PRIx64 " to 0x%" PRIx64
		       " are missing\n",
			trace->name, entry->line, expected,
			entry->sequence - 1);
	}
	return false;
}

static int replay_entry(struct trace *trace, struct model **model,
	const struct entry *entry, uint64_t expected)
{
	char difference[MODEL_DIFFERENCE_TEXT];
	enum model_replay verdict;

	if (!check_sequence(trace, entry, expected)) {
		return EXIT_DIFFERENCE;
	}
	verdict = model_event(
		model, &entry->event, difference, sizeof(difference));
	if (verdict == MODEL_REPLAY_AGREES) {
		return 0;
	}
	printf("%s:%" PRIu64 ": event 0x%" PRIx64 ": %s\n", trace->name,
		entry->line, entry->sequence, difference);
	return verdict == MODEL_REPLAY_DIFFERS ? EXIT_DIFFERENCE
					       : EXIT_MALFORMED;
}

/* The engine ended: its events in order. */
static int replay_engine(struct trace *trace)
{
	struct model *model = NULL;
	int status = 0;

	if (trace->count == 0) {
		return 0;
	}
	qsort(trace->entry, trace->count, sizeof(*trace->entry), compare);
	for (size_t i = 0; status == 0 && i < trace->count; i++) {
		status = replay_entry(trace, &model, &trace->entry[i], i);
	}
	model_destroy(model);
	trace->total += trace->count;
	trace->count = 0;
	return status;
}

static int read_line(struct trace *trace, const char *line)
{
	struct entry entry = {.line = trace->line};
	struct model_parse_error error;
	int status = 0;

	switch (model_event_parse(
		line, &entry.event, &entry.sequence, &error)) {
	case MODEL_PARSE_OTHER:
		return 0;
	case MODEL_PARSE_MALFORMED:
		printf("%s:%" PRIu64 ":%zu: %s\n", trace->name, trace->line,
			error.column, error.reason);
		return EXIT_MALFORMED;
	case MODEL_PARSE_EVENT:
		break;
	}
	if (entry.sequence == 0 && entry.event.kind == MOAT_EVENT_INIT) {
		status = replay_engine(trace);
	}
	add(trace, &entry);
	return status;
}

/* The rest of a line that is longer than the buffer holds no event. */
static void skip_rest(FILE *file, const char *line)
{
	int byte = strchr(line, '\n') ? '\n' : 0;

	while (byte != '\n' && byte != EOF) {
		byte = fgetc(file);
	}
}

static int replay_lines(struct trace *trace, FILE *file)
{
	char line[LINE_BYTES];
	int status = 0;

	while (status == 0 && fgets(line, sizeof(line), file)) {
		trace->line++;
		status = read_line(trace, line);
		skip_rest(file, line);
	}
	return status == 0 ? replay_engine(trace) : status;
}

int replay(FILE *file, const char *name)
{
	struct trace trace = {.name = name};
	int status = replay_lines(&trace, file);

	free(trace.entry);
	/* An empty console must not pass for a trace that agrees. */
	if (status == 0 && (ferror(file) || trace.total == 0)) {
		printf("%s: no event of a trace\n", name);
		return EXIT_MALFORMED;
	}
	if (status == 0) {
		printf("replay: %" PRIu64 " events, 0 differences\n",
			trace.total);
	}
	return status;
}
