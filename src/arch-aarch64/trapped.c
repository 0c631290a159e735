/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/trapped.h"

/* MRS has its register in the instruction, so that there is one for each. All
 * of these can be read: those not in use are zero (Arm ARM D18.3.1). */
#define READ(crm, op2) \
	case (crm)*8 + (op2): \
		__asm__("mrs %0, S3_0_C0_C" #crm "_" #op2 : "=r"(value)); \
		break;
#define READ_ROW(crm) \
	READ(crm, 0) \
	READ(crm, 1) \
	READ(crm, 2) \
	READ(crm, 3) \
	READ(crm, 4) \
	READ(crm, 5) \
	READ(crm, 6) \
	READ(crm, 7)

static uint64_t read_identity(uint32_t identity)
{
	uint64_t value = 0;

	switch (identity) {
		READ_ROW(1)
		READ_ROW(2)
		READ_ROW(3)
		READ_ROW(4)
		READ_ROW(5)
		READ_ROW(6)
		READ_ROW(7)
	default:
		break;
	}
	return value;
}

bool trapped_value(uint32_t name, enum emulate_world world, uint64_t *value)
{
	uint64_t hardware = read_identity(emulate_identity(name));

	return emulate_value(name, world, hardware, value);
}
