/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Simulated CPUs: a TLB that caches leaves and the tables above them ("TLB
 * caching of intermediate entries", Arm ARM D8.13). What a fault found is
 * never cached, as the architecture forbids it, but the valid tables on the
 * way to the fault are.
 */
#include "arch-host/cpu.h"

#include <string.h>

#include "arch-host/walk.h"

enum { LAST_LEVEL = 3 };

/* The deepest cached entry that serves @ipa; a leaf before any table. */
static const struct host_translation *tlb_find(
	const struct host_cpu *cpu, uint32_t vmid, uint64_t ipa)
{
	const struct host_translation *best = NULL;

	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		const struct host_translation *entry = &cpu->tlb[i];

		if (!entry->is_used || entry->vmid != vmid ||
			ipa - entry->ipa >= entry->size) {
			continue;
		}
		if (!entry->is_table) {
			return entry;
		}
		if (!best || entry->level > best->level) {
			best = entry;
		}
	}
	return best;
}

void host_cpu_remember(
	struct host_cpu *cpu, const struct host_translation *entry)
{
	cpu->tlb[cpu->tlb_next] = *entry;
	cpu->tlb_next = (cpu->tlb_next + 1) % HOST_TLB_ENTRIES;
}

/* Translate for @cpu through its TLB. */
static bool cpu_translate(struct host_machine *machine, struct host_cpu *cpu,
	uint64_t ipa, struct host_translation *leaf)
{
	struct host_walk walk = {machine, &cpu->stage2, cpu, ipa, LAST_LEVEL};
	const struct host_translation *hit =
		tlb_find(cpu, cpu->stage2.vmid, ipa);

	memset(leaf, 0, sizeof(*leaf));
	if (hit) {
		*leaf = *hit;
	}
	if (hit && !hit->is_table) {
		return true;
	}
	return host_walk_from(&walk, leaf);
}

void host_cpu_speculate(
	struct host_machine *machine, uint32_t cpu, uint64_t ipa)
{
	struct host_translation leaf;

	(void)cpu_translate(machine, &machine->cpus[cpu], ipa, &leaf);
}

/* S2AP and XN of the leaf; a cached one decides as one just walked to. */
static bool is_permitted(
	const struct host_translation *leaf, enum moat_access kind)
{
	return kind == MOAT_ACCESS_READ ||
	       (kind == MOAT_ACCESS_WRITE && leaf->may_write) ||
	       (kind == MOAT_ACCESS_FETCH && leaf->may_execute);
}

bool host_cpu_access(
	struct host_machine *machine, uint32_t cpu, struct host_access *access)
{
	struct host_translation leaf;
	unsigned char *bytes;
	uint64_t pa;

	if (!cpu_translate(machine, &machine->cpus[cpu], access->ipa, &leaf) ||
		!is_permitted(&leaf, access->kind)) {
		return false;
	}
	pa = leaf.pa + (access->ipa - leaf.ipa);
	bytes = host_machine_memory(machine, pa);
	if (leaf.is_device == (bytes != NULL)) {
		host_machine_violate(machine,
			"memory mapped as a device or a device as memory");
		bytes = NULL;
	}
	if (!bytes) {
		access->value =
			access->kind == MOAT_ACCESS_WRITE ? access->value : 0;
	} else if (access->kind == MOAT_ACCESS_WRITE) {
		memcpy(bytes, &access->value, sizeof(access->value));
		host_machine_touch(machine, host_machine_page(machine, pa));
	} else {
		memcpy(&access->value, bytes, sizeof(access->value));
	}
	return true;
}

/*
 * Whether @what obliges a CPU to forget @entry. As strict as TLBI with a level
 * hint (TTL, D8.13.5) allows: leaves of that level only (TLBI IPAS2LE1IS); with
 * is_table also the walk cache on the way to them (TLBI IPAS2E1IS).
 */
static bool is_invalidated(const struct host_translation *entry,
	const struct moat_invalidation *what)
{
	uint64_t size = what->page_count * MOAT_PAGE_SIZE;

	if (entry->vmid != what->stage2.vmid) {
		return false;
	}
	if (what->page_count == 0) {
		return true;
	}
	if (what->ipa.value >= entry->ipa + entry->size ||
		entry->ipa >= what->ipa.value + size) {
		return false;
	}
	return entry->is_table ? what->is_table != 0
			       : entry->level == what->level;
}

void host_cpu_invalidate(struct host_machine *machine, struct host_cpu *cpu,
	const struct moat_invalidation *what)
{
	uint64_t forgotten[HOST_TLB_ENTRIES];
	uint32_t count = 0;

	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		struct host_translation *entry = &cpu->tlb[i];

		if (entry->is_used && is_invalidated(entry, what)) {
			forgotten[count++] = entry->ipa;
			entry->is_used = false;
		}
	}
	/*
	 * A CPU that runs this translation may walk again at once. Had the
	 * engine invalidated before it cleared the entry, the old translation
	 * would be back.
	 */
	for (uint32_t i = 0; i < count; i++) {
		struct host_translation leaf;

		if (cpu->stage2.vmid == what->stage2.vmid) {
			(void)cpu_translate(machine, cpu, forgotten[i], &leaf);
		}
	}
}

bool host_cpu_holds(const struct host_cpu *cpu, uint64_t pa, bool is_host)
{
	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		const struct host_translation *entry = &cpu->tlb[i];
		uint64_t reach = entry->is_table ? MOAT_PAGE_SIZE : entry->size;

		if (entry->is_used && (entry->vmid == 0) == is_host &&
			pa - entry->pa < reach) {
			return true;
		}
	}
	return false;
}

/* Whether the tables still say what @cached says. */
static bool is_current(
	struct host_machine *machine, const struct host_translation *cached)
{
	struct host_walk walk = {machine, &machine->regime[cached->vmid], NULL,
		cached->ipa, cached->level};
	struct host_translation now = {0};

	return host_walk_from(&walk, &now) && now.level == cached->level &&
	       now.is_table == cached->is_table && now.pa == cached->pa &&
	       now.is_device == cached->is_device &&
	       now.may_write == cached->may_write &&
	       now.may_execute == cached->may_execute;
}

const struct host_translation *host_cpu_stale(
	struct host_machine *machine, uint32_t cpu)
{
	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		const struct host_translation *cached =
			&machine->cpus[cpu].tlb[i];

		if (cached->is_used && !is_current(machine, cached)) {
			return cached;
		}
	}
	return NULL;
}
