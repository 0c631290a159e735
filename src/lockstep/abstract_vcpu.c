/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine keeps of a vCPU, against what the model keeps. */
#include <inttypes.h>

#include "core/state.h"
#include "lockstep/abstract.h"

/* One number of a vCPU that both sides have. */
static bool compare_number(
	struct abstract *a, const char *what, uint64_t engine, uint64_t model)
{
	if (engine != model) {
		return abstract_differ(a,
			"%s: engine 0x%" PRIx64 ", model 0x%" PRIx64, what,
			engine, model);
	}
	return true;
}

static bool compare_general(struct abstract *a,
	const struct moat_context *engine, const struct model_vcpu *model)
{
	for (uint32_t i = 0; i < 31; i++) {
		char name[] = {
			'x', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};

		if (!compare_number(a, name, engine->x[i], model->x[i])) {
			return false;
		}
	}
	/* Where an abort leads only the port knows. */
	return !model->pc_is_known ||
	       compare_number(a, "pc", engine->pc, model->pc);
}

static bool compare_hardware(struct abstract *a,
	const struct moat_context *engine, const struct model_hardware *model)
{
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		char name[] = {'l', 'r', (char)('0' + i), '\0'};

		if (!compare_number(a, name, engine->list_register[i],
			    model->list_register[i])) {
			return false;
		}
	}
	return compare_number(a, "wants_maintenance", engine->wants_maintenance,
		       model->wants_maintenance) &&
	       compare_number(a, "maintenance", engine->maintenance,
		       model->maintenance) &&
	       compare_number(a, "deadline", engine->deadline, model->deadline);
}

/* What the exit told, and so what the next entry may answer. */
static bool compare_pending(struct abstract *a, const struct vcpu *engine,
	const struct model_vcpu *model)
{
	const struct moat_trap *access = &engine->access;

	if (!compare_number(a, "pending exit", engine->pending, model->exit) ||
		!compare_number(a, "registers of a pending host_call",
			engine->count, model->host_call_count)) {
		return false;
	}
	if (model->exit != MOAT_EXIT_MMIO) {
		return true;
	}
	return compare_number(
		       a, "access", access->access, model->mmio.access) &&
	       compare_number(a, "size", access->size, model->mmio.size) &&
	       compare_number(a, "register", access->register_index,
		       model->mmio.register_index) &&
	       compare_number(a, "is_signed", access->is_signed != 0,
		       model->mmio.is_signed) &&
	       compare_number(
		       a, "is_wide", access->is_wide != 0, model->mmio.is_wide);
}

/* A vCPU that is off has no registers: CPU_ON makes them anew, and nobody may
 * look at them before. */
static bool compare_created(struct abstract *a, const struct vcpu *engine,
	const struct model_vcpu *model)
{
	const struct moat_context *context;

	if (engine->page >= a->page_count) {
		return abstract_differ(a,
			"context: engine page %u, model "
			"0x%" PRIx64,
			engine->page, model->context);
	}
	if (!compare_number(
		    a, "context", a->pa[engine->page], model->context) ||
		!compare_pending(a, engine, model)) {
		return false;
	}
	context = &CONTEXT(a->machine->engine, engine->page);
	return model->state == MOAT_VCPU_OFF ||
	       (compare_general(a, context, model) &&
		       compare_hardware(a, context, &model->hardware));
}

static bool compare_state(struct abstract *a, const struct vcpu *engine,
	const struct model_vcpu *model)
{
	uint32_t cpu = engine->state == MOAT_VCPU_RUNNING ? engine->cpu : 0;

	if (engine->state != (uint8_t)model->state || cpu != model->cpu) {
		return abstract_differ(a, "engine %s cpu %u, model %s cpu %u",
			model_vcpu_state_name(engine->state), cpu,
			model_vcpu_state_name(model->state), model->cpu);
	}
	return model->state == MOAT_VCPU_ABSENT ||
	       compare_created(a, engine, model);
}

bool abstract_compare_vcpu(struct abstract *a, uint32_t vm, uint32_t index)
{
	const struct vcpu *engine = &VCPU(a->machine->engine, vm, index);
	const struct model_vcpu *model = model_vcpu_at(a->model, vm, index);
	const struct model_vcpu absent = {.state = MOAT_VCPU_ABSENT};
	char text[ABSTRACT_TEXT / 2];

	if (compare_state(a, engine, model ? model : &absent)) {
		return true;
	}
	snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, a->text);
	return abstract_differ(a, "vm %u vcpu %u %s", vm, index, text);
}
