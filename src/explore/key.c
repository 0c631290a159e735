/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/key.h"

#include <stdlib.h>
#include <string.h>

#include "model/state.h"

/* Odd constants without a pattern: of splitmix64, and 2^64 by the golden
 * ratio. */
#define MIX_LOW UINT64_C(0xbf58476d1ce4e5b9)
#define MIX_HIGH UINT64_C(0x94d049bb133111eb)
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

struct key key_make(void)
{
	struct key key = {SPREAD, MIX_LOW};

	return key;
}

/* Both halves are permutations of the word mixed in, by different constants. */
void key_add(struct key *key, uint64_t word)
{
	key->low = (key->low ^ word) * MIX_LOW;
	key->low ^= key->low >> 31;
	key->high = (key->high + word) * MIX_HIGH;
	key->high ^= key->high >> 29;
	key->high += key->low * SPREAD;
}

/* ---- A state as it is -------------------------------------------------- */

/* @size is whole words; what it is of has no padding. */
static void add_bytes(struct key *key, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, at + i, sizeof(word));
		key_add(key, word);
	}
}

static void add_map(struct key *key, const struct model_map *map)
{
	key_add(key, map->count);
	add_bytes(key, map->keys, map->count * sizeof(*map->keys));
	add_bytes(key, map->values, map->count * map->value_size);
}

void key_add_model(struct key *key, const struct model *model)
{
	add_map(key, &model->pages);
	add_map(key, &model->words);
	for (uint32_t i = 0; i < model->config.vm_count; i++) {
		const struct model_vm *vm = &model->vms[i];

		key_add(key, (uint64_t)vm->life * 64 + vm->ipa_bits);
		key_add(key, vm->vcpu_count);
		key_add(key, vm->root.value);
		add_bytes(key, vm->measurement, sizeof(vm->measurement));
		add_map(key, &vm->tables);
		add_map(key, &vm->mappings);
		add_bytes(key, vm->vcpus, vm->vcpu_count * sizeof(*vm->vcpus));
	}
	for (uint32_t i = 0; i < model->config.cpu_count; i++) {
		key_add(key, model->cpus[i].is_guest);
		key_add(key, (uint64_t)model->cpus[i].vm * 256 +
				     model->cpus[i].vcpu);
	}
}

/* ---- Parts of a state -------------------------------------------------- */

enum { NAMINGS_MAX = 4 };

/* One naming of VMs and CPUs: what number each one gets. */
struct naming {
	uint32_t vm[SCOPE_VMS_MAX];
	uint32_t cpu[MOAT_CPU_MAX];
};

/* A page, in one word. What hangs where is said by pages alone, so that VMs
 * have no list of theirs. */
static uint64_t page_word(
	const struct model *model, uint64_t pa, const struct naming *naming)
{
	const struct model_page *record = model_map_find(&model->pages, pa);
	const uint64_t *value = model_map_find(&model->words, pa);
	uint64_t word = value ? *value : 0;

	if (!record) {
		return word;
	}
	/* Contents of contexts are told by their vCPU. */
	word = record->state == MOAT_PAGE_VCPU ? 0 : word % 256;
	word = word * 8 + (uint64_t)record->state;
	word = word * 4 + naming->vm[record->vm];
	word = word * 8 + record->vcpu;
	word = word * 4 + record->level;
	word = word * 8 + record->permission;
	return word << 33 | record->ipa / MOAT_PAGE_SIZE;
}

/* A vCPU, in one word: its state, what it waits for, and its secret. */
static uint64_t vcpu_word(
	const struct model_vcpu *vcpu, const struct naming *naming)
{
	uint64_t word = (uint64_t)vcpu->state;

	word = word * 128;
	word += vcpu->state == MOAT_VCPU_RUNNING ? naming->cpu[vcpu->cpu] : 0;
	word = word * 16 + vcpu->exit;
	word = word * 8 + vcpu->host_call_count;
	word = word * 4 + vcpu->mmio.access;
	word = word * 16 + vcpu->mmio.size;
	word = word * 32 + vcpu->mmio.register_index;
	word = word * 4 + vcpu->mmio.is_signed * 2 + vcpu->mmio.is_wide;
	return word * 256 + vcpu->x[SCOPE_SECRET] % 256;
}

static void add_vm(
	struct key *key, const struct model_vm *vm, const struct naming *naming)
{
	key_add(key, (uint64_t)vm->life * 64 + vm->ipa_bits);
	key_add(key, vm->vcpu_count);
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		key_add(key, vcpu_word(&vm->vcpus[i], naming));
	}
}

static int compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* In how many orders @count words that are sorted can stand: one is put after
 * the other, at any of the places that give something new. */
static uint64_t count_orders(const uint64_t *word, uint32_t count)
{
	uint64_t orders = 1;
	uint32_t equal = 0;

	for (uint32_t i = 0; i < count; i++) {
		equal = i > 0 && word[i] == word[i - 1] ? equal + 1 : 1;
		orders = orders * (i + 1) / equal;
	}
	return orders;
}

/* The pages of @count groups of @size: sorted, if their names do not matter.
 * The pages of a group have one part, so its first one stands for them. Returns
 * in how many orders they could stand. */
static uint64_t add_pages(
	struct key *key, uint64_t *word, uint32_t count, bool is_symmetric)
{
	if (is_symmetric) {
		qsort(word, count, sizeof(*word), compare_words);
	}
	for (uint32_t i = 0; i < count; i++) {
		key_add(key, word[i]);
	}
	return is_symmetric ? count_orders(word, count) : 1;
}

/* Under one naming; @orders is in how many orders the pages could stand. */
static struct key key_under(const struct scope *scope,
	const struct model *model, const struct naming *naming,
	bool is_symmetric, uint64_t *orders)
{
	uint32_t step = scope_root_pages(scope);
	uint32_t loose = scope->roots * step;
	uint64_t word[SCOPE_PAGES_MAX];
	struct key key = key_make();

	for (uint32_t number = 0; number < scope->vms; number++) {
		for (uint32_t vm = 0; vm < scope->vms; vm++) {
			if (naming->vm[vm] == number) {
				add_vm(&key, &model->vms[vm], naming);
			}
		}
	}
	for (uint32_t i = 0; i < scope->roots; i++) {
		word[i] = page_word(model, scope_page(scope, i * step), naming);
	}
	for (uint32_t i = 0; i < scope->loose; i++) {
		word[scope->roots + i] =
			page_word(model, scope_page(scope, loose + i), naming);
	}
	if (scope->is_uniform) {
		*orders = add_pages(
			&key, word, scope->roots + scope->loose, is_symmetric);
		return key;
	}
	*orders = add_pages(&key, word, scope->roots, is_symmetric);
	*orders *= add_pages(
		&key, word + scope->roots, scope->loose, is_symmetric);
	return key;
}

/* ---- Names ------------------------------------------------------------- */

static void swap_names(uint32_t *name, uint32_t a, uint32_t b)
{
	uint32_t other = name[a];

	name[a] = name[b];
	name[b] = other;
}

/* The naming number @index of those that swap two VMs, or two CPUs, or both;
 * false at the end. All there are, of two. */
static bool naming_make(
	const struct scope *scope, uint32_t index, struct naming *naming)
{
	uint32_t vm_turns = scope->vms == 2 ? 2 : 1;
	uint32_t cpu_turns = scope->cpus == 2 ? 2 : 1;

	if (index >= vm_turns * cpu_turns) {
		return false;
	}
	for (uint32_t i = 0; i < scope->vms; i++) {
		naming->vm[i] = i;
	}
	for (uint32_t i = 0; i < scope->cpus; i++) {
		naming->cpu[i] = i;
	}
	if (index % vm_turns != 0) {
		swap_names(naming->vm, 0, 1);
	}
	if (index / vm_turns != 0) {
		swap_names(naming->cpu, 0, 1);
	}
	return true;
}

static bool is_less(struct key a, struct key b)
{
	return a.low < b.low || (a.low == b.low && a.high < b.high);
}

static bool is_among(const struct key *keys, uint32_t count, struct key key)
{
	uint32_t i = 0;

	while (i < count && !key_is_equal(keys[i], key)) {
		i++;
	}
	return i < count;
}

/* Of the keys under all namings, the least. Each other key there is stands for
 * as many states again. */
struct key key_of(const struct scope *scope, const struct model *model,
	bool is_symmetric, uint64_t *states)
{
	struct naming naming = {{0}, {0}};
	struct key key[NAMINGS_MAX];
	struct key least;
	uint64_t orders = 1;

	(void)naming_make(scope, 0, &naming);
	key[0] = key_under(scope, model, &naming, is_symmetric, states);
	least = key[0];
	for (uint32_t i = 1; is_symmetric && naming_make(scope, i, &naming);
		i++) {
		key[i] = key_under(scope, model, &naming, true, &orders);
		*states += is_among(key, i, key[i]) ? 0 : orders;
		least = is_less(key[i], least) ? key[i] : least;
	}
	return least;
}
