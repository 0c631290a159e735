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

enum {
	LAST_LEVEL = 3,
	WALK_EVERY = 8 /* stores, in the mean, of which one meets a walk */
};

/* ---- Choosing ---------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood: Fast splittable generators, 2014). */
static uint64_t random_below(struct host_choice *choice, uint64_t count)
{
	uint64_t z;

	choice->random += UINT64_C(0x9e3779b97f4a7c15);
	z = choice->random;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % count;
}

/* One of @count. Half of the time the first: a stale one is seldom alone. */
static uint32_t choose(struct host_choice *choice, uint32_t count)
{
	choice->count = count;
	if (choice->kind == HOST_CHOOSE_ANY && random_below(choice, 2) == 0) {
		return (uint32_t)random_below(choice, count);
	}
	if (choice->kind == HOST_CHOOSE_NTH) {
		return choice->nth < count ? choice->nth : count - 1;
	}
	return 0;
}

/* What of its TLB can serve an access. */
struct hits {
	const struct host_translation *entry[HOST_TLB_ENTRIES];
	uint32_t count;
};

/* Whether @a serves before @b: a leaf before any table, the deeper table. */
static bool is_deeper(
	const struct host_translation *a, const struct host_translation *b)
{
	return b->is_table && (!a->is_table || a->level > b->level);
}

/* All that serves @ipa, the deepest first, the others in no order. */
static void tlb_find(
	const struct host_cpu *cpu, uint64_t ipa, struct hits *hits)
{
	hits->count = 0;
	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		const struct host_translation *entry = &cpu->tlb[i];

		if (!entry->is_used || entry->vmid != cpu->stage2.vmid ||
			ipa - entry->ipa >= entry->size) {
			continue;
		}
		hits->entry[hits->count] = entry;
		if (is_deeper(entry, hits->entry[0])) {
			hits->entry[hits->count] = hits->entry[0];
			hits->entry[0] = entry;
		}
		hits->count++;
	}
}

static bool is_equal(
	const struct host_translation *a, const struct host_translation *b)
{
	return a->is_used == b->is_used && a->is_table == b->is_table &&
	       a->is_device == b->is_device && a->may_write == b->may_write &&
	       a->may_execute == b->may_execute && a->vmid == b->vmid &&
	       a->level == b->level && a->ipa == b->ipa && a->pa == b->pa;
}

void host_cpu_remember(
	struct host_cpu *cpu, const struct host_translation *entry)
{
	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		if (is_equal(&cpu->tlb[i], entry)) {
			return;
		}
	}
	cpu->tlb[cpu->tlb_next] = *entry;
	cpu->tlb_next = (cpu->tlb_next + 1) % HOST_TLB_ENTRIES;
}

/* Translate for @cpu, by one of the ways that are open to it. */
static bool cpu_translate(struct host_machine *machine, struct host_cpu *cpu,
	uint64_t ipa, struct host_translation *leaf)
{
	struct host_walk walk = {machine, &cpu->stage2, cpu, ipa, LAST_LEVEL};
	struct hits hits;
	uint32_t way;

	tlb_find(cpu, ipa, &hits);
	way = choose(&machine->choice, hits.count + 1);
	memset(leaf, 0, sizeof(*leaf));
	if (way < hits.count) {
		*leaf = *hits.entry[way];
	}
	if (way < hits.count && !leaf->is_table) {
		return true;
	}
	return host_walk_from(&walk, leaf);
}

/* ---- Walks while others write ------------------------------------------ */

static void want(struct host_machine *machine, uint64_t ipa)
{
	machine->wanted[machine->wanted_next] = ipa;
	machine->wanted_next = (machine->wanted_next + 1) % HOST_WANTED;
}

/* Another CPU than the one that stores walks, one time in some. */
static void walk_meanwhile(struct host_machine *machine)
{
	struct host_choice *choice = &machine->choice;
	uint64_t number = random_below(choice, machine->config.cpu_count);
	uint64_t ipa = machine->wanted[random_below(choice, HOST_WANTED)];
	struct host_translation leaf;

	if (random_below(choice, WALK_EVERY) == 0 && machine->engine &&
		!machine->cpus[number].is_inside) {
		(void)cpu_translate(
			machine, &machine->cpus[number], ipa, &leaf);
	}
}

void host_cpu_stored(struct host_machine *machine, uint64_t pa, uint64_t old)
{
	uint64_t place = machine->unseen_count % HOST_UNSEEN_MAX;

	if (machine->choice.kind == HOST_CHOOSE_ANY) {
		machine->unseen[place].pa = pa;
		machine->unseen[place].old = old;
		machine->unseen_count++;
		walk_meanwhile(machine);
	}
}

void host_cpu_published(struct host_machine *machine)
{
	machine->unseen_count = 0;
}

uint64_t host_cpu_read(struct host_machine *machine, const struct host_cpu *cpu,
	uint64_t pa, uint64_t now)
{
	uint64_t count = machine->unseen_count < HOST_UNSEEN_MAX
				 ? machine->unseen_count
				 : HOST_UNSEEN_MAX;

	if (cpu->is_inside) {
		return now;
	}
	for (uint64_t i = 0; i < count; i++) {
		if (machine->unseen[i].pa == pa &&
			random_below(&machine->choice, 2) == 0) {
			return machine->unseen[i].old;
		}
	}
	return now;
}

/* ---- Accesses ---------------------------------------------------------- */

void host_cpu_speculate(
	struct host_machine *machine, uint32_t cpu, uint64_t ipa)
{
	struct host_translation leaf;

	want(machine, ipa);
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

	want(machine, access->ipa);
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
