/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Make everything else that the observer cannot see, in the second machine,
 * random: registers of vCPUs and contents of pages. Engine and model get the
 * same, so the state stays one that the invariants hold of. Where pages lie,
 * who owns the others and what runs is different already, since the two
 * machines have taken different steps.
 */
#include <string.h>

#include "core/state.h"
#include "model/state.h"
#include "views/pair.h"

enum {
	ONE_PAGE_IN = 32, /* one page in so many is written to */
	WORDS_WRITTEN = 2, /* the first ones of such a page */
	GENERAL_COUNT = 31
};

static uint64_t any(struct pair *pair)
{
	return random_next(&pair->random);
}

/* ---- Pages ------------------------------------------------------------- */

/* Whether the observer can see what the page holds. */
static bool is_seen(uint32_t observer, const struct model_page *page)
{
	bool is_common = page->state == MOAT_PAGE_LENT ||
			 page->state == MOAT_PAGE_SHARED;

	if (observer == DEED_HOST) {
		return is_common || page->state == MOAT_PAGE_HOST;
	}
	return (is_common || page->state == MOAT_PAGE_VM) &&
	       page->vm == observer - DEED_VM;
}

static bool has_words(const struct model_page *page)
{
	return page->state != MOAT_PAGE_TABLE &&
	       page->state != MOAT_PAGE_VCPU && page->state != MOAT_PAGE_ENGINE;
}

static bool may_be_written(const struct pair *pair, uint64_t pa)
{
	struct model_page page;

	return model_page_at(pair->side[1].model,
		       (struct moat_pa){pa / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE},
		       &page) &&
	       has_words(&page) && !is_seen(pair->observer, &page);
}

void pair_set_word(struct pair *pair, uint64_t pa, uint64_t word)
{
	const struct turn turn = {.kind = TURN_WORD, .at = pa, .value = word};
	struct side *side = &pair->side[1];

	if (!may_be_written(pair, pa)) {
		return;
	}
	script_add(pair->script, &turn);
	host_machine_touch(side->machine, host_machine_page(side->machine, pa));
	memcpy(host_machine_memory(side->machine, pa), &word, sizeof(word));
	model_map_put(&side->model->words, pa, &word);
}

static void write_page(struct pair *pair, uint64_t pa)
{
	for (uint32_t i = 0; i < WORDS_WRITTEN; i++) {
		pair_set_word(pair, pa + i * MODEL_WORD_SIZE, any(pair) | 1);
	}
}

static void resample_pages(struct pair *pair)
{
	const struct side *side = &pair->side[1];
	uint32_t count = (uint32_t)(side->machine->ram_size / MOAT_PAGE_SIZE);

	for (uint32_t i = 0; i < count; i++) {
		uint64_t pa = host_machine_pa(side->machine, i);

		if (may_be_written(pair, pa) &&
			random_once_in(&pair->random, ONE_PAGE_IN)) {
			write_page(pair, pa);
		}
	}
}

/* ---- vCPUs ------------------------------------------------------------- */

static void resample_registers(struct pair *pair, struct model_vcpu *vcpu,
	struct moat_context *context)
{
	for (uint32_t i = 0; i < GENERAL_COUNT; i++) {
		context->x[i] = any(pair);
		vcpu->x[i] = context->x[i];
	}
	context->pc = any(pair) / 4 * 4;
	vcpu->pc = vcpu->pc_is_known ? context->pc : 0;
	context->deadline = any(pair);
	vcpu->hardware.deadline = context->deadline;
	for (uint32_t i = 0; i < sizeof(context->arch) / sizeof(uint64_t);
		i++) {
		context->arch[i] = any(pair);
	}
}

/* Which register the pending load is for is the VM's affair. */
static void resample_access(
	struct pair *pair, struct model_vcpu *vcpu, struct vcpu *engine)
{
	engine->access.register_index =
		(uint32_t)random_below(&pair->random, GENERAL_COUNT + 1);
	engine->access.is_signed = (uint32_t)random_below(&pair->random, 2);
	engine->access.is_wide = (uint32_t)random_below(&pair->random, 2);
	vcpu->mmio.register_index = engine->access.register_index;
	vcpu->mmio.is_signed = engine->access.is_signed;
	vcpu->mmio.is_wide = engine->access.is_wide;
}

/* Not of one that has none, nor of the observer's own. */
static bool may_be_set(const struct pair *pair, uint32_t vm, uint32_t index)
{
	const struct model_vcpu *vcpu =
		model_vcpu_at(pair->side[1].model, vm, index);

	return vm + DEED_VM != pair->observer && vcpu &&
	       (vcpu->state == MOAT_VCPU_READY ||
		       vcpu->state == MOAT_VCPU_RUNNING);
}

void pair_set_vcpu(struct pair *pair, uint64_t number)
{
	const struct turn turn = {
		.kind = TURN_VCPU, .at = number, .value = pair->random.state};
	uint32_t vm = (uint32_t)(number / MOAT_VCPU_MAX);
	uint32_t index = (uint32_t)(number % MOAT_VCPU_MAX);
	struct side *side = &pair->side[1];
	struct vcpu *engine = &VCPU(side->machine->engine, vm, index);
	struct model_vcpu *vcpu;

	if (!may_be_set(pair, vm, index)) {
		return;
	}
	script_add(pair->script, &turn);
	vcpu = &side->model->vms[vm].vcpus[index];
	resample_registers(
		pair, vcpu, &CONTEXT(side->machine->engine, engine->page));
	if (vcpu->exit == MOAT_EXIT_MMIO) {
		resample_access(pair, vcpu, engine);
	}
}

void pair_resample(struct pair *pair)
{
	uint32_t vms = pair->side[1].model->config.vm_count;

	resample_pages(pair);
	for (uint64_t i = 0; i < (uint64_t)vms * MOAT_VCPU_MAX; i++) {
		pair_set_vcpu(pair, i);
	}
}
