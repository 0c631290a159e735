/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of EL1 that trap and that the engine answers for the CPU. Pure, as
 * exit.h is. What is not answered here does not exist for whoever asks.
 */
#ifndef MOAT_ARCH_AARCH64_EMULATE_H
#define MOAT_ARCH_AARCH64_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

/* A system register, as the syndrome of a trapped MRS or MSR names it (Arm ARM
 * D19.2.37, ISS of class 0x18). */
#define EMULATE_NAME(op0, op1, crn, crm, op2) \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define EMULATE_NAME_MASK 0x3ffc1e

#define EMULATE_MDSCR EMULATE_NAME(2, 0, 0, 2, 2)

/* What a guest may set in MDSCR_EL1: SS and KDE, to step through itself. Its
 * MDE would arm the host's breakpoints. */
#define EMULATE_MDSCR_GUEST UINT64_C(0x2001)

enum emulate_world {
	EMULATE_GUEST,
	EMULATE_HOST,
};

struct emulate_access {
	uint32_t name; /* EMULATE_NAME */
	uint32_t number; /* general register; 31 is the zero register */
	bool is_write;
};

/* The access behind the trap @esr, which has class 0x18. */
struct emulate_access emulate_decode(uint64_t esr);

/**
 * The number (CRm * 8 + op2) of an ID register, S3_0_C0_C<1..7>_<op2>, or 0 of
 * any other: its value in hardware is what emulate_value wants.
 */
uint32_t emulate_identity(uint32_t name);

/**
 * What @world reads from the register @name, into @value; writes are ignored.
 * @hardware is what the CPU says if it is an ID register.
 *
 * Returns false if the register does not exist in @world.
 */
bool emulate_value(uint32_t name, enum emulate_world world, uint64_t hardware,
	uint64_t *value);

#endif
