/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * While a guest runs, the virtual timer is the guest's, and a host that keeps
 * time by it, as Linux does, would not get its CPU back from a guest that
 * loops. So the engine's own timer (CNTHP, PPI 26) goes off at the host's
 * deadline: an interrupt ends the run, and the host's timer, its again, is
 * then due.
 */
#ifndef MOAT_ARCH_AARCH64_TICK_H
#define MOAT_ARCH_AARCH64_TICK_H

#include <stdint.h>

/* @world: the host's, as world_save left it. */
void tick_begin(const uint64_t *world);
void tick_end(void);

#endif
