/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random steps of an engine, by a host on two CPUs and by its VMs: arguments
 * from domains so small that every state of a little machine is met.
 */
#ifndef MOAT_TESTS_ABI_DRIVER_H
#define MOAT_TESTS_ABI_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"

/* A step that was taken. */
struct driver_step {
	uint32_t cpu;
	uint32_t function; /* W0 of a call; 0: no call, an interrupt */
	bool by_vm;
	struct moat_regs call; /* of the host: as it was asked */
	struct moat_regs answer; /* of the host as answered, of a VM its own */
};

extern struct moat *driver_engine;

/* A number below @below, as good as random and the same in every run. */
uint64_t driver_draw(uint64_t below);

/* What register @number of call @call may hold. */
uint64_t driver_argument(uint32_t call, uint32_t number);

/* A new engine; if @has_vm with a VM that can run. */
void driver_start(bool has_vm);

struct driver_step driver_step(void);

#endif
