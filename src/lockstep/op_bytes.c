/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations of a fuzzer's bytes. One byte picks the kind and the CPU, one the
 * call, one each argument: from a table of the values where something changes,
 * or, by 0xff, as eight raw bytes. So most inputs come near a valid call, and
 * every input is reachable.
 */
#include <string.h>

#include "lockstep/shape.h"

enum { RAW = 0xff }; /* the byte in front of eight raw ones */

#define PAGE(n) (SHAPE_RAM + (uint64_t)(n)*MOAT_PAGE_SIZE)
#define ENTRIES MOAT_TABLE_ENTRIES
#define SIZE ((uint64_t)MOAT_PAGE_SIZE)
#define GIB UINT64_C(0x40000000)
#define WRAP (UINT64_MAX / MOAT_PAGE_SIZE + 1) /* pages of 2^64 bytes */
#define STATE(n) (UINT64_C(n) << 62) /* of a list register */
#define HARDWARE (UINT64_C(1) << 61)

/* Ends of regions and of RAM, concatenated roots, and what is no RAM at all. */
static const uint64_t pas[] = {PAGE(0), PAGE(1), PAGE(2), PAGE(3), PAGE(4),
	PAGE(5), PAGE(6), PAGE(7), PAGE(8), PAGE(9), PAGE(10), PAGE(11),
	PAGE(12), PAGE(13), PAGE(14), PAGE(15), PAGE(16), PAGE(20), PAGE(24),
	PAGE(28), PAGE(32), PAGE(48), PAGE(64), PAGE(ENTRIES - 4),
	PAGE(ENTRIES - 3), PAGE(ENTRIES - 2), PAGE(ENTRIES - 1), PAGE(ENTRIES),
	PAGE(ENTRIES + 1), PAGE(ENTRIES + 2), PAGE(ENTRIES + 4),
	PAGE(ENTRIES + 16), PAGE(2 * ENTRIES - 16), PAGE(2 * ENTRIES - 2),
	PAGE(2 * ENTRIES - 1), PAGE(2 * ENTRIES), PAGE(2 * ENTRIES + 1),
	PAGE(3 * ENTRIES), PAGE(4 * ENTRIES - 16), PAGE(4 * ENTRIES - 2),
	PAGE(4 * ENTRIES - 1), PAGE(4 * ENTRIES), PAGE(-1), SHAPE_ENGINE,
	SHAPE_DEVICE, PAGE(0) + 8, PAGE(ENTRIES - 1) + 2048, 0, -SIZE};

/* Both halves at several widths; ends of tables of each level. */
static const uint64_t ipas[] = {0, SIZE, 2 * SIZE, 3 * SIZE, 7 * SIZE,
	SHAPE_REGION - 2 * SIZE, SHAPE_REGION - SIZE, SHAPE_REGION,
	SHAPE_REGION + SIZE, 2 * SHAPE_REGION - SIZE, GIB - SHAPE_REGION,
	GIB - SIZE, GIB, 2 * GIB - SHAPE_REGION, 2 * GIB - SIZE, 2 * GIB,
	2 * GIB + SIZE, 2 * GIB + SHAPE_REGION, 4 * GIB - SIZE, 4 * GIB,
	8 * GIB, 16 * GIB, 256 * GIB - SIZE, 512 * GIB,
	512 * GIB + SHAPE_REGION, 1024 * GIB, UINT64_C(1) << 43,
	UINT64_C(1) << 44, 8, SIZE + 1, SHAPE_REGION - 8, UINT64_C(1) << 48,
	-SHAPE_REGION, -SIZE, -UINT64_C(1)};

/* The last ones, times the page size, wrap to 0, to a page, to a region. */
static const uint64_t counts[] = {1, 1, 2, 3, 4, 0, 5, 6, 8, ENTRIES - 2,
	ENTRIES - 1, ENTRIES, ENTRIES + 1, 2 * ENTRIES - 1, 2 * ENTRIES,
	2 * ENTRIES + 1, UINT64_C(1) << 32, WRAP, WRAP + 1, WRAP + ENTRIES,
	-UINT64_C(1)};

static const uint64_t vms[] = {
	0, 1, 2, 3, 255, 256, UINT64_C(1) << 32, -UINT64_C(1)};
static const uint64_t vcpus[] = {
	0, 1, 2, 7, 8, UINT64_C(1) << 32, -UINT64_C(1)};
static const uint64_t levels[] = {
	3, 2, 1, 0, 4, (UINT64_C(1) << 32) + 3, -UINT64_C(1)};
static const uint64_t bits[] = {32, 33, 34, 35, 36, 39, 40, 42, 43, 44, 31, 45,
	0, 64, (UINT64_C(1) << 32) + 40, -UINT64_C(1)};
static const uint64_t vcpu_counts[] = {1, 2, 8, 0, 9, UINT64_C(1) << 32};
static const uint64_t pcs[] = {0, 0x1000, 0x80000, 2, 0x1001, -UINT64_C(4)};
static const uint64_t values[] = {0, 1, 2, 5, 6, 7, 0x5ec2e7, -UINT64_C(1)};
static const uint64_t zeros[] = {0, 0, 0, 1, -UINT64_C(1)};
static const uint64_t booleans[] = {0, 0, 1, 2, UINT64_C(1) << 32};
/* READ is in all that are valid. */
static const uint64_t permissions[] = {
	1, 3, 5, 7, 0, 2, 4, 6, 8, 9, (UINT64_C(1) << 32) + 1, -UINT64_C(1)};
static const uint64_t entries[] = {
	0, 0, 0, 1, 1, 2, 3, 4, UINT64_C(1) << 32, -UINT64_C(1)};
/* Pending, active, both, inactive; hardware-backed; reserved bits; identifiers
 * at the ends and of the virtual timer. */
static const uint64_t lists[] = {0, STATE(1) + 33, STATE(1) + 34, STATE(2) + 33,
	STATE(3) + 1019, 33, STATE(1) + 27, STATE(1) + 1020, STATE(1) + 1023,
	STATE(1) + 8192, STATE(1) + HARDWARE + 33,
	STATE(1) + (UINT64_C(1) << 60) + (UINT64_C(0xa0) << 48) + 40,
	STATE(1) + (UINT64_C(1) << 41) + 16,
	STATE(2) + (UINT64_C(7) << 32) + 35, -UINT64_C(1)};
static const uint64_t functions[] = {MOAT_PSCI_VERSION, MOAT_PSCI_CPU_SUSPEND,
	MOAT_PSCI_64 + MOAT_PSCI_CPU_SUSPEND, MOAT_PSCI_CPU_OFF,
	MOAT_PSCI_CPU_ON, MOAT_PSCI_64 + MOAT_PSCI_CPU_ON,
	MOAT_PSCI_AFFINITY_INFO, MOAT_PSCI_64 + MOAT_PSCI_AFFINITY_INFO,
	MOAT_PSCI_MIGRATE_INFO_TYPE, MOAT_PSCI_SYSTEM_OFF,
	MOAT_PSCI_SYSTEM_RESET, MOAT_PSCI_FEATURES, MOAT_SMCCC_VERSION,
	MOAT_SMCCC_ARCH_FEATURES, MOAT_PSCI_64 + MOAT_PSCI_VERSION, 0x84000005,
	0x80008000, UINT64_C(0x184000003), -UINT64_C(1)};
/* The words of a page that abs compares. */
static const uint64_t offsets[] = {0, 8, 2048, 4088};

#define TABLE(values) \
	{ \
		values, sizeof(values) / sizeof((values)[0]) \
	}

static const struct {
	const uint64_t *value;
	size_t count;
} tables[OP_ARGUMENT_KINDS] = {
	[OP_NONE] = TABLE(values),
	[OP_VM] = TABLE(vms),
	[OP_VCPU] = TABLE(vcpus),
	[OP_PA] = TABLE(pas),
	[OP_IPA] = TABLE(ipas),
	[OP_COUNT] = TABLE(counts),
	[OP_LEVEL] = TABLE(levels),
	[OP_BITS] = TABLE(bits),
	[OP_VCPUS] = TABLE(vcpu_counts),
	[OP_PC] = TABLE(pcs),
	[OP_VALUE] = TABLE(values),
	[OP_BOOLEAN] = TABLE(booleans),
	[OP_PERMISSION] = TABLE(permissions),
	[OP_ENTRY] = TABLE(entries),
	[OP_LIST] = TABLE(lists),
	[OP_FUNCTION] = TABLE(functions),
	[OP_ZERO] = TABLE(zeros),
};

uint64_t op_interesting(enum op_argument argument, uint64_t index)
{
	return tables[argument].value[index % tables[argument].count];
}

/* Calls, since they are what changes the state, are most of all. */
static const enum op_kind kind_table[16] = {OP_CALL, OP_CALL, OP_CALL, OP_CALL,
	OP_CALL, OP_GUEST_CALL, OP_GUEST_CALL, OP_HOST_READ, OP_HOST_WRITE,
	OP_HOST_ABORT, OP_GUEST_READ, OP_GUEST_WRITE, OP_GUEST_FETCH,
	OP_GUEST_TRAP, OP_GUEST_SET, OP_GUEST_GET};

static const uint8_t sizes[5] = {0, 1, 2, 4, 8};
static const enum moat_trap_kind traps[5] = {MOAT_TRAP_IRQ, MOAT_TRAP_WFI,
	MOAT_TRAP_ABORT, MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

/* ---- From bytes -------------------------------------------------------- */

/* What is left to read; zeroes follow its end. */
struct reader {
	const uint8_t *bytes;
	size_t size;
	size_t used;
};

static uint8_t next_byte(struct reader *reader)
{
	uint8_t byte =
		reader->used < reader->size ? reader->bytes[reader->used] : 0;

	reader->used++;
	return byte;
}

static uint64_t next_raw(struct reader *reader)
{
	uint64_t raw = 0;

	for (int i = 0; i < 8; i++) {
		raw = raw * 256 + next_byte(reader);
	}
	return raw;
}

static uint64_t next_argument(struct reader *reader, enum op_argument argument)
{
	uint8_t byte = next_byte(reader);

	if (byte == RAW) {
		return next_raw(reader);
	}
	return op_interesting(argument, byte);
}

static void call_from(struct reader *reader, struct op *op)
{
	bool is_host = op->kind == OP_CALL;
	size_t count = is_host ? op_host_call_count() : op_guest_call_count();
	uint8_t byte = next_byte(reader);
	const struct op_call *call;

	if (byte == RAW) {
		op->word[0] = next_raw(reader);
		return;
	}
	call = is_host ? op_host_call(byte % count)
		       : op_guest_call(byte % count);
	op->word[0] = call->function;
	for (uint32_t i = 0; i < call->argument_count; i++) {
		op->word[1 + i] = next_argument(reader, call->argument[i]);
	}
}

/* An address in an interesting page, at one of the words that are compared. */
static uint64_t next_address(struct reader *reader, enum op_argument argument)
{
	uint64_t page = next_argument(reader, argument) & -SIZE;
	uint8_t byte = next_byte(reader);

	if (byte == RAW) {
		byte = next_byte(reader);
		return page + (byte * 256u + next_byte(reader)) % SIZE;
	}
	return page + offsets[byte % 4];
}

/* The size and register of an access from word @first on, if it has them; its
 * address becomes a multiple of the size. */
static void form_from(struct reader *reader, struct op *op, uint32_t first)
{
	uint8_t size = sizes[next_byte(reader) % sizeof(sizes)];

	op->word[first] = size;
	if (size != 0) {
		op->word[first + 1] = next_byte(reader) % (OP_PC_REGISTER + 1);
	}
	op->word[0] -= op->word[0] % (size == 0 ? sizeof(uint64_t) : size);
}

static void access_from(struct reader *reader, struct op *op)
{
	bool is_host = op->kind == OP_HOST_READ || op->kind == OP_HOST_WRITE ||
		       op->kind == OP_HOST_ABORT;

	op->word[0] = next_address(reader, is_host ? OP_PA : OP_IPA);
	if (op->kind == OP_HOST_READ || op->kind == OP_HOST_WRITE) {
		op->word[0] -= op->word[0] % sizeof(uint64_t);
	}
	if (op->kind == OP_GUEST_FETCH) {
		op->word[0] -= op->word[0] % 4;
	}
	if (op->kind == OP_HOST_WRITE || op->kind == OP_GUEST_WRITE) {
		op->word[1] = next_argument(reader, OP_VALUE);
	}
	if (op->kind == OP_GUEST_WRITE) {
		form_from(reader, op, 2);
	}
	if (op->kind == OP_GUEST_READ) {
		form_from(reader, op, 1);
		op->word[3] = op->word[1] == 0
				      ? 0
				      : next_byte(reader) % OP_FORM_COUNT;
	}
}

/* An abort may have any field, as the engine trusts none with a size. */
static void trap_from(struct reader *reader, struct op *op)
{
	op->word[0] = traps[next_byte(reader) % 5];
	if (op->word[0] != MOAT_TRAP_ABORT) {
		return;
	}
	op->word[1] = next_byte(reader) % (MOAT_ACCESS_END + 1);
	op->word[2] = next_address(reader, OP_IPA);
	for (uint32_t i = 3; i < OP_TRAP_WORDS; i++) {
		op->word[i] = next_byte(reader);
	}
}

static void set_from(struct reader *reader, struct op *op)
{
	bool is_list;

	op->word[0] = next_byte(reader) % OP_REGISTERS;
	is_list =
		op->word[0] >= OP_LIST_REGISTER && op->word[0] < OP_MAINTENANCE;
	op->word[1] = next_argument(reader, is_list ? OP_LIST : OP_VALUE);
}

size_t op_from_bytes(struct op *op, const uint8_t *bytes, size_t size)
{
	struct reader reader = {bytes, size, 0};
	uint8_t first = next_byte(&reader);

	memset(op, 0, sizeof(*op));
	if (size == 0) {
		return 0;
	}
	op->kind = kind_table[first % 16];
	op->cpu = first / 16 % 2;
	switch (op->kind) {
	case OP_CALL:
	case OP_GUEST_CALL:
		call_from(&reader, op);
		break;
	case OP_HOST_READ:
	case OP_HOST_WRITE:
	case OP_HOST_ABORT:
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
	case OP_GUEST_FETCH:
		access_from(&reader, op);
		break;
	case OP_GUEST_TRAP:
		trap_from(&reader, op);
		break;
	case OP_GUEST_SET:
		set_from(&reader, op);
		break;
	case OP_GUEST_GET:
		op->word[0] = next_byte(&reader) % OP_PC_REGISTER;
		break;
	case OP_KIND_COUNT:
		break;
	}
	return reader.used < size ? reader.used : size;
}

/* ---- To bytes ---------------------------------------------------------- */

struct writer {
	uint8_t *bytes; /* OP_BYTES of them */
	size_t used;
};

static void put_byte(struct writer *writer, uint64_t byte)
{
	writer->bytes[writer->used++] = (uint8_t)byte;
}

static void put_raw(struct writer *writer, uint64_t raw)
{
	for (uint32_t shift = 64; shift > 0; shift -= 8) {
		put_byte(writer, raw >> (shift - 8));
	}
}

/* By its index, where it has one: what mutates it comes to its neighbours. */
static void put_argument(
	struct writer *writer, enum op_argument argument, uint64_t value)
{
	for (size_t i = 0; i < tables[argument].count; i++) {
		if (tables[argument].value[i] == value) {
			put_byte(writer, i);
			return;
		}
	}
	put_byte(writer, RAW);
	put_raw(writer, value);
}

static void put_address(
	struct writer *writer, enum op_argument argument, uint64_t address)
{
	put_argument(writer, argument, address & -SIZE);
	put_byte(writer, RAW);
	put_byte(writer, address % SIZE / 256);
	put_byte(writer, address % 256);
}

static void put_call(struct writer *writer, const struct op *op)
{
	const struct op_call *call = op_call_of(op);
	size_t index = 0;

	if (!call) {
		put_byte(writer, RAW);
		put_raw(writer, op->word[0]);
		return;
	}
	while ((op->kind == OP_CALL ? op_host_call(index)
				    : op_guest_call(index)) != call) {
		index++;
	}
	put_byte(writer, index);
	for (uint32_t i = 0; i < call->argument_count; i++) {
		put_argument(writer, call->argument[i], op->word[1 + i]);
	}
}

static void put_size(struct writer *writer, uint64_t size, uint64_t number)
{
	uint32_t index = 0;

	while (index < 4 && sizes[index] != size) {
		index++;
	}
	put_byte(writer, index);
	if (size != 0) {
		put_byte(writer, number);
	}
}

static void put_access(struct writer *writer, const struct op *op)
{
	bool is_host = op->kind == OP_HOST_READ || op->kind == OP_HOST_WRITE ||
		       op->kind == OP_HOST_ABORT;

	put_address(writer, is_host ? OP_PA : OP_IPA, op->word[0]);
	if (op->kind == OP_HOST_WRITE || op->kind == OP_GUEST_WRITE) {
		put_argument(writer, OP_VALUE, op->word[1]);
	}
	if (op->kind == OP_GUEST_WRITE) {
		put_size(writer, op->word[2], op->word[3]);
	}
	if (op->kind == OP_GUEST_READ) {
		put_size(writer, op->word[1], op->word[2]);
	}
	if (op->kind == OP_GUEST_READ && op->word[1] != 0) {
		put_byte(writer, op->word[3]);
	}
}

static void put_trap(struct writer *writer, const struct op *op)
{
	uint32_t index = 0;

	while (index < 4 && traps[index] != op->word[0]) {
		index++;
	}
	put_byte(writer, index);
	if (op->word[0] == MOAT_TRAP_ABORT) {
		put_byte(writer, op->word[1]);
		put_address(writer, OP_IPA, op->word[2]);
		for (uint32_t i = 3; i < OP_TRAP_WORDS; i++) {
			put_byte(writer, op->word[i]);
		}
	}
}

static void put_words(struct writer *writer, const struct op *op)
{
	switch (op->kind) {
	case OP_CALL:
	case OP_GUEST_CALL:
		put_call(writer, op);
		break;
	case OP_GUEST_TRAP:
		put_trap(writer, op);
		break;
	case OP_GUEST_SET:
		put_byte(writer, op->word[0]);
		put_byte(writer, RAW);
		put_raw(writer, op->word[1]);
		break;
	case OP_GUEST_GET:
		put_byte(writer, op->word[0]);
		break;
	case OP_HOST_READ:
	case OP_HOST_WRITE:
	case OP_HOST_ABORT:
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
	case OP_GUEST_FETCH:
	case OP_KIND_COUNT:
		put_access(writer, op);
		break;
	}
}

size_t op_to_bytes(const struct op *op, uint8_t bytes[OP_BYTES])
{
	struct writer writer = {bytes, 0};
	size_t kind = 0;

	while (kind_table[kind] != op->kind) {
		kind++;
	}
	put_byte(&writer, kind + 16 * (size_t)(op->cpu % 2));
	put_words(&writer, op);
	return writer.used;
}
