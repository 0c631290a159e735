/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which instructions the locks are compiled to: an image has one of the two
 * sources. Exclusives are on every CPU; FEAT_LSE has an addition in one
 * instruction, which no neighbour can make try again, so that drawing a ticket
 * takes a bounded time.
 */
#ifndef MOAT_ARCH_AARCH64_ATOMICS_H
#define MOAT_ARCH_AARCH64_ATOMICS_H

#include <stdbool.h>

/* Whether this CPU has what this image was compiled for. */
bool atomics_are_there(void);

#endif
