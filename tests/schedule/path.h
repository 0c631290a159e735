/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of orders, one path from its root at a time: which of those that can
 * go on did so at each point, and which others must be tried there.
 *
 * Two orders are alike if one becomes the other by swapping neighbours that do
 * not depend on each other. Of all that are alike one is run to its end. Where
 * to turn off is found from races, as source sets have it (Abdulla, Aronis,
 * Jonsson and Sagonas 2014): an operation that depends on an earlier one of
 * another CPU, and could have come before it, makes one that can begin such an
 * order be tried there. Sleep sets (Godefroid 1996) cut what would repeat an
 * order. With sleep sets alone every CPU is tried at every point: slower,
 * simpler, and what the other is checked against.
 */
#ifndef SCHEDULE_PATH_H
#define SCHEDULE_PATH_H

#include "schedule/schedule.h"

enum { NOBODY = CPU_MAX };

/* Of the tree: which turnings are tried. */
enum reduction { REDUCE_BY_RACES, REDUCE_BY_SLEEP };

/* A tree of @count CPUs, of which nothing is known yet. */
void path_plant(uint32_t count, enum reduction reduction);

/* Another run begins, at the root. */
void path_begin(void);

/*
 * Who goes on, of those that can; NOBODY if it would repeat an order. @next is
 * what each CPU does when it goes on, @waiting the set of those that have yet
 * to do something, be it that they cannot now.
 */
uint32_t path_step(
	uint32_t enabled, uint32_t waiting, const struct operation *next);

/* Whoever went last has given back @lock. */
void path_release(const void *lock);

/* @chosen goes on, by somebody else's choice. */
void path_note(uint32_t chosen);

/* Prescribe another run; false if all were made. */
bool path_turn(void);

/* Who went, in a row; @text has ORDER_TEXT bytes. */
void path_print(char *text);

/* Sets of CPUs. */
static inline uint32_t set_of(uint32_t number)
{
	return UINT32_C(1) << number;
}
uint32_t set_first(uint32_t set); /* NOBODY of none */

#endif
