/* SPDX-License-Identifier: BSD-2-Clause */
/* What the locks are explored with: src/core/lock.c, and users of it. */
#ifndef WEAK_PROGRAMS_H
#define WEAK_PROGRAMS_H

#include <stddef.h>

#include "weak/explore.h"

extern const struct program programs[];
extern const size_t program_count;

/* Wrong ones, each of which must fail, and how it waits to do so. */
struct planted {
	struct program program;
	enum wait wait;
};
extern const struct planted planted[];
extern const size_t planted_count;

#endif
