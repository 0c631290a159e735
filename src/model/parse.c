/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text form of an event (trace.h), read strictly: for each event there is
 * one text, and only that one is accepted. A console that lost or doubled a
 * character is thus found where it happened. An example:
 *
 *     moat 7 call 0 c6000041 0 10000 40206000 8 > 0 0 8
 *
 * is event 7: on CPU 0 the host donated eight pages to VM 0; the action was
 * HOST_RESUME, x0 OK and x1 eight.
 *
 * A line that lost its beginning is no line of a trace any more. Then the
 * sequence numbers have a gap, which is for the caller to see.
 */
#include "model/model.h"

#include <string.h>

enum {
	DIGITS_MAX = 16,
	TRAP_IN = 3 /* words of in[] before the guest's registers */
};

static const char line_start[] = "moat ";

/* What each kind may have. */
static const struct {
	const char *name;
	uint32_t in_count;
	uint32_t out_count;
} kinds[] = {
	[MOAT_EVENT_INIT] = {"init", 4, 0},
	[MOAT_EVENT_RAM] = {"ram", 2, 0},
	[MOAT_EVENT_HIDE] = {"hide", 2, 0},
	[MOAT_EVENT_CALL] = {"call", 10, 10},
	[MOAT_EVENT_ABORT] = {"abort", 1, 0},
	[MOAT_EVENT_EXIT] = {"exit", 13, 10},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == MOAT_EVENT_KIND_COUNT,
	"a kind of event has no text");

/* A place in the text. Reading moves @at on, or leaves it and says why not. */
struct reader {
	const char *at;
	const char *reason; /* NULL: nothing is wrong so far */
};

/* A serial console ends its lines with CR and LF, a file with LF, a string
 * not. */
static bool is_end(char character)
{
	return character == '\0' || character == '\r' || character == '\n';
}

/* The value of a digit, 16 if it is none. */
static uint64_t digit_value(char character)
{
	if (character >= '0' && character <= '9') {
		return (uint64_t)(character - '0');
	}
	if (character >= 'a' && character <= 'f') {
		return (uint64_t)(character - 'a') + 10;
	}
	return 16;
}

/* Always false, so that a reader can fail and return in one line. */
static bool fail(struct reader *reader, const char *reason)
{
	reader->reason = reason;
	return false;
}

/* The one text of a number: lower case, no leading zero, up to 64 bits. */
static bool read_number(struct reader *reader, uint64_t *number)
{
	const char *at = reader->at;
	uint32_t digits = 0;

	*number = 0;
	while (digit_value(at[digits]) < 16) {
		if (digits == DIGITS_MAX) {
			return fail(reader, "the number is too big");
		}
		*number = *number * 16 + digit_value(at[digits]);
		digits++;
	}
	if (digits == 0) {
		return fail(reader, "a number is missing");
	}
	if (at[0] == '0' && digits > 1) {
		return fail(reader, "the number has a leading zero");
	}
	reader->at = at + digits;
	return true;
}

/* For what is 32 bits in an event. The column of a failure is where it
 * starts. */
static bool read_number_32(struct reader *reader, uint32_t *number)
{
	struct reader start = *reader;
	uint64_t wide;

	if (!read_number(reader, &wide)) {
		return false;
	}
	if (wide > UINT32_MAX) {
		*reader = start;
		return fail(reader, "the number is too big");
	}
	*number = (uint32_t)wide;
	return true;
}

/* One space exactly; two would be an empty word. */
static bool read_space(struct reader *reader)
{
	if (*reader->at != ' ') {
		return fail(reader, "a space is missing");
	}
	reader->at++;
	return true;
}

/* No kind is the beginning of another, and a space follows each. */
static bool read_kind(struct reader *reader, uint32_t *kind)
{
	for (uint32_t i = 0; i < MOAT_EVENT_KIND_COUNT; i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(reader->at, kinds[i].name, length) == 0 &&
			reader->at[length] == ' ') {
			reader->at += length;
			*kind = i;
			return true;
		}
	}
	return fail(reader, "there is no such kind of event");
}

/* Up to @count words, a space before each, up to " >" or the end of the line;
 * zeroes at the end are left away. */
static bool read_words(struct reader *reader, uint64_t *words, uint32_t count)
{
	const char *last = reader->at;
	uint32_t i = 0;

	while (reader->at[0] == ' ' && reader->at[1] != '>') {
		last = ++reader->at;
		if (i == count) {
			return fail(reader, "there are too many words");
		}
		if (!read_number(reader, &words[i])) {
			return false;
		}
		i++;
	}
	if (i != 0 && words[i - 1] == 0) {
		reader->at = last;
		return fail(reader, "the last word is zero");
	}
	return true;
}

/* Between cause and effect; a line that a console cut short has none. */
static bool read_arrow(struct reader *reader)
{
	if (reader->at[0] != ' ') {
		return fail(reader, "a space is missing");
	}
	if (reader->at[1] != '>') {
		return fail(reader, "the > is missing");
	}
	reader->at += 2;
	return true;
}

/* Only a trapped call shows registers of the guest. */
static bool shows_registers(const struct moat_event *event)
{
	uint64_t shown = 0;

	for (uint32_t i = TRAP_IN; i < MOAT_EVENT_IN; i++) {
		shown |= event->in[i];
	}
	return event->kind == MOAT_EVENT_EXIT &&
	       event->in[0] != MOAT_TRAP_CALL && shown != 0;
}

/* The kind, the CPU and the words of in[]. */
static bool read_cause(struct reader *reader, struct moat_event *event)
{
	struct reader words;

	if (!read_kind(reader, &event->kind) || !read_space(reader) ||
		!read_number_32(reader, &event->cpu)) {
		return false;
	}
	words = *reader;
	if (!read_words(reader, event->in, kinds[event->kind].in_count)) {
		return false;
	}
	if (shows_registers(event)) {
		*reader = words;
		return fail(reader, "this trap shows no registers");
	}
	return true;
}

/* All behind the sequence number: the cause, the arrow, the effect. */
static bool read_event(struct reader *reader, struct moat_event *event)
{
	if (!read_cause(reader, event) || !read_arrow(reader) ||
		!read_space(reader) ||
		!read_number_32(reader, &event->action)) {
		return false;
	}
	if (!read_words(reader, event->out, kinds[event->kind].out_count)) {
		return false;
	}
	return is_end(*reader->at) || fail(reader, "the line goes on");
}

/* Where "moat", a number and a space stand in the line; NULL if nowhere. The
 * reader is then at the number. */
static const char *find_start(const char *line)
{
	const char *at;

	for (at = line; !is_end(*at); at++) {
		size_t length = sizeof(line_start) - 1;

		if (strncmp(at, line_start, length) != 0) {
			continue;
		}
		while (digit_value(at[length]) < 16) {
			length++;
		}
		if (length >= sizeof(line_start) && at[length] == ' ') {
			return at + sizeof(line_start) - 1;
		}
	}
	return NULL;
}

/* The event is zeroed first, so words that were left away are zero, and so is
 * all of it if the line is malformed before its words. */
enum model_parse model_event_parse(const char *line, struct moat_event *event,
	uint64_t *sequence, struct model_parse_error *error)
{
	struct reader reader = {.at = find_start(line)};

	memset(event, 0, sizeof(*event));
	*sequence = 0;
	error->column = 0;
	error->reason = NULL;
	if (reader.at == NULL) {
		return MODEL_PARSE_OTHER;
	}
	if (read_number(&reader, sequence) && read_space(&reader) &&
		read_event(&reader, event)) {
		return MODEL_PARSE_EVENT;
	}
	error->column = (size_t)(reader.at - line) + 1;
	error->reason = reader.reason;
	return MODEL_PARSE_MALFORMED;
}
