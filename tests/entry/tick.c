/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's time goes on while a guest runs. */
#include "arch-aarch64/mmio.h"
#include "arch-aarch64/sysreg.h"
#include "entry.h"
#include "vm.h"

enum { VM = 3, ROUNDS = 3 };

/* Of CPU 0 (GICv3, sections 12.9 and 12.11). */
#define DISTRIBUTOR UINT64_C(0x08000000)
#define PRIVATE UINT64_C(0x080b0000)
#define IGROUPR (PRIVATE + 0x80)
#define ISENABLER (PRIVATE + 0x100)
#define ISPENDR (PRIVATE + 0x200)
#define ISACTIVER (PRIVATE + 0x300)
#define HYPERVISOR_TIMER (1u << 26)
#define VIRTUAL_TIMER (1u << 27)

extern char guest_loop[];

/* What Linux sets up as well. */
static void enable_virtual_timer(void)
{
	mmio_write32(DISTRIBUTOR, 0x12); /* GICD_CTLR: group 1, affinity */
	mmio_write32(IGROUPR, 0xffffffff);
	mmio_write32(ISENABLER, VIRTUAL_TIMER);
}

/* A guest that loops gives the CPU back when the host's timer is due. */
void tick_check(void)
{
	const struct moat_vm_id vm = {VM};
	struct moat_regs exit;

	check_equal(vm_start(vm, guest_loop), 0, "a VM that loops is built");
	enable_virtual_timer();
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
		check_equal(mmio_read32(ISENABLER) &
				    (HYPERVISOR_TIMER | VIRTUAL_TIMER),
			VIRTUAL_TIMER, "as it was enabled");
		check_equal(mmio_read32(ISACTIVER), 0, "and none is active");
	}
	write_cntv_ctl_el0(0);
}
