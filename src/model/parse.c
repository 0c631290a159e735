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
	CALL_IN = 10, /* words of in[] that every host call has */
	CALL_END =
		13, /* the words of an exit that are as its trap is end here */
	ABORT_END = 9, /* the same of an abort, */
	OTHER_END = 3 /* and of a trap that shows nothing more */
};

static const char line_start[] = "moat ";

/* What each kind may have. */
static const struct {
	const char *name;
	uint32_t in_count;
	uint32_t out_count;
} kinds[] = {
	[MOAT_EVENT_INIT] = {"init", 5, 0},
	[MOAT_EVENT_RAM] = {"ram", 2, 0},
	[MOAT_EVENT_HIDE] = {"hide", 2, 0},
	[MOAT_EVENT_CALL] = {"call", 14, 10},
	[MOAT_EVENT_ABORT] = {"abort", 1, 0},
	[MOAT_EVENT_EXIT] = {"exit", 15, 15},
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

/* Is a word of in[] from @first up to @end not zero? */
static bool has_words(
	const struct moat_event *event, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		if (event->in[i] != 0) {
			return true;
		}
	}
	return false;
}

/* A trap shows what the engine looked at: a call its registers, an abort the
 * one of a store, the others none. */
static const char *exit_fault(const struct moat_event *event)
{
	uint32_t first = OTHER_END;

	if (event->in[0] == MOAT_TRAP_CALL) {
		first = CALL_END;
	} else if (event->in[0] == MOAT_TRAP_ABORT) {
		first = ABORT_END;
	}
	return has_words(event, first, CALL_END)
		       ? "this trap shows no registers"
		       : NULL;
}

/* What an event of its kind does not have, or NULL. */
static const char *cause_fault(const struct moat_event *event)
{
	bool is_run = (uint32_t)event->in[0] == MOAT_FUNCTION(MOAT_VCPU_RUN);

	if (event->kind == MOAT_EVENT_EXIT) {
		return exit_fault(event);
	}
	if (event->kind == MOAT_EVENT_CALL && !is_run &&
		has_words(event, CALL_IN, MOAT_EVENT_IN)) {
		return "this call takes no list registers";
	}
	return NULL;
}

/* The kind, the CPU and the words of in[]. */
static bool read_cause(struct reader *reader, struct moat_event *event)
{
	struct reader words;
	const char *fault;

	if (!read_kind(reader, &event->kind) || !read_space(reader) ||
		!read_number_32(reader, &event->cpu)) {
		return false;
	}
	words = *reader;
	if (!read_words(reader, event->in, kinds[event->kind].in_count)) {
		return false;
	}
	fault = cause_fault(event);
	if (fault != NULL) {
		*reader = words;
		return fail(reader, fault);
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
