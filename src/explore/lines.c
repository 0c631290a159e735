/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/lines.h"

#include <stdlib.h>
#include <string.h>

enum { UNKNOWN, LEFT_OUT, LEARNT };

/* An odd constant without a pattern (of splitmix64). */
#define MIX UINT64_C(0xbf58476d1ce4e5b9)

/* The number of the first line that is not the engine's. */
static uint32_t engine_end(const struct lines *lines)
{
	return (uint32_t)(lines->machine->engine_size / LINES_BYTES);
}

/* Where @line is: in the engine's memory, or in the pages of the scope, which
 * are the first ones of RAM. */
static unsigned char *line_at(const struct lines *lines, uint32_t line)
{
	uint32_t end = engine_end(lines);

	return line < end ? lines->machine->memory + (size_t)line * LINES_BYTES
			  : lines->machine->ram +
				    (size_t)(line - end) * LINES_BYTES;
}

/* ---- Runs -------------------------------------------------------------- */

/* A run ends where the engine's memory does. */
static bool goes_on(
	const struct lines *lines, const struct lines_runs *runs, uint32_t line)
{
	const struct lines_run *last;

	if (runs->count == 0 || line == engine_end(lines)) {
		return false;
	}
	last = &runs->run[runs->count - 1];
	return last->first + last->count == line;
}

static void runs_add(
	const struct lines *lines, struct lines_runs *runs, uint32_t line)
{
	if (!goes_on(lines, runs, line)) {
		runs->run[runs->count].first = line;
		runs->run[runs->count].count = 0;
		runs->count++;
	}
	runs->run[runs->count - 1].count++;
}

static void make_runs(struct lines *lines)
{
	lines->learnt.count = 0;
	lines->unknown.count = 0;
	for (uint32_t line = 0; line < lines->count; line++) {
		if (lines->kind[line] == LEARNT) {
			runs_add(lines, &lines->learnt, line);
		} else if (lines->kind[line] == UNKNOWN) {
			runs_add(lines, &lines->unknown, line);
		}
	}
}

/* ---- Life -------------------------------------------------------------- */

bool lines_init(
	struct lines *lines, const struct host_machine *machine, uint32_t pages)
{
	size_t bytes = machine->engine_size + (size_t)pages * MOAT_PAGE_SIZE;
	size_t engine = machine->engine_size;

	lines->machine = machine;
	lines->count = (uint32_t)(bytes / LINES_BYTES);
	lines->initial = malloc(bytes);
	lines->kind = calloc(lines->count, 1);
	lines->learnt.run = calloc(lines->count, sizeof(struct lines_run));
	lines->unknown.run = calloc(lines->count, sizeof(struct lines_run));
	if (!lines->initial || !lines->kind || !lines->learnt.run ||
		!lines->unknown.run) {
		lines_free(lines);
		return false;
	}
	memcpy(lines->initial, machine->memory, engine);
	memcpy(lines->initial + engine, machine->ram, bytes - engine);
	make_runs(lines);
	return true;
}

void lines_free(struct lines *lines)
{
	free(lines->initial);
	free(lines->kind);
	free(lines->learnt.run);
	free(lines->unknown.run);
}

static uint32_t line_of(const struct lines *lines, const void *byte)
{
	return (uint32_t)((size_t)((const unsigned char *)byte -
				   lines->machine->memory) /
			  LINES_BYTES);
}

void lines_leave_out(struct lines *lines, const void *first, size_t size)
{
	memset(lines->kind + line_of(lines, first), LEFT_OUT,
		(size + LINES_BYTES - 1) / LINES_BYTES);
	make_runs(lines);
}

void lines_learn(struct lines *lines, const void *first)
{
	lines->kind[line_of(lines, first)] = LEARNT;
	make_runs(lines);
}

/* ---- Learn ------------------------------------------------------------- */

static bool is_initial(const struct lines *lines, uint32_t line, uint32_t count)
{
	return memcmp(line_at(lines, line),
		       lines->initial + (size_t)line * LINES_BYTES,
		       (size_t)count * LINES_BYTES) == 0;
}

/* What of @run is not what it was is learnt. */
static void learn_run(struct lines *lines, struct lines_run run)
{
	for (uint32_t i = 0; i < run.count; i++) {
		if (!is_initial(lines, run.first + i, 1)) {
			lines->kind[run.first + i] = LEARNT;
		}
	}
}

/* Unknown lines that follow each other are compared at once. */
bool lines_learn_changed(struct lines *lines)
{
	bool is_new = false;

	for (uint32_t i = 0; i < lines->unknown.count; i++) {
		struct lines_run run = lines->unknown.run[i];

		if (!is_initial(lines, run.first, run.count)) {
			learn_run(lines, run);
			is_new = true;
		}
	}
	if (is_new) {
		make_runs(lines);
	}
	return is_new;
}

/* ---- Keep, compare, put back ------------------------------------------- */

unsigned char *lines_image(const struct lines *lines)
{
	size_t size = (size_t)lines->count * LINES_BYTES;
	unsigned char *image = malloc(size);

	if (image) {
		memcpy(image, lines->initial, size);
	}
	return image;
}

void lines_save(const struct lines *lines, unsigned char *image)
{
	for (uint32_t i = 0; i < lines->learnt.count; i++) {
		struct lines_run run = lines->learnt.run[i];

		memcpy(image + (size_t)run.first * LINES_BYTES,
			line_at(lines, run.first),
			(size_t)run.count * LINES_BYTES);
	}
}

void lines_restore(const struct lines *lines, const unsigned char *image)
{
	for (uint32_t i = 0; i < lines->learnt.count; i++) {
		struct lines_run run = lines->learnt.run[i];

		memcpy(line_at(lines, run.first),
			image + (size_t)run.first * LINES_BYTES,
			(size_t)run.count * LINES_BYTES);
	}
}

static bool is_same_run(const struct lines *lines, struct lines_run run,
	const unsigned char *image)
{
	return memcmp(line_at(lines, run.first),
		       image + (size_t)run.first * LINES_BYTES,
		       (size_t)run.count * LINES_BYTES) == 0;
}

bool lines_is_same(const struct lines *lines, const unsigned char *image)
{
	for (uint32_t i = 0; i < lines->learnt.count; i++) {
		if (!is_same_run(lines, lines->learnt.run[i], image)) {
			return false;
		}
	}
	return true;
}

/* ---- Sums -------------------------------------------------------------- */

/* A number for a line and what it holds. */
static uint64_t hash(uint32_t line, const unsigned char *bytes)
{
	uint64_t word[LINES_BYTES / sizeof(uint64_t)];
	uint64_t result = (line + UINT64_C(1)) * MIX;

	memcpy(word, bytes, sizeof(word));
	for (uint32_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		result = (result ^ word[i]) * MIX;
		result ^= result >> 32;
	}
	return result;
}

static uint64_t change_of_run(const struct lines *lines, struct lines_run run,
	const unsigned char *image)
{
	uint64_t sum = 0;

	for (uint32_t line = run.first; line < run.first + run.count; line++) {
		const unsigned char *now = line_at(lines, line);
		const unsigned char *then = image + (size_t)line * LINES_BYTES;

		if (memcmp(now, then, LINES_BYTES) != 0) {
			sum += hash(line, now) - hash(line, then);
		}
	}
	return sum;
}

/* Added up line by line, so that a change of one is a change of the sum. */
uint64_t lines_change(const struct lines *lines, const unsigned char *image)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < lines->learnt.count; i++) {
		if (!is_same_run(lines, lines->learnt.run[i], image)) {
			sum += change_of_run(
				lines, lines->learnt.run[i], image);
		}
	}
	return sum;
}

uint64_t lines_sum(const struct lines *lines)
{
	return lines_change(lines, lines->initial);
}
