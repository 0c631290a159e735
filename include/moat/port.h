/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an embedder defines. Every function is called by the core, resolved at
 * link time, none is optional, and none may fail or call back into the core.
 */
#ifndef MOAT_PORT_H
#define MOAT_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"
#include "moat/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Store one stage-2 descriptor with one 64-bit single-copy-atomic store. The
 * only way the core writes a live table.
 *
 * Locks:   the VM's or the region's. Cost: one store.
 */
void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor);

/**
 * Make every earlier write of this CPU (contents, then descriptors) visible to
 * the table walks of all CPUs before any later write.
 *
 * On AArch64: DSB ISHST; ISB (Arm ARM, D8.2.6 and B2.3).
 */
void moat_port_publish(void);

/* What is to be forgotten of the translations of one VMID. */
struct moat_invalidation {
	struct moat_stage2 stage2; /* whose; stage2.vmid selects */
	struct moat_ipa ipa; /* first address, aligned to the stride */
	uint64_t page_count; /* pages from there; 0: everything of the VMID */
	uint32_t level; /* of the leaf entries that went: the stride, 1..3 */
	uint32_t is_table; /* a table descriptor above them went too */
};

/**
 * Forget, on every CPU, every cached translation of that VMID for these
 * addresses: stage 2, the walk caches above it, and stage 1 combined with it.
 * When it returns no CPU can use one of them, nor finish an access begun with
 * one.
 *
 * On AArch64: DSB ISHST; TLBI IPAS2E1IS for each entry; DSB ISH; TLBI
 * VMALLE1IS; DSB ISH; ISB, with VTTBR_EL2 on that VMID meanwhile; or TLBI
 * VMALLS12E1IS for everything (Arm ARM, D8.13.5). @level may go as a hint (TTL)
 * only if is_table is 0: of a table, whose entries are gone, it is not known at
 * which level a walk cache has it. The hint must be the entries' own level, or
 * nothing need be forgotten; a range (TLBI RIPAS2E1IS) may be too long.
 *
 * Locks:   the VM's or the region's.
 */
void moat_port_invalidate(const struct moat_invalidation *what);

/**
 * Overwrite @size bytes with zeroes, visible to every observer, caches on or
 * off: on AArch64, DC ZVA and clean to the point of coherency, then DSB.
 * @page and @size are multiples of the page size.
 */
void moat_port_scrub(void *page, size_t size);

/**
 * Make the contents of @size bytes, as the host wrote them, visible to every
 * observer, caches on or off: on AArch64, DC CIVAC, then DSB.
 */
void moat_port_clean(void *page, size_t size);

/**
 * Give a context the architectural reset state of vCPU @vcpu, which starts at
 * @pc with @argument in x0 and every other general register zero. All of the
 * context is written.
 */
void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument);

/**
 * Extend a measurement: @measurement becomes the SHA-256 of itself, as four
 * big-endian 64-bit words, followed by @word_count words, big-endian, followed
 * by @size bytes at @data, which may be none.
 */
void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size);

/**
 * Make the next run of a vCPU begin with a synchronous external abort for the
 * access that its last exit reported (Arm ARM, D1.3): PC, PSTATE, arch[].
 */
void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access);

/**
 * Wait until another CPU may have released a lock (WFE), or merely return; and
 * tell other CPUs that a lock was released (SEV).
 */
void moat_port_wait(void);
void moat_port_wake(void);

/**
 * A step was taken: where its event is to be written, all zero, or NULL if the
 * port does not want it; then, that it is written. Called inside the step's
 * critical section, and nothing else between the two, so that the order in
 * which the port numbers events is an order in which the steps happened.
 *
 * Locks:   those of the step. Cost: keep it short.
 */
struct moat_event *moat_port_event_begin(void);
void moat_port_event_end(struct moat_event *event);

/**
 * The engine's state is not what it must be. Never returns, never reachable
 * by a call of the host or of a VM.
 */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void moat_port_panic(const char *reason);

#ifdef __cplusplus
}
#endif

#endif
