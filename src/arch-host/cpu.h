/* SPDX-License-Identifier: BSD-2-Clause */
/* What the ports do to the simulated CPUs; for src/arch-host only. */
#ifndef MOAT_ARCH_HOST_CPU_H
#define MOAT_ARCH_HOST_CPU_H

#include "arch-host/machine.h"
#include "moat/port.h"

/* @cpu installs the translation of what the engine says runs on it. */
void host_cpu_install(struct host_machine *machine, uint32_t cpu);

/* @cpu runs by @stage2 from now on, whatever the engine says. */
void host_cpu_assume(struct host_machine *machine, uint32_t cpu,
	const struct moat_stage2 *stage2);

/* @cpu forgets what @what obliges it to, and may walk again at once. */
void host_cpu_invalidate(struct host_machine *machine, struct host_cpu *cpu,
	const struct moat_invalidation *what);

/* The entry at @pa was @old until the store that was just made; other CPUs may
 * walk at once. Then: all stores are published. */
void host_cpu_stored(struct host_machine *machine, uint64_t pa, uint64_t old);
void host_cpu_published(struct host_machine *machine);

/* What a walk of @cpu reads at @pa, where @now is: perhaps what was there. */
uint64_t host_cpu_read(struct host_machine *machine, const struct host_cpu *cpu,
	uint64_t pa, uint64_t now);

/* @cpu caches @entry, and forgets another one for it. */
void host_cpu_remember(
	struct host_cpu *cpu, const struct host_translation *entry);

/* Whether @cpu has cached a way to the page at @pa, for the host or a VM. */
bool host_cpu_holds(const struct host_cpu *cpu, uint64_t pa, bool is_host);

#endif
