/* SPDX-License-Identifier: BSD-2-Clause */
#include "weak/litmus.h"

#include <stdio.h>

#include "core/atomic.h"
#include "weak/explore.h"

/* x, y: the words; r: what was loaded. An outcome is r as a decimal number. */
static uint32_t x, y;
static uint32_t r[3];
static uint64_t outcomes; /* seen: bit 4 * r[0] + 2 * r[1] + r[2] */

static void begin(void)
{
	x = 0;
	y = 0;
	r[0] = 0;
	r[1] = 0;
	r[2] = 0;
	memory_atomic(&x, 1);
	memory_atomic(&y, 1);
}

static void end(void)
{
	outcomes |= UINT64_C(1) << (r[0] * 4 + r[1] * 2 + r[2]);
}

/* ---- Message passing: is data y seen once flag x is? ------------------- */

static void passing_relaxed(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_relaxed(&y, 1);
		atomic_store_relaxed(&x, 1);
	} else {
		r[1] = atomic_load_relaxed(&x);
		r[2] = atomic_load_relaxed(&y);
	}
}

static void passing_half(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_relaxed(&y, 1);
		atomic_store_release(&x, 1);
	} else {
		r[1] = atomic_load_relaxed(&x);
		r[2] = atomic_load_relaxed(&y);
	}
}

static void passing(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_relaxed(&y, 1);
		atomic_store_release(&x, 1);
	} else {
		r[1] = atomic_load_acquire(&x);
		r[2] = atomic_load_relaxed(&y);
	}
}

/* The flag is raised in two additions; the second carries on the release of the
 * first. */
static void passing_by_addition(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_relaxed(&y, 1);
		atomic_add_acquire_release(&x, 1);
	} else if (thread == 1) {
		atomic_add_relaxed(&x, 1);
	} else if (atomic_load_acquire(&x) == 2) {
		r[1] = 1;
		r[2] = atomic_load_relaxed(&y);
	}
}

/* ---- Store buffering: may both loads miss both stores? ----------------- */

static void buffering(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_release(&x, 1);
		r[1] = atomic_load_acquire(&y);
	} else {
		atomic_store_release(&y, 1);
		r[2] = atomic_load_acquire(&x);
	}
}

/* ---- Coherence: may a second load of x go back? ------------------------ */

static void coherence(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_relaxed(&x, 1);
	} else {
		r[1] = atomic_load_relaxed(&x);
		r[2] = atomic_load_relaxed(&x);
	}
}

/* ---- Two stores each: may each thread's first be the last? ------------- */

static void two_and_two(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_release(&x, 1);
		atomic_store_release(&y, 2);
	} else {
		atomic_store_release(&y, 1);
		atomic_store_release(&x, 2);
	}
}

static void two_and_two_end(void)
{
	r[1] = memory_last(&x) == 1;
	r[2] = memory_last(&y) == 1;
	end();
}

/* ---- Write to read causality: what 0 told 1, and 1 told 2 -------------- */

static void causality(uint32_t thread)
{
	if (thread == 0) {
		atomic_store_release(&x, 1);
	} else if (thread == 1) {
		r[0] = atomic_load_acquire(&x);
		atomic_store_release(&y, 1);
	} else {
		r[1] = atomic_load_acquire(&y);
		r[2] = atomic_load_relaxed(&x);
	}
}

/* ---- Additions: no two read the same ----------------------------------- */

static void additions(uint32_t thread)
{
	uint32_t before = atomic_add_relaxed(&x, 1);

	if (thread == 0) {
		r[1] = before;
	} else {
		r[2] = before;
	}
}

/* ---- The table --------------------------------------------------------- */

#define R(a, b, c) (UINT64_C(1) << (4 * (a) + 2 * (b) + (c)))
#define ANY_TWO (R(0, 0, 0) | R(0, 0, 1) | R(0, 1, 0) | R(0, 1, 1))

static const struct {
	struct program program;
	uint64_t outcomes;
} rows[] = {
	{{"message passing, relaxed", 2, begin, passing_relaxed, end}, ANY_TWO},
	{{"message passing, release only", 2, begin, passing_half, end},
		ANY_TWO},
	{{"message passing", 2, begin, passing, end},
		R(0, 0, 0) | R(0, 0, 1) | R(0, 1, 1)},
	{{"message passing, release sequence", 3, begin, passing_by_addition,
		 end},
		R(0, 0, 0) | R(0, 1, 1)},
	{{"store buffering", 2, begin, buffering, end}, ANY_TWO},
	{{"coherence", 2, begin, coherence, end},
		R(0, 0, 0) | R(0, 0, 1) | R(0, 1, 1)},
	{{"two and two stores", 2, begin, two_and_two, two_and_two_end},
		ANY_TWO},
	{{"causality", 3, begin, causality, end},
		(R(0, 0, 0) | R(0, 0, 1) | R(0, 1, 0) | R(0, 1, 1) |
			R(1, 0, 0) | R(1, 0, 1) | R(1, 1, 1))},
	{{"additions", 2, begin, additions, end}, R(0, 0, 1) | R(0, 1, 0)},
};

bool litmus_all(void)
{
	static struct verdict verdict;
	bool good = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		outcomes = 0;
		explore(&rows[i].program, WAIT_SPINS, &verdict);
		if (outcomes != rows[i].outcomes || verdict.failure != NULL) {
			printf("litmus: %s: outcomes %llx, not %llx\n",
				rows[i].program.name,
				(unsigned long long)outcomes,
				(unsigned long long)rows[i].outcomes);
			good = false;
		}
	}
	printf("litmus: %zu programs\n", sizeof(rows) / sizeof(rows[0]));
	return good;
}
