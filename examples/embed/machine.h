/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine of 8 MiB with one CPU, and an engine for it. */
#ifndef MACHINE_H
#define MACHINE_H

#include "moat/moat.h"

#define RAM_BASE UINT64_C(0x40000000)

struct moat *machine_start(void);

#endif
