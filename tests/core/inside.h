/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests see inside the engine: with broken.h, for tests that break
 * them, the only file that knows its records. Nothing is changed here; every
 * state is reached by calls.
 */
#ifndef MOAT_TESTS_CORE_INSIDE_H
#define MOAT_TESTS_CORE_INSIDE_H

#include "bed.h"

/*
 * The engine's memory, locks left out: a ticket lock counts those who held it,
 * and even a call that is refused holds some.
 */
void inside_copy(const struct bed *bed, unsigned char *copy);

/* Whether nobody holds or waits for a lock. */
bool inside_locks_are_free(const struct bed *bed);

/* The state in the record of the page at @pa: enum moat_page_state. */
uint32_t inside_page_state(const struct bed *bed, uint64_t pa);

/* The life of VM @vm, the state of one of its vCPUs. */
uint32_t inside_vm_life(const struct bed *bed, uint32_t vm);
uint32_t inside_vcpu_state(const struct bed *bed, uint32_t vm, uint32_t vcpu);

/* The context of a vCPU, running or not. */
struct moat_context *inside_context(
	const struct bed *bed, uint32_t vm, uint32_t vcpu);

/* The translation of VM @vm, running or not. */
struct moat_stage2 inside_stage2(const struct bed *bed, uint32_t vm);

#endif
