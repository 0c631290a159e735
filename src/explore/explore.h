/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every reachable state of a scope: from each one, all that can be done is
 * done by engine and model side by side, and what comes of it is compared.
 *
 * Breadth first, so that what is found is found after as few steps as can be;
 * one level is divided among processes, which share the states found.
 */
#ifndef MOAT_EXPLORE_EXPLORE_H
#define MOAT_EXPLORE_EXPLORE_H

/**
 * The command: its arguments, without its name.
 *
 * Returns the exit status: 0 if all went well in all states, 1 if something was
 * found, 2 if an argument or a file is wrong or the states are too many.
 */
int explore_command(int count, char **arguments);

#endif
