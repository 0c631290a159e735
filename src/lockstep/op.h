/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operation grammar: everything that a host, a VM or a CPU can do to an
 * engine, as a list of operations with one text form. Scenes, the random
 * checker, the property tests, the fuzzers and the command line all use it.
 *
 *     call CPU NAME ARGUMENT...         a hypercall of the host, by name
 *     call CPU 0xFID ARGUMENT...        or by function identifier
 *     host_read CPU PA                  a 64-bit load of the host
 *     host_write CPU PA VALUE           a 64-bit store of the host
 *     guest_read CPU IPA                the same by the vCPU that runs on CPU;
 *     guest_write CPU IPA VALUE         a fault becomes a trap of kind ABORT
 *     guest_call CPU NAME REGISTER...   the vCPU sets x0.. and traps by HVC
 *     guest_call CPU 0xFID REGISTER...
 *     guest_trap CPU irq|wfi|serror|other
 *     guest_set CPU NUMBER VALUE        the vCPU sets one register
 *
 * What the state does not permit (a guest operation on a CPU that runs the
 * host, a host operation on a CPU that runs a vCPU) is skipped, by the engine
 * and by the model alike.
 */
#ifndef MOAT_LOCKSTEP_OP_H
#define MOAT_LOCKSTEP_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"

#ifdef __cplusplus
extern "C" {
#endif

enum op_kind {
	OP_CALL, /* word 0: function identifier; then x1..x9 */
	OP_HOST_READ, /* PA */
	OP_HOST_WRITE, /* PA, value */
	OP_GUEST_READ, /* IPA */
	OP_GUEST_WRITE, /* IPA, value */
	OP_GUEST_CALL, /* word 0: function identifier; then x1..x9 */
	OP_GUEST_TRAP, /* enum moat_trap_kind: IRQ, WFI, SERROR or OTHER */
	OP_GUEST_SET, /* register number, value */
	OP_KIND_COUNT
};

enum {
	OP_WORDS = 1 + MOAT_ARGUMENT_COUNT,
	OP_TEXT = 320, /* bytes that the text of one operation may need */
	OP_REGISTERS = 31 /* x0..x30 of a vCPU */
};

/* Words that the kind does not use are zero. */
struct op {
	enum op_kind kind;
	uint32_t cpu;
	uint64_t word[OP_WORDS];
};

/* What an argument of a call means; for whoever makes up arguments. */
enum op_argument {
	OP_NONE,
	OP_VM,
	OP_VCPU,
	OP_PA,
	OP_IPA,
	OP_COUNT,
	OP_LEVEL,
	OP_BITS, /* width of an IPA space */
	OP_VCPUS, /* how many vCPUs a VM has */
	OP_PC,
	OP_VALUE, /* any number will do */
	OP_ZERO /* reserved */
};

/* A call by name: its number, and what its arguments mean. */
struct op_call {
	const char *name;
	uint64_t function; /* identifier */
	uint32_t argument_count;
	enum op_argument argument[MOAT_ARGUMENT_COUNT];
};

/* The calls of the host and of a guest, in the order of moat.h. */
size_t op_host_call_count(void);
const struct op_call *op_host_call(size_t index);
size_t op_guest_call_count(void);
const struct op_call *op_guest_call(size_t index);

/* The call of an OP_CALL or OP_GUEST_CALL, or NULL if no call has that
 * function identifier. */
const struct op_call *op_call_of(const struct op *op);

/* Whether any value of that word makes the same kind of operation; for whoever
 * makes failures small. Not so for functions, addresses, registers, traps. */
bool op_is_plain(const struct op *op, uint32_t word);

/* How many words an operation of @kind has; the most, for the two calls. */
uint32_t op_word_count(enum op_kind kind);
const char *op_kind_name(enum op_kind kind);

/* Whether the host does it, and not a vCPU. */
bool op_is_of_host(enum op_kind kind);

/* What a scene's text may call by name: "ram", "ram1", "engine". */
struct op_symbol {
	const char *name;
	uint64_t value;
};

struct op_symbols {
	const struct op_symbol *symbol;
	size_t count;
};

/**
 * A number: decimal, hexadecimal with 0x, a symbol, or a sum or difference of
 * these without blanks (ram+0x3000). Wraps at 64 bits, as a register does.
 */
bool op_parse_number(
	const char *text, const struct op_symbols *symbols, uint64_t *number);

/**
 * Parse one operation from its words.
 *
 * Returns NULL, or what is wrong with it.
 */
const char *op_parse(struct op *op, const struct op_symbols *symbols,
	char **word, size_t count);

/* Print @op, without a line end, so that op_parse gives it back. */
void op_print(const struct op *op, char text[OP_TEXT]);

/* A value for @argument at which something changes, on the machine
 * shape_make(0); every @index has one. */
uint64_t op_interesting(enum op_argument argument, uint64_t index);

/**
 * Make an operation of a fuzzer's bytes, biased to numbers near valid ones.
 *
 * Returns how many bytes it took; 0 if none are left.
 */
size_t op_from_bytes(struct op *op, const uint8_t *bytes, size_t size);

enum { OP_BYTES = 2 + 9 * OP_WORDS }; /* that one operation may take */

/**
 * Bytes of which op_from_bytes makes @op, or one much like it: bytes have no
 * CPU beyond the second, no arguments that the call does not take, and not
 * every word of a page.
 *
 * Returns how many.
 */
size_t op_to_bytes(const struct op *op, uint8_t bytes[OP_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
