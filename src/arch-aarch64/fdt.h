/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flattened device tree (Devicetree Specification 0.4, chapter 5), walked in
 * place. Offsets, not pointers, go around; every read is checked against the
 * block it must lie in, and what is malformed ends the walk. The tree comes
 * from trusted firmware: the checks keep a broken one from hurting, they do
 * not defend.
 */
#ifndef MOAT_ARCH_AARCH64_FDT_H
#define MOAT_ARCH_AARCH64_FDT_H

#include <stdbool.h>
#include <stdint.h>

struct fdt {
	uint8_t *blob;
	uint32_t size; /* of the whole blob */
	uint32_t structs; /* structure block */
	uint32_t structs_end;
	uint32_t strings; /* strings block */
	uint32_t strings_end;
};

/* A property's value: where in the blob, and how long; 0 and 0 if absent. */
struct fdt_value {
	uint32_t offset;
	uint32_t size;
};

/* A node met on a walk: its first and last token, and how deep it lies (the
 * root has depth 0). */
struct fdt_node {
	uint32_t begin;
	uint32_t next; /* where the walk goes on */
	uint32_t depth;
};

/**
 * Check the header at @blob, of at most @limit bytes. Returns false if it is
 * no device tree of version 17.
 */
bool fdt_open(struct fdt *fdt, void *blob, uint32_t limit);

/* The first node is the root; later ones come in the order of the blob. False
 * at the end. */
bool fdt_first(const struct fdt *fdt, struct fdt_node *node);
bool fdt_next(const struct fdt *fdt, struct fdt_node *node);

/* The value of a node's own property, or nothing. */
struct fdt_value fdt_property(
	const struct fdt *fdt, const struct fdt_node *node, const char *name);

/* The name of @node, with its unit address. */
struct fdt_value fdt_name(const struct fdt *fdt, const struct fdt_node *node);

/* Is @text one of the strings of the list @value? */
bool fdt_has_string(
	const struct fdt *fdt, struct fdt_value value, const char *text);

/* The number in @cells (1 or 2) words of @value that start at word @index; 0
 * beyond its end. */
uint64_t fdt_number(const struct fdt *fdt, struct fdt_value value,
	uint32_t index, uint32_t cells);

/* Overwrite such a number of two cells. */
void fdt_set_number(struct fdt *fdt, struct fdt_value value, uint32_t index,
	uint64_t number);

/* Remove a node, but not the root, with all below it: FDT_NOP tokens take its
 * place. fdt_next goes on from @node behind them. */
void fdt_remove(struct fdt *fdt, struct fdt_node *node);

#endif
