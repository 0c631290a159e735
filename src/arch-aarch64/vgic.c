/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/vgic.h"

#include "arch-aarch64/context.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/gic.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/sysreg.h"

/* ICH_HCR_EL2 (GICv3 and GICv4, 12.4.4). */
#define ICH_HCR_EN UINT64_C(1)
#define ICH_HCR_UIE UINT64_C(2) /* underflow: at most one is valid */

/* ICH_VTR_EL2 (12.4.9). */
#define ICH_VTR_LIST_REGISTERS(vtr) ((uint32_t)((vtr)&0x1f) + 1)
#define ICH_VTR_PREEMPTION_BITS(vtr) ((uint32_t)((vtr) >> 26 & 7) + 1)

#define MAINTENANCE_INTERRUPT 25 /* PPI (BSA, section 3.7) */

static uint32_t list_count; /* 1..MOAT_LIST_REGISTER_MAX */
static uint32_t priority_count; /* ICH_AP0R<n>_EL2: 1, 2 or 4 */

/* Whether the host of each CPU had PPI 25 enabled before this run. */
static bool was_enabled[MACHINE_CPU_MAX];

/* Each has 32 bits: one for each group priority (12.4.2). */
void vgic_init(void)
{
	uint64_t vtr = read_ich_vtr_el2();
	uint32_t bits = ICH_VTR_PREEMPTION_BITS(vtr);

	list_count = ICH_VTR_LIST_REGISTERS(vtr);
	if (list_count > MOAT_LIST_REGISTER_MAX) {
		list_count = MOAT_LIST_REGISTER_MAX;
	}
	priority_count = bits <= 5 ? 1 : 1u << (bits - 5);
}

uint32_t vgic_list_count(void)
{
	return list_count;
}

/* The host's are the first, but the last one. */
static void load_lists(const uint64_t *list)
{
	if (list_count > 1) {
		write_ich_lr0_el2(list[0]);
	}
	if (list_count > 2) {
		write_ich_lr1_el2(list[1]);
	}
	if (list_count > 3) {
		write_ich_lr2_el2(list[2]);
	}
}

static void save_lists(uint64_t *list)
{
	if (list_count > 1) {
		list[0] = read_ich_lr0_el2();
	}
	if (list_count > 2) {
		list[1] = read_ich_lr1_el2();
	}
	if (list_count > 3) {
		list[2] = read_ich_lr2_el2();
	}
}

/* The last one is the timer's. */
static void load_timer(uint64_t list)
{
	switch (list_count) {
	case 1:
		write_ich_lr0_el2(list);
		break;
	case 2:
		write_ich_lr1_el2(list);
		break;
	case 3:
		write_ich_lr2_el2(list);
		break;
	default:
		write_ich_lr3_el2(list);
		break;
	}
}

static uint64_t save_timer(void)
{
	switch (list_count) {
	case 1:
		return read_ich_lr0_el2();
	case 2:
		return read_ich_lr1_el2();
	case 3:
		return read_ich_lr2_el2();
	default:
		return read_ich_lr3_el2();
	}
}

/* The registers that only a finer priority needs. */
static void load_more_priorities(const uint64_t *arch)
{
	write_ich_ap0r1_el2(arch[CONTEXT_AP0R + 1]);
	write_ich_ap1r1_el2(arch[CONTEXT_AP1R + 1]);
	if (priority_count > 2) {
		write_ich_ap0r2_el2(arch[CONTEXT_AP0R + 2]);
		write_ich_ap0r3_el2(arch[CONTEXT_AP0R + 3]);
		write_ich_ap1r2_el2(arch[CONTEXT_AP1R + 2]);
		write_ich_ap1r3_el2(arch[CONTEXT_AP1R + 3]);
	}
}

static void save_more_priorities(uint64_t *arch)
{
	arch[CONTEXT_AP0R + 1] = read_ich_ap0r1_el2();
	arch[CONTEXT_AP1R + 1] = read_ich_ap1r1_el2();
	if (priority_count > 2) {
		arch[CONTEXT_AP0R + 2] = read_ich_ap0r2_el2();
		arch[CONTEXT_AP0R + 3] = read_ich_ap0r3_el2();
		arch[CONTEXT_AP1R + 2] = read_ich_ap1r2_el2();
		arch[CONTEXT_AP1R + 3] = read_ich_ap1r3_el2();
	}
}

void vgic_load(const struct moat_context *context)
{
	const uint64_t *arch = context->arch;
	bool wants_maintenance = context->wants_maintenance != 0;

	load_lists(context->list_register);
	load_timer(arch[CONTEXT_TIMER]);
	write_ich_vmcr_el2(arch[CONTEXT_VMCR]);
	write_ich_ap0r0_el2(arch[CONTEXT_AP0R]);
	write_ich_ap1r0_el2(arch[CONTEXT_AP1R]);
	if (priority_count > 1) {
		load_more_priorities(arch);
	}
	if (wants_maintenance) {
		was_enabled[cpu_number()] =
			gic_set_enabled(MAINTENANCE_INTERRUPT, true);
	}
	write_ich_hcr_el2(ICH_HCR_EN | (wants_maintenance ? ICH_HCR_UIE : 0));
}

void vgic_save(struct moat_context *context)
{
	uint64_t *arch = context->arch;

	context->maintenance = read_ich_misr_el2();
	save_lists(context->list_register);
	arch[CONTEXT_TIMER] = save_timer();
	arch[CONTEXT_VMCR] = read_ich_vmcr_el2();
	arch[CONTEXT_AP0R] = read_ich_ap0r0_el2();
	arch[CONTEXT_AP1R] = read_ich_ap1r0_el2();
	if (priority_count > 1) {
		save_more_priorities(arch);
	}
}

/* The maintenance interrupt's line falls with it, so that the host never sees
 * PPI 25, whether it has it enabled or not. */
void vgic_end(void)
{
	bool wanted_maintenance = (read_ich_hcr_el2() & ICH_HCR_UIE) != 0;

	write_ich_hcr_el2(0);
	if (wanted_maintenance) {
		isb();
		gic_set_enabled(
			MAINTENANCE_INTERRUPT, was_enabled[cpu_number()]);
	}
}
