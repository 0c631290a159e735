/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that look random and are the same on every machine. */
#ifndef MOAT_LOCKSTEP_RANDOM_H
#define MOAT_LOCKSTEP_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct random {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood: Fast splittable generators, 2014). */
static inline uint64_t random_next(struct random *random)
{
	uint64_t z;

	random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = random->state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0..@count - 1; @count is not 0. The bias of the remainder does not matter. */
static inline uint64_t random_below(struct random *random, uint64_t count)
{
	return random_next(random) % count;
}

/* True once in @count times. */
static inline int random_once_in(struct random *random, uint64_t count)
{
	return random_below(random, count) == 0;
}

#ifdef __cplusplus
}
#endif

#endif
