/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat-bench [--pages N] [--repeat N] [--only ROW] [--zeroing no]
 *
 * Prints for each row its name, the operations of one repetition, the smallest
 * and the median nanoseconds for one operation, separated by tabs; then what
 * the engine's memory is to a GiB of RAM. The rows take turns, so that a busy
 * moment of the machine, whose caches others use as well, hits them all.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rows.h"

enum { REPEAT_MAX = 99, ROW_MAX = 64, PAGES_MAX = 262144 };

struct options {
	uint64_t pages; /* whole regions of 512 */
	uint64_t repeat;
	const char *only; /* or NULL: all */
	bool is_zeroing; /* also the rows that zero: their names end so */
};

struct series {
	const struct row *row;
	double ns[REPEAT_MAX];
};

static struct series series[ROW_MAX];

static void usage(void)
{
	fprintf(stderr,
		"usage: moat-bench [--pages N] [--repeat N] [--only ROW] "
		"[--zeroing no]\n"
		"N pages: a multiple of 512, at most %d; at most %d repeats\n",
		PAGES_MAX, REPEAT_MAX);
	exit(2);
}

static uint64_t number(const char *text, uint64_t most)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != 0 || value == 0 || value > most) {
		usage();
	}
	return value;
}

static struct options options_read(int count, char **words)
{
	struct options options = {PAGES_MAX, 9, NULL, true};

	if (count % 2 == 0) {
		usage();
	}
	for (int i = 1; i + 1 < count; i += 2) {
		if (strcmp(words[i], "--pages") == 0) {
			options.pages = number(words[i + 1], PAGES_MAX);
		} else if (strcmp(words[i], "--repeat") == 0) {
			options.repeat = number(words[i + 1], REPEAT_MAX);
		} else if (strcmp(words[i], "--only") == 0) {
			options.only = words[i + 1];
		} else if (strcmp(words[i], "--zeroing") == 0) {
			options.is_zeroing = strcmp(words[i + 1], "no") != 0;
		} else {
			usage();
		}
	}
	if (options.pages % 512 != 0) {
		usage();
	}
	return options;
}

static bool is_chosen(const struct options *options, const char *name)
{
	if (!options->is_zeroing && strstr(name, "-zeroed") != NULL) {
		return false;
	}
	return options->only == NULL || strcmp(options->only, name) == 0;
}

static uint64_t rows_choose(
	const struct row *rows, const struct options *options, uint64_t chosen)
{
	for (; rows->name != NULL; rows++) {
		if (is_chosen(options, rows->name)) {
			series[chosen++].row = rows;
		}
	}
	return chosen;
}

/* Of this process: what others do meanwhile on its CPU is not its time. */
static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void row_run(struct world *world, struct series *one, uint64_t turn)
{
	const struct row *row = one->row;
	double start, end;

	row->prepare(world);
	start = now_ns();
	row->measure(world);
	end = now_ns();
	row->finish(world);
	one->ns[turn] = (end - start) / (double)row_operations(row, world);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static void series_print(struct series *one, const struct options *options,
	const struct world *world)
{
	qsort(one->ns, options->repeat, sizeof(one->ns[0]), compare);
	printf("%s\t%llu\t%.2f\t%.2f\n", one->row->name,
		(unsigned long long)row_operations(one->row, world), one->ns[0],
		one->ns[options->repeat / 2]);
}

int main(int count, char **words)
{
	struct options options = options_read(count, words);
	struct world world;
	uint64_t chosen = rows_choose(rows_floor, &options, 0);

	chosen = rows_choose(rows_engine, &options, chosen);
	chosen = rows_choose(rows_block, &options, chosen);
	chosen = rows_choose(rows_share, &options, chosen);
	chosen = rows_choose(rows_owner, &options, chosen);
	if (chosen == 0) {
		fprintf(stderr, "moat-bench: no row %s\n", options.only);
		return 2;
	}
	world_make(&world, options.pages);
	for (uint64_t turn = 0; turn < options.repeat; turn++) {
		for (uint64_t i = 0; i < chosen; i++) {
			row_run(&world, &series[i], turn);
		}
	}
	for (uint64_t i = 0; i < chosen; i++) {
		series_print(&series[i], &options, &world);
	}
	printf("memory\t%.4f\tMiB for each GiB of RAM\n",
		(double)world.memory_size * 1024 / (double)world.ram_size);
	return 0;
}
