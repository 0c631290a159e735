/* SPDX-License-Identifier: BSD-2-Clause */
#include "stress/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pte.h"

#define MEMORY_PA UINT64_C(0x80000000)

struct machine machine;

static void fail(const char *why)
{
	fprintf(stderr, "stress: %s\n", why);
	abort();
}

/* ---- Life -------------------------------------------------------------- */

/* As aligned as the engine's memory must be. */
static void *memory_make(size_t size)
{
	void *memory = NULL;

	if (posix_memalign(&memory, 65536, size) != 0) {
		fail("out of memory");
	}
	memset(memory, 0, size);
	return memory;
}

static struct moat_config config_make(uint32_t cpus)
{
	struct moat_config config = {.cpu_count = cpus,
		.vm_count = MACHINE_VMS,
		.ipa_bits = IPA_BITS,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.withheld_count = 1,
		.list_register_count = 4,
		.memory_pa = {MEMORY_PA}};

	config.ram[0].base = RAM_BASE;
	config.ram[0].size = MACHINE_REGIONS * REGION_SIZE;
	config.withheld[0].base = MEMORY_PA;
	config.withheld[0].size = 4 * REGION_SIZE;
	config.ram_window = memory_make(config.ram[0].size);
	return config;
}

void machine_begin(uint32_t cpus, bool is_traced)
{
	memset(&machine, 0, sizeof(machine));
	machine.is_traced = is_traced;
	machine.config = config_make(cpus);
	machine.ram = machine.config.ram_window;
	machine.memory = memory_make(moat_size(&machine.config));
	machine.log = calloc(LOG_MAX, sizeof(*machine.log));
	if (machine.log == NULL || cpus > MACHINE_CPUS) {
		fail("out of memory, or too many CPUs");
	}
	pthread_mutex_init(&machine.log_lock, NULL);
	for (uint32_t i = 0; i < MACHINE_CPUS; i++) {
		pthread_mutex_init(&machine.cpu[i].tlb_lock, NULL);
	}
	machine.engine = moat_init(&machine.config, machine.memory);
	for (uint32_t i = 0; i < MACHINE_CPUS; i++) {
		machine.cpu[i].stage2 = moat_host_stage2(machine.engine);
	}
}

void machine_end(void)
{
	free(machine.ram);
	free(machine.memory);
	free(machine.log);
}

/* ---- Steps ------------------------------------------------------------- */

static void install(uint32_t cpu)
{
	machine.cpu[cpu].stage2 = moat_cpu_stage2(machine.engine, cpu);
}

enum moat_action machine_call(uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action = moat_host_call(machine.engine, cpu, regs);

	install(cpu);
	return action;
}

enum moat_action machine_abort(uint32_t cpu, uint64_t ipa)
{
	const struct moat_ipa at = {ipa};

	return moat_host_abort(machine.engine, cpu, at);
}

enum moat_action machine_exit(
	uint32_t cpu, const struct moat_trap *trap, struct moat_regs *regs)
{
	enum moat_action action =
		moat_guest_exit(machine.engine, cpu, trap, regs);

	install(cpu);
	return action;
}

/* ---- Memory ------------------------------------------------------------ */

/* The eight bytes at @pa; NULL where no memory is, or nothing to be read. */
static uint64_t *word_at(uint64_t pa)
{
	uint64_t ram = pa - RAM_BASE;
	uint64_t memory = pa - MEMORY_PA;

	if (ram < MACHINE_REGIONS * REGION_SIZE) {
		return (void *)(machine.ram + ram);
	}
	if (memory < moat_size(&machine.config)) {
		return (void *)((unsigned char *)machine.memory + memory);
	}
	return NULL;
}

static uint64_t entry_bytes(uint32_t level)
{
	uint64_t bytes = MOAT_PAGE_SIZE;

	for (; level < 3; level++) {
		bytes *= 512;
	}
	return bytes;
}

/* The descriptor that translates @ipa, and in @level where it is. The order of
 * the load is what address dependency is on hardware. */
static uint64_t walk(
	const struct moat_stage2 *stage2, uint64_t ipa, uint32_t *level)
{
	uint64_t table = stage2->root.value;
	uint64_t index = ipa / entry_bytes(stage2->start_level);
	uint64_t descriptor;

	*level = stage2->start_level;
	descriptor =
		__atomic_load_n(word_at(table + index * 8), __ATOMIC_ACQUIRE);
	while (pte_is_table(descriptor, *level)) {
		++*level;
		table = pte_pa(descriptor);
		index = ipa / entry_bytes(*level) % 512;
		descriptor = __atomic_load_n(
			word_at(table + index * 8), __ATOMIC_ACQUIRE);
	}
	return descriptor;
}

static bool translate(const struct moat_stage2 *stage2, uint64_t ipa,
	struct translation *translation)
{
	uint32_t level;
	uint64_t descriptor;

	if (ipa >> stage2->ipa_bits != 0) {
		return false;
	}
	descriptor = walk(stage2, ipa, &level);
	if (!pte_is_leaf(descriptor, level)) {
		return false;
	}
	translation->is_used = true;
	translation->may_write = pte_may_write(descriptor);
	translation->vmid = stage2->vmid;
	translation->ipa = ipa / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;
	translation->pa =
		pte_pa(descriptor) + translation->ipa % entry_bytes(level);
	return true;
}

/* From the TLB, or by a walk, which goes into it. */
static bool look_up(
	struct machine_cpu *cpu, uint64_t ipa, struct translation *translation)
{
	uint64_t page = ipa / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;

	for (uint32_t i = 0; i < TLB_ENTRIES; i++) {
		*translation = cpu->tlb[i];
		if (translation->is_used && translation->ipa == page &&
			translation->vmid == cpu->stage2.vmid) {
			return true;
		}
	}
	if (!translate(&cpu->stage2, ipa, translation)) {
		return false;
	}
	cpu->tlb[cpu->next] = *translation;
	cpu->next = (cpu->next + 1) % TLB_ENTRIES;
	return true;
}

/* Agents race with each other as they like; each access is atomic. */
static bool access_word(
	const struct translation *translation, struct access *access)
{
	uint64_t *word =
		word_at(translation->pa + access->ipa % MOAT_PAGE_SIZE);

	if (access->is_write && !translation->may_write) {
		return false;
	}
	if (word == NULL) {
		access->value = access->is_write ? access->value : 0;
	} else if (access->is_write) {
		__atomic_store_n(word, access->value, __ATOMIC_RELAXED);
	} else {
		access->value = __atomic_load_n(word, __ATOMIC_RELAXED);
	}
	return true;
}

bool machine_access(uint32_t cpu, struct access *access)
{
	struct translation translation;
	bool is_done;

	pthread_mutex_lock(&machine.cpu[cpu].tlb_lock);
	is_done = look_up(&machine.cpu[cpu], access->ipa, &translation) &&
		  access_word(&translation, access);
	pthread_mutex_unlock(&machine.cpu[cpu].tlb_lock);
	return is_done;
}
