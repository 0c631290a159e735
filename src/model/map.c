/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries stand in ascending order of their keys, each key once. Insertion and
 * removal move the tail: for the few thousand entries of a test that is faster
 * than any tree, and two equal maps are equal bytes however they came about. */

#include "model/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 8 };

void model_require(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "model: misused: %s\n", what);
		abort();
	}
}

/* calloc checks that count * size does not wrap. */
void *model_allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	/* calloc may answer NULL to a request for nothing. */
	if (memory == NULL && count != 0) {
		fprintf(stderr, "model: out of memory\n");
		abort();
	}
	return memory;
}

struct model_map model_map_empty(size_t value_size)
{
	struct model_map map = {.value_size = value_size};

	return map;
}

/* The value size stays, so the map can be used again. */
void model_map_clear(struct model_map *map)
{
	free(map->keys);
	free(map->values);
	*map = model_map_empty(map->value_size);
}

/* Move the entries to arrays of @capacity, which holds them all. */
static void map_resize(struct model_map *map, size_t capacity)
{
	uint64_t *keys = model_allocate(capacity, sizeof(*keys));
	unsigned char *values = model_allocate(capacity, map->value_size);

	if (map->count != 0) {
		memcpy(keys, map->keys, map->count * sizeof(*keys));
		memcpy(values, map->values, map->count * map->value_size);
	}
	free(map->keys);
	free(map->values);
	map->keys = keys;
	map->values = values;
	map->capacity = capacity;
}

/* A copy has no room to grow: most copies are only looked at. */
struct model_map model_map_copy(const struct model_map *from)
{
	struct model_map to = *from;

	to.capacity = 0;
	to.keys = NULL;
	to.values = NULL;
	if (from->count == 0) {
		return to;
	}
	to.capacity = from->count;
	to.keys = model_allocate(to.count, sizeof(*to.keys));
	to.values = model_allocate(to.count, to.value_size);
	memcpy(to.keys, from->keys, to.count * sizeof(*to.keys));
	memcpy(to.values, from->values, to.count * to.value_size);
	return to;
}

void model_map_assign(struct model_map *to, const struct model_map *from)
{
	to->count = 0;
	if (to->capacity < from->count) {
		map_resize(to, from->count);
	}
	to->count = from->count;
	if (from->count != 0) {
		memcpy(to->keys, from->keys, from->count * sizeof(*to->keys));
		memcpy(to->values, from->values,
			from->count * from->value_size);
	}
}

/* Capacity is no part of what a map is. memcmp and memcpy must not see NULL,
 * even for nothing (C11, 7.1.4), hence the cases of an empty map, here and
 * above. */
bool model_map_is_equal(const struct model_map *a, const struct model_map *b)
{
	if (a->count != b->count || a->value_size != b->value_size) {
		return false;
	}
	if (a->count == 0) {
		return true;
	}
	return memcmp(a->keys, b->keys, a->count * sizeof(*a->keys)) == 0 &&
	       memcmp(a->values, b->values, a->count * a->value_size) == 0;
}

/*
 * The index of the first key that is not below @key; count if there is none.
 * Invariant: every key before low is below @key, none from low + count on is.
 * Which half goes on is an addend, not a branch: nobody can predict it, and
 * half of the time of a test is spent here.
 */
static size_t lower_bound(const struct model_map *map, uint64_t key)
{
	size_t low = 0;
	size_t count = map->count;

	while (count > 0) {
		size_t half = (count + 1) / 2;

		low += (map->keys[low + half - 1] < key) * half;
		count -= half;
	}
	return low;
}

const void *model_map_find(const struct model_map *map, uint64_t key)
{
	size_t index = lower_bound(map, key);

	if (index == map->count || map->keys[index] != key) {
		return NULL;
	}
	return map->values + index * map->value_size;
}

/* The tables of large granules have thousands of entries, and who visits all of
 * them does so in ascending order. */
const void *model_map_find_next(
	const struct model_map *map, size_t *next, uint64_t key)
{
	if (*next >= map->count || map->keys[*next] != key) {
		*next = lower_bound(map, key);
	}
	if (*next == map->count || map->keys[*next] != key) {
		return NULL;
	}
	return map->values + (*next)++ * map->value_size;
}

/* Shift the entries from @from on to @to; the caller mends the count. */
static void map_move(struct model_map *map, size_t from, size_t to)
{
	size_t tail = map->count - from;
	size_t size = map->value_size;

	if (tail != 0) {
		memmove(map->keys + to, map->keys + from,
			tail * sizeof(*map->keys));
		memmove(map->values + to * size, map->values + from * size,
			tail * size);
	}
}

/* Growth doubles, so that n insertions at the end cost n copies in all. @value
 * may not point into the map, whose arrays may move. */
void model_map_put(struct model_map *map, uint64_t key, const void *value)
{
	size_t index = lower_bound(map, key);

	if (index == map->count || map->keys[index] != key) {
		if (map->count == map->capacity) {
			map_resize(map, map->capacity * 2 + CAPACITY_FIRST);
		}
		map_move(map, index, index + 1);
		map->count++;
		map->keys[index] = key;
	}
	memcpy(map->values + index * map->value_size, value, map->value_size);
}

void model_map_open(
	struct model_map *map, uint64_t first, uint64_t stride, size_t count)
{
	size_t index = lower_bound(map, first);

	if (count == 0) {
		return;
	}
	model_require(index == map->count ||
			      map->keys[index] > first + (count - 1) * stride,
		"a range that is not empty");
	if (map->count + count > map->capacity) {
		map_resize(map, (map->count + count) * 2);
	}
	map_move(map, index, index + count);
	map->count += count;
	for (size_t i = 0; i < count; i++) {
		map->keys[index + i] = first + i * stride;
	}
	memset(map->values + index * map->value_size, 0,
		count * map->value_size);
}

/* A range that ends before it begins is empty, not a mistake: callers clip. */
size_t model_map_range_count(
	const struct model_map *map, uint64_t first, uint64_t end)
{
	size_t from = lower_bound(map, first);
	size_t to = lower_bound(map, end);

	return to > from ? to - from : 0;
}

/* The arrays keep their size: what was there once is likely to come again. */
void model_map_range_remove(struct model_map *map, uint64_t first, uint64_t end)
{
	size_t removed = model_map_range_count(map, first, end);
	size_t index = lower_bound(map, first);

	if (removed != 0) {
		map_move(map, index + removed, index);
		map->count -= removed;
	}
}

uint64_t model_map_key(const struct model_map *map, size_t index)
{
	model_require(index < map->count, "an index beyond the map");
	return map->keys[index];
}

const void *model_map_value(const struct model_map *map, size_t index)
{
	model_require(index < map->count, "an index beyond the map");
	return map->values + index * map->value_size;
}
