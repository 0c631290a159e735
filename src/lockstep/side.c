/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an instruction does with a word of memory and a register. The harness
 * plays the CPU for both sides, so this is no part of what they are compared
 * in.
 */
#include "lockstep/side.h"

bool side_is_host(const struct op *op)
{
	return op->kind == OP_CALL || op->kind == OP_HOST_READ ||
	       op->kind == OP_HOST_WRITE || op->kind == OP_HOST_ABORT;
}

struct moat_trap side_trap(const struct op *op)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_ABORT, .ipa = {op->word[0]}};

	if (op->kind == OP_GUEST_READ) {
		trap.access = MOAT_ACCESS_READ;
		trap.size = (uint32_t)op->word[1];
		trap.register_index = (uint32_t)op->word[2];
		trap.is_signed = op->word[3] % 2 == OP_FORM_SIGNED;
		trap.is_wide = op->word[3] / OP_FORM_WIDE % 2;
	} else if (op->kind == OP_GUEST_WRITE) {
		trap.access = MOAT_ACCESS_WRITE;
		trap.size = (uint32_t)op->word[2];
		trap.register_index = (uint32_t)op->word[3];
		/* ESR_ELx.SF of a store says how wide its register is. */
		trap.is_wide = trap.size == sizeof(uint64_t);
	} else {
		trap.access = MOAT_ACCESS_FETCH;
	}
	trap.has_syndrome = trap.size != 0;
	return trap;
}

struct moat_trap side_trap_stated(const struct op *op)
{
	struct moat_trap trap = {.kind = (enum moat_trap_kind)op->word[0],
		.access = (enum moat_access)op->word[1],
		.ipa = {op->word[2]},
		.has_syndrome = (uint32_t)op->word[3],
		.size = (uint32_t)op->word[4],
		.register_index = (uint32_t)op->word[5],
		.is_signed = (uint32_t)op->word[6],
		.is_wide = (uint32_t)op->word[7]};

	return trap;
}

/* Bits of the access; an access without a syndrome is a double word. */
static uint32_t access_bits(const struct moat_trap *trap)
{
	return trap->size == 0 ? 64 : 8 * trap->size;
}

static uint64_t low_bits(uint64_t value, uint32_t bits)
{
	return bits == 64 ? value : value & ((UINT64_C(1) << bits) - 1);
}

uint64_t side_load(const struct moat_trap *trap, uint64_t word)
{
	uint32_t bits = access_bits(trap);
	uint64_t value =
		low_bits(word >> (8 * (trap->ipa.value % sizeof(word))), bits);

	if (trap->is_signed && value >> (bits - 1) != 0) {
		value |= ~low_bits(UINT64_MAX, bits);
	}
	if (trap->size != 0 && trap->access == MOAT_ACCESS_READ &&
		!trap->is_wide) {
		value = low_bits(value, 32);
	}
	return value;
}

uint64_t side_store(const struct moat_trap *trap, uint64_t word, uint64_t value)
{
	uint32_t shift = 8 * (uint32_t)(trap->ipa.value % sizeof(word));
	uint64_t mask = low_bits(UINT64_MAX, access_bits(trap));

	return (word & ~(mask << shift)) | (value & mask) << shift;
}
