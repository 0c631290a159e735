/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The abstraction as a state: what the engine's memory says, in the words of
 * the model, made of nothing that the model has. Views of it are views of the
 * engine (model/view.h): what the engine really keeps and really left in
 * memory, also where that is not what the model says.
 */
#include <string.h>

#include "arch-host/walk.h"
#include "core/state.h"
#include "lockstep/abstract.h"
#include "model/state.h"

enum { WORDS = MOAT_PAGE_SIZE / MODEL_WORD_SIZE };

/* ---- Pages and what they hold ------------------------------------------ */

/* Tables and contexts are the engine's own: entries and registers are told by
 * what they mean. */
static bool holds_words(enum moat_page_state state)
{
	return state != MOAT_PAGE_TABLE && state != MOAT_PAGE_VCPU &&
	       state != MOAT_PAGE_ENGINE;
}

/* Whether each word is the one before it, which a compiler's memcmp sees at
 * once; most pages are zero. */
static bool is_zero(const uint64_t *word)
{
	return word[0] == 0 &&
	       memcmp(word, word + 1, MOAT_PAGE_SIZE - sizeof(*word)) == 0;
}

static void make_words(
	struct model *model, const struct abstract *a, uint32_t page)
{
	const uint64_t *word =
		(const uint64_t *)(const void *)(a->machine->ram +
						 (size_t)page * MOAT_PAGE_SIZE);

	if (is_zero(word)) {
		return;
	}
	for (uint32_t i = 0; i < WORDS; i++) {
		if (word[i] != 0) {
			model_map_put(&model->words,
				a->pa[page] + i * sizeof(*word), &word[i]);
		}
	}
}

/* Pages ascend, so each entry is put at the end of its map. A page that nobody
 * wrote to since the machine was made is all zero. */
static void make_pages(struct model *model, const struct abstract *a)
{
	for (uint32_t page = 0; page < a->page_count; page++) {
		struct model_page record;

		(void)abstract_page(a->machine->engine, page, &record);
		if (record.state != MOAT_PAGE_HOST &&
			record.state != MOAT_PAGE_ENGINE) {
			model_map_put(&model->pages, a->pa[page], &record);
		}
		if (a->machine->is_touched[page] && holds_words(record.state)) {
			make_words(model, a, page);
		}
	}
}

/* ---- VMs --------------------------------------------------------------- */

static void make_leaf(struct model_vm *vm, const struct host_translation *leaf)
{
	for (uint64_t done = 0; done < leaf->size; done += MOAT_PAGE_SIZE) {
		uint64_t pa = leaf->pa + done;

		model_map_put(&vm->mappings, leaf->ipa + done, &pa);
	}
}

static void make_root(struct model_vm *vm, const struct vm *engine)
{
	for (uint64_t i = 0; i < engine->root_count; i++) {
		uint64_t ipa = i * model_s2_span(engine->start_level);
		uint64_t pa = vm->root.value + i * MOAT_PAGE_SIZE;

		model_map_put(&vm->tables,
			model_s2_key(engine->start_level, ipa), &pa);
	}
}

static void make_maps(
	struct model_vm *vm, const struct abstract *a, uint32_t number)
{
	struct moat_stage2 stage2 = abstract_stage2(a, number);
	struct host_cursor cursor = host_cursor_make(&stage2, 0);
	struct host_translation entry;

	make_root(vm, &VM(a->machine->engine, number));
	while (host_cursor_next(a->machine, &cursor, &entry)) {
		if (entry.is_table) {
			model_map_put(&vm->tables,
				model_s2_key(entry.level + 1, entry.ipa),
				&entry.pa);
		} else {
			make_leaf(vm, &entry);
		}
	}
}

/* ---- vCPUs ------------------------------------------------------------- */

static void make_registers(
	struct model_vcpu *vcpu, const struct moat_context *context)
{
	struct model_hardware hardware = {
		.wants_maintenance = context->wants_maintenance,
		.maintenance = context->maintenance,
		.deadline = context->deadline};

	memcpy(hardware.list_register, context->list_register,
		sizeof(hardware.list_register));
	memcpy(vcpu->x, context->x, sizeof(vcpu->x));
	vcpu->hardware = hardware;
	vcpu->pc = context->pc;
	vcpu->pc_is_known = 1;
}

static struct model_mmio make_access(const struct moat_trap *trap)
{
	struct model_mmio mmio = {.access = trap->access,
		.size = trap->size,
		.register_index = trap->register_index,
		.is_signed = trap->is_signed != 0,
		.is_wide = trap->is_wide != 0};

	return mmio;
}

/* A vCPU that is off has no registers [abstract_vcpu.c]. */
static void make_vcpu(struct model_vcpu *vcpu, const struct abstract *a,
	const struct vcpu *engine)
{
	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->state = (enum moat_vcpu_state)engine->state;
	if (vcpu->state == MOAT_VCPU_ABSENT || engine->page >= a->page_count) {
		return;
	}
	vcpu->cpu = vcpu->state == MOAT_VCPU_RUNNING ? engine->cpu : 0;
	vcpu->context = a->pa[engine->page];
	vcpu->exit = engine->pending;
	vcpu->host_call_count = engine->count;
	if (vcpu->exit == MOAT_EXIT_MMIO) {
		vcpu->mmio = make_access(&engine->access);
	}
	if (vcpu->state != MOAT_VCPU_OFF) {
		make_registers(
			vcpu, &CONTEXT(a->machine->engine, engine->page));
	}
}

/* ---- All --------------------------------------------------------------- */

static void make_vm(
	struct model_vm *vm, const struct abstract *a, uint32_t number)
{
	const struct vm *engine = &VM(a->machine->engine, number);

	vm->life = (enum moat_vm_life)engine->life;
	memcpy(vm->measurement, engine->measurement, sizeof(vm->measurement));
	if (vm->life == MOAT_VM_EMPTY || engine->root >= a->page_count) {
		return;
	}
	vm->ipa_bits = engine->ipa_bits;
	vm->vcpu_count = engine->vcpu_count;
	vm->root.value = a->pa[engine->root];
	vm->vcpus = model_allocate(vm->vcpu_count, sizeof(*vm->vcpus));
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		make_vcpu(
			&vm->vcpus[i], a, &VCPU(a->machine->engine, number, i));
	}
	make_maps(vm, a, number);
}

static void make_cpu(struct model_cpu *cpu, const struct cpu *engine)
{
	if (engine->vm != NONE) {
		cpu->is_guest = 1;
		cpu->vm = engine->vm;
		cpu->vcpu = engine->vcpu;
	}
}

struct model *abstract_make(const struct abstract *a)
{
	const struct moat_config *config = &a->machine->config;
	struct model *model = model_make(config);

	make_pages(model, a);
	for (uint32_t vm = 0; vm < config->vm_count; vm++) {
		make_vm(&model->vms[vm], a, vm);
	}
	for (uint32_t cpu = 0; cpu < config->cpu_count; cpu++) {
		make_cpu(&model->cpus[cpu], &CPU(a->machine->engine, cpu));
	}
	return model;
}
