/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/tick.h"

#include "arch-aarch64/cpu.h"
#include "arch-aarch64/gic.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/sysreg.h"
#include "arch-aarch64/world.h"

#define TIMER_ENABLE UINT64_C(1) /* CNTHP_CTL_EL2 (Arm ARM D19.12) */

#define TICK_INTERRUPT 26 /* PPI of CNTHP (BSA, section 3.7) */

/* Whether the host of each CPU had PPI 26 enabled before this run. */
static bool was_enabled[MACHINE_CPU_MAX];

/* CNTVOFF_EL2 is zero, so that virtual and physical deadlines are the same. */
void tick_begin(const uint64_t *world)
{
	if (world_timer_is_armed(world)) {
		write_cnthp_cval_el2(world[WORLD_CNTV_CVAL]);
		write_cnthp_ctl_el2(TIMER_ENABLE);
		was_enabled[cpu_number()] =
			gic_set_enabled(TICK_INTERRUPT, true);
	}
}

/* The timer's line falls with it, so that the host never sees PPI 26. */
void tick_end(void)
{
	if (read_cnthp_ctl_el2() != 0) {
		write_cnthp_ctl_el2(0);
		isb();
		gic_set_enabled(TICK_INTERRUPT, was_enabled[cpu_number()]);
	}
}
