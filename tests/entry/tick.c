/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's time goes on while a guest runs. */
#include "arch-aarch64/mmio.h"
#include "arch-aarch64/sysreg.h"
#include "entry.h"
#include "vm.h"

enum { LOOP = 3, TIMER = 15, ROUNDS = 3 };

/* Of CPU 0 (GICv3, sections 12.9 and 12.11). */
#define DISTRIBUTOR UINT64_C(0x08000000)
#define PRIVATE UINT64_C(0x080b0000)
#define IGROUPR (PRIVATE + 0x80)
#define ISENABLER (PRIVATE + 0x100)
#define ICENABLER (PRIVATE + 0x180)
#define ISPENDR (PRIVATE + 0x200)
#define ISACTIVER (PRIVATE + 0x300)
#define MAINTENANCE (1u << 25)
#define HYPERVISOR_TIMER (1u << 26)
#define VIRTUAL_TIMER (1u << 27)

extern char guest_loop[];
extern char guest_timer[];

/* What Linux sets up as well. */
static void enable_virtual_timer(void)
{
	mmio_write32(DISTRIBUTOR, 0x12); /* GICD_CTLR: group 1, affinity */
	mmio_write32(IGROUPR, 0xffffffff);
	mmio_write32(ISENABLER, VIRTUAL_TIMER);
}

static void check_private(uint32_t enabled)
{
	check_equal(mmio_read32(ISENABLER) &
			    (MAINTENANCE | HYPERVISOR_TIMER | VIRTUAL_TIMER),
		enabled, "private interrupts are as the host enabled them");
	check_equal(mmio_read32(ISACTIVER), 0, "and none is active");
}

/* A guest that loops gives the CPU back when the host's timer is due. */
static void check_tick(uint32_t enabled)
{
	const struct moat_vm_id vm = {LOOP};
	struct moat_regs exit;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		write_cntv_cval_el0(
			read_cntpct_el0() + read_cntfrq_el0() / 100);
		write_cntv_ctl_el0(1);
		exit = vm_run(vm, 0);
		check_equal(exit.x[1], MOAT_EXIT_IRQ,
			"a guest that loops is interrupted");
		check_equal(read_cntv_ctl_el0(), 5, "the host's timer is due");
		check_equal(mmio_read32(ISPENDR) &
				    (HYPERVISOR_TIMER | VIRTUAL_TIMER),
			VIRTUAL_TIMER, "and the host's alone");
		check_private(enabled);
	}
	write_cntv_ctl_el0(0);
}

/* Run until the guest calls: its own timer interrupts it once, and then no
 * more. */
static void check_borrowed(struct moat_vm_id vm, uint32_t enabled)
{
	struct moat_regs exit = vm_run(vm, 0);

	if (exit.x[1] == MOAT_EXIT_IRQ) {
		check_private(enabled);
		exit = vm_run(vm, 0);
	}
	check_equal(exit.x[1], MOAT_EXIT_HOST_CALL, "a guest's timer is due");
	check_private(enabled);
	check_equal(mmio_read32(ISPENDR) & VIRTUAL_TIMER, 0,
		"which the host does not see");
}

static void check_timer(void)
{
	const struct moat_vm_id vm = {TIMER};

	check_equal(vm_start(vm, guest_timer), 0, "a VM with a timer is built");
	check_borrowed(vm, VIRTUAL_TIMER);
	mmio_write32(ICENABLER, VIRTUAL_TIMER);
	check_borrowed(vm, 0);
	mmio_write32(ISENABLER, VIRTUAL_TIMER);
	check_borrowed(vm, VIRTUAL_TIMER);
}

/* The underflow of list registers that are all empty ends a run at once, by an
 * interrupt that the host need not know of, and may have @enabled. */
static void check_maintenance(uint32_t enabled)
{
	struct moat_regs entry = moat_vcpu_run(
		(struct moat_vm_id){LOOP}, (struct moat_vcpu_id){0});
	struct moat_regs exit;

	entry.x[3] = MOAT_ENTRY_UNDERFLOW;
	exit = hvc(entry);
	check_equal(exit.x[1], MOAT_EXIT_IRQ, "an underflow ends a run");
	check_equal(exit.x[14], 2, "and says so");
	check_equal(mmio_read32(ISPENDR) & MAINTENANCE, 0, "once");
	check_private(enabled);
}

void tick_check(void)
{
	const struct moat_vm_id loop = {LOOP};

	enable_virtual_timer();
	check_equal(vm_start(loop, guest_loop), 0, "a VM that loops is built");
	check_tick(VIRTUAL_TIMER);
	check_timer();
	check_maintenance(VIRTUAL_TIMER);
	/* What the engine borrows goes back as it was. */
	mmio_write32(ISENABLER, MAINTENANCE | HYPERVISOR_TIMER);
	check_maintenance(MAINTENANCE | HYPERVISOR_TIMER | VIRTUAL_TIMER);
	check_tick(MAINTENANCE | HYPERVISOR_TIMER | VIRTUAL_TIMER);
	mmio_write32(ICENABLER, MAINTENANCE | HYPERVISOR_TIMER);
	check_maintenance(VIRTUAL_TIMER);
	check_tick(VIRTUAL_TIMER);
}
