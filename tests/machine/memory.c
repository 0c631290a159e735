/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the bytes of a machine are, which pages count as written, and what a
 * restart leaves of it.
 */
#include "bed.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = MOAT_PAGE_SIZE };

#define LOW UINT64_C(0x40000000)
#define HIGH UINT64_C(0x80000000)
#define ENGINE UINT64_C(0x30000000)

/* Two ranges of one region each, and the engine's memory outside. */
static struct moat_config two_ranges(void)
{
	const struct moat_config config = {.cpu_count = 2,
		.vm_count = 1,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 2,
		.ram = {{LOW, BED_REGION}, {HIGH, BED_REGION}},
		.memory_pa = {ENGINE}};

	return config;
}

static struct host_machine *make(const struct moat_config *config)
{
	struct host_machine *machine = host_machine_create(config, NULL);

	if (!machine) {
		fprintf(stderr, "no machine\n");
		exit(EXIT_FAILURE);
	}
	return machine;
}

/* ---- Addresses --------------------------------------------------------- */

static void pages_count_through_all_ranges(const struct host_machine *machine)
{
	const struct {
		uint64_t pa;
		uint32_t page;
	} rows[] = {
		{LOW - 1, UINT32_MAX},
		{LOW, 0},
		{LOW + 0xfff, 0},
		{LOW + 0x1000, 1},
		{LOW + BED_REGION - 1, 511},
		{LOW + BED_REGION, UINT32_MAX},
		{HIGH - 1, UINT32_MAX},
		{HIGH, 512},
		{HIGH + BED_REGION - 1, 1023},
		{HIGH + BED_REGION, UINT32_MAX},
		{ENGINE, UINT32_MAX},
		{0, UINT32_MAX},
		{UINT64_MAX, UINT32_MAX},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect(host_machine_page(machine, rows[i].pa) == rows[i].page,
			"the page of an address");
	}
	expect(host_machine_pa(machine, 0) == LOW &&
			host_machine_pa(machine, 511) == LOW + 0x1ff000 &&
			host_machine_pa(machine, 512) == HIGH &&
			host_machine_pa(machine, 1023) == HIGH + 0x1ff000,
		"the address of a page");
}

static void bytes_are_where_they_should_be(const struct host_machine *machine)
{
	const unsigned char *ram = machine->ram;
	size_t size = machine->memory_size;

	expect(host_machine_memory(machine, LOW) == ram, "the first byte");
	expect(host_machine_memory(machine, LOW + 0x1234) == ram + 0x1234,
		"a byte in between");
	expect(host_machine_memory(machine, HIGH + 5) == ram + BED_REGION + 5,
		"a byte of the second range");
	expect(!host_machine_memory(machine, LOW + BED_REGION), "between both");
	expect(host_machine_memory(machine, ENGINE) == machine->memory,
		"the engine's first byte");
	expect(host_machine_memory(machine, ENGINE + size - 1) ==
			machine->memory + size - 1,
		"the engine's last byte");
	expect(!host_machine_memory(machine, ENGINE + size), "behind it");
	expect(!host_machine_memory(machine, ENGINE - 1), "before it");
	expect(size == machine->engine_size && size % PAGE == 0, "its size");
}

/* ---- What was written -------------------------------------------------- */

static void a_page_is_fresh_once(struct host_machine *machine)
{
	uint32_t touched = machine->touched_count;

	host_machine_forget_fresh(machine);
	host_machine_touch(machine, 700);
	host_machine_touch(machine, 700);
	host_machine_touch(machine, UINT32_MAX);
	host_machine_touch(machine, 0);
	expect(machine->fresh_count == 2 && machine->fresh[0] == 700 &&
			machine->fresh[1] == 0,
		"two pages are fresh");
	expect(machine->touched_count == touched + 2, "both are touched");
	host_machine_forget_fresh(machine);
	expect(machine->fresh_count == 0 && !machine->is_fresh[700] &&
			!machine->is_fresh[0],
		"none is fresh");
	host_machine_touch(machine, 700);
	expect(machine->fresh_count == 1, "it is fresh again");
	expect(machine->touched_count == touched + 2, "and not touched again");
}

/* What a store, a scrub and a descriptor write. */
static void what_is_written_is_fresh(struct host_machine *machine)
{
	struct host_access access = {HIGH + 0x5000, 0x77, MOAT_ACCESS_WRITE};

	host_machine_forget_fresh(machine);
	expect(host_cpu_access(machine, 0, &access), "a store of the host");
	expect(machine->fresh_count == 1 && machine->fresh[0] == 517,
		"the page of a store is fresh");
	access.kind = MOAT_ACCESS_READ;
	access.value = 0;
	access.ipa = HIGH + 0x6000;
	expect(host_cpu_access(machine, 0, &access), "a load of the host");
	expect(machine->fresh_count == 1, "that of a load is not");
	host_machine_forget_fresh(machine);
	bed_write(machine, LOW + 0x1ff8, 0);
	expect(machine->fresh_count == 1 && machine->fresh[0] == 1,
		"the page of a descriptor is fresh");
	host_machine_forget_fresh(machine);
	moat_port_scrub(machine->ram + 516 * PAGE, 2 * PAGE);
	expect(machine->fresh_count == 1 && machine->fresh[0] == 517,
		"of what is scrubbed, what was not zero");
	expect(*(uint64_t *)(void *)(machine->ram + 517 * PAGE) == 0,
		"and that is zero now");
}

static void the_first_violation_stands(struct host_machine *machine)
{
	machine->violation = NULL;
	host_machine_violate(machine, "first");
	host_machine_violate(machine, "second");
	expect_broken(machine, "first");
	machine->violation = NULL;
}

/* ---- Restart ----------------------------------------------------------- */

static bool is_new(const struct host_machine *machine)
{
	for (size_t i = 0; i < machine->ram_size; i++) {
		if (machine->ram[i] != 0) {
			return false;
		}
	}
	return machine->touched_count == 0 && machine->fresh_count == 0 &&
	       machine->write_count == 0 && !machine->violation &&
	       machine->device_write_count == 0 &&
	       machine->event_count == machine->initial_events &&
	       memcmp(host_machine_memory(machine, ENGINE), machine->initial,
		       machine->engine_size) == 0;
}

/* Twice: the second time the flags of the first are in the way, if any are. */
static void a_restart_leaves_nothing(struct host_machine *machine)
{
	for (int turn = 0; turn < 3; turn++) {
		struct moat_regs regs = moat_version();
		struct host_access access = {
			LOW + 0x3000, 0x77, MOAT_ACCESS_WRITE};

		host_machine_restart(machine);
		expect(is_new(machine), "a machine that is new");
		expect(machine->cpus[0].tlb_next == 0 &&
				!machine->cpus[0].tlb[0].is_used,
			"and whose TLBs are empty");
		expect(host_cpu_access(machine, 0, &access), "a store");
		expect(host_cpu_access(machine, 1, &access), "another");
		(void)host_machine_call(machine, 0, &regs);
		expect(machine->inside == HOST_NO_CPU &&
				!machine->cpus[0].is_inside,
			"no CPU is in a step");
		bed_write(machine, LOW + 0x7000, 0);
		host_machine_violate(machine, "something");
	}
}

/* ---- The configuration ------------------------------------------------- */

/* The engine's memory lies in RAM: it is withheld, in its place. */
static void the_engine_is_withheld_in_order(void)
{
	struct moat_config config = two_ranges();
	struct host_machine *machine;

	config.withheld_count = 2;
	config.withheld[0] = (struct moat_range){LOW, PAGE};
	config.withheld[1] = (struct moat_range){HIGH + 0x100000, PAGE};
	config.memory_pa.value = LOW + 0x100000;
	machine = make(&config);
	expect(machine->config.withheld_count == 3, "three ranges");
	expect(machine->config.withheld[0].base == LOW &&
			machine->config.withheld[1].base == LOW + 0x100000 &&
			machine->config.withheld[2].base == HIGH + 0x100000,
		"in ascending order");
	expect(machine->config.withheld[1].size == machine->engine_size,
		"all that is the engine's");
	expect(!machine->memory && machine->memory_size == 0,
		"no memory but RAM");
	expect(machine->is_touched[0x100] && !machine->is_touched[0xff],
		"what moat_init wrote is touched");
	host_machine_destroy(machine);
}

/* A range that covers it as a whole is enough; one that does not, is none. */
static void what_covers_the_engine_withholds_it(void)
{
	struct moat_config config = two_ranges();
	struct host_machine *machine;

	config.memory_pa.value = LOW + 0x100000;
	config.withheld_count = 1;
	config.withheld[0] =
		(struct moat_range){LOW + 0x100000, BED_REGION / 2};
	machine = make(&config);
	expect(machine->config.withheld_count == 1, "one range is enough");
	config.withheld[0].size = machine->engine_size;
	host_machine_destroy(machine);
	machine = make(&config);
	expect(machine->config.withheld_count == 1, "if it is just as large");
	host_machine_destroy(machine);
}

/* No range is left for the engine's memory. */
static void withheld_ranges_may_be_too_many(void)
{
	struct moat_config config = two_ranges();
	struct host_machine *machine;

	config.memory_pa.value = LOW + 0x100000;
	config.withheld_count = MOAT_RANGE_MAX;
	for (uint64_t i = 0; i < MOAT_RANGE_MAX; i++) {
		config.withheld[i] = (struct moat_range){i * 2 * PAGE, PAGE};
	}
	machine = host_machine_create(&config, NULL);
	expect(!machine, "one range too many");
	host_machine_destroy(machine);
	config.withheld_count--;
	machine = make(&config);
	expect(machine->config.withheld_count == MOAT_RANGE_MAX, "as many");
	host_machine_destroy(machine);
}

/* ---- Pointers that are none -------------------------------------------- */

static void stray_write(void)
{
	static uint64_t stray[MOAT_PAGE_SIZE / sizeof(uint64_t)];

	moat_port_descriptor_write(stray, 0);
}

static void stray_scrub(void)
{
	static unsigned char stray[MOAT_PAGE_SIZE];

	moat_port_scrub(stray, sizeof(stray));
}

static void stray_clean(void)
{
	static unsigned char stray[MOAT_PAGE_SIZE];

	moat_port_clean(stray, sizeof(stray));
}

/* The first may be answered by a lock that was released before. */
static void wait_for_nobody(void)
{
	moat_port_wait();
	moat_port_wait();
}

/* @act ends its process by a panic. */
static void expect_panic(void (*act)(void), const char *what)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		fclose(stderr);
		act();
		_exit(EXIT_SUCCESS);
	}
	expect(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
			WTERMSIG(status) == SIGABRT,
		what);
}

void test_memory(void)
{
	const struct moat_config config = two_ranges();
	struct host_machine *machine = make(&config);

	pages_count_through_all_ranges(machine);
	bytes_are_where_they_should_be(machine);
	a_page_is_fresh_once(machine);
	what_is_written_is_fresh(machine);
	the_first_violation_stands(machine);
	a_restart_leaves_nothing(machine);
	expect_panic(stray_write, "a descriptor outside memory");
	expect_panic(stray_scrub, "a scrub outside memory");
	expect_panic(stray_clean, "a clean outside memory");
	expect_panic(wait_for_nobody, "a wait for nobody");
	host_machine_destroy(machine);
	the_engine_is_withheld_in_order();
	what_covers_the_engine_withholds_it();
	withheld_ranges_may_be_too_many();
}
