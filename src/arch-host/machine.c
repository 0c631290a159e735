/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch-host/cpu.h"
#include "arch-host/current.h"
#include "arch-host/inside.h"
#include "arch-host/watch.h"
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

/* ---- Allocate ---------------------------------------------------------- */

static void machine_free(struct host_machine *machine)
{
	if (!machine) {
		return;
	}
	if (machine->ram) {
		munmap(machine->ram, machine->ram_size);
	}
	free(machine->memory);
	free(machine->initial);
	free(machine->touched);
	free(machine->fresh);
	free(machine->is_touched);
	free(machine->is_fresh);
	watch_destroy(machine);
	free(machine);
}

/* The engine's memory is its own, unless its address lies in RAM. */
static void allocate_memory(struct host_machine *machine)
{
	size_t size = (machine->engine_size + MEMORY_ALIGN - 1) / MEMORY_ALIGN *
		      MEMORY_ALIGN;

	if (host_machine_page(machine, machine->config.memory_pa.value) ==
		UINT32_MAX) {
		machine->memory_size = machine->engine_size;
		machine->memory = aligned_alloc(MEMORY_ALIGN, size);
	}
}

static bool allocate_parts(struct host_machine *machine)
{
	size_t pages = machine->ram_size / MOAT_PAGE_SIZE;
	void *ram = mmap(NULL, machine->ram_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	machine->ram = ram == MAP_FAILED ? NULL : ram;
	machine->config.ram_window = machine->ram;
	allocate_memory(machine);
	machine->initial = malloc(machine->engine_size);
	machine->touched = calloc(pages, sizeof(*machine->touched));
	machine->fresh = calloc(pages, sizeof(*machine->fresh));
	machine->is_touched = calloc(pages, 1);
	machine->is_fresh = calloc(pages, 1);
	return machine->ram && machine->initial && machine->touched &&
	       machine->fresh && machine->is_touched && machine->is_fresh &&
	       host_machine_memory(machine, machine->config.memory_pa.value) &&
	       watch_create(machine);
}

static struct host_machine *machine_allocate(const struct moat_config *shape)
{
	struct host_machine *machine = calloc(1, sizeof(*machine));

	if (!machine) {
		return NULL;
	}
	machine->engine_size = configure(&machine->config, shape);
	machine->ram_size = range_total(&machine->config);
	if (machine->engine_size == 0 || !allocate_parts(machine)) {
		machine_free(machine);
		return NULL;
	}
	return machine;
}

/* ---- Start ------------------------------------------------------------- */

static unsigned char *engine_memory(const struct host_machine *machine)
{
	return host_machine_memory(machine, machine->config.memory_pa.value);
}

/* Every CPU starts as the host's, with an empty TLB. */
static void start_cpus(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->config.cpu_count; i++) {
		memset(&machine->cpus[i], 0, sizeof(machine->cpus[i]));
		host_cpu_install(machine, i);
	}
}

/* Where the engine's memory is RAM, it is the engine that writes it. */
static void touch_engine(struct host_machine *machine)
{
	uint32_t page =
		host_machine_page(machine, machine->config.memory_pa.value);

	for (size_t i = 0;
		page != UINT32_MAX && i < machine->engine_size / MOAT_PAGE_SIZE;
		i++) {
		host_machine_touch(machine, page + (uint32_t)i);
	}
}

/* A new machine: its engine begins in memory that holds anything. */
static bool machine_start(struct host_machine *machine, FILE *trace)
{
	unsigned char *memory = engine_memory(machine);

	host_current = machine;
	machine->inside = HOST_NO_CPU;
	machine->trace = trace;
	touch_engine(machine);
	memset(memory, MEMORY_POISON, machine->engine_size);
	watch_begin(machine);
	machine->engine = moat_init(&machine->config, memory);
	memcpy(machine->initial, memory, machine->engine_size);
	machine->initial_events = machine->event_count;
	machine->write_count = 0;
	machine->device_write_count = 0;
	start_cpus(machine);
	/* What the host has by now is where it begins. */
	watch_plain(machine, WATCH_STEP);
	return watch_keep(machine);
}

void host_machine_restart(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->touched_count; i++) {
		size_t page = machine->touched[i];

		memset(machine->ram + page * MOAT_PAGE_SIZE, 0, MOAT_PAGE_SIZE);
		machine->is_touched[page] = 0;
	}
	machine->touched_count = 0;
	host_machine_forget_fresh(machine);
	inside_forget(machine);
	host_current = machine;
	touch_engine(machine);
	memcpy(engine_memory(machine), machine->initial, machine->engine_size);
	watch_restart(machine);
	machine->violation = NULL;
	machine->unseen_count = 0;
	memset(machine->wanted, 0, sizeof(machine->wanted));
	machine->wanted_next = 0;
	machine->trace = NULL;
	machine->write_count = 0;
	machine->device_write_count = 0;
	machine->event_count = machine->initial_events;
	start_cpus(machine);
}

/* ---- Life -------------------------------------------------------------- */

struct host_machine *host_machine_create(
	const struct moat_config *shape, FILE *trace)
{
	struct host_machine *machine = machine_allocate(shape);

	if (machine && !machine_start(machine, trace)) {
		host_machine_destroy(machine);
		return NULL;
	}
	return machine;
}

void host_machine_destroy(struct host_machine *machine)
{
	if (machine && machine == host_current) {
		host_current = NULL;
	}
	inside_forget(machine);
	machine_free(machine);
}

void host_machine_listen(struct host_machine *machine,
	void (*hear)(void *argument, const struct moat_event *event),
	void *argument)
{
	machine->hear = hear;
	machine->hear_argument = argument;
}

void host_machine_use(struct host_machine *machine)
{
	host_current = machine;
}
