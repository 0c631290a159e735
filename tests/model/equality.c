/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Equality sees each part of a state, on which [CALL-1] and the lockstep rest;
 * and a copy or an assignment brings each part along.
 */
#include "model/state.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

/* vCPU 0 of VM 0 runs on CPU 1; and a copy of all that. */
static struct model *m;
static struct model *other;

static void begin(void)
{
	m = world_running();
	other = model_copy(m);
}

static void end(void)
{
	model_destroy(m);
	model_destroy(other);
}

TestSuite(equality, .init = begin, .fini = end);

/* Each byte of @size at @at, in the copy, makes another state; which an
 * assignment brings to the original. */
static void expect_seen(void *at, size_t size, const char *what)
{
	unsigned char *byte = at;

	for (size_t i = 0; i < size; i++) {
		byte[i] ^= 1;
		cr_expect_not(
			model_is_equal(m, other), "%s, byte %zu", what, i);
		byte[i] ^= 1;
	}
	cr_expect(model_is_equal(m, other), "%s, as it was", what);
}

#define EXPECT_SEEN(field) expect_seen(&(field), sizeof(field), #field)

Test(equality, sees_each_byte_of_a_vcpu)
{
	EXPECT_SEEN(other->vms[0].vcpus[0]);
	EXPECT_SEEN(other->vms[0].vcpus[1]);
}

Test(equality, sees_each_field_of_a_vm)
{
	for (uint32_t vm = 0; vm < other->config.vm_count; vm++) {
		EXPECT_SEEN(other->vms[vm].life);
		EXPECT_SEEN(other->vms[vm].ipa_bits);
		EXPECT_SEEN(other->vms[vm].vcpu_count);
		EXPECT_SEEN(other->vms[vm].root);
		EXPECT_SEEN(other->vms[vm].measurement);
	}
}

Test(equality, sees_each_cpu)
{
	EXPECT_SEEN(other->cpus[0]);
	EXPECT_SEEN(other->cpus[1]);
	EXPECT_SEEN(other->cpus[MOAT_CPU_MAX - 1]);
}

Test(equality, sees_what_of_a_configuration_is_used)
{
	EXPECT_SEEN(other->config.cpu_count);
	EXPECT_SEEN(other->config.vm_count);
	EXPECT_SEEN(other->config.ipa_bits);
	EXPECT_SEEN(other->config.host_ipa_bits);
	EXPECT_SEEN(other->config.ram_count);
	EXPECT_SEEN(other->config.withheld_count);
	EXPECT_SEEN(other->config.list_register_count);
	EXPECT_SEEN(other->config.ram[0]);
	EXPECT_SEEN(other->config.withheld[0]);
	/* And nothing else: neither ranges that are not there, nor places. */
	other->config.ram[other->config.ram_count].base = 1;
	other->config.withheld[other->config.withheld_count].size = 1;
	other->config.ram_window = other;
	other->config.memory_pa.value = 1;
	other->is_open = true;
	cr_expect(model_is_equal(m, other));
}

/* An entry more, less, or of another value. */
static void expect_map_seen(
	struct model_map *map, uint64_t key, const char *what)
{
	const void *found = model_map_find(map, key);
	unsigned char kept[sizeof(struct model_page)];
	unsigned char changed[sizeof(kept)];

	cr_assert_not_null(found, "%s", what);
	cr_assert(map->value_size <= sizeof(kept));
	memcpy(kept, found, map->value_size);
	memcpy(changed, kept, map->value_size);
	changed[map->value_size - 1] ^= 1;
	model_map_put(map, key, changed);
	cr_expect_not(model_is_equal(m, other), "%s: another", what);
	model_map_range_remove(map, key, key + 1);
	cr_expect_not(model_is_equal(m, other), "%s: none", what);
	model_map_put(map, key + 1, kept);
	cr_expect_not(model_is_equal(m, other), "%s: elsewhere", what);
	model_map_put(map, key, kept);
	cr_expect_not(model_is_equal(m, other), "%s: one more", what);
	model_map_range_remove(map, key + 1, key + 2);
	cr_expect(model_is_equal(m, other), "%s: as it was", what);
}

Test(equality, sees_each_map)
{
	struct model_vm *vm = &other->vms[0];

	expect_map_seen(&other->pages, DATA, "a page");
	expect_map_seen(&other->words, DATA, "a word");
	expect_map_seen(&vm->mappings, DATA_IPA, "a mapping");
	expect_map_seen(&vm->tables, model_s2_key(3, 0), "a table");
}

/* Each part, changed in one model, is there after an assignment. */
Test(equality, an_assignment_brings_each_part)
{
	const struct moat_config config = world_config();
	struct model *third = model_create(&config);
	uint64_t value = 7;

	model_assign(third, m);
	cr_expect(model_is_equal(third, m), "to an empty one");
	other->vms[0].vcpus[1].x[30] ^= 1;
	other->vms[0].measurement[3] ^= 1;
	other->cpus[0].vcpu = 1;
	model_map_put(&other->words, FREE_PAGE, &value);
	model_map_range_remove(&other->vms[0].mappings, DATA_IPA, DATA_IPA + 1);
	model_map_range_remove(&other->pages, LEAF, LEAF + 1);
	model_map_range_remove(&other->vms[0].tables, model_s2_key(3, 0),
		model_s2_key(3, 0) + 1);
	other->is_open = true;
	model_assign(third, other);
	cr_expect(model_is_equal(third, other) && third->is_open, "another");
	third->vms[0].vcpus[0].x[0] ^= 1;
	model_map_put(&third->words, FREE_PAGE + 8, &value);
	cr_expect_not(model_is_equal(third, other), "they share nothing");
	/* From two vCPUs to none, and back. */
	model_destroy(third);
	third = model_create(&config);
	model_assign(other, third);
	cr_expect(model_is_equal(other, third), "to an empty state");
	model_assign(other, m);
	cr_expect(model_is_equal(other, m), "and back");
	model_destroy(third);
}
