/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations of a fuzzer's bytes. One byte picks the kind and the CPU, one the
 * call, one each argument: from a table of the values where something changes,
 * or, by 0xff, as eight raw bytes. So most inputs come near a valid call, and
 * every input is reachable.
 */
#include <string.h>

#include "lockstep/shape.h"

#define PAGE(n) (SHAPE_RAM + (uint64_t)(n)*MOAT_PAGE_SIZE)
#define KIB4 UINT64_C(0x1000)
#define MIB2 UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)

/* Ends of regions and of RAM, concatenated roots, and what is no RAM at all. */
static const uint64_t pas[] = {PAGE(0), PAGE(1), PAGE(2), PAGE(3), PAGE(4),
	PAGE(5), PAGE(6), PAGE(7), PAGE(8), PAGE(9), PAGE(10), PAGE(11),
	PAGE(12), PAGE(13), PAGE(14), PAGE(15), PAGE(16), PAGE(20), PAGE(24),
	PAGE(28), PAGE(32), PAGE(48), PAGE(64), PAGE(508), PAGE(509), PAGE(510),
	PAGE(511), PAGE(512), PAGE(513), PAGE(514), PAGE(516), PAGE(528),
	PAGE(1008), PAGE(1020), PAGE(1022), PAGE(1023), PAGE(1024), PAGE(-1),
	SHAPE_ENGINE, SHAPE_DEVICE, PAGE(0) + 8, PAGE(511) + 2048, 0, -KIB4};

/* Both halves at several widths; ends of tables of each level. */
static const uint64_t ipas[] = {0, KIB4, 2 * KIB4, 3 * KIB4, 7 * KIB4,
	MIB2 - 2 * KIB4, MIB2 - KIB4, MIB2, MIB2 + KIB4, 2 * MIB2 - KIB4,
	GIB - MIB2, GIB - KIB4, GIB, 2 * GIB - MIB2, 2 * GIB - KIB4, 2 * GIB,
	4 * GIB - KIB4, 4 * GIB, 8 * GIB, 16 * GIB, 256 * GIB - KIB4, 512 * GIB,
	1024 * GIB, UINT64_C(1) << 43, UINT64_C(1) << 44, 8, KIB4 + 1, MIB2 - 8,
	UINT64_C(1) << 48, -MIB2, -KIB4, -UINT64_C(1)};

/* The last ones, times the page size, wrap to 0, to a page, to a region. */
static const uint64_t counts[] = {1, 1, 2, 3, 4, 0, 5, 6, 8, 510, 511, 512, 513,
	1023, 1024, 1025, UINT64_C(1) << 32, UINT64_C(1) << 52,
	(UINT64_C(1) << 52) + 1, (UINT64_C(1) << 52) + 512, -UINT64_C(1)};

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
static const uint64_t zeros[] = {0, 0, 0, 0, 0, 0, 0, 1, -UINT64_C(1)};
enum { OFFSETS = 4, KINDS = 16, TRAPS = 4, RAW = 0xff };

/* What the first bytes name; the others name the word of that number. */
static const uint64_t offsets[OFFSETS] = {0, 8, 2048, 4088};

static const uint64_t traps[TRAPS] = {
	MOAT_TRAP_IRQ, MOAT_TRAP_WFI, MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

#define TABLE(values) \
	{ \
		values, sizeof(values) / sizeof((values)[0]) \
	}

static const struct {
	const uint64_t *value;
	size_t count;
} tables[] = {
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
	[OP_ZERO] = TABLE(zeros),
};

uint64_t op_interesting(enum op_argument argument, uint64_t index)
{
	return tables[argument].value[index % tables[argument].count];
}

/* Calls, since they are what changes the state, are half of all. */
static const enum op_kind kind_table[KINDS] = {OP_CALL, OP_CALL, OP_CALL,
	OP_CALL, OP_CALL, OP_CALL, OP_CALL, OP_CALL, OP_HOST_READ,
	OP_HOST_WRITE, OP_GUEST_READ, OP_GUEST_WRITE, OP_GUEST_CALL,
	OP_GUEST_CALL, OP_GUEST_TRAP, OP_GUEST_SET};

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

/* An access to a word at an end or in the first half of a page. */
static void access_from(
	struct reader *reader, struct op *op, enum op_argument argument)
{
	uint64_t page = next_argument(reader, argument) & -KIB4;
	uint8_t byte = next_byte(reader);

	op->word[0] = page + (byte < OFFSETS ? offsets[byte]
					     : byte * sizeof(uint64_t));
	if (op_word_count(op->kind) == 2) {
		op->word[1] = next_argument(reader, OP_VALUE);
	}
}

/* What follows the first byte. */
static void words_from(struct reader *reader, struct op *op)
{
	switch (op->kind) {
	case OP_CALL:
	case OP_GUEST_CALL:
		call_from(reader, op);
		break;
	case OP_HOST_READ:
	case OP_HOST_WRITE:
		access_from(reader, op, OP_PA);
		break;
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
		access_from(reader, op, OP_IPA);
		break;
	case OP_GUEST_TRAP:
		op->word[0] = traps[next_byte(reader) % TRAPS];
		break;
	case OP_GUEST_SET:
		op->word[0] = next_byte(reader) % OP_REGISTERS;
		op->word[1] = next_argument(reader, OP_VALUE);
		break;
	case OP_KIND_COUNT:
		break;
	}
}

size_t op_from_bytes(struct op *op, const uint8_t *bytes, size_t size)
{
	struct reader reader = {bytes, size, 0};
	uint8_t first = next_byte(&reader);

	memset(op, 0, sizeof(*op));
	if (size == 0) {
		return 0;
	}
	op->kind = kind_table[first % KINDS];
	op->cpu = first / KINDS % 2;
	words_from(&reader, op);
	return reader.used < size ? reader.used : size;
}

/* ---- The other way ----------------------------------------------------- */

struct writer {
	uint8_t *bytes;
	size_t size;
};

static void put_byte(struct writer *writer, uint64_t byte)
{
	writer->bytes[writer->size++] = (uint8_t)byte;
}

static void put_raw(struct writer *writer, uint64_t raw)
{
	put_byte(writer, RAW);
	for (int shift = 56; shift >= 0; shift -= 8) {
		put_byte(writer, raw >> shift);
	}
}

/* The index of @value in @from, or @count. */
static size_t find(const uint64_t *from, size_t count, uint64_t value)
{
	size_t i = 0;

	while (i < count && from[i] != value) {
		i++;
	}
	return i;
}

static void put_argument(
	struct writer *writer, enum op_argument argument, uint64_t value)
{
	size_t count = tables[argument].count;
	size_t index = find(tables[argument].value, count, value);

	if (index < count) {
		put_byte(writer, index);
	} else {
		put_raw(writer, value);
	}
}

static void put_call(struct writer *writer, const struct op *op)
{
	const struct op_call *call = op_call_of(op);
	const struct op_call *first =
		op->kind == OP_CALL ? op_host_call(0) : op_guest_call(0);

	if (!call) {
		put_raw(writer, op->word[0]);
		return;
	}
	put_byte(writer, (uint64_t)(call - first));
	for (uint32_t i = 0; i < call->argument_count; i++) {
		put_argument(writer, call->argument[i], op->word[1 + i]);
	}
}

static void put_access(
	struct writer *writer, const struct op *op, enum op_argument argument)
{
	uint64_t offset = op->word[0] % KIB4;
	size_t index = find(offsets, OFFSETS, offset);
	uint64_t word = offset / sizeof(uint64_t);

	put_argument(writer, argument, op->word[0] - offset);
	put_byte(writer, index < OFFSETS ? index : word % 256);
	if (op_word_count(op->kind) == 2) {
		put_argument(writer, OP_VALUE, op->word[1]);
	}
}

static uint64_t kind_byte(enum op_kind kind)
{
	uint64_t i = 0;

	while (kind_table[i] != kind) {
		i++;
	}
	return i;
}

static void put_words(struct writer *writer, const struct op *op)
{
	switch (op->kind) {
	case OP_CALL:
	case OP_GUEST_CALL:
		put_call(writer, op);
		break;
	case OP_HOST_READ:
	case OP_HOST_WRITE:
		put_access(writer, op, OP_PA);
		break;
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
		put_access(writer, op, OP_IPA);
		break;
	case OP_GUEST_TRAP:
		put_byte(writer, find(traps, TRAPS, op->word[0]));
		break;
	case OP_GUEST_SET:
		put_byte(writer, op->word[0]);
		put_argument(writer, OP_VALUE, op->word[1]);
		break;
	case OP_KIND_COUNT:
		break;
	}
}

size_t op_to_bytes(const struct op *op, uint8_t bytes[OP_BYTES])
{
	struct writer writer = {bytes, 0};

	put_byte(&writer, kind_byte(op->kind) + op->cpu % 2 * KINDS);
	put_words(&writer, op);
	return writer.size;
}
