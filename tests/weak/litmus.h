/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEAK_LITMUS_H
#define WEAK_LITMUS_H

#include <stdbool.h>

/*
 * Small programs whose outcomes the C11 memory model settles. An explorer that
 * misses one that is permitted, or finds one that is not, has no say about
 * locks. Prints what differs.
 */
bool litmus_all(void);

#endif
