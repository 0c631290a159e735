/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the rows need of the machine below them: a process (base_process.c), or
 * a bare one (bare.c), where instructions are counted exactly.
 */
#ifndef MOAT_BENCH_BASE_H
#define MOAT_BENCH_BASE_H

#include <stddef.h>
#include <stdint.h>

/* @size bytes of zeroed memory, 64 KiB aligned; for ever. */
void *base_memory(uint64_t size);

/* Zero memory, as fast as the machine can. */
void base_zero(void *memory, size_t size);

/* End the run: "@what", and a number that says more. */
_Noreturn void base_fail(const char *what, uint64_t number);

#endif
