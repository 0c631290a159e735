/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch of worlds: two vCPUs and the host fill every register they have
 * and look later that nobody else's got in. And what a guest may not do.
 */
#include "arch-aarch64/mmio.h"
#include "arch-aarch64/sysreg.h"
#include "entry.h"
#include "moat/moat.h"

enum {
	PAGE = 4096,
	VCPUS = 8,
	IPA_BITS = 39,
	FORBIDDEN_SIZE = 32,
	STORE_WORDS = 64, /* world_fill */
};
#define POOL UINT64_C(0x58000000) /* pages for VMs */
#define PATTERN_HOST UINT64_C(0x1122334455660000)

extern char guest_page[];
extern char guest_forbidden[];
extern char guest_loop[];
void world_fill(uint64_t pattern, uint64_t *store);
uint64_t world_check(const uint64_t *store);

static uint64_t store[STORE_WORDS];

/* { what, how vcpu_run ends }, in the order of guest_forbidden. */
static const struct {
	const char *what;
	enum moat_exit_reason reason;
} forbidden[] = {
	{"a guest has no physical timer", MOAT_EXIT_OTHER},
	{"a guest has no PMU control", MOAT_EXIT_OTHER},
	{"a guest has no cycle counter", MOAT_EXIT_OTHER},
	{"a guest has no debug control", MOAT_EXIT_OTHER},
	{"a guest has no OS lock", MOAT_EXIT_OTHER},
	{"a guest has no debug ROM", MOAT_EXIT_OTHER},
	{"a guest has no priority mask", MOAT_EXIT_OTHER},
	{"a guest has no interrupt groups", MOAT_EXIT_OTHER},
	{"a guest sends no interrupt", MOAT_EXIT_OTHER},
	{"a guest has no ACTLR_EL1", MOAT_EXIT_OTHER},
	{"a guest's HVC #1 is no call", MOAT_EXIT_OTHER},
	{"a guest's WFI is the host's to know", MOAT_EXIT_WFI},
};
enum { FORBIDDEN_COUNT = sizeof(forbidden) / sizeof(forbidden[0]) };

static struct moat_regs hvc(struct moat_regs regs)
{
	register uint64_t r0 __asm__("x0") = regs.x[0];
	register uint64_t r1 __asm__("x1") = regs.x[1];
	register uint64_t r2 __asm__("x2") = regs.x[2];
	register uint64_t r3 __asm__("x3") = regs.x[3];
	register uint64_t r4 __asm__("x4") = regs.x[4];
	register uint64_t r5 __asm__("x5") = regs.x[5];
	register uint64_t r6 __asm__("x6") = regs.x[6];
	register uint64_t r7 __asm__("x7") = regs.x[7];
	register uint64_t r8 __asm__("x8") = regs.x[8];
	register uint64_t r9 __asm__("x9") = regs.x[9];

	__asm__ volatile("hvc #0"
			 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4),
			 "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9)
			 :
			 : "x10", "x11", "x12", "x13", "x14", "memory");
	return (struct moat_regs){{r0, r1, r2, r3, r4, r5, r6, r7, r8, r9}};
}

static uint64_t next_page(void)
{
	static uint64_t next = POOL;

	next += PAGE;
	return next - PAGE;
}

static void copy_guest(uint64_t page)
{
	volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)page;
	const uint32_t *from = (const uint32_t *)(const void *)guest_page;

	for (uint32_t i = 0; i < PAGE / sizeof(*to); i++) {
		to[i] = from[i];
	}
}

/* A VM with guest_page at IPA 0, and an empty page behind it. */
static uint64_t build(struct moat_vm_id vm)
{
	struct moat_ipa zero = {0};
	uint64_t page;
	uint64_t wrong = 0;

	wrong += hvc(moat_vm_create(vm, (struct moat_pa){next_page()}, IPA_BITS,
			     VCPUS))
			 .x[0];
	wrong += hvc(
		moat_table_create(vm, zero, 2, (struct moat_pa){next_page()}))
			 .x[0];
	wrong += hvc(
		moat_table_create(vm, zero, 3, (struct moat_pa){next_page()}))
			 .x[0];
	page = next_page();
	copy_guest(page);
	wrong += hvc(moat_page_load(vm, zero, (struct moat_pa){page}, 1)).x[0];
	wrong += hvc(moat_page_donate(vm, (struct moat_ipa){PAGE},
			     (struct moat_pa){next_page()}, 1))
			 .x[0];
	return wrong;
}

static uint64_t add_vcpu(
	struct moat_vm_id vm, uint64_t vcpu, uint64_t pc, uint64_t argument)
{
	return hvc(moat_vcpu_create(vm, (struct moat_vcpu_id){vcpu},
			   (struct moat_pa){next_page()}, pc, argument))
		.x[0];
}

static struct moat_regs run(struct moat_vm_id vm, uint64_t vcpu)
{
	return hvc(moat_vcpu_run(vm, (struct moat_vcpu_id){vcpu}));
}

/* Run it, with every register of the host's filled: none may change. */
static struct moat_regs run_filled(struct moat_vm_id vm, uint64_t vcpu)
{
	struct moat_regs exit;
	uint64_t changed;

	world_fill(PATTERN_HOST + vcpu, store);
	exit = run(vm, vcpu);
	changed = world_check(store);
	check_equal(changed, 0, "the host's registers come back");
	check_equal(exit.x[1], MOAT_EXIT_HOST_CALL, "the guest calls");
	return exit;
}

/* Its first call: what it found. */
static void check_first(struct moat_vm_id vm, uint64_t vcpu)
{
	struct moat_regs exit = run_filled(vm, vcpu);

	check_equal(exit.x[2], 5, "with five registers");
	check_equal(exit.x[3], 0, "its general registers were zero");
	check_equal(exit.x[4], 0, "its system registers were zero");
	check_equal(exit.x[5], 0, "its FP registers were zero");
	check_equal(exit.x[6], 0x30d00800, "its SCTLR_EL1 was reset");
	check_equal(exit.x[7], 0x80000000 + vcpu, "it knows its number");
}

static void check_worlds(void)
{
	struct moat_vm_id vm = {1};

	check_equal(build(vm), 0, "a VM is built");
	check_equal(add_vcpu(vm, 0, 0, UINT64_C(0xa1a2a3a4a5a60000)) +
			    add_vcpu(vm, 1, 0, UINT64_C(0xb1b2b3b4b5b60000)),
		0, "with two vCPUs");
	check_equal(hvc(moat_vm_seal(vm)).x[0], 0, "and sealed");
	check_first(vm, 0);
	check_first(vm, 1);
	for (uint64_t round = 0; round < 3; round++) {
		for (uint64_t vcpu = 0; vcpu < 2; vcpu++) {
			struct moat_regs exit = run_filled(vm, vcpu);

			check_equal(exit.x[2], 1, "with one register");
			check_equal(exit.x[3], 0, "the guest's registers stay");
		}
	}
}

static uint64_t pc_of(uint32_t index)
{
	return (uint64_t)(guest_forbidden - guest_page) +
	       index * FORBIDDEN_SIZE;
}

static void check_forbidden(void)
{
	for (uint32_t i = 0; i < FORBIDDEN_COUNT; i++) {
		struct moat_vm_id vm = {2 + i / VCPUS};

		if (i % VCPUS == 0) {
			check_equal(build(vm), 0, "a VM is built");
		}
		check_equal(
			add_vcpu(vm, i % VCPUS, pc_of(i), 0), 0, "with a vCPU");
		if (i % VCPUS == VCPUS - 1 || i == FORBIDDEN_COUNT - 1) {
			check_equal(hvc(moat_vm_seal(vm)).x[0], 0, "sealed");
		}
	}
	for (uint32_t i = 0; i < FORBIDDEN_COUNT; i++) {
		struct moat_regs exit =
			run((struct moat_vm_id){2 + i / VCPUS}, i % VCPUS);

		check_equal(exit.x[1], forbidden[i].reason, forbidden[i].what);
	}
}

/* GICv3, sections 12.9 and 12.11: what Linux sets up as well. */
static void enable_virtual_timer(void)
{
	uint64_t private = 0x080b0000; /* of CPU 0 */

	mmio_write32(0x08000000, 0x12); /* GICD_CTLR: group 1, affinity */
	mmio_write32(private + 0x80, 0xffffffff); /* all in group 1 */
	mmio_write32(private + 0x100, 1u << 27); /* the virtual timer */
}

/* A guest that loops gives the CPU back when the host's timer is due. */
static void check_tick(void)
{
	struct moat_vm_id vm = {4};
	struct moat_regs exit;

	check_equal(build(vm), 0, "a VM is built");
	check_equal(add_vcpu(vm, 0, (uint64_t)(guest_loop - guest_page), 0), 0,
		"with a vCPU");
	check_equal(hvc(moat_vm_seal(vm)).x[0], 0, "sealed");
	enable_virtual_timer();
	for (uint32_t i = 0; i < 3; i++) {
		write_cntv_cval_el0(
			read_cntpct_el0() + read_cntfrq_el0() / 100);
		write_cntv_ctl_el0(1);
		exit = run(vm, 0);
		check_equal(exit.x[1], MOAT_EXIT_IRQ,
			"a guest that loops is interrupted");
		check_equal(read_cntv_ctl_el0(), 5, "the host's timer is due");
		check_equal(mmio_read32(0x080b0200) & 0xc000000, 0x8000000,
			"and the host's alone");
	}
	write_cntv_ctl_el0(0);
}

void guest_check(void)
{
	check_tick();
	check_worlds();
	check_forbidden();
}
