/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a vCPU. */
#ifndef MOAT_ARCH_AARCH64_GUEST_H
#define MOAT_ARCH_AARCH64_GUEST_H

#include "moat/moat.h"

/**
 * Run the vCPU that the core has just put on this CPU until the core wants the
 * host back, with @regs, the registers of the host's vcpu_run, as the result.
 */
void guest_run(struct moat_regs *regs);

#endif
