/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/vtimer.h"

#include <stdbool.h>

#include "arch-aarch64/context.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/gic.h"
#include "arch-aarch64/list_register.h"
#include "arch-aarch64/machine.h"

#define INTERRUPT LIST_REGISTER_VIRTUAL_TIMER

/* How PPI 27 of each CPU was for the host. */
static struct {
	bool is_enabled;
	bool is_active;
	bool is_used; /* is_active was looked at, and the state set */
} host[MACHINE_CPU_MAX];

/*
 * Without waiting for the counter: a timer that becomes due meanwhile fires as
 * soon as the guest runs. CNTVOFF_EL2 is zero.
 */
static bool is_due(const uint64_t *world)
{
	return world_timer_is_armed(world) &&
	       read_cntvct_el0() >= world[WORLD_CNTV_CVAL];
}

void vtimer_begin(struct moat_context *context)
{
	uint64_t *list = &context->arch[CONTEXT_TIMER];
	uint32_t cpu = cpu_number();

	*list = list_register_timer(*list, is_due(context->arch));
	host[cpu].is_enabled = gic_set_enabled(INTERRUPT, true);
	host[cpu].is_used = *list != 0;
	if (host[cpu].is_used) {
		host[cpu].is_active = gic_set_active(INTERRUPT, true);
	}
}

void vtimer_save(struct moat_context *context)
{
	context->deadline = world_timer_is_armed(context->arch)
				    ? context->arch[WORLD_CNTV_CVAL]
				    : ~UINT64_C(0);
}

void vtimer_end(void)
{
	uint32_t cpu = cpu_number();

	if (host[cpu].is_used) {
		gic_set_active(INTERRUPT, host[cpu].is_active);
	}
	if (!host[cpu].is_enabled) {
		gic_set_enabled(INTERRUPT, false);
	}
}
