/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/fdt.h"

#include <stddef.h>

/* Devicetree Specification 0.4, sections 5.2 and 5.4. */
enum {
	FDT_MAGIC = 0, /* words of the header */
	FDT_TOTAL_SIZE = 1,
	FDT_OFF_STRUCT = 2,
	FDT_OFF_STRINGS = 3,
	FDT_VERSION = 5,
	FDT_LAST_COMPATIBLE = 6,
	FDT_SIZE_STRINGS = 8,
	FDT_SIZE_STRUCT = 9,
	FDT_HEADER_SIZE = 40,
	FDT_BEGIN_NODE = 1, /* tokens */
	FDT_END_NODE = 2,
	FDT_PROP = 3,
	FDT_NOP = 4,
};
#define FDT_MAGIC_VALUE 0xd00dfeedu
#define FDT_OUR_VERSION 17u

/* One big-endian word; 0, which is no token, beyond the end of the blob. */
static uint32_t word_at(const struct fdt *fdt, uint32_t offset)
{
	const uint8_t *byte;

	if (offset > fdt->size || fdt->size - offset < 4) {
		return 0;
	}
	byte = &fdt->blob[offset];
	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 |
	       (uint32_t)byte[2] << 8 | byte[3];
}

static void set_word(struct fdt *fdt, uint32_t offset, uint32_t word)
{
	if (offset > fdt->size || fdt->size - offset < 4) {
		return;
	}
	for (uint32_t i = 0; i < 4; i++) {
		fdt->blob[offset + i] = (uint8_t)(word >> (24 - 8 * i));
	}
}

static uint32_t header(const struct fdt *fdt, uint32_t index)
{
	return word_at(fdt, 4 * index);
}

static bool is_inside(const struct fdt *fdt, uint32_t offset, uint32_t size)
{
	return offset <= fdt->size && size <= fdt->size - offset;
}

bool fdt_open(struct fdt *fdt, void *blob, uint32_t limit)
{
	fdt->blob = blob;
	fdt->size = FDT_HEADER_SIZE;
	if (header(fdt, FDT_MAGIC) != FDT_MAGIC_VALUE ||
		header(fdt, FDT_VERSION) < FDT_OUR_VERSION ||
		header(fdt, FDT_LAST_COMPATIBLE) > FDT_OUR_VERSION ||
		header(fdt, FDT_TOTAL_SIZE) > limit) {
		return false;
	}
	fdt->size = header(fdt, FDT_TOTAL_SIZE);
	fdt->structs = header(fdt, FDT_OFF_STRUCT);
	fdt->strings = header(fdt, FDT_OFF_STRINGS);
	fdt->structs_end = fdt->structs + header(fdt, FDT_SIZE_STRUCT);
	fdt->strings_end = fdt->strings + header(fdt, FDT_SIZE_STRINGS);
	return is_inside(fdt, fdt->structs, header(fdt, FDT_SIZE_STRUCT)) &&
	       is_inside(fdt, fdt->strings, header(fdt, FDT_SIZE_STRINGS)) &&
	       fdt->structs % 4 == 0;
}

/* A word of the structure block; 0 outside of it. */
static uint32_t token_at(const struct fdt *fdt, uint32_t offset)
{
	return offset < fdt->structs_end ? word_at(fdt, offset) : 0;
}

/* The length of the string at @offset, which must end before @end. */
static uint32_t string_length(
	const struct fdt *fdt, uint32_t offset, uint32_t end)
{
	uint32_t length = 0;

	while (offset + length < end && fdt->blob[offset + length] != 0) {
		length++;
	}
	return length;
}

/* Rounded up to a token; saturates far beyond any blob's end. */
static uint32_t aligned(uint32_t offset)
{
	return offset > UINT32_MAX - 3 ? UINT32_MAX - 3 : (offset + 3) / 4 * 4;
}

static uint32_t saturating_add(uint32_t a, uint32_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

/* Where the token after the one at @offset is; each call advances. */
static uint32_t token_end(const struct fdt *fdt, uint32_t offset)
{
	switch (token_at(fdt, offset)) {
	case FDT_BEGIN_NODE:
		return aligned(
			offset + 4 + 1 +
			string_length(fdt, offset + 4, fdt->structs_end));
	case FDT_PROP:
		return aligned(
			saturating_add(offset + 12, word_at(fdt, offset + 4)));
	default:
		return offset + 4;
	}
}

static bool is_known(uint32_t token)
{
	return token >= FDT_BEGIN_NODE && token <= FDT_NOP;
}

/*
 * Go on from @offset at @depth to the next node. FDT_END and anything unknown
 * end the walk.
 */
static bool find_node(const struct fdt *fdt, uint32_t offset, uint32_t depth,
	struct fdt_node *node)
{
	while (is_known(token_at(fdt, offset))) {
		uint32_t token = token_at(fdt, offset);
		uint32_t end = token_end(fdt, offset);

		if (token == FDT_BEGIN_NODE) {
			node->begin = offset;
			node->next = end;
			node->depth = depth;
			return true;
		}
		if (token == FDT_END_NODE) {
			depth--;
		}
		offset = end;
	}
	return false;
}

bool fdt_first(const struct fdt *fdt, struct fdt_node *node)
{
	return find_node(fdt, fdt->structs, 0, node);
}

bool fdt_next(const struct fdt *fdt, struct fdt_node *node)
{
	return find_node(fdt, node->next, node->depth + 1, node);
}

static bool is_string(
	const struct fdt *fdt, uint32_t offset, uint32_t end, const char *text)
{
	for (; offset < end && (char)fdt->blob[offset] == *text; offset++) {
		if (*text == '\0') {
			return true;
		}
		text++;
	}
	return false;
}

static bool is_named(const struct fdt *fdt, uint32_t property, const char *name)
{
	uint32_t string = word_at(fdt, property + 8);

	return string < fdt->strings_end - fdt->strings &&
	       is_string(fdt, fdt->strings + string, fdt->strings_end, name);
}

/* The value of the FDT_PROP at @property, if it lies in the block. */
static struct fdt_value value_of(const struct fdt *fdt, uint32_t property)
{
	struct fdt_value value = {property + 12, word_at(fdt, property + 4)};

	if (value.offset > fdt->structs_end ||
		value.size > fdt->structs_end - value.offset) {
		value.offset = 0;
		value.size = 0;
	}
	return value;
}

/* A node's properties come before its children (section 5.4.2). */
struct fdt_value fdt_property(
	const struct fdt *fdt, const struct fdt_node *node, const char *name)
{
	uint32_t offset = node->next;

	while (token_at(fdt, offset) == FDT_PROP ||
		token_at(fdt, offset) == FDT_NOP) {
		if (token_at(fdt, offset) == FDT_PROP &&
			is_named(fdt, offset, name)) {
			return value_of(fdt, offset);
		}
		offset = token_end(fdt, offset);
	}
	return (struct fdt_value){0, 0};
}

struct fdt_value fdt_name(const struct fdt *fdt, const struct fdt_node *node)
{
	struct fdt_value name = {node->begin + 4, 0};

	name.size = string_length(fdt, name.offset, fdt->structs_end) + 1;
	return name;
}

bool fdt_has_string(
	const struct fdt *fdt, struct fdt_value value, const char *text)
{
	uint32_t end = value.offset + value.size;
	uint32_t offset = value.offset;

	while (offset < end) {
		if (is_string(fdt, offset, end, text)) {
			return true;
		}
		offset += string_length(fdt, offset, end) + 1;
	}
	return false;
}

uint64_t fdt_number(const struct fdt *fdt, struct fdt_value value,
	uint32_t index, uint32_t cells)
{
	uint64_t number = 0;

	if (value.size / 4 < cells || index > value.size / 4 - cells) {
		return 0;
	}
	for (uint32_t i = 0; i < cells; i++) {
		number = number << 32 |
			 word_at(fdt, value.offset + 4 * (index + i));
	}
	return number;
}

void fdt_set_number(struct fdt *fdt, struct fdt_value value, uint32_t index,
	uint64_t number)
{
	if (value.size / 4 < 2 || index > value.size / 4 - 2) {
		return;
	}
	set_word(fdt, value.offset + 4 * index, (uint32_t)(number >> 32));
	set_word(fdt, value.offset + 4 * index + 4, (uint32_t)number);
}

/* Behind the FDT_END_NODE that belongs to @node, or where the block ends: a
 * property that claims to be larger must not decide how long a loop is. */
static uint32_t node_end(const struct fdt *fdt, const struct fdt_node *node)
{
	uint32_t offset = node->next;
	uint32_t open = 1;

	while (open > 0 && is_known(token_at(fdt, offset))) {
		uint32_t token = token_at(fdt, offset);

		open += token == FDT_BEGIN_NODE;
		open -= token == FDT_END_NODE;
		offset = token_end(fdt, offset);
	}
	return offset < fdt->structs_end ? offset : fdt->structs_end;
}

/* The walk goes on behind it, at the depth of the next sibling. */
void fdt_remove(struct fdt *fdt, struct fdt_node *node)
{
	uint32_t end = node_end(fdt, node);

	for (uint32_t offset = node->begin; offset < end; offset += 4) {
		set_word(fdt, offset, FDT_NOP);
	}
	node->next = end;
	node->depth--;
}
