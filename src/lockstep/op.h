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
 *     host_abort CPU PA                 an access of the host was refused, for
 *                                       whatever reason
 *     guest_read CPU IPA                the same by the vCPU that runs on CPU;
 *     guest_write CPU IPA VALUE         a fault becomes a trap of kind ABORT
 *     guest_read CPU IPA SIZE NUMBER FORM
 *     guest_write CPU IPA VALUE SIZE NUMBER
 *                                       a load or store of one register: a
 *                                       fault has a syndrome; FORM is w, sw, x
 *                                       or sx, as for LDRH, LDRSH and so on
 *     guest_fetch CPU IPA               it fetches an instruction
 *     guest_call CPU NAME REGISTER...   the vCPU sets x0.. and traps by HVC
 *     guest_call CPU 0xFID REGISTER...
 *     guest_trap CPU irq|wfi|serror|other
 *     guest_trap CPU abort ACCESS IPA SYNDROME SIZE NUMBER SIGNED WIDE
 *                                       any stage-2 abort: struct moat_trap
 *     guest_set CPU WHAT VALUE          the vCPU sets x0..x30 (0..30) or pc;
 *                                       the GIC lr0..lr3 or maintenance; the
 *                                       timer its deadline
 *     guest_get CPU NUMBER              the vCPU looks at x0..x30
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
	OP_CALL, /* word 0: function identifier; then x1..x13 */
	OP_HOST_READ, /* PA */
	OP_HOST_WRITE, /* PA, value */
	OP_HOST_ABORT, /* PA */
	OP_GUEST_READ, /* IPA, size (0: no syndrome), register, enum op_form */
	OP_GUEST_WRITE, /* IPA, value, size, register */
	OP_GUEST_FETCH, /* IPA */
	OP_GUEST_CALL, /* word 0: function identifier; then x1..x9 */
	OP_GUEST_TRAP, /* the fields of struct moat_trap, but kind CALL */
	OP_GUEST_SET, /* enum op_register, value */
	OP_GUEST_GET, /* register number */
	OP_KIND_COUNT
};

enum {
	OP_ARGUMENTS = 13, /* of vcpu_run, which has most */
	OP_WORDS = 1 + OP_ARGUMENTS,
	OP_GUEST_WORDS = 10, /* x0..x9 of a guest's call */
	OP_TRAP_WORDS = 8,
	OP_TEXT = 400 /* bytes that the text of one operation may need */
};

/* What a load of one register does to it. */
enum op_form {
	OP_FORM_SIGNED = 1, /* the sign is extended */
	OP_FORM_WIDE = 2, /* the register is an X */
	OP_FORM_COUNT = 4
};

/* What guest_set sets; below OP_PC_REGISTER, x0..x30. */
enum op_register {
	OP_PC_REGISTER = 31,
	OP_LIST_REGISTER = 32, /* and those behind it */
	OP_MAINTENANCE = OP_LIST_REGISTER + MOAT_LIST_REGISTER_MAX,
	OP_DEADLINE,
	OP_REGISTERS
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
	OP_BOOLEAN,
	OP_PERMISSION, /* a set of enum moat_permission */
	OP_ENTRY, /* enum moat_entry_flags */
	OP_LIST, /* a list register */
	OP_FUNCTION, /* of PSCI or SMCCC, as their FEATURES ask for */
	OP_ZERO, /* an affinity level */
	OP_ARGUMENT_KINDS
};

/* A call by name: its number, and what its arguments mean. */
struct op_call {
	const char *name;
	uint64_t function; /* identifier */
	uint32_t argument_count;
	enum op_argument argument[OP_ARGUMENTS];
};

/*
 * PSCI and SMCCC, both forms of those that have two:
 * X(constant, name, function, arguments).
 */
#define OP_POWER_CALLS(X) \
	X(PSCI_VERSION, psci_version, MOAT_PSCI_VERSION, 0) \
	X(PSCI_CPU_SUSPEND, psci_cpu_suspend, MOAT_PSCI_CPU_SUSPEND, 3) \
	X(PSCI_CPU_SUSPEND_64, psci_cpu_suspend_64, \
		MOAT_PSCI_64 + MOAT_PSCI_CPU_SUSPEND, 3) \
	X(PSCI_CPU_OFF, psci_cpu_off, MOAT_PSCI_CPU_OFF, 0) \
	X(PSCI_CPU_ON, psci_cpu_on, MOAT_PSCI_CPU_ON, 3) \
	X(PSCI_CPU_ON_64, psci_cpu_on_64, MOAT_PSCI_64 + MOAT_PSCI_CPU_ON, 3) \
	X(PSCI_AFFINITY_INFO, psci_affinity_info, MOAT_PSCI_AFFINITY_INFO, 2) \
	X(PSCI_AFFINITY_INFO_64, psci_affinity_info_64, \
		MOAT_PSCI_64 + MOAT_PSCI_AFFINITY_INFO, 2) \
	X(PSCI_MIGRATE_INFO_TYPE, psci_migrate_info_type, \
		MOAT_PSCI_MIGRATE_INFO_TYPE, 0) \
	X(PSCI_SYSTEM_OFF, psci_system_off, MOAT_PSCI_SYSTEM_OFF, 0) \
	X(PSCI_SYSTEM_RESET, psci_system_reset, MOAT_PSCI_SYSTEM_RESET, 0) \
	X(PSCI_FEATURES, psci_features, MOAT_PSCI_FEATURES, 1) \
	X(SMCCC_VERSION, smccc_version, MOAT_SMCCC_VERSION, 0) \
	X(SMCCC_ARCH_FEATURES, smccc_arch_features, MOAT_SMCCC_ARCH_FEATURES, 1)

#define OP_ONE(constant, name, number, arguments) +1
/* How many calls guest.h has; PSCI's are behind them. */
enum { OP_OWN_GUEST_CALLS = 0 MOAT_GUEST_CALLS(OP_ONE) };

/* The calls of the host and of a guest, in the order of the manual; behind
 * those of guest.h, PSCI and SMCCC. */
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
 * these without blanks (ram+0x3000). Wraps at 64 bits, as a register does. A
 * decimal one may be counted in what the granule makes of it: 3p are 3 pages
 * and 2b two blocks (of level 2), in bytes; 1t is as many as a table has
 * entries (ram+1b-1p, a count of 1t+1).
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
 * CPU beyond the second, no arguments that the call does not take, and only
 * small fields of an abort.
 *
 * Returns how many.
 */
size_t op_to_bytes(const struct op *op, uint8_t bytes[OP_BYTES]);

/**
 * The same at the level of registers: a host call, a host abort, a guest's call
 * or another trap of it, with any value in any register (op_raw.c). There are
 * no bytes for an operation of another kind: then 0 is returned.
 */
size_t op_from_registers(struct op *op, const uint8_t *bytes, size_t size);
size_t op_to_registers(const struct op *op, uint8_t bytes[OP_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
