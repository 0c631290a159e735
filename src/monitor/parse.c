/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "monitor/event.h"
#include "pte.h"

enum { DIGITS_MAX = 16 };

/* ---- Words ------------------------------------------------------------- */

static int digit(char character)
{
	static const char digits[] = "0123456789abcdef";
	const char *found =
		character == '\0' ? NULL : strchr(digits, character);

	return found ? (int)(found - digits) : -1;
}

/* A number of 1 to 16 digits; @text moves behind it. */
static bool read_number(const char **text, uint64_t *number)
{
	int count = 0;

	*number = 0;
	while (digit(**text) >= 0 && count <= DIGITS_MAX) {
		*number = *number * 16 + (uint64_t)digit(**text);
		(*text)++;
		count++;
	}
	return count > 0 && count <= DIGITS_MAX;
}

/* If @word is next, move behind it. */
static bool read_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0) {
		return false;
	}
	*text += length;
	return true;
}

/* The rights of a leaf by letters, in the order r, w, x. */
static bool read_kind(const char **text, enum pte_kind *kind)
{
	bool may_write;
	bool may_execute;

	if (!read_word(text, ":r")) {
		return false;
	}
	may_write = read_word(text, "w");
	may_execute = read_word(text, "x");
	if (may_write) {
		*kind = may_execute ? PTE_NORMAL : PTE_READ_WRITE;
	} else {
		*kind = may_execute ? PTE_READ_EXECUTE : PTE_READ;
	}
	return true;
}

static bool read_leaf(const char **text, bool is_page, uint64_t *descriptor)
{
	enum pte_kind kind;
	uint64_t pa;

	if (!read_number(text, &pa) || !read_kind(text, &kind)) {
		return false;
	}
	*descriptor = is_page ? pte_page(pa, kind) : pte_block(pa, kind);
	return true;
}

static bool read_descriptor(const char **text, uint64_t *descriptor)
{
	uint64_t pa;

	if (read_word(text, "empty")) {
		*descriptor = PTE_EMPTY;
		return true;
	}
	if (read_word(text, "table:")) {
		if (!read_number(text, &pa)) {
			return false;
		}
		*descriptor = pte_table(pa);
		return true;
	}
	if (read_word(text, "device:")) {
		if (!read_number(text, &pa)) {
			return false;
		}
		*descriptor = pte_page(pa, PTE_DEVICE);
		return true;
	}
	if (read_word(text, "page:")) {
		return read_leaf(text, true, descriptor);
	}
	return read_word(text, "block:") ? read_leaf(text, false, descriptor)
					 : read_number(text, descriptor);
}

static bool is_end(char character)
{
	return character == '\0' || character == ' ' || character == '\r' ||
	       character == '\n';
}

/* A blank and a number. */
static bool next_number(const char **text, uint64_t *number)
{
	return read_word(text, " ") && read_number(text, number) &&
	       is_end(**text);
}

/* ---- Events ------------------------------------------------------------ */

static bool read_kind_name(const char **text, enum watch_kind *kind)
{
	size_t length = 0;

	while (!is_end((*text)[length])) {
		length++;
	}
	for (int i = 0; i < WATCH_KIND_COUNT; i++) {
		const char *name = watch_name((enum watch_kind)i);

		if (strlen(name) == length &&
			strncmp(*text, name, length) == 0) {
			*kind = (enum watch_kind)i;
			*text += length;
			return true;
		}
	}
	return false;
}

static bool read_words(const char **text, struct watch_event *event)
{
	bool is_write =
		event->kind == WATCH_WRITE || event->kind == WATCH_RELEASE;

	for (uint32_t i = 0; i < watch_words(event->kind); i++) {
		if (is_write && i == 1) {
			if (!read_word(text, " ") ||
				!read_descriptor(text, &event->word[i])) {
				return false;
			}
		} else if (!next_number(text, &event->word[i])) {
			return false;
		}
	}
	return **text == '\0' || **text == '\r' || **text == '\n';
}

/* What the monitor takes for granted. */
static const char *why_refused(const struct watch_event *event)
{
	if (event->kind == WATCH_STAGE2 &&
		(event->word[0] >= WATCH_VMIDS || event->word[3] > 3 ||
			event->word[2] < 12 || event->word[2] > 52)) {
		return "no such translation";
	}
	if ((event->kind == WATCH_WRITE || event->kind == WATCH_RELEASE) &&
		event->word[0] % sizeof(uint64_t) != 0) {
		return "an entry is 8-byte aligned";
	}
	if ((event->kind == WATCH_LOCK || event->kind == WATCH_DROP) &&
		(event->word[0] >= WATCH_LOCKS ||
			event->word[1] >= WATCH_VMIDS)) {
		return "no such lock";
	}
	return NULL;
}

static const char *read_event(
	const char *text, struct watch_event *event, uint64_t *sequence)
{
	uint64_t cpu;

	if (!read_number(&text, sequence) || !read_word(&text, " ")) {
		return "no sequence number";
	}
	if (!read_kind_name(&text, &event->kind)) {
		return "no such event";
	}
	if (!next_number(&text, &cpu) || cpu >= WATCH_CPUS) {
		return "no such CPU";
	}
	event->cpu = (uint32_t)cpu;
	return read_words(&text, event) ? why_refused(event)
					: "its words are wrong";
}

enum watch_parse watch_parse(const char *line, struct watch_event *event,
	uint64_t *sequence, const char **reason)
{
	const char *start = strstr(line, "watch ");

	if (!start || digit(start[6]) < 0) {
		*reason = "no event";
		return WATCH_PARSE_OTHER;
	}
	memset(event, 0, sizeof(*event));
	*reason = read_event(start + 6, event, sequence);
	return *reason ? WATCH_PARSE_MALFORMED : WATCH_PARSE_EVENT;
}
