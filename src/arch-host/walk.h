/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage-2 walker of the simulated CPUs: written from the Arm ARM (D8.2)
 * and pte.h, with nothing of the core's.
 */
#ifndef MOAT_ARCH_HOST_WALK_H
#define MOAT_ARCH_HOST_WALK_H

#include "arch-host/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A walk of one address, down to @last at most. */
struct host_walk {
	struct host_machine *machine;
	const struct moat_stage2 *stage2;
	struct host_cpu *cache; /* what is found goes into its TLB, or NULL */
	uint64_t ipa;
	uint32_t last;
};

/**
 * Walk on from the table that @entry names, or from the root if it is unused.
 * @entry becomes the last valid entry: a leaf, or the table at @last.
 *
 * Returns false on a translation fault.
 */
bool host_walk_from(
	const struct host_walk *walk, struct host_translation *entry);

/* A visit of every valid entry in the order of addresses, parents first. */
struct host_cursor {
	struct moat_stage2 stage2;
	uint64_t table[4]; /* on the way to @ipa, by level */
	uint64_t ipa; /* where to go on */
	uint32_t level; /* at which level */
};

/* @ipa is where to begin, at the start of what an entry translates. */
struct host_cursor host_cursor_make(
	const struct moat_stage2 *stage2, uint64_t ipa);

/* The next valid entry, or false at the end. */
bool host_cursor_next(struct host_machine *machine, struct host_cursor *cursor,
	struct host_translation *entry);

#ifdef __cplusplus
}
#endif

#endif
