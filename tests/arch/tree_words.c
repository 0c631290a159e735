/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device trees written word by word, as no compiler of trees would write them:
 * what lies on the last byte of a block, and what lies one beyond it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "arch-aarch64/fdt.h"

/* Where the words of the tree below are (Devicetree Specification 0.4, 5.2). */
enum {
	MAGIC = 0,
	TOTAL = 1,
	OFF_STRUCT = 2,
	OFF_STRINGS = 3,
	VERSION = 5,
	LAST_COMPATIBLE = 6,
	SIZE_STRINGS = 8,
	SIZE_STRUCT = 9,
	ROOT = 10, /* BEGIN_NODE, "" */
	PROPERTY = 12, /* PROP, size, name, two words */
	CHILD = 17, /* BEGIN_NODE, "ab" */
	STRINGS = 23,
	WORDS = 25,
	BYTES = 100
};

/* / { reg = <0x11223344 0x55667788>; ab { }; }; and the string "reg" twice, the
 * second time without its end. Behind the structures stands what would be a
 * node if they went on. */
static const uint32_t small[WORDS] = {
	0xd00dfeed, BYTES, 40, 92, 0, 17, 16, 0, 8, 52, /* the header */
	1, 0, /* the root */
	3, 8, 0, 0x11223344, 0x55667788, /* reg */
	1, 0x61620000, 2, /* ab */
	2, 9, /* the end of the root, and of all */
	1, 0x72656700, 0x2d726567 /* strings: "reg", "-reg" */
};

static uint8_t blob[BYTES + 64];
static struct fdt fdt;

static void set(uint32_t word, uint32_t value)
{
	for (uint32_t i = 0; i < 4; i++) {
		blob[4 * word + i] = (uint8_t)(value >> (24 - 8 * i));
	}
}

/* What lies behind the blob would be tokens, too. */
static void write_small(void)
{
	memset(blob, 0, sizeof(blob));
	for (uint32_t i = 0; i < WORDS; i++) {
		set(i, small[i]);
	}
	for (uint32_t i = WORDS; i < WORDS + 4; i++) {
		set(i, 1);
	}
	cr_assert(fdt_open(&fdt, blob, BYTES));
}

TestSuite(words, .init = write_small);

static struct fdt_node node_at(uint32_t index)
{
	struct fdt_node node;

	cr_assert(fdt_first(&fdt, &node));
	for (uint32_t i = 0; i < index; i++) {
		cr_assert(fdt_next(&fdt, &node));
	}
	return node;
}

static uint32_t count_nodes(void)
{
	struct fdt_node node;
	uint32_t count = 0;

	for (bool more = fdt_first(&fdt, &node); more && count < 100;
		more = fdt_next(&fdt, &node)) {
		count++;
	}
	return count;
}

/* With one word changed, whether the header is good, and how many nodes. */
Test(words, one_word_decides_what_a_tree_is)
{
	static const struct {
		uint32_t word;
		uint32_t value;
		bool opens;
		uint32_t nodes;
	} rows[] = {
		{MAGIC, 0xd00dfeec, false, 0},
		{VERSION, 16, false, 0},
		{VERSION, 18, true, 2},
		{LAST_COMPATIBLE, 17, true, 2},
		{LAST_COMPATIBLE, 18, false, 0},
		{TOTAL, BYTES + 1, false, 0},
		{TOTAL, BYTES - 1, false, 0},
		{OFF_STRUCT, 42, false, 0},
		{OFF_STRUCT, 44, true, 0},
		{OFF_STRUCT, 48, true, 1},
		{OFF_STRUCT, 68, false, 0},
		{OFF_STRUCT, 0xfffffffc, false, 0},
		{SIZE_STRUCT, 60, true, 2},
		{SIZE_STRUCT, 61, false, 0},
		{SIZE_STRUCT, 0xffffffff, false, 0},
		{SIZE_STRUCT, 0, true, 0},
		{SIZE_STRUCT, 3, true, 1},
		{SIZE_STRUCT, 28, true, 1},
		{SIZE_STRUCT, 29, true, 2},
		{OFF_STRINGS, 93, false, 0},
		{SIZE_STRINGS, 9, false, 0},
		{SIZE_STRINGS, 0, true, 2},
		{ROOT, 0, true, 0},
		{ROOT, 4, true, 0},
		{ROOT, 5, true, 0},
		{ROOT, 9, true, 0},
		{CHILD - 1, 3, true, 2},
		{CHILD + 2, 4, true, 2},
		{CHILD + 2, 1, true, 3},
		{PROPERTY + 1, 0, true, 1},
		{PROPERTY + 1, 4, true, 1},
		{PROPERTY + 1, 5, true, 2},
		{PROPERTY + 1, 9, true, 1},
		{PROPERTY + 1, 0xfffffffe, true, 1},
		{PROPERTY + 1, 0xffffffc0, true, 1},
	};

	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_small();
		set(rows[i].word, rows[i].value);
		cr_expect_eq(fdt_open(&fdt, blob, BYTES), rows[i].opens,
			"row %u", i);
		if (rows[i].opens) {
			cr_expect_eq(count_nodes(), rows[i].nodes,
				"row %u: %u nodes", i, count_nodes());
		}
	}
}

Test(words, a_tree_may_fill_what_it_lies_in)
{
	cr_expect(fdt_open(&fdt, blob, BYTES));
	cr_expect_not(fdt_open(&fdt, blob, BYTES - 1));
	set(OFF_STRINGS, BYTES);
	set(SIZE_STRINGS, 0);
	cr_expect(fdt_open(&fdt, blob, BYTES));
	set(OFF_STRINGS, BYTES + 1);
	cr_expect_not(fdt_open(&fdt, blob, BYTES));
}

/* Its last token counts, three bytes of one do not. */
Test(words, the_last_word_of_a_blob_is_read)
{
	struct fdt_value last = {BYTES - 4, 4};
	struct fdt_value half = {BYTES - 3, 4};

	cr_expect_eq(fdt_number(&fdt, last, 0, 1), 0x2d726567);
	cr_expect_eq(fdt_number(&fdt, half, 0, 1), 0);
	last.offset = BYTES;
	cr_expect_eq(fdt_number(&fdt, last, 0, 1), 0);
	last.offset = UINT32_MAX;
	cr_expect_eq(fdt_number(&fdt, last, 0, 1), 0);
}

Test(words, a_value_may_end_with_the_structures_and_not_behind_them)
{
	struct fdt_node root = node_at(0);

	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 8);
	cr_expect_eq(fdt_property(&fdt, &root, "reg").offset, 60);
	set(PROPERTY + 1, 32); /* to byte 92, where the structures end */
	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 32);
	set(PROPERTY + 1, 33);
	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 0);
	cr_expect_eq(fdt_property(&fdt, &root, "reg").offset, 0);
	set(PROPERTY + 1, 0);
	set(SIZE_STRUCT, 20);
	cr_assert(fdt_open(&fdt, blob, BYTES));
	cr_expect_eq(fdt_property(&fdt, &root, "reg").offset, 60);
	set(SIZE_STRUCT, 19);
	cr_assert(fdt_open(&fdt, blob, BYTES));
	cr_expect_eq(fdt_property(&fdt, &root, "reg").offset, 0);
}

Test(words, the_name_of_a_property_lies_in_the_strings)
{
	struct fdt_node root = node_at(0);

	cr_expect_eq(fdt_property(&fdt, &root, "re").size, 0);
	cr_expect_eq(fdt_property(&fdt, &root, "regs").size, 0);
	cr_expect_eq(fdt_property(&fdt, &root, "").size, 0);
	set(PROPERTY + 2, 3);
	cr_expect_eq(fdt_property(&fdt, &root, "").size, 8);
	set(PROPERTY + 2, 1);
	cr_expect_eq(fdt_property(&fdt, &root, "eg").size, 8);
	set(PROPERTY + 2, 5); /* "reg" ends with the strings, without a zero */
	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 0);
	set(WORDS, 0); /* and a zero behind them is none */
	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 0);
	set(PROPERTY + 2, 8);
	cr_expect_eq(fdt_property(&fdt, &root, "").size, 0);
}

Test(words, properties_are_found_behind_what_is_not_there)
{
	struct fdt_node root = node_at(0);

	/* Four tokens that say nothing, and then the child. */
	for (uint32_t i = PROPERTY; i < CHILD; i++) {
		set(i, 4);
	}
	cr_expect_eq(fdt_property(&fdt, &root, "reg").size, 0);
	/* A property without a value behind two of them. */
	set(PROPERTY + 2, 3);
	set(PROPERTY + 3, 0);
	set(PROPERTY + 4, 0);
	cr_expect_eq(fdt_property(&fdt, &root, "reg").offset, 68);
	cr_expect_eq(count_nodes(), 2);
}

Test(words, a_number_is_changed_where_it_is_and_nowhere_else)
{
	struct fdt_node root = node_at(0);
	struct fdt_value reg = fdt_property(&fdt, &root, "reg");
	uint8_t before[sizeof(blob)];

	memcpy(before, blob, sizeof(blob));
	fdt_set_number(&fdt, reg, 1, UINT64_MAX);
	reg.size = 7;
	fdt_set_number(&fdt, reg, 0, UINT64_MAX);
	cr_expect_eq(memcmp(before, blob, sizeof(blob)), 0);
	reg.size = 8;
	fdt_set_number(&fdt, reg, 0, UINT64_C(0x0123456789abcdef));
	cr_expect_eq(fdt_number(&fdt, reg, 0, 2), UINT64_C(0x0123456789abcdef));
	cr_expect_eq(memcmp(before, blob, 60), 0);
	cr_expect_eq(memcmp(before + 68, blob + 68, sizeof(blob) - 68), 0);
	memcpy(before, blob, sizeof(blob));
	reg.offset = BYTES - 3;
	fdt_set_number(&fdt, reg, 0, UINT64_MAX);
	reg.offset = BYTES;
	fdt_set_number(&fdt, reg, 0, UINT64_MAX);
	reg.offset = BYTES + 1;
	fdt_set_number(&fdt, reg, 0, UINT64_MAX);
	cr_expect_eq(memcmp(before, blob, sizeof(blob)), 0);
	reg.offset = BYTES - 8;
	fdt_set_number(&fdt, reg, 0, UINT64_MAX);
	cr_expect_eq(fdt_number(&fdt, reg, 0, 2), UINT64_MAX);
	cr_expect_eq(memcmp(before + BYTES, blob + BYTES, 64), 0);
}

/* A property may be longer than all before it. */
Test(words, a_long_property_is_passed_over)
{
	static const uint32_t long_one[] = {
		0xd00dfeed, 156, 40, 152, 0, 17, 16, 0, 4, 112, /* the header */
		1, 0, /* the root */
		3, 72, 0, /* and its property */
	};

	memset(blob, 0, sizeof(blob));
	for (uint32_t i = 0; i < sizeof(long_one) / 4; i++) {
		set(i, long_one[i]);
	}
	set(33, 1); /* a child */
	set(35, 2);
	set(36, 2);
	set(37, 9);
	cr_assert(fdt_open(&fdt, blob, 156));
	cr_expect_eq(count_nodes(), 2);
}

Test(words, a_number_has_its_index)
{
	struct fdt_value three = {60, 12};
	struct fdt_value seven = {60, 7};
	struct fdt_value word = {60, 4};

	fdt_set_number(&fdt, three, 1, UINT64_C(0x0123456789abcdef));
	cr_expect_eq(
		fdt_number(&fdt, three, 1, 2), UINT64_C(0x0123456789abcdef));
	cr_expect_eq(fdt_number(&fdt, word, 0, 1), 0x11223344);
	cr_expect_eq(fdt_number(&fdt, word, 0, 2), 0, "of one word");
	cr_expect_eq(fdt_number(&fdt, seven, 0, 2), 0, "of less than two");
}

Test(words, a_token_that_is_not_known_ends_the_walk)
{
	set(PROPERTY + 1, 4);
	set(CHILD - 1, 4);
	cr_expect_eq(count_nodes(), 2);
	set(CHILD - 1, 5);
	cr_expect_eq(count_nodes(), 1);
}

/* 92 and this are 72 modulo 2^32, where "ab" stands. */
Test(words, the_name_of_a_property_does_not_wrap)
{
	struct fdt_node root = node_at(0);

	set(PROPERTY + 2, 0xffffffec);
	cr_expect_eq(fdt_property(&fdt, &root, "ab").size, 0);
	cr_expect_eq(fdt_property(&fdt, &root, "ab").offset, 0);
}

Test(words, a_name_counts_its_end)
{
	struct fdt_node root = node_at(0);
	struct fdt_node child = node_at(1);
	struct fdt_value name = fdt_name(&fdt, &child);

	cr_expect_eq(fdt_name(&fdt, &root).size, 1);
	cr_expect_eq(name.offset, 72);
	cr_expect_eq(name.size, 3);
	cr_expect(fdt_has_string(&fdt, name, "ab"));
	name.size = 2;
	cr_expect_not(fdt_has_string(&fdt, name, "ab"), "its end is cut off");
	name.size = 0;
	cr_expect_not(fdt_has_string(&fdt, name, ""));
	/* Of a name that the structures end in, what is inside counts. */
	set(SIZE_STRUCT, 33);
	cr_assert(fdt_open(&fdt, blob, BYTES));
	cr_expect_eq(fdt_name(&fdt, &child).size, 2);
	set(SIZE_STRUCT, 34);
	cr_assert(fdt_open(&fdt, blob, BYTES));
	cr_expect_eq(fdt_name(&fdt, &child).size, 3);
}

/* The tokens of the child, and no other, say nothing afterwards. */
Test(words, a_removed_node_leaves_the_rest_alone)
{
	struct fdt_node child = node_at(1);

	cr_expect_eq(child.depth, 1);
	fdt_remove(&fdt, &child);
	cr_expect_eq(child.next, 80);
	cr_expect_eq(child.depth, 0);
	cr_expect_not(fdt_next(&fdt, &child));
	for (uint32_t i = 0; i < WORDS + 4; i++) {
		struct fdt_value word = {4 * i, 4};
		uint32_t was = i < WORDS ? small[i] : 0;

		cr_expect_eq(fdt_number(&fdt, word, 0, 1),
			i >= CHILD && i < CHILD + 3 ? 4 : was, "word %u", i);
	}
}

/* What a property claims to be large does not decide how much is overwritten:
 * a removal ends where the structures do. */
Test(words, a_removal_stays_in_the_structures)
{
	/* Far beyond the end, and what added to the offset is 2^32. */
	static const uint32_t claims[] = {0xfffffff0, 0xffffffc4};

	for (uint32_t i = 0; i < 2; i++) {
		struct fdt_node root;

		write_small();
		set(PROPERTY + 1, claims[i]);
		root = node_at(0);
		fdt_remove(&fdt, &root);
		cr_expect_eq(root.next, 92);
		cr_expect_eq(
			fdt_number(&fdt, (struct fdt_value){88, 4}, 0, 1), 4);
		cr_expect_eq(fdt_number(&fdt, (struct fdt_value){92, 4}, 0, 1),
			0x72656700);
	}
}
