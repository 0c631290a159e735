/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/world.h"

#include "arch-aarch64/sysreg.h"

_Static_assert((int)WORLD_REGISTER_COUNT <= (int)WORLD_FP,
	"the system registers end before the FP state");

/* Unlike read_x() and write_x() no barriers to the compiler, which makes pairs
 * of the loads and stores. */
#define WORLD_SAVE(constant, name) \
	__asm__ volatile("mrs %0, " #name : "=r"(world[WORLD_##constant]));
#define WORLD_LOAD(constant, name) \
	__asm__ volatile("msr " #name ", %0" : : "r"(world[WORLD_##constant]));

/* A guest's DISR_EL1 is VDISR_EL2, as HCR_EL2.AMO is set; the host's is its
 * own, and no guest reaches it. */
static bool has_ras(void)
{
	return id_field(read_id_aa64pfr0_el1(), 28) != 0;
}

/* The one register of SME that CPTR_EL2 does not trap. */
static bool has_sme(void)
{
	return id_field(read_id_aa64pfr1_el1(), 24) != 0;
}

void world_save(uint64_t *world)
{
	WORLD_REGISTERS(WORLD_SAVE)
	world[WORLD_VDISR] = has_ras() ? read_vdisr_el2() : 0;
	world[WORLD_TPIDR2] = has_sme() ? read_tpidr2_el0() : 0;
}

/* No isb: the return to EL1 synchronises (Arm ARM D1.4, SCTLR_EL2.EOS). */
void world_load(const uint64_t *world)
{
	WORLD_REGISTERS(WORLD_LOAD)
	if (has_ras()) {
		write_vdisr_el2(world[WORLD_VDISR]);
	}
	if (has_sme()) {
		write_tpidr2_el0(world[WORLD_TPIDR2]);
	}
}

void world_reset(uint64_t *world)
{
	for (int i = 0; i < WORLD_COUNT; i++) {
		world[i] = 0;
	}
	world[WORLD_SCTLR] = WORLD_SCTLR_RESET;
}
