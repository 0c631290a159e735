/* SPDX-License-Identifier: BSD-2-Clause */
/* Freestanding: the EL2 image prints its events by this file, too. */
#include "monitor/event.h"

#define EVENT_ROW(constant, text, words) {#text, words},

static const struct {
	const char *name;
	uint32_t words;
} kinds[WATCH_KIND_COUNT] = {WATCH_EVENTS(EVENT_ROW)};

const char *watch_name(enum watch_kind kind)
{
	return kinds[kind].name;
}

uint32_t watch_words(enum watch_kind kind)
{
	return kinds[kind].words;
}

/* Returns where to go on. */
static char *put_text(char *to, const char *text)
{
	while (*text != '\0') {
		*to++ = *text++;
	}
	return to;
}

/* A blank, and @number. */
static char *put_number(char *to, uint64_t number)
{
	char digits[16];
	uint32_t count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % 16];
		number /= 16;
	} while (number != 0);
	*to++ = ' ';
	while (count > 0) {
		*to++ = digits[--count];
	}
	return to;
}

size_t watch_format(
	const struct watch_event *event, uint64_t sequence, char *text)
{
	char *to = put_number(put_text(text, "watch"), sequence);

	*to++ = ' ';
	to = put_text(to, watch_name(event->kind));
	to = put_number(to, event->cpu);
	for (uint32_t i = 0; i < watch_words(event->kind); i++) {
		to = put_number(to, event->word[i]);
	}
	*to = '\0';
	return (size_t)(to - text);
}
