/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/world.h"

#include "arch-aarch64/sysreg.h"

_Static_assert((int)WORLD_REGISTER_COUNT <= (int)WORLD_FP,
	"the system registers end before the FP state");

#define WORLD_SAVE(constant, name) world[WORLD_##constant] = read_##name();
#define WORLD_LOAD(constant, name) write_##name(world[WORLD_##constant]);

void world_save(uint64_t *world)
{
	WORLD_REGISTERS(WORLD_SAVE)
	world_fp_save(&world[WORLD_FP]);
}

/* No isb: the return to EL1 synchronises (Arm ARM D1.4, SCTLR_EL2.EOS). */
void world_load(const uint64_t *world)
{
	WORLD_REGISTERS(WORLD_LOAD)
	world_fp_load(&world[WORLD_FP]);
}

void world_reset(uint64_t *world)
{
	for (int i = 0; i < WORLD_COUNT; i++) {
		world[i] = 0;
	}
	world[WORLD_SCTLR] = WORLD_SCTLR_RESET;
}
