/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_LOCKSTEP_WATCHED_H
#define MOAT_LOCKSTEP_WATCHED_H

#include <stdio.h>

/**
 * Let the monitor judge the watch events in @file (@name in messages). If the
 * trace of the same engine stands between them, the model replays it, and its
 * records say who may reach a page; so the lines must be in the order in which
 * things happened. Other lines are ignored.
 *
 * Returns the exit status: 0; 1 if a rule is broken, the model does not agree
 * or an event is missing; 2 if a line is malformed or there is no event.
 */
int watched(FILE *file, const char *name);

#endif
