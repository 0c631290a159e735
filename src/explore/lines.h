/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a machine's memory may differ between the states of a scope.
 *
 * Little of it ever differs from what moat_init left: the lines (64 bytes) that
 * a step of this scope was seen to change are learnt, and only they are kept,
 * compared and put back.
 */
#ifndef MOAT_EXPLORE_LINES_H
#define MOAT_EXPLORE_LINES_H

#include "arch-host/machine.h"

enum { LINES_BYTES = 64 };

/* Lines of one kind that follow each other. */
struct lines_run {
	uint32_t first;
	uint32_t count;
};

struct lines_runs {
	struct lines_run *run;
	uint32_t count;
};

struct lines {
	const struct host_machine *machine;
	uint32_t count; /* of the engine's memory, then of the scope's pages */
	unsigned char *initial;
	unsigned char *kind; /* of each line: unknown, left out, or learnt */
	struct lines_runs learnt;
	struct lines_runs unknown;
};

/* Of the engine's memory and the first @pages of RAM. False: no memory. */
bool lines_init(struct lines *lines, const struct host_machine *machine,
	uint32_t pages);
void lines_free(struct lines *lines);

/* @size bytes of the engine's memory from @first on never count; or may differ
 * from now on. */
void lines_leave_out(struct lines *lines, const void *first, size_t size);
void lines_learn(struct lines *lines, const void *first);

/* Learn each line that is not what it was at first; true if there is one. Cost:
 * all of the memory is compared. */
bool lines_learn_changed(struct lines *lines);

/* All of memory as it was at first, for lines_save; or NULL. */
unsigned char *lines_image(const struct lines *lines);

/* Lines that are learnt after a save were then what they were at first, and so
 * they are in an image. */
void lines_save(const struct lines *lines, unsigned char *image);
void lines_restore(const struct lines *lines, const unsigned char *image);
bool lines_is_same(const struct lines *lines, const unsigned char *image);

/*
 * A number for what memory holds: zero at first, and equal for equal memory, in
 * whatever order the lines were learnt. Of now; and of now less that of @image,
 * which costs less.
 */
uint64_t lines_sum(const struct lines *lines);
uint64_t lines_change(const struct lines *lines, const unsigned char *image);

#endif
