/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A picture of who owns which page over time, drawn from a trace: so that a
 * scene, or a failure, can be looked at.
 */
#ifndef MOAT_LOCKSTEP_SHOW_H
#define MOAT_LOCKSTEP_SHOW_H

#include <stdio.h>

/**
 * Draw the trace in @file (@name in messages) as SVG on @svg. The model takes
 * its steps; a step that changes neither a page nor the life of a VM is left
 * out. A trace with which the model does not agree is drawn up to there.
 *
 * Returns the exit status: 0; 1 if the model does not agree; 2 if a line is
 * malformed or there is no event at all.
 */
int show(FILE *file, const char *name, FILE *svg);

#endif
