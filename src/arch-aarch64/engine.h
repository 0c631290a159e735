/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the image share: the engine, and names in assembly. */
#ifndef MOAT_ARCH_AARCH64_ENGINE_H
#define MOAT_ARCH_AARCH64_ENGINE_H

#include <stdint.h>

#include "arch-aarch64/exit.h"
#include "moat/moat.h"

/* The one engine; written once, before any CPU drops to EL1. */
extern struct moat *engine;

/* vectors.S, switch.S, boot.S. */
extern char vectors_host[];
extern char vectors_guest[];
enum exit_vector guest_enter(struct moat_context *context);
__attribute__((noreturn)) void host_enter(
	uint64_t pc, uint64_t pstate, uint64_t argument);
__attribute__((noreturn)) void park(uint32_t cpu);
__attribute__((noreturn)) void vector_bug_found(void);
extern char secondary[];

/* main.c, called from boot.S. */
__attribute__((noreturn)) void main_wrong_level(void);
void main_prepare(uint64_t fdt);
__attribute__((noreturn)) void main_primary(uint64_t start);
__attribute__((noreturn)) void main_secondary(uint32_t cpu);

#endif
