/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations at the level of registers: nothing is picked from a table, so any
 * value of any register of a call can come about, and a fuzzer that learns what
 * comparisons want finds its way by itself.
 *
 * A record is one byte, then registers of eight bytes, the least significant
 * first: bits 0 and 1 of that byte are the kind, 2 and 3 the CPU, 4 to 7 how
 * many registers follow; those that do not are zero.
 */
#include <string.h>

#include "lockstep/op.h"

enum { KINDS = 4, CPUS = 4, REGISTER_BYTES = 8 };

static const enum op_kind kind_table[KINDS] = {
	OP_CALL, OP_GUEST_CALL, OP_GUEST_TRAP, OP_HOST_ABORT};

/* A call among them is a guest_call; see OP_GUEST_TRAP. */
static const enum moat_trap_kind trap_table[] = {MOAT_TRAP_ABORT, MOAT_TRAP_IRQ,
	MOAT_TRAP_WFI, MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};
enum { TRAPS = sizeof(trap_table) / sizeof(trap_table[0]) };

/* ---- From bytes -------------------------------------------------------- */

/* The register at @bytes, of which there are @size; zeroes follow them. */
static uint64_t register_at(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < REGISTER_BYTES && i < size; i++) {
		value |= (uint64_t)bytes[i] << (8 * i);
	}
	return value;
}

/* What the port makes of a syndrome: 32 bits wide but for the address, and
 * with nothing behind the kind unless it is an abort. */
static void make_trap(struct op *op)
{
	op->word[0] = trap_table[op->word[0] % TRAPS];
	for (uint32_t i = 1; i < OP_TRAP_WORDS; i++) {
		if (op->word[0] != MOAT_TRAP_ABORT) {
			op->word[i] = 0;
		} else if (i != 2) {
			op->word[i] = (uint32_t)op->word[i];
		}
	}
}

size_t op_from_registers(struct op *op, const uint8_t *bytes, size_t size)
{
	size_t used = 1;
	uint32_t count;

	memset(op, 0, sizeof(*op));
	if (size == 0) {
		return 0;
	}
	op->kind = kind_table[bytes[0] % KINDS];
	op->cpu = bytes[0] / KINDS % CPUS;
	count = bytes[0] / (KINDS * CPUS);
	for (uint32_t i = 0; i < count && used < size; i++) {
		if (i < op_word_count(op->kind)) {
			op->word[i] = register_at(bytes + used, size - used);
		}
		used += REGISTER_BYTES;
	}
	if (op->kind == OP_GUEST_TRAP) {
		make_trap(op);
	}
	return used < size ? used : size;
}

/* ---- To bytes ---------------------------------------------------------- */

/* The word that makes word @index of @op again. */
static uint64_t source_word(const struct op *op, uint32_t index)
{
	uint64_t trap = 0;

	if (op->kind != OP_GUEST_TRAP || index != 0) {
		return op->word[index];
	}
	while (trap < TRAPS - 1 && trap_table[trap] != op->word[0]) {
		trap++;
	}
	return trap;
}

size_t op_to_registers(const struct op *op, uint8_t bytes[OP_BYTES])
{
	uint32_t count = op_word_count(op->kind);
	size_t kind = 0;
	size_t used = 1;

	while (kind < KINDS && kind_table[kind] != op->kind) {
		kind++;
	}
	if (kind == KINDS || op->cpu >= CPUS) {
		return 0;
	}
	while (count > 0 && source_word(op, count - 1) == 0) {
		count--;
	}
	bytes[0] = (uint8_t)(kind + KINDS * (op->cpu + CPUS * count));
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t shift = 0; shift < 64; shift += 8) {
			bytes[used++] = (uint8_t)(source_word(op, i) >> shift);
		}
	}
	return used;
}
