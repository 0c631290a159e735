/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is run in many orders: for each CPU a script, the steps that it does one
 * after another. As text, CPU:STEP,STEP,..  by number, with a / between CPUs.
 */
#ifndef SCHEDULE_SCRIPT_H
#define SCHEDULE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schedule/schedule.h"

enum { ACTS_MAX = 8 /* of one CPU */ };

struct script {
	uint32_t cpu;
	uint32_t count;
	size_t step[ACTS_MAX];
};

struct scripts {
	uint32_t count;
	struct script of[CPU_MAX];
};

/* To be run; @scripts must stay. */
struct program scripts_program(const struct scripts *scripts);

/* False if @text is none, or asks a CPU to begin with what it cannot do. */
bool scripts_read(const char *text, struct scripts *scripts);

/* The steps by name, and how to replay them in @order. */
void scripts_show(const struct scripts *scripts, const char *order);

/*
 * Leave out step after step, as long as what is left fails in some order: in
 * that of @outcome, or in one of a few hundred others. @outcome becomes that of
 * what is left.
 */
void scripts_shrink(struct scripts *scripts, struct outcome *outcome);

#endif
