/* SPDX-License-Identifier: BSD-2-Clause */
/* Port functions have no argument for it: the machine they act for. */
#ifndef MOAT_ARCH_HOST_CURRENT_H
#define MOAT_ARCH_HOST_CURRENT_H

#include "arch-host/machine.h"

extern struct host_machine *host_current;

#endif
