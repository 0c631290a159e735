/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finite map from numbers to values of one size: the only data structure of
 * the model. Two sorted arrays, so that two equal maps are equal bytes, a copy
 * is two memcpy, and what has no entry costs nothing.
 */
#ifndef MOAT_MODEL_MAP_H
#define MOAT_MODEL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model_map {
	size_t value_size; /* bytes; values have no padding */
	size_t count;
	size_t capacity;
	uint64_t *keys; /* strictly ascending */
	unsigned char *values;
};

/* An empty map holds no memory, so it may be forgotten without map_clear. */
struct model_map model_map_empty(size_t value_size);

/* Forget all entries and give the memory back. */
void model_map_clear(struct model_map *map);

/* The copy shares nothing with @from. */
struct model_map model_map_copy(const struct model_map *from);

/* @to, of values of the same size, becomes a copy; it keeps its memory. */
void model_map_assign(struct model_map *to, const struct model_map *from);

bool model_map_is_equal(const struct model_map *a, const struct model_map *b);

/* The value of @key, or NULL. It lives until the map changes. */
const void *model_map_find(const struct model_map *map, uint64_t key);

/* The same, for keys that are asked for one after another: @next is an index,
 * at first 0, where this one is expected; then, where the one behind it is. */
const void *model_map_find_next(
	const struct model_map *map, size_t *next, uint64_t key);

/* Set the value of @key, be it there or not. */
void model_map_put(struct model_map *map, uint64_t key, const void *value);

/* Entries of zeros for @count keys, @first and each @stride behind the one
 * before. The map has none in between yet. Who sets a block page by page moves
 * what is behind it once. */
void model_map_open(
	struct model_map *map, uint64_t first, uint64_t stride, size_t count);

/* How many keys k have @first <= k < @end; remove them. */
size_t model_map_range_count(
	const struct model_map *map, uint64_t first, uint64_t end);
void model_map_range_remove(
	struct model_map *map, uint64_t first, uint64_t end);

/* Entry number @index in ascending order of keys; @index < count. */
uint64_t model_map_key(const struct model_map *map, size_t index);
const void *model_map_value(const struct model_map *map, size_t index);

/* Heap memory, zeroed; a model that runs out of it ends the process. */
void *model_allocate(size_t count, size_t size);

/* What the user of the model did wrong; ends the process, always on. */
void model_require(bool holds, const char *what);

#endif
