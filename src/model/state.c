/* SPDX-License-Identifier: BSD-2-Clause */
/* Life of a model, and the questions about its state. */
#include "model/state.h"

#include <stdlib.h>
#include <string.h>

/* Values are compared and copied as bytes. */
_Static_assert(sizeof(struct model_page) == 32, "padding in model_page");
_Static_assert(sizeof(struct model_vcpu) == 360, "padding in model_vcpu");

/* An EMPTY slot has no memory and no number but zero: [VM-1] asks just that,
 * and a slot used before cannot be told from one that never was. */
static void vm_make(struct model_vm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->life = MOAT_VM_EMPTY;
	vm->tables = model_map_empty(sizeof(uint64_t));
	vm->mappings = model_map_empty(sizeof(uint64_t));
}

/* Also for a slot that is EMPTY already. */
void model_vm_reset(struct model_vm *vm)
{
	model_map_clear(&vm->tables);
	model_map_clear(&vm->mappings);
	free(vm->vcpus);
	vm_make(vm);
}

/* The maps are empty, and that is the state after moat_init: a page without
 * a record is HOST, or ENGINE where it is withheld, and a word without an
 * entry is zero. So a gigabyte of RAM costs nothing until some of it is
 * given away. */
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

/* Numbers are copied by the assignment, then what hangs at pointers anew. */
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

/* The assignment copies the numbers, and is then mended wherever it copied a
 * pointer. */
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

/* As vm_copy, but into the memory that is there. */
static void vm_assign(struct model_vm *to, const struct model_vm *from)
{
	const struct model_map tables = to->tables;
	const struct model_map mappings = to->mappings;
	struct model_vcpu *vcpus = to->vcpus;

	if (to->vcpu_count != from->vcpu_count) {
		free(vcpus);
		vcpus = from->vcpus ? model_allocate(from->vcpu_count,
					      sizeof(*from->vcpus))
				    : NULL;
	}
	*to = *from;
	to->tables = tables;
	to->mappings = mappings;
	to->vcpus = vcpus;
	model_map_assign(&to->tables, &from->tables);
	model_map_assign(&to->mappings, &from->mappings);
	if (vcpus != NULL) {
		memcpy(vcpus, from->vcpus, from->vcpu_count * sizeof(*vcpus));
	}
}

void model_assign(struct model *to, const struct model *from)
{
	for (uint32_t vm = 0; vm < from->config.vm_count; vm++) {
		vm_assign(&to->vms[vm], &from->vms[vm]);
	}
	model_map_assign(&to->pages, &from->pages);
	model_map_assign(&to->words, &from->words);
	memcpy(to->cpus, from->cpus, sizeof(to->cpus));
	to->is_open = from->is_open;
}

/* The vCPU count is compared before, so both have the same number of vCPUs. */
static bool vm_is_equal(const struct model_vm *a, const struct model_vm *b)
{
	if (a->life != b->life || a->ipa_bits != b->ipa_bits ||
		a->vcpu_count != b->vcpu_count ||
		a->root.value != b->root.value) {
		return false;
	}
	if (memcmp(a->measurement, b->measurement, sizeof(a->measurement)) !=
		0) {
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

/* A range has two words and no padding. */
static bool ranges_are_equal(
	const struct moat_range *a, const struct moat_range *b, uint32_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

/* What the model does not use (ram_window, memory_pa) does not count, nor do
 * the ranges behind the number of ranges. */
static bool config_is_equal(
	const struct moat_config *a, const struct moat_config *b)
{
	return a->cpu_count == b->cpu_count && a->vm_count == b->vm_count &&
	       a->ipa_bits == b->ipa_bits &&
	       a->host_ipa_bits == b->host_ipa_bits &&
	       a->list_register_count == b->list_register_count &&
	       a->ram_count == b->ram_count &&
	       a->withheld_count == b->withheld_count &&
	       ranges_are_equal(a->ram, b->ram, a->ram_count) &&
	       ranges_are_equal(a->withheld, b->withheld, a->withheld_count);
}

/* CPUs behind cpu_count are zero in every model, so all of them can be
 * compared. Whether a trace may still add ranges is no part of the state of the
 * engine. */
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

/* What a CPU runs is looked up by its number, never by a pointer that is kept:
 * a copy of the model must not run the vCPUs of the original. */
struct model_vcpu *model_vcpu_current(const struct model *m, uint32_t cpu)
{
	struct model_cpu current = model_cpu_at(m, cpu);

	if (!current.is_guest) {
		return NULL;
	}
	return &m->vms[current.vm].vcpus[current.vcpu];
}

/* The caller has found a vCPU there. */
struct model_vm *model_vm_current(const struct model *m, uint32_t cpu)
{
	return &m->vms[model_cpu_at(m, cpu).vm];
}

/* ---- Questions --------------------------------------------------------- */

const struct moat_config *model_config(const struct model *m)
{
	return &m->config;
}

/* Queries are for harnesses, which know how many slots there are: a number
 * beyond is their mistake. Numbers that come from an agent are refused in vm.c
 * instead. */
const struct model_vm *model_vm_slot(const struct model *m, uint32_t vm)
{
	model_require(vm < m->config.vm_count, "no such VM slot");
	return &m->vms[vm];
}

struct model_vm_info model_vm_at(const struct model *m, uint32_t vm)
{
	const struct model_vm *from = model_vm_slot(m, vm);
	struct model_vm_info info = {.life = from->life,
		.ipa_bits = from->ipa_bits,
		.vcpu_count = from->vcpu_count,
		.root = from->root};

	memcpy(info.measurement, from->measurement, sizeof(info.measurement));
	return info;
}

/* Not a misuse if absent: a generator asks about all MOAT_VCPU_MAX numbers. */
const struct model_vcpu *model_vcpu_at(
	const struct model *m, uint32_t vm, uint32_t vcpu)
{
	const struct model_vm *from = model_vm_slot(m, vm);

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

struct model_page model_page_number(const struct model *m, size_t index)
{
	const struct model_page *page = model_map_value(&m->pages, index);

	return *page;
}

size_t model_mapping_count(const struct model *m, uint32_t vm)
{
	return model_vm_slot(m, vm)->mappings.count;
}

struct model_mapping model_mapping_at(
	const struct model *m, uint32_t vm, size_t index)
{
	const struct model_map *map = &model_vm_slot(m, vm)->mappings;
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
