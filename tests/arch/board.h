/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What files of the port have around them in an image: system registers, the
 * redistributors of a GICv3, and the other files. The include path has
 * registers/, so that no instruction of AArch64 is left.
 */
#ifndef MOAT_TESTS_ARCH_BOARD_H
#define MOAT_TESTS_ARCH_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-aarch64/machine.h"
#include "arch-aarch64/sysreg.h"

enum { BOARD_CPUS = 4 };

/* Everything off; the CPU is number 0, and each word a value of its own. */
void board_start(void);

/* What follows happens on CPU @cpu. */
void board_cpu(uint32_t cpu);

/* A word of the redistributor of @cpu, which nobody else changes. */
uint32_t *board_word(uint32_t cpu, uint32_t offset);

/* Whether the interrupt is enabled, or active, at @cpu. */
bool board_is_enabled(uint32_t cpu, uint32_t interrupt);
bool board_is_active(uint32_t cpu, uint32_t interrupt);
void board_enable(uint32_t cpu, uint32_t interrupt);
void board_activate(uint32_t cpu, uint32_t interrupt);

/* How often a word of a redistributor was written; and of those writes that
 * nothing waited for, which is wrong for enables. */
extern uint32_t board_writes;
extern uint32_t board_unwaited;

/* How often the CPU waited, by WFI, and synchronised its context. */
extern uint32_t board_wfi;
extern uint32_t board_isb;

/* What the core says of any page: x0 and x1 of a page_info. */
extern uint64_t board_status;
extern uint64_t board_state;
extern uint64_t board_asked; /* the page that it was asked about */
extern uint32_t board_asked_by;

#endif
