/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An operation in the making, and what its arguments may be drawn from: the
 * state of the model. For the files of the generator only.
 */
#ifndef MOAT_LOCKSTEP_DRAFT_H
#define MOAT_LOCKSTEP_DRAFT_H

#include "lockstep/op.h"
#include "lockstep/random.h"
#include "model/model.h"

enum { LEAF_LEVEL = 3, BLOCK_LEVEL = 2, ENTRIES = MOAT_TABLE_ENTRIES };

#define REGION ((uint64_t)ENTRIES * MOAT_PAGE_SIZE)

struct draft {
	const struct model *model;
	struct random *random;
	uint32_t vm; /* which it is about */
	struct op *op;
};

static inline uint64_t below(const struct draft *draft, uint64_t count)
{
	return random_below(draft->random, count);
}

static inline bool once_in(const struct draft *draft, uint64_t count)
{
	return random_once_in(draft->random, count);
}

/* Bytes that one entry of @level translates. */
uint64_t draft_entry_bytes(uint32_t level);

/* Half of the VM's IPA space; 0 of an EMPTY one. */
uint64_t draft_half(const struct draft *draft);

/* ---- Physical addresses ------------------------------------------------ */

/* A page that is likely HOST, from where small things are taken, so that other
 * regions stay whole. */
uint64_t draft_host_page(const struct draft *draft);

/* A region whose 512 pages are HOST, if one is found; any region otherwise. */
uint64_t draft_host_region(const struct draft *draft);

/* Any page: HOST, in use, withheld, or no RAM. */
uint64_t draft_pa(const struct draft *draft);

/* ---- Addresses of the VM ----------------------------------------------- */

/* Any address: mapped, free, at an edge, or far out. */
uint64_t draft_ipa(const struct draft *draft);

/* A table of the VM of exactly @level in that half; false if it has none. */
bool draft_table(const struct draft *draft, uint32_t level, bool is_shared,
	struct model_table *table);

/* Whether the VM has the table of @level that translates @ipa. */
bool draft_has_table(const struct draft *draft, uint32_t level, uint64_t ipa);

/* The level of the VM's root; 0 without one. */
uint32_t draft_root_level(const struct draft *draft);

/* A slot of a table, mostly one of few, at both ends. */
uint64_t draft_slot(const struct draft *draft);

/* A mapping whose page is in one of @states (a set of 1 << state) and hangs at
 * @level (0: at any); false if a few tries find none. */
bool draft_mapping(const struct draft *draft, uint32_t states, uint32_t level,
	struct model_mapping *mapping);

/* Whether the leaf table at @ipa maps 512 pages in a row from a region on. */
bool draft_is_full(const struct draft *draft, uint64_t ipa);

/* ---- Other arguments --------------------------------------------------- */

uint64_t draft_count(const struct draft *draft);
uint64_t draft_value(const struct draft *draft);

/* A vCPU of the VM in that state; any number, if a few tries find none. */
uint64_t draft_vcpu(const struct draft *draft, enum moat_vcpu_state state);
bool draft_has_vcpu(const struct draft *draft, enum moat_vcpu_state state);

/* Where a vCPU may start, mostly. */
uint64_t draft_pc(const struct draft *draft);

/* A value where something changes. */
uint64_t draft_interesting(
	const struct draft *draft, enum op_argument argument);

/* ---- Parts of the generator -------------------------------------------- */

void draft_call(const struct draft *draft);
void draft_guest(const struct draft *draft);

#endif
