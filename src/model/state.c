/* SPDX-License-Identifier: BSD-2-Clause */
/* Life of a model, and the questions about its state. */
#include "model/state.h"

#include <stdlib.h>
#include <string.h>

/* Values are compared and copied as bytes. */
_Static_assert(sizeof(struct model_page) == 24, "padding in model_page");
_Static_assert(sizeof(struct model_vcpu) == 280, "padding in model_vcpu");

static void vm_make(struct model_vm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->life = MOAT_VM_EMPTY;
	vm->tables = model_map_empty(sizeof(uint64_t));
	vm->mappings = model_map_empty(sizeof(uint64_t));
}

void model_vm_reset(struct model_vm *vm)
{
	model_map_clear(&vm->tables);
	model_map_clear(&vm->mappings);
	free(vm->vcpus);
	vm_make(vm);
}

struct model *model_make(const struct moat_config *config)
{
	struct model *m = model_allocate(1, sizeof(*m));

	m->config = *config;
	m->pages = model_map_empty(sizeof(struct model_page));
	m->words = model_map_empty(sizeof(uint64_t));
	m->vms = model_allocate(config->vm_count, sizeof(*m->vms));
	for (uint32_t vm = 0; vm < config->vm_count; vm++) {
		vm_make(&m->vms[vm]);
	}
	return m;
}

struct model *model_create(const struct moat_config *config)
{
	if (model_config_check(config) != NULL) {
		return NULL;
	}
	return model_make(config);
}

void model_destroy(struct model *m)
{
	if (m == NULL) {
		return;
	}
	for (uint32_t vm = 0; vm < m->config.vm_count; vm++) {
		model_vm_reset(&m->vms[vm]);
	}
	model_map_clear(&m->pages);
	model_map_clear(&m->words);
	free(m->vms);
	free(m);
}

static void vm_copy(struct model_vm *to, const struct model_vm *from)
{
	*to = *from;
	to->tables = model_map_copy(&from->tables);
	to->mappings = model_map_copy(&from->mappings);
	if (from->vcpus != NULL) {
		to->vcpus =
			model_allocate(from->vcpu_count, sizeof(*from->vcpus));
		memcpy(to->vcpus, from->vcpus,
			from->vcpu_count * sizeof(*from->vcpus));
	}
}

struct model *model_copy(const struct model *m)
{
	struct model *copy = model_allocate(1, sizeof(*copy));

	*copy = *m;
	copy->pages = model_map_copy(&m->pages);
	copy->words = model_map_copy(&m->words);
	copy->vms = model_allocate(m->config.vm_count, sizeof(*copy->vms));
	for (uint32_t vm = 0; vm < m->config.vm_count; vm++) {
		vm_copy(&copy->vms[vm], &m->vms[vm]);
	}
	return copy;
}

static bool vm_is_equal(const struct model_vm *a, const struct model_vm *b)
{
	if (a->life != b->life || a->ipa_bits != b->ipa_bits ||
		a->vcpu_count != b->vcpu_count ||
		a->root.value != b->root.value) {
		return false;
	}
	if (!model_map_is_equal(&a->tables, &b->tables) ||
		!model_map_is_equal(&a->mappings, &b->mappings)) {
		return false;
	}
	return a->vcpu_count == 0 ||
	       memcmp(a->vcpus, b->vcpus, a->vcpu_count * sizeof(*a->vcpus)) ==
		       0;
}

static bool ranges_are_equal(
	const struct moat_range *a, const struct moat_range *b, uint32_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

static bool config_is_equal(
	const struct moat_config *a, const struct moat_config *b)
{
	return a->cpu_count == b->cpu_count && a->vm_count == b->vm_count &&
	       a->ipa_bits == b->ipa_bits &&
	       a->host_ipa_bits == b->host_ipa_bits &&
	       a->ram_count == b->ram_count &&
	       a->withheld_count == b->withheld_count &&
	       ranges_are_equal(a->ram, b->ram, a->ram_count) &&
	       ranges_are_equal(a->withheld, b->withheld, a->withheld_count);
}

bool model_is_equal(const struct model *a, const struct model *b)
{
	if (!config_is_equal(&a->config, &b->config) ||
		!model_map_is_equal(&a->pages, &b->pages) ||
		!model_map_is_equal(&a->words, &b->words)) {
		return false;
	}
	for (uint32_t vm = 0; vm < a->config.vm_count; vm++) {
		if (!vm_is_equal(&a->vms[vm], &b->vms[vm])) {
			return false;
		}
	}
	return memcmp(a->cpus, b->cpus, sizeof(a->cpus)) == 0;
}

struct model_vcpu *model_vcpu_current(const struct model *m, uint32_t cpu)
{
	struct model_cpu current = model_cpu_at(m, cpu);

	if (!current.is_guest) {
		return NULL;
	}
	return &m->vms[current.vm].vcpus[current.vcpu];
}

/* ---- Questions --------------------------------------------------------- */

const struct moat_config *model_config(const struct model *m)
{
	return &m->config;
}

static const struct model_vm *vm_at(const struct model *m, uint32_t vm)
{
	model_require(vm < m->config.vm_count, "no such VM slot");
	return &m->vms[vm];
}

struct model_vm_info model_vm_at(const struct model *m, uint32_t vm)
{
	const struct model_vm *from = vm_at(m, vm);
	struct model_vm_info info = {
		from->life, from->ipa_bits, from->vcpu_count, from->root};

	return info;
}

const struct model_vcpu *model_vcpu_at(
	const struct model *m, uint32_t vm, uint32_t vcpu)
{
	const struct model_vm *from = vm_at(m, vm);

	return vcpu < from->vcpu_count ? &from->vcpus[vcpu] : NULL;
}

struct model_cpu model_cpu_at(const struct model *m, uint32_t cpu)
{
	model_require(cpu < m->config.cpu_count, "no such CPU");
	return m->cpus[cpu];
}

size_t model_page_count(const struct model *m)
{
	return m->pages.count;
}

struct moat_pa model_page_pa(const struct model *m, size_t index)
{
	struct moat_pa pa = {model_map_key(&m->pages, index)};

	return pa;
}

size_t model_mapping_count(const struct model *m, uint32_t vm)
{
	return vm_at(m, vm)->mappings.count;
}

struct model_mapping model_mapping_at(
	const struct model *m, uint32_t vm, size_t index)
{
	const struct model_map *map = &vm_at(m, vm)->mappings;
	const uint64_t *pa = model_map_value(map, index);
	struct model_mapping mapping = {{model_map_key(map, index)}, {*pa}};

	return mapping;
}

size_t model_word_count(const struct model *m)
{
	return m->words.count;
}

struct model_word model_word_at(const struct model *m, size_t index)
{
	const uint64_t *value = model_map_value(&m->words, index);
	struct model_word word = {{model_map_key(&m->words, index)}, *value};

	return word;
}
