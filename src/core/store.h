/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The port's functions on the engine's state, which is named by index here as
 * everywhere: all that is written to tables, data pages and contexts, and to
 * records of many pages, other than by a plain assignment. Pointers to engine
 * state are made here, handed to the port or to a loop that knows no more, and
 * are gone again; a prover puts contracts in the place of this file.
 */
#ifndef MOAT_CORE_STORE_H
#define MOAT_CORE_STORE_H

#include "core/page.h"
#include "moat/port.h"

static inline void store_descriptor(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor)
{
	moat_port_descriptor_write(&TABLE(m, table).entry[slot], descriptor);
}

static inline void store_host_descriptor(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor)
{
	moat_port_descriptor_write(
		&HOST_TABLE(m, table).entry[slot], descriptor);
}

/* @record for every page of @run. */
static inline void store_records(
	struct moat *m, struct page_run run, struct page record)
{
	page_fill(PAGES_TO_SET(m, run), run.count, record);
}

/* Zeroes, visible to every observer. */
static inline void store_scrub(struct moat *m, struct page_run run)
{
	moat_port_scrub(
		&TABLE(m, run.first), (size_t)run.count * MOAT_PAGE_SIZE);
}

/* What is there, visible to every observer. */
static inline void store_clean(struct moat *m, struct page_run run)
{
	moat_port_clean(
		&TABLE(m, run.first), (size_t)run.count * MOAT_PAGE_SIZE);
}

/* Extend the VM's measurement by @count words, */
static inline void store_measure(
	struct moat *m, uint32_t vm, const uint64_t *word, uint32_t count)
{
	moat_port_measure(VM(m, vm).measurement, word, count, NULL, 0);
}

/* and by @count words and the contents of page @page. */
static inline void store_measure_page(struct moat *m, uint32_t vm,
	const uint64_t *word, uint32_t count, uint32_t page)
{
	moat_port_measure(VM(m, vm).measurement, word, count, &TABLE(m, page),
		MOAT_PAGE_SIZE);
}

/* The context in page @page as after a reset: see moat_port_context_reset. */
static inline void store_context_reset(struct moat *m, uint32_t page,
	uint32_t vcpu, uint64_t pc, uint64_t argument)
{
	moat_port_context_reset(&CONTEXT(m, page), vcpu, pc, argument);
}

/* For the arch layer, which saves and loads registers there. */
static inline struct moat_context *store_context(struct moat *m, uint32_t page)
{
	return &CONTEXT(m, page);
}

/* Over the one A64 instruction that was emulated, or waited: WFI. Modulo 2^64,
 * as the PC counts: the last instruction of all is the guest's to execute. */
static inline void store_context_step(struct moat *m, uint32_t page)
{
	CONTEXT(m, page).pc += 4;
}

static inline void store_context_abort(struct moat *m, uint32_t page,
	struct moat_ipa ipa, enum moat_access access)
{
	moat_port_context_abort(&CONTEXT(m, page), ipa, access);
}

#endif
