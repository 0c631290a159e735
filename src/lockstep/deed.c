/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/deed.h"

#include <string.h>

#include "lockstep/side.h"

uint32_t deed_actor(const struct model *before, const struct op *op)
{
	return side_is_host(op) ? DEED_HOST
				: DEED_VM + model_cpu_at(before, op->cpu).vm;
}

/* Where a store goes; false if it is none. */
static bool store_address(
	const struct model *model, const struct op *op, uint64_t *address)
{
	struct model_cpu cpu = model_cpu_at(model, op->cpu);
	struct moat_ipa ipa = {op->word[0]};
	struct moat_pa pa = {op->word[0]};

	if (op->kind == OP_GUEST_WRITE &&
		!model_translate(model, cpu.vm, ipa, &pa)) {
		return false;
	}
	*address = pa.value;
	return op->kind == OP_GUEST_WRITE || op->kind == OP_HOST_WRITE;
}

struct model_deed deed_make(const struct model *before, const struct op *op,
	const struct outcome *outcome)
{
	struct model_deed deed = {.kind = MODEL_DEED_OTHER};

	memcpy(deed.answer, outcome->word, sizeof(outcome->word));
	if (outcome->kind == OUTCOME_EXIT) {
		deed.kind = MODEL_DEED_EXIT;
	} else if (op->kind == OP_CALL) {
		deed.kind = MODEL_DEED_CALL;
		memcpy(deed.x, op->word, sizeof(op->word));
	} else if (outcome->kind == OUTCOME_VALUE &&
		   store_address(before, op, &deed.address)) {
		deed.kind = MODEL_DEED_STORE;
		deed.value = op->word[1];
	}
	return deed;
}

void deed_view(
	const struct model *model, uint32_t observer, struct model_view *view)
{
	if (observer == DEED_HOST) {
		model_view_host(model, view);
	} else {
		model_view_vm(model, observer - DEED_VM, view);
	}
}

void deed_record(const struct model *before, const struct model *after,
	uint32_t observer, const struct model_deed *deed,
	struct model_view *record)
{
	if (observer == DEED_HOST) {
		model_record_host(before, after, deed, record);
	} else {
		model_record_vm(
			before, after, observer - DEED_VM, deed, record);
	}
}
