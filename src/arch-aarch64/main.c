/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the firmware to the host: read the machine, take memory for the engine,
 * start every CPU into EL2, and only when all are there let the first one drop
 * to EL1. The host then asks for the others.
 */
#include "arch-aarch64/atomics.h"
#include "arch-aarch64/console.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/firmware.h"
#include "arch-aarch64/gic.h"
#include "arch-aarch64/image.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/mmu.h"
#include "arch-aarch64/psci.h"
#include "arch-aarch64/report.h"
#include "arch-aarch64/ring.h"
#include "arch-aarch64/vgic.h"
#include "core/lock.h"
#include "moat/port.h"

enum {
	VM_COUNT = 16,
	RING_SIZE = 2 * 1024 * 1024,
	MEMORY_ALIGNMENT = 16 * MOAT_PAGE_SIZE, /* moat_size */
	HOST_ALIGNMENT = 2 * 1024 * 1024, /* hosts like their RAM so */
};

struct moat *engine;

/* Where all CPUs meet at boot. */
static struct rendezvous meeting;

static void require(bool condition, const char *reason)
{
	if (!condition) {
		moat_port_panic(reason);
	}
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) / alignment * alignment;
}

void main_wrong_level(void)
{
	moat_port_panic(
		"not at EL2: start QEMU with -M virt,virtualization=on");
}

/* With the MMU off: what is needed to turn it on. */
void main_prepare(uint64_t fdt)
{
	machine_read(fdt);
	mmu_build();
}

/* ID_AA64MMFR0_EL1.PARange: the widest IPA space that this CPU walks. */
static uint32_t physical_bits(void)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52};
	uint64_t range = id_field(read_id_aa64mmfr0_el1(), 0);

	return range < sizeof(bits) ? bits[range] : 32;
}

/* Two ranges that touch become one: the core wants gaps between them. */
static void merge(struct moat_config *config)
{
	struct moat_range *last = &config->withheld[0];

	for (uint32_t i = 1; i < config->withheld_count; i++) {
		if (last->base + last->size == config->withheld[i].base) {
			last->size += config->withheld[i].size;
		} else {
			*++last = config->withheld[i];
		}
	}
	config->withheld_count = (uint32_t)(last - config->withheld) + 1;
}

/* Keep the ranges in ascending order. */
static void withhold(struct moat_config *config, struct moat_range range)
{
	uint32_t i = config->withheld_count++;

	for (; i > 0 && config->withheld[i - 1].base > range.base; i--) {
		config->withheld[i] = config->withheld[i - 1];
	}
	config->withheld[i] = range;
	merge(config);
}

static struct moat_config describe(void)
{
	uint32_t bits = physical_bits();
	struct moat_config config = {
		.cpu_count = machine.cpu_count,
		.vm_count = VM_COUNT,
		.ipa_bits = bits < MOAT_IPA_BITS_MAX ? bits : MOAT_IPA_BITS_MAX,
		.host_ipa_bits = MACHINE_HOST_IPA_BITS,
		.ram_count = 1,
		.list_register_count = vgic_list_count(),
		.ram = {machine.ram},
		.ram_window = (void *)(uintptr_t)machine.ram.base,
	};

	machine_withhold(&config);
	for (uint32_t cpu = 0; cpu < machine.cpu_count; cpu++) {
		withhold(&config, gic_withheld(cpu));
	}
	return config;
}

static bool is_in(struct moat_range range, uint64_t address)
{
	return address >= range.base && address - range.base < range.size;
}

/* The loader put these where it liked. */
static bool is_clear(struct moat_range host)
{
	return is_in(host, machine.fdt) && is_in(host, MACHINE_HOST_IMAGE) &&
	       (machine.initrd.size == 0 || is_in(host, machine.initrd.base));
}

static void check_layout(struct moat_range host)
{
	require(is_in(host, machine.fdt),
		"the device tree lies in the engine's memory");
	require(machine.initrd.size == 0 || is_in(host, machine.initrd.base),
		"the initrd lies in the engine's memory");
	require(is_in(host, MACHINE_HOST_IMAGE),
		"the host's image lies outside the host's RAM");
}

/* Where the engine's memory is, and what RAM is left. */
struct layout {
	uint64_t memory; /* of the core, */
	uint64_t size; /* so many bytes */
	uint64_t ring;
	struct moat_range host;
};

/* From the base of RAM: where the loader put it, the image, the core's memory,
 * the ring; rounded up. */
static struct layout lay_low(uint64_t size)
{
	uint64_t memory = align_up((uintptr_t)image_end, MEMORY_ALIGNMENT);
	uint64_t ring = align_up(memory + size, MEMORY_ALIGNMENT);
	uint64_t end = align_up(ring + RING_SIZE, HOST_ALIGNMENT);
	struct layout layout = {memory, size, ring,
		{end, machine.ram.base + machine.ram.size - end}};

	return layout;
}

/*
 * The core's memory at the end of RAM: of much RAM it is too large to lie below
 * the host's image.
 */
static struct layout lay_high(uint64_t size)
{
	struct layout layout = lay_low(0);

	/* To keep RAM at its end as well may take tables more. */
	layout.size = align_up(size, HOST_ALIGNMENT) + HOST_ALIGNMENT;
	layout.host.size -= layout.size;
	layout.memory = layout.host.base + layout.host.size;
	return layout;
}

static struct layout lay(uint64_t size)
{
	struct layout low = lay_low(size);

	/* All of it in RAM that little is left of is found out below. */
	return size >= machine.ram.size / 2 || is_clear(low.host)
		       ? low
		       : lay_high(size);
}

/* What the host is not given is the engine's, below and above. */
static void keep(struct moat_config *config, struct moat_range host)
{
	uint64_t host_end = host.base + host.size;
	uint64_t ram_end = machine.ram.base + machine.ram.size;
	struct moat_range below = {
		machine.ram.base, host.base - machine.ram.base};
	struct moat_range above = {host_end, ram_end - host_end};

	withhold(config, below);
	if (above.size != 0) {
		withhold(config, above);
	}
}

static struct report_boot make_engine(void)
{
	struct moat_config config = describe();
	uint64_t size = moat_size(&config);
	struct layout layout = lay(size);
	struct report_boot boot = {
		.memory = size,
		.host = layout.host,
		.engine = machine.ram.size - layout.host.size,
	};

	require(size != 0, "the core refuses this machine");
	check_layout(layout.host);
	keep(&config, layout.host);
	config.memory_pa.value = layout.memory;
	require(moat_size(&config) <= layout.size,
		"the core wants more memory");
	ring_init((void *)(uintptr_t)layout.ring, RING_SIZE);
	engine = moat_init(&config, (void *)(uintptr_t)layout.memory);
	return boot;
}

/* Before the first atomic access: every lock has one. */
static void check_atomics(void)
{
	require(atomics_are_there(),
		"this image is for CPUs with FEAT_LSE, and here is none");
}

/* Of each CPU: they need not be alike. */
static void check_granule(void)
{
	static const char *const reasons[] = {
		"this CPU has no stage 2 with pages of 4 KiB",
		"this CPU has no stage 2 with pages of 16 KiB",
		"this CPU has no stage 2 with pages of 64 KiB",
	};

	require(exit_has_granule(MOAT_PAGE_BITS, read_id_aa64mmfr0_el1()),
		reasons[(MOAT_PAGE_BITS - 12) / 2]);
}

static void start_others(void)
{
	for (uint32_t cpu = 1; cpu < machine.cpu_count; cpu++) {
		uint64_t result = firmware_call(PSCI_CPU_ON, machine.mpidr[cpu],
			(uintptr_t)secondary, cpu);

		require(result == 0, "firmware did not start a CPU");
	}
}

/* @start is the counter at our first instruction. */
void main_primary(uint64_t start)
{
	struct report_boot boot;

	check_atomics();
	check_granule();
	mmu_check();
	cpu_init(0);
	require(machine_cpu(read_mpidr_el1() & MACHINE_AFFINITY_MASK) == 0,
		"the first CPU of the device tree is not the one that booted");
	gic_check();
	vgic_init();
	boot = make_engine();
	machine_hide(boot.host);
	moat_port_clean((void *)(uintptr_t)machine.fdt, machine.fdt_size);
	start_others();
	rendezvous_meet(&meeting, machine.cpu_count);
	power_boot();
	boot.ticks = read_cntpct_el0() - start;
	report_boot(&boot);
	cpu_start_host(MACHINE_HOST_IMAGE, machine.fdt);
}

void main_secondary(uint32_t cpu)
{
	check_atomics();
	check_granule();
	mmu_check();
	cpu_init(cpu);
	rendezvous_meet(&meeting, machine.cpu_count);
	power_wait();
}

/* vectors.S: an exception from EL2. */
void vector_bug_found(void)
{
	struct line line = {0};

	if (firmware_is_exiting()) {
		firmware_exit(0); /* there is no semihosting */
	}
	line_text(&line, "moat: exception at EL2: esr ");
	line_hex(&line, read_esr_el2());
	line_text(&line, " pc ");
	line_hex(&line, read_elr_el2());
	line_text(&line, " far ");
	line_hex(&line, read_far_el2());
	console_write_unlocked(line.text, line.length);
	moat_port_panic("exception at EL2");
}
