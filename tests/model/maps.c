/* SPDX-License-Identifier: BSD-2-Clause */
/* The finite map, against an array that is indexed by the key itself. */
#include "model/map.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

enum { KEYS = 64, ROUNDS = 4000 };

/* A multiplier and addend of full period modulo 2^64 (Knuth, MMIX). */
static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed / ((uint64_t)1 << 33);
}

static void expect_same(const struct model_map *map, const uint64_t *plain)
{
	size_t count = 0;

	for (uint64_t key = 0; key < KEYS; key++) {
		const uint64_t *value = model_map_find(map, key);

		cr_assert_eq(value == NULL ? 0 : *value, plain[key]);
		if (plain[key] != 0) {
			cr_assert_eq(model_map_key(map, count), key);
			count++;
		}
	}
	cr_assert_eq(map->count, count);
}

Test(maps, a_map_is_what_an_array_would_be)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	uint64_t plain[KEYS] = {0};
	uint64_t seed = 1;

	for (uint64_t round = 1; round <= ROUNDS; round++) {
		uint64_t key = next_random(&seed) % KEYS;
		uint64_t end = key + next_random(&seed) % 8;

		if (next_random(&seed) % 4 != 0) {
			model_map_put(&map, key, &round);
			plain[key] = round;
		} else {
			end = end < KEYS ? end : KEYS;
			model_map_range_remove(&map, key, end);
			memset(plain + key, 0, (end - key) * sizeof(*plain));
		}
		expect_same(&map, plain);
	}
	model_map_clear(&map);
}

Test(maps, ranges_are_half_open_and_may_be_empty)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	const uint64_t keys[] = {0, 5, 6, ~(uint64_t)0};

	for (size_t i = 0; i < 4; i++) {
		model_map_put(&map, keys[i], &keys[i]);
	}
	cr_assert_eq(model_map_range_count(&map, 5, 6), 1);
	cr_assert_eq(model_map_range_count(&map, 6, 5), 0);
	cr_assert_eq(model_map_range_count(&map, 1, 5), 0);
	cr_assert_eq(model_map_range_count(&map, 0, ~(uint64_t)0), 3);
	model_map_range_remove(&map, 6, 5);
	cr_assert_eq(map.count, 4);
	model_map_clear(&map);
}

Test(maps, a_gap_is_opened_between_what_is_there)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	uint64_t plain[KEYS] = {[3] = 3, [40] = 40};
	const uint64_t zero = 0;

	model_map_put(&map, 40, &plain[40]);
	model_map_put(&map, 3, &plain[3]);
	model_map_open(&map, 4, 4, 9);
	cr_assert_eq(map.count, 11);
	for (uint64_t key = 4; key < 40; key++) {
		const uint64_t *value = model_map_find(&map, key);

		cr_assert_eq(value != NULL, key % 4 == 0);
		cr_assert(value == NULL || *value == zero);
	}
	model_map_range_remove(&map, 4, 40);
	expect_same(&map, plain);
	model_map_open(&map, 3, 1, 0);
	model_map_open(&map, 41, 1, 1);
	cr_assert_eq(map.count, 3);
	model_map_clear(&map);
	model_map_open(&map, 0, 1, 0);
	cr_assert_eq(map.count, 0);
}

Test(maps, a_gap_begins_behind_a_key, .signal = SIGABRT)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	const uint64_t value = 1;

	model_map_put(&map, 8, &value);
	model_map_open(&map, 8, 8, 1);
}

Test(maps, a_gap_ends_before_a_key, .signal = SIGABRT)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	const uint64_t value = 1;

	model_map_put(&map, 8, &value);
	model_map_open(&map, 0, 4, 3);
}

Test(maps, a_copy_can_grow)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	struct model_map copy;

	for (uint64_t key = 0; key < 100; key++) {
		model_map_put(&map, key, &key);
	}
	copy = model_map_copy(&map);
	for (uint64_t key = 100; key < 300; key++) {
		model_map_put(&copy, key, &key);
	}
	for (uint64_t key = 0; key < 300; key++) {
		const uint64_t *value = model_map_find(&copy, key);

		cr_assert_eq(*value, key);
	}
	cr_assert_geq(copy.capacity, copy.count);
	cr_assert_eq(map.count, 100);
	model_map_clear(&map);
	model_map_clear(&copy);
}

Test(maps, copies_are_equal_until_one_changes)
{
	struct model_map map = model_map_empty(sizeof(uint64_t));
	struct model_map copy;
	uint64_t value = 1;

	model_map_put(&map, 3, &value);
	copy = model_map_copy(&map);
	cr_assert(model_map_is_equal(&map, &copy));
	value = 2;
	model_map_put(&copy, 3, &value);
	cr_assert_not(model_map_is_equal(&map, &copy));
	model_map_clear(&copy);
	copy = model_map_copy(&map);
	model_map_range_remove(&copy, 3, 4);
	model_map_put(&copy, 4, &value);
	cr_assert_not(model_map_is_equal(&map, &copy));
	model_map_clear(&map);
	model_map_clear(&copy);
}
