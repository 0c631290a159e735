/* SPDX-License-Identifier: BSD-2-Clause */
#include "weak/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 8, MESSAGE_MAX = 40, SITE_MAX = 64 };

/* How much a thread knows: of each word's messages, and of each thread's
 * steps (its vector clock). */
struct view {
	uint8_t place[WORD_MAX];
	uint8_t clock[THREAD_MAX];
};

struct message {
	uint32_t value;
	bool is_glued; /* a read-modify-write: nothing goes before it */
	struct view view; /* what reading it with acquire teaches */
};

struct word {
	const uint32_t *at;
	uint32_t count;
	struct message message[MESSAGE_MAX];
};

/* A plain word: who wrote it last, and when each thread last read it. */
struct plain {
	uint32_t *at;
	uint32_t writer;
	uint8_t written;
	uint8_t read[THREAD_MAX];
};

struct thread {
	struct view view;
	uint32_t last_word; /* of the last load */
	bool must_advance; /* reading the same again would change nothing */
	bool has_event; /* of WFE */
	struct view event; /* what had completed when it was sent */
};

static struct word words[WORD_MAX];
static uint32_t word_count;
static struct plain plains[WORD_MAX];
static uint32_t plain_count;
/* One more: begin and end run as thread THREAD_MAX, before and after all. */
static struct thread threads[THREAD_MAX + 1];

/* ---- Sites ------------------------------------------------------------- */

static struct site sites[SITE_MAX];
static size_t site_count;
static struct site weak_site;
static uint32_t weak_part;

static bool site_is(const struct site *a, const struct site *b)
{
	return a->line == b->line && a->function == b->function;
}

static void site_add(const struct site *site)
{
	for (size_t i = 0; i < site_count; i++) {
		if (site_is(&sites[i], site)) {
			return;
		}
	}
	if (site_count == SITE_MAX) {
		explore_fail("too many sites");
		return;
	}
	sites[site_count] = *site;
	site_count++;
}

void memory_forget_sites(void)
{
	site_count = 0;
}

size_t memory_site_count(void)
{
	return site_count;
}

const struct site *memory_site(size_t index)
{
	return &sites[index];
}

void memory_weaken(const struct site *site, uint32_t part)
{
	const struct site none = {NULL, 0, ORDER_RELAXED};

	weak_site = site == NULL ? none : *site;
	weak_part = part;
}

/* The order that an access at @site has in this run. */
static uint32_t order_of(const struct site *site)
{
	if (site->order != ORDER_RELAXED) {
		site_add(site);
	}
	return site_is(site, &weak_site) ? site->order & ~weak_part
					 : site->order;
}

/* ---- Views ------------------------------------------------------------- */

static void join_bytes(uint8_t *to, const uint8_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		to[i] = to[i] < from[i] ? from[i] : to[i];
	}
}

static void view_join(struct view *to, const struct view *from)
{
	join_bytes(to->place, from->place, WORD_MAX);
	join_bytes(to->clock, from->clock, THREAD_MAX);
}

static void view_shift(struct view *view, uint32_t word, uint32_t place)
{
	if (view->place[word] >= place) {
		view->place[word]++;
	}
}

/* A message was put in at @place: all that was there moves by one. */
static void shift_all(uint32_t word, uint32_t place)
{
	for (uint32_t t = 0; t <= THREAD_MAX; t++) {
		view_shift(&threads[t].view, word, place);
		view_shift(&threads[t].event, word, place);
	}
	for (uint32_t w = 0; w < word_count; w++) {
		for (uint32_t i = 0; i < words[w].count; i++) {
			view_shift(&words[w].message[i].view, word, place);
		}
	}
}

/* ---- Words ------------------------------------------------------------- */

void memory_reset(void)
{
	word_count = 0;
	plain_count = 0;
	memset(threads, 0, sizeof(threads));
}

void memory_atomic(uint32_t *first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct word *word = &words[word_count];

		memset(word, 0, sizeof(*word));
		word->at = first + i;
		word->count = 1;
		word->message[0].value = first[i];
		word_count++;
	}
}

void memory_plain(uint32_t *first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct plain plain = {first + i, THREAD_MAX, 0, {0}};

		plains[plain_count] = plain;
		plain_count++;
	}
}

/* A harness that forgot to register a word is wrong, not the program. */
static void unknown_word(void)
{
	fprintf(stderr, "weak: a word that is not registered\n");
	abort();
}

static uint32_t word_of(const uint32_t *at)
{
	uint32_t word = 0;

	while (word < word_count && words[word].at != at) {
		word++;
	}
	if (word == word_count) {
		unknown_word();
	}
	return word;
}

/* The thread's step: its clock ticks, so that others can tell before from
 * after. */
static struct thread *step(void)
{
	struct thread *thread = &threads[explore_thread()];

	if (explore_thread() < THREAD_MAX) {
		thread->view.clock[explore_thread()]++;
	}
	return thread;
}

/* ---- Loads ------------------------------------------------------------- */

/* The first message that the thread may read. */
static uint32_t read_from(const struct thread *thread, uint32_t word)
{
	bool skips = thread->must_advance && thread->last_word == word;

	return thread->view.place[word] + (skips ? 1U : 0U);
}

static const struct message *read_message(
	struct thread *thread, uint32_t word, uint32_t place, uint32_t order)
{
	const struct message *message = &words[word].message[place];

	thread->view.place[word] = (uint8_t)place;
	thread->last_word = word;
	thread->must_advance = false;
	if ((order & ORDER_ACQUIRE) != 0) {
		view_join(&thread->view, &message->view);
	}
	return message;
}

uint32_t memory_load(const uint32_t *at, struct site site)
{
	uint32_t order = order_of(&site);
	uint32_t word = word_of(at);
	struct thread *thread;
	uint32_t first, value;

	explore_yield();
	thread = step();
	first = read_from(thread, word);
	/* The newest first: the straightest run comes before the odd ones. */
	value = read_message(thread, word,
		words[word].count - 1 -
			explore_choose(words[word].count - first),
		order)
			->value;
	explore_note("load", site.function, site.line, value);
	return value;
}

/* ---- Stores ------------------------------------------------------------ */

/* Put a message behind the one at @place. */
static struct message *insert_behind(uint32_t word, uint32_t place)
{
	struct word *into = &words[word];

	if (into->count == MESSAGE_MAX) {
		fprintf(stderr, "weak: too many messages\n");
		abort();
	}
	shift_all(word, place + 1);
	memmove(&into->message[place + 2], &into->message[place + 1],
		(into->count - place - 1) * sizeof(into->message[0]));
	memset(&into->message[place + 1], 0, sizeof(into->message[0]));
	into->count++;
	return &into->message[place + 1];
}

static void write_behind(struct thread *thread, uint32_t word, uint32_t place,
	struct message message, uint32_t order)
{
	struct message *new = insert_behind(word, place);

	thread->view.place[word] = (uint8_t)(place + 1);
	view_shift(&message.view, word, place + 1);
	if ((order & ORDER_RELEASE) != 0) {
		view_join(&message.view, &thread->view);
	}
	message.view.place[word] = (uint8_t)(place + 1);
	*new = message;
}

/* Whether a message may go behind the one at @place. */
static bool is_gap(uint32_t word, uint32_t place)
{
	return place + 1 == words[word].count ||
	       !words[word].message[place + 1].is_glued;
}

/* One of the gaps from @first on; the last comes first. */
static uint32_t choose_gap(uint32_t word, uint32_t first)
{
	uint32_t gap[MESSAGE_MAX];
	uint32_t count = 0;

	for (uint32_t place = words[word].count; place > first; place--) {
		if (is_gap(word, place - 1)) {
			gap[count] = place - 1;
			count++;
		}
	}
	return gap[explore_choose(count)];
}

void memory_store(uint32_t *at, uint32_t value, struct site site)
{
	const struct message message = {.value = value};
	uint32_t order = order_of(&site);
	uint32_t word = word_of(at);
	struct thread *thread;
	uint32_t place;

	explore_yield();
	thread = step();
	place = choose_gap(word, thread->view.place[word]);
	write_behind(thread, word, place, message, order);
	explore_note("store", site.function, site.line, value);
}

uint32_t memory_add(uint32_t *at, uint32_t value, struct site site)
{
	struct message message = {.is_glued = true};
	uint32_t order = order_of(&site);
	uint32_t word = word_of(at);
	struct thread *thread;
	uint32_t place, before;

	explore_yield();
	thread = step();
	place = choose_gap(word, thread->view.place[word]);
	before = words[word].message[place].value;
	message.view = words[word].message[place].view;
	message.value = before + value;
	read_message(thread, word, place, order);
	write_behind(thread, word, place, message, order);
	explore_note("add to", site.function, site.line, before);
	return before;
}

uint32_t memory_last(const uint32_t *at)
{
	const struct word *word = &words[word_of(at)];

	return word->message[word->count - 1].value;
}

/* ---- Plain words ------------------------------------------------------- */

static struct plain *plain_of(const uint32_t *at)
{
	uint32_t i = 0;

	while (i < plain_count && plains[i].at != at) {
		i++;
	}
	if (i == plain_count) {
		unknown_word();
	}
	return &plains[i];
}

/* Whether what @of did at @when is known to have happened before. */
static bool is_before(const struct thread *thread, uint32_t of, uint8_t when)
{
	return of == THREAD_MAX || of == explore_thread() ||
	       thread->view.clock[of] >= when;
}

uint32_t memory_read(const uint32_t *at)
{
	struct plain *plain = plain_of(at);
	struct thread *thread = step();

	if (!is_before(thread, plain->writer, plain->written)) {
		explore_fail("a read races with a write");
	}
	plain->read[explore_thread()] = thread->view.clock[explore_thread()];
	return *at;
}

void memory_write(uint32_t *at, uint32_t value)
{
	struct plain *plain = plain_of(at);
	struct thread *thread = step();

	for (uint32_t t = 0; t < THREAD_MAX; t++) {
		if (!is_before(thread, t, plain->read[t])) {
			explore_fail("a write races with a read");
		}
	}
	if (!is_before(thread, plain->writer, plain->written)) {
		explore_fail("a write races with a write");
	}
	plain->writer = explore_thread();
	plain->written = thread->view.clock[explore_thread()];
	*at = value;
}

/* ---- Waiting ----------------------------------------------------------- */

void memory_wait(uint32_t thread, enum wait wait)
{
	threads[thread].must_advance = wait == WAIT_SPINS;
}

/* To read once more what it has just read would lead nowhere: a spinning
 * thread waits until there is something newer. */
bool memory_may_wake(uint32_t thread, enum wait wait)
{
	const struct thread *waits = &threads[thread];
	uint32_t word = waits->last_word;

	return wait == WAIT_SLEEPS
		       ? waits->has_event
		       : waits->view.place[word] + 1U < words[word].count;
}

void memory_woken(uint32_t thread, enum wait wait)
{
	struct thread *woken = &threads[thread];

	if (wait == WAIT_SLEEPS) {
		woken->has_event = false;
		join_bytes(woken->view.place, woken->event.place, WORD_MAX);
	}
}

/* DSB, then SEV: what the waker did is complete when the event arrives. */
void memory_wake(uint32_t thread)
{
	for (uint32_t t = 0; t < THREAD_MAX; t++) {
		threads[t].has_event = true;
		join_bytes(threads[t].event.place, threads[thread].view.place,
			WORD_MAX);
	}
}

/* ---- The state --------------------------------------------------------- */

static void mix_view(const struct view *view)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < WORD_MAX; i++) {
		number = number * 64 + view->place[i];
		explore_mix(number);
	}
	for (uint32_t i = 0; i < THREAD_MAX; i++) {
		explore_mix(view->clock[i]);
	}
}

static void mix_word(const struct word *word)
{
	explore_mix(word->count);
	for (uint32_t i = 0; i < word->count; i++) {
		explore_mix(word->message[i].value);
		explore_mix(word->message[i].is_glued);
		mix_view(&word->message[i].view);
	}
}

static void mix_plain(const struct plain *plain)
{
	explore_mix(*plain->at);
	explore_mix(plain->writer * 256 + plain->written);
	for (uint32_t t = 0; t < THREAD_MAX; t++) {
		explore_mix(plain->read[t]);
	}
}

void memory_mix(void)
{
	for (uint32_t i = 0; i < word_count; i++) {
		mix_word(&words[i]);
	}
	for (uint32_t i = 0; i < plain_count; i++) {
		mix_plain(&plains[i]);
	}
	for (uint32_t t = 0; t < THREAD_MAX; t++) {
		mix_view(&threads[t].view);
		mix_view(&threads[t].event);
		explore_mix(threads[t].last_word * 4 +
			    threads[t].must_advance * 2 + threads[t].has_event);
	}
}
