/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a compiler is not left to weigh. The calls that a host makes for every
 * page are made of many small functions: each is PART of its caller, also out
 * of another file where all are compiled as one. What such a call rarely needs
 * is APART, so that it costs no register there. What a function does is the
 * same either way.
 */
#ifndef MOAT_CORE_PART_H
#define MOAT_CORE_PART_H

/* gcc wants the word before it obeys; clang takes it for a promise that nothing
 * of the file is needed elsewhere, and warns. */
#if defined(__clang__)
#define PART __attribute__((always_inline))
#else
#define PART __attribute__((always_inline)) inline
#endif
#define APART __attribute__((noinline))

/* A function of one of the core's files for its others. Where all of them are
 * compiled as one, no copy is left of what is part of each caller. */
#if defined(MOAT_CORE_ONE_FILE)
#define CORE static
#else
#define CORE
#endif

#endif
