/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_LOCKSTEP_REPLAY_H
#define MOAT_LOCKSTEP_REPLAY_H

#include <stdio.h>

/**
 * Replay the trace in @file (@name in messages) with the model: events in the
 * order of their sequence numbers, other lines ignored. An INIT event with
 * number 0 begins another engine.
 *
 * Returns the exit status: 0; 1 if the model does not agree or events are
 * missing; 2 if a line is malformed or there is no event at all.
 */
int replay(FILE *file, const char *name);

#endif
