/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's own functions, which happen to be called as the engine's are. */
#ifndef MOAT_TESTS_ARCHIVE_CLASH_H
#define MOAT_TESTS_ARCHIVE_CLASH_H

struct clash {
	const char *name;
	unsigned int (*function)(void); /* returns its place in the table */
};

extern const struct clash clash_names[];
extern const unsigned int clash_count;

/* How often any of them was called. */
extern unsigned int clash_calls;

#endif
