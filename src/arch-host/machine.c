/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch-host/cpu.h"
#include "arch-host/current.h"
#include "arch-host/monitor.h"
#include "moat/port.h"

enum {
	MEMORY_ALIGN = 0x10000, /* what moat_init asks for */
	CONFIGURE_TURNS = 8,
	/*
	 * What the engine's memory holds before init. Every 64-bit word of it
	 * is an invalid descriptor, and a number no field may have.
	 */
	MEMORY_POISON = 0xa4
};

static struct host_machine *spare; /* the last one destroyed, to be reused */

static size_t range_total(const struct moat_config *config)
{
	size_t total = 0;

	for (uint32_t i = 0; i < config->ram_count; i++) {
		total += config->ram[i].size;
	}
	return total;
}

/* Whether the withheld ranges of @config cover @range as a whole. */
static bool is_withheld(
	const struct moat_config *config, const struct moat_range *range)
{
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		const struct moat_range *withheld = &config->withheld[i];

		if (range->base >= withheld->base &&
			range->base + range->size <=
				withheld->base + withheld->size) {
			return true;
		}
	}
	return false;
}

/* Add @range to the withheld ranges, which ascend. */
static bool withhold(struct moat_config *config, const struct moat_range *range)
{
	uint32_t i = config->withheld_count;

	if (is_withheld(config, range)) {
		return true;
	}
	if (i == MOAT_RANGE_MAX) {
		return false;
	}
	for (; i > 0 && config->withheld[i - 1].base > range->base; i--) {
		config->withheld[i] = config->withheld[i - 1];
	}
	config->withheld[i] = *range;
	config->withheld_count++;
	return true;
}

/*
 * Complete the configuration: the engine's memory is withheld, and withholding
 * it may take more memory (a host table more), so until that fits. The size
 * only grows, and is found in the second or third turn; 0 if there is none.
 */
static size_t configure(
	struct moat_config *config, const struct moat_config *shape)
{
	size_t withheld = 0;

	for (int turn = 0; turn < CONFIGURE_TURNS; turn++) {
		struct moat_range range = {shape->memory_pa.value, withheld};
		size_t size;

		*config = *shape;
		if (withheld != 0 && !withhold(config, &range)) {
			return 0;
		}
		size = moat_size(config);
		size += (MOAT_PAGE_SIZE - size % MOAT_PAGE_SIZE) %
			MOAT_PAGE_SIZE;
		if (size <= withheld) {
			return withheld;
		}
		withheld = size;
	}
	return 0;
}

static void machine_free(struct host_machine *machine)
{
	if (!machine) {
		return;
	}
	if (machine->ram) {
		munmap(machine->ram, machine->ram_size);
	}
	free(machine->memory);
	free(machine->touched);
	free(machine->fresh);
	free(machine->is_touched);
	free(machine->is_fresh);
	free(machine->is_live);
	free(machine);
}

static bool machine_allocate_parts(struct host_machine *machine)
{
	size_t pages = machine->ram_size / MOAT_PAGE_SIZE;
	void *ram = mmap(NULL, machine->ram_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	machine->ram = ram == MAP_FAILED ? NULL : ram;
	machine->touched = calloc(pages, sizeof(*machine->touched));
	machine->fresh = calloc(pages, sizeof(*machine->fresh));
	machine->is_touched = calloc(pages, 1);
	machine->is_fresh = calloc(pages, 1);
	return machine->ram && machine->touched && machine->fresh &&
	       machine->is_touched && machine->is_fresh;
}

static struct host_machine *machine_allocate(size_t ram_size)
{
	struct host_machine *machine = calloc(1, sizeof(*machine));

	if (!machine) {
		return NULL;
	}
	machine->ram_size = ram_size;
	if (!machine_allocate_parts(machine)) {
		machine_free(machine);
		return NULL;
	}
	return machine;
}

/* Make the RAM of a used machine zero again. */
static void machine_clear(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->touched_count; i++) {
		size_t page = machine->touched[i];

		memset(machine->ram + page * MOAT_PAGE_SIZE, 0, MOAT_PAGE_SIZE);
		machine->is_touched[page] = 0;
	}
	machine->touched_count = 0;
	host_machine_forget_fresh(machine);
}

static struct host_machine *machine_take(size_t ram_size)
{
	struct host_machine *machine = spare;

	spare = NULL;
	if (machine && machine->ram_size == ram_size) {
		machine_clear(machine);
		return machine;
	}
	machine_free(machine);
	return machine_allocate(ram_size);
}

/*
 * The engine's memory: a part of RAM when its address lies there, and its own
 * otherwise. Poisoned, so that nothing may count on zeroes.
 */
static bool machine_add_memory(struct host_machine *machine, size_t size)
{
	uint64_t pa = machine->config.memory_pa.value;
	uint32_t page = host_machine_page(machine, pa);
	uint32_t count = (uint32_t)(size / MOAT_PAGE_SIZE);

	if (page != UINT32_MAX) {
		free(machine->memory);
		machine->memory = NULL;
		machine->memory_size = 0;
		for (uint32_t i = 0; i < count; i++) {
			host_machine_touch(machine, page + i);
		}
	} else if (!machine->memory || machine->memory_size != size) {
		free(machine->memory);
		machine->memory_size = size;
		machine->memory = aligned_alloc(
			MEMORY_ALIGN, (size + MEMORY_ALIGN - 1) / MEMORY_ALIGN *
					      MEMORY_ALIGN);
	}
	if (!host_machine_memory(machine, pa)) {
		return false;
	}
	memset(host_machine_memory(machine, pa), MEMORY_POISON, size);
	return true;
}

/* Every CPU starts as the host's, with an empty TLB. */
static void machine_reset_cpus(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->config.cpu_count; i++) {
		memset(&machine->cpus[i], 0, sizeof(machine->cpus[i]));
		host_cpu_install(machine, i);
	}
}

struct host_machine *host_machine_create(
	const struct moat_config *shape, FILE *trace)
{
	struct moat_config config;
	size_t size = configure(&config, shape);
	struct host_machine *machine;

	if (size == 0) {
		return NULL;
	}
	machine = machine_take(range_total(&config));
	if (!machine) {
		return NULL;
	}
	config.ram_window = machine->ram;
	machine->config = config;
	if (!machine_add_memory(machine, size) || !monitor_reset(machine)) {
		machine_free(machine);
		return NULL;
	}
	machine->violation = NULL;
	machine->event_count = 0;
	machine->write_count = 0;
	machine->trace = trace;
	host_current = machine;
	machine->engine = moat_init(
		&config, host_machine_memory(machine, config.memory_pa.value));
	machine_reset_cpus(machine);
	return machine;
}

void host_machine_destroy(struct host_machine *machine)
{
	if (machine == host_current) {
		host_current = NULL;
	}
	machine_free(spare);
	spare = machine;
}

void host_machine_use(struct host_machine *machine)
{
	host_current = machine;
}

uint32_t host_machine_page(const struct host_machine *machine, uint64_t pa)
{
	uint64_t first = 0;

	for (uint32_t i = 0; i < machine->config.ram_count; i++) {
		const struct moat_range *range = &machine->config.ram[i];

		if (pa - range->base < range->size) {
			return (uint32_t)(first +
					  (pa - range->base) / MOAT_PAGE_SIZE);
		}
		first += range->size / MOAT_PAGE_SIZE;
	}
	return UINT32_MAX;
}

uint64_t host_machine_pa(const struct host_machine *machine, uint32_t page)
{
	uint64_t offset = (uint64_t)page * MOAT_PAGE_SIZE;
	const struct moat_range *range = machine->config.ram;

	while (offset >= range->size) {
		offset -= range->size;
		range++;
	}
	return range->base + offset;
}

unsigned char *host_machine_memory(
	const struct host_machine *machine, uint64_t pa)
{
	uint32_t page = host_machine_page(machine, pa);
	uint64_t offset = pa - machine->config.memory_pa.value;

	if (page != UINT32_MAX) {
		return machine->ram + (size_t)page * MOAT_PAGE_SIZE +
		       pa % MOAT_PAGE_SIZE;
	}
	if (machine->memory && offset < machine->memory_size) {
		return machine->memory + offset;
	}
	return NULL;
}

void host_machine_touch(struct host_machine *machine, uint32_t page)
{
	if (page == UINT32_MAX || machine->is_fresh[page]) {
		return;
	}
	machine->is_fresh[page] = 1;
	machine->fresh[machine->fresh_count++] = page;
	if (!machine->is_touched[page]) {
		machine->is_touched[page] = 1;
		machine->touched[machine->touched_count++] = page;
	}
}

void host_machine_forget_fresh(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->fresh_count; i++) {
		machine->is_fresh[machine->fresh[i]] = 0;
	}
	machine->fresh_count = 0;
}

void host_machine_violate(struct host_machine *machine, const char *rule)
{
	if (!machine->violation) {
		machine->violation = rule;
	}
}
