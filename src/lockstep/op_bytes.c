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
/* The words of a page that abs compares. */
static const uint64_t offsets[] = {0, 8, 2048, 4088};

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
static const enum op_kind kind_table[16] = {OP_CALL, OP_CALL, OP_CALL, OP_CALL,
	OP_CALL, OP_CALL, OP_CALL, OP_CALL, OP_HOST_READ, OP_HOST_WRITE,
	OP_GUEST_READ, OP_GUEST_WRITE, OP_GUEST_CALL, OP_GUEST_CALL,
	OP_GUEST_TRAP, OP_GUEST_SET};

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

	if (byte == 0xff) {
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

	if (byte == 0xff) {
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

/* An access to one of the words that are compared, in an interesting page. */
static void access_from(
	struct reader *reader, struct op *op, enum op_argument argument)
{
	uint64_t page = next_argument(reader, argument) & -KIB4;

	op->word[0] = page + offsets[next_byte(reader) % 4];
	if (op_word_count(op->kind) == 2) {
		op->word[1] = next_argument(reader, OP_VALUE);
	}
}

static void trap_from(struct reader *reader, struct op *op)
{
	static const uint64_t traps[4] = {MOAT_TRAP_IRQ, MOAT_TRAP_WFI,
		MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

	op->word[0] = traps[next_byte(reader) % 4];
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
		access_from(&reader, op, OP_PA);
		break;
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
		access_from(&reader, op, OP_IPA);
		break;
	case OP_GUEST_TRAP:
		trap_from(&reader, op);
		break;
	case OP_GUEST_SET:
		op->word[0] = next_byte(&reader) % OP_REGISTERS;
		op->word[1] = next_argument(&reader, OP_VALUE);
		break;
	case OP_KIND_COUNT:
		break;
	}
	return reader.used < size ? reader.used : size;
}
