/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/machine.h"

#include "arch-aarch64/fdt.h"
#include "moat/port.h"

struct machine machine;

/*
 * Devices that read or write memory by themselves, past stage 2. Without an
 * SMMU driver the host must not reach them (DESIGN.md, section 3), whether or
 * not one is plugged in: the windows are withheld whole, and their nodes go,
 * so that a host that believes its device tree never looks.
 *
 * What stays with the host cannot DMA: flash, GIC distributor and, without
 * their control registers (gic.h), redistributors, UART, RTC, GPIO.
 */
static const struct moat_range dma_windows[] = {
	{UINT64_C(0x08080000), 0x20000}, /* GICv3 ITS: tables, command queue */
	{UINT64_C(0x09020000), 0x1000}, /* fw_cfg: its DMA interface */
	{UINT64_C(0x09050000), 0x20000}, /* SMMUv3: queues, tables */
	{UINT64_C(0x0a000000), 0x4000}, /* 32 virtio-mmio transports */
	{UINT64_C(0x0c000000), 0x2000000}, /* platform bus: passed-through */
	{UINT64_C(0x10000000), 0x30000000}, /* PCIe: memory, I/O, low ECAM */
	{UINT64_C(0x4010000000), 0x10000000}, /* PCIe: high ECAM */
	/* High PCIe memory lies at 512 GiB, beyond the host's IPA space. */
};

static const char *const dma_devices[] = {
	"arm,gic-v3-its",
	"qemu,fw-cfg-mmio",
	"arm,smmu-v3",
	"virtio,mmio",
	"qemu,platform",
	"pci-host-ecam-generic",
};

enum {
	DMA_WINDOW_COUNT = sizeof(dma_windows) / sizeof(dma_windows[0]),
	DMA_DEVICE_COUNT = sizeof(dma_devices) / sizeof(dma_devices[0]),
};

static void require(bool condition, const char *reason)
{
	if (!condition) {
		moat_port_panic(reason);
	}
}

static bool node_is(const struct fdt *fdt, const struct fdt_node *node,
	const char *property, const char *text)
{
	return fdt_has_string(fdt, fdt_property(fdt, node, property), text);
}

/* All addresses of the tree below are read as two cells each. */
static void read_root(const struct fdt *fdt, const struct fdt_node *node)
{
	struct fdt_value address = fdt_property(fdt, node, "#address-cells");
	struct fdt_value size = fdt_property(fdt, node, "#size-cells");

	require(fdt_number(fdt, address, 0, 1) == 2 &&
			fdt_number(fdt, size, 0, 1) == 2,
		"device tree: addresses and sizes must have two cells");
}

static void read_memory(const struct fdt *fdt, const struct fdt_node *node)
{
	struct fdt_value reg = fdt_property(fdt, node, "reg");

	require(machine.ram.size == 0 && reg.size == 16,
		"device tree: RAM must be one range");
	machine.ram.base = fdt_number(fdt, reg, 0, 2);
	machine.ram.size = fdt_number(fdt, reg, 2, 2);
	machine.ram.size -= machine.ram.size % MACHINE_REGION;
}

static void read_psci(const struct fdt *fdt, const struct fdt_node *node)
{
	require(node_is(fdt, node, "method", "smc"),
		"device tree: PSCI must be by SMC (-M virt,virtualization=on)");
}

/* linux,initrd-start and -end have one cell or two. */
static uint64_t chosen_address(
	const struct fdt *fdt, const struct fdt_node *node, const char *name)
{
	struct fdt_value value = fdt_property(fdt, node, name);

	return fdt_number(fdt, value, 0, value.size / 4 == 1 ? 1 : 2);
}

static void read_chosen(const struct fdt *fdt, const struct fdt_node *node)
{
	uint64_t start = chosen_address(fdt, node, "linux,initrd-start");
	uint64_t end = chosen_address(fdt, node, "linux,initrd-end");

	require(start <= end, "device tree: the initrd ends before it starts");
	machine.initrd.base = start;
	machine.initrd.size = end - start;
}

static void read_cpu(const struct fdt *fdt, const struct fdt_node *node)
{
	struct fdt_value reg = fdt_property(fdt, node, "reg");

	require(machine.cpu_count < MACHINE_CPU_MAX,
		"device tree: more CPUs than the engine was built for");
	machine.mpidr[machine.cpu_count++] =
		fdt_number(fdt, reg, 0, reg.size / 4 == 1 ? 1 : 2);
}

static void read_node(const struct fdt *fdt, const struct fdt_node *node)
{
	if (node->depth == 0) {
		read_root(fdt, node);
	} else if (node_is(fdt, node, "device_type", "memory")) {
		read_memory(fdt, node);
	} else if (node_is(fdt, node, "device_type", "cpu")) {
		read_cpu(fdt, node);
	} else if (node_is(fdt, node, "compatible", "arm,gic-v3")) {
		machine.has_gic = true;
	} else if (node_is(fdt, node, "compatible", "arm,psci-1.0")) {
		read_psci(fdt, node);
	} else if (fdt_has_string(fdt, fdt_name(fdt, node), "chosen")) {
		read_chosen(fdt, node);
	}
}

static void check_machine(void)
{
	require(machine.ram.size != 0, "device tree: no RAM");
	require(machine.ram.base % MACHINE_REGION == 0 &&
			machine.ram.base < MACHINE_RAM_LIMIT &&
			machine.ram.size <=
				MACHINE_RAM_LIMIT - machine.ram.base,
		"device tree: RAM must start at a region and end below 256 "
		"GiB");
	require(machine.cpu_count > 0, "device tree: no CPU");
	require(machine.has_gic,
		"device tree: no GICv3 (-M virt,gic-version=3)");
}

void machine_read(uint64_t address)
{
	struct fdt fdt;
	struct fdt_node node;
	bool more;

	require(fdt_open(&fdt, (void *)(uintptr_t)address, MACHINE_FDT_MAX),
		"no device tree");
	machine.fdt = address;
	machine.fdt_size = fdt.size;
	for (more = fdt_first(&fdt, &node); more;
		more = fdt_next(&fdt, &node)) {
		read_node(&fdt, &node);
	}
	check_machine();
}

static bool is_dma_device(const struct fdt *fdt, const struct fdt_node *node)
{
	for (uint32_t i = 0; i < DMA_DEVICE_COUNT; i++) {
		if (node_is(fdt, node, "compatible", dma_devices[i])) {
			return true;
		}
	}
	return false;
}

static void hide_node(
	struct fdt *fdt, struct fdt_node *node, struct moat_range host)
{
	if (node_is(fdt, node, "device_type", "memory")) {
		struct fdt_value reg = fdt_property(fdt, node, "reg");

		fdt_set_number(fdt, reg, 0, host.base);
		fdt_set_number(fdt, reg, 2, host.size);
	} else if (is_dma_device(fdt, node)) {
		fdt_remove(fdt, node);
	}
}

void machine_hide(struct moat_range host)
{
	struct fdt fdt;
	struct fdt_node node;
	bool more;

	require(fdt_open(&fdt, (void *)(uintptr_t)machine.fdt, MACHINE_FDT_MAX),
		"no device tree");
	for (more = fdt_first(&fdt, &node); more;
		more = fdt_next(&fdt, &node)) {
		hide_node(&fdt, &node, host);
	}
}

void machine_withhold(struct moat_config *config)
{
	for (uint32_t i = 0; i < DMA_WINDOW_COUNT; i++) {
		struct moat_range whole = dma_windows[i];

		whole.size = (whole.size + MOAT_PAGE_SIZE - 1) /
			     MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;
		config->withheld[config->withheld_count++] = whole;
	}
}

uint32_t machine_cpu(uint64_t affinity)
{
	uint32_t cpu = 0;

	while (cpu < machine.cpu_count && machine.mpidr[cpu] != affinity) {
		cpu++;
	}
	return cpu;
}
