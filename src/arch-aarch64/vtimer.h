/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual timer of the vCPU that runs (CNTV, PPI 27). Its registers are
 * exchanged with the world; its interrupt, which is level-sensitive, is given
 * to the guest by a list register that is tied to the physical one.
 *
 * The physical PPI 27 is *active* whenever that list register is in use. So it
 * cannot fire again and again while the guest is on its way to handling it; and
 * when the guest ends the virtual interrupt, the GIC deactivates the physical
 * one, which fires if the line is high again. It then interrupts the guest and
 * ends the run; at the next entry the line shows that the timer is due.
 */
#ifndef MOAT_ARCH_AARCH64_VTIMER_H
#define MOAT_ARCH_AARCH64_VTIMER_H

#include "moat/moat.h"

/* Before world_load, lest a timer that is due fires at once: make the list
 * register of @context what the line will say, and borrow PPI 27 from the
 * host. */
void vtimer_begin(struct moat_context *context);

/* After world_save: when the guest wants to be run again, if it waits. */
void vtimer_save(struct moat_context *context);

/* With the host's timer loaded: PPI 27 is as it was for the host. */
void vtimer_end(void);

#endif
