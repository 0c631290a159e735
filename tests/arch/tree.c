/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking and editing the device tree that tree.dts describes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch-aarch64/fdt.h"

static uint8_t blob[8192];
static uint32_t blob_size;
static struct fdt fdt;

static void load(void)
{
	FILE *file = fopen(MOAT_TREE, "rb");

	cr_assert_not_null(file);
	blob_size = (uint32_t)fread(blob, 1, sizeof(blob), file);
	fclose(file);
	cr_assert(fdt_open(&fdt, blob, sizeof(blob)));
}

TestSuite(tree, .init = load);

static bool find(const char *name, struct fdt_node *node)
{
	bool more = fdt_first(&fdt, node);

	while (more && !fdt_has_string(&fdt, fdt_name(&fdt, node), name)) {
		more = fdt_next(&fdt, node);
	}
	return more;
}

static uint32_t count_nodes(void)
{
	struct fdt_node node;
	uint32_t count = 0;

	for (bool more = fdt_first(&fdt, &node); more && count < 1000;
		more = fdt_next(&fdt, &node)) {
		count++;
	}
	return count;
}

Test(tree, every_node_is_met_at_its_depth)
{
	static const uint32_t depths[] = {0, 1, 1, 1, 2, 3, 2, 1};
	struct fdt_node node;
	bool more = fdt_first(&fdt, &node);

	for (uint32_t i = 0; i < 8; i++) {
		cr_assert(more);
		cr_expect_eq(node.depth, depths[i], "node %u", i);
		more = fdt_next(&fdt, &node);
	}
	cr_assert_not(more);
}

Test(tree, numbers_have_one_cell_or_two)
{
	struct fdt_node node;
	struct fdt_value reg;

	cr_assert(find("memory@40000000", &node));
	reg = fdt_property(&fdt, &node, "reg");
	cr_assert_eq(reg.size, 16);
	cr_assert_eq(fdt_number(&fdt, reg, 0, 2), 0x40000000);
	cr_assert_eq(fdt_number(&fdt, reg, 2, 2), 0x80000000);
	cr_assert_eq(fdt_number(&fdt, reg, 3, 1), 0x80000000);
	cr_assert_eq(fdt_number(&fdt, reg, 3, 2), 0, "beyond its end");
	cr_assert_eq(fdt_number(&fdt, reg, 4, 1), 0, "beyond its end");
	cr_assert(find("chosen", &node));
	reg = fdt_property(&fdt, &node, "linux,initrd-end");
	cr_assert_eq(fdt_number(&fdt, reg, 0, 2), UINT64_C(0x148100000));
}

Test(tree, what_is_absent_is_empty)
{
	struct fdt_node node;

	cr_assert(find("chosen", &node));
	cr_assert_eq(fdt_property(&fdt, &node, "reg").size, 0);
	cr_assert_eq(fdt_property(&fdt, &node, "linux,initrd").size, 0);
	cr_assert(find("bus", &node));
	cr_assert_eq(fdt_property(&fdt, &node, "compatible").size, 0,
		"a child's property is not its parent's");
	cr_assert_not(find("nowhere", &node));
}

Test(tree, a_string_of_a_list_matches_whole)
{
	struct fdt_node node;
	struct fdt_value list;

	cr_assert(find("device@1000", &node));
	list = fdt_property(&fdt, &node, "compatible");
	cr_expect(fdt_has_string(&fdt, list, "vendor,first"));
	cr_expect(fdt_has_string(&fdt, list, "generic,device"));
	cr_expect_not(fdt_has_string(&fdt, list, "generic,dev"));
	cr_expect_not(fdt_has_string(&fdt, list, "generic,device-two"));
	cr_expect_not(fdt_has_string(&fdt, list, "device"));
}

Test(tree, a_number_can_be_changed_in_place)
{
	struct fdt_node node;
	struct fdt_value reg;

	cr_assert(find("memory@40000000", &node));
	reg = fdt_property(&fdt, &node, "reg");
	fdt_set_number(&fdt, reg, 0, UINT64_C(0x123456789abcdef0));
	fdt_set_number(&fdt, reg, 3, 1);
	cr_assert_eq(fdt_number(&fdt, reg, 0, 2), UINT64_C(0x123456789abcdef0));
	cr_assert_eq(fdt_number(&fdt, reg, 2, 2), 0x80000000);
}

Test(tree, a_removed_node_goes_with_its_children)
{
	struct fdt_node node;

	cr_assert(find("device@1000", &node));
	fdt_remove(&fdt, &node);
	cr_assert(fdt_next(&fdt, &node));
	cr_assert(fdt_has_string(&fdt, fdt_name(&fdt, &node), "device@2000"));
	cr_assert_eq(node.depth, 2);
	cr_assert_eq(count_nodes(), 6);
	cr_assert_not(find("port", &node));
}

Test(tree, a_broken_header_is_refused)
{
	cr_assert_not(fdt_open(&fdt, blob, blob_size - 1));
	blob[0] ^= 1;
	cr_assert_not(fdt_open(&fdt, blob, sizeof(blob)));
	blob[0] ^= 1;
	blob[8] = 0xff; /* offset of the structures: far outside */
	cr_assert_not(fdt_open(&fdt, blob, sizeof(blob)));
}

/* Whatever one byte becomes, a walk ends and stays inside (run it with the
 * address sanitizer: the copy is as long as the tree). */
Test(tree, no_byte_can_lead_the_walk_astray)
{
	for (uint32_t i = 0; i < blob_size * 3; i++) {
		static const uint8_t flips[] = {0x01, 0x80, 0xff};
		uint8_t *copy = malloc(blob_size);

		memcpy(copy, blob, blob_size);
		copy[i / 3] ^= flips[i % 3];
		if (fdt_open(&fdt, copy, blob_size)) {
			struct fdt_node node;

			cr_assert_lt(count_nodes(), 1000);
			if (find("device@1000", &node)) {
				fdt_property(&fdt, &node, "compatible");
				fdt_remove(&fdt, &node);
			}
			if (find("memory@40000000", &node)) {
				fdt_set_number(&fdt,
					fdt_property(&fdt, &node, "reg"), 2, 1);
			}
		}
		free(copy);
	}
}
