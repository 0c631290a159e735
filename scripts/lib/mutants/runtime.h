/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every mutated source includes first. All mutants of the tree are in one
 * build, each behind its number; runtime.c says which one is on.
 */
#ifndef MOAT_MUTANT_H
#define MOAT_MUTANT_H

#include "require.h"

/* In the place of core/part.h: with all mutants at once in functions that are
 * parts of others, a compiler takes hours and gigabytes. */
#define MOAT_CORE_PART_H
#define PART
#define APART
#define CORE

extern unsigned int moat_mutant;
extern unsigned char *moat_mutant_seen;
extern int moat_mutant_noting;

static inline __attribute__((unused)) int mutant(unsigned int number)
{
	/* Relaxed, for the sanitizer of threads; a plain store otherwise. */
	__atomic_store_n(&moat_mutant_seen[number], 1, __ATOMIC_RELAXED);
	return moat_mutant == number;
}

/* Whether a function takes the body that has the mutants @first to @last: if
 * one of them is on, or if it is noted what is reached. */
static inline __attribute__((unused)) int mutant_here(
	unsigned int first, unsigned int last)
{
	return moat_mutant_noting ||
	       (moat_mutant >= first && moat_mutant <= last);
}

#endif
