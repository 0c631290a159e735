/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/settle.h"

#include <string.h>

#include "core/state.h"
#include "explore/scope.h"
#include "model/state.h"

enum { GENERAL_COUNT = 31 };

/* A vCPU that is off has no registers [abstract_vcpu.c]. */
static uint64_t secret_of(const struct model_vcpu *vcpu)
{
	return vcpu->state == MOAT_VCPU_OFF ? 0 : vcpu->x[SCOPE_SECRET];
}

static void settle_model(struct model_vcpu *vcpu, uint64_t secret)
{
	const struct model_hardware idle = {.deadline = UINT64_MAX};

	memset(vcpu->x, 0, sizeof(vcpu->x));
	vcpu->x[SCOPE_SECRET] = secret;
	vcpu->pc = 0;
	vcpu->pc_is_known = 1;
	vcpu->hardware = idle;
}

static void settle_engine(struct moat_context *context, uint64_t secret)
{
	memset(context, 0, sizeof(*context));
	context->x[SCOPE_SECRET] = secret;
	context->deadline = UINT64_MAX;
	/* EL1h, interrupts masked: not zero, since a scrub is to be seen. */
	context->pstate = 0x3c5;
}

static void settle_vcpu(
	struct moat *engine, const struct vcpu *record, struct model_vcpu *vcpu)
{
	uint64_t secret = secret_of(vcpu);

	settle_model(vcpu, secret);
	/* An engine with a planted mistake may have none. */
	if (record->state != MOAT_VCPU_ABSENT) {
		settle_engine(&CONTEXT(engine, record->page), secret);
	}
}

void settle(struct moat *engine, struct model *model)
{
	for (uint32_t vm = 0; vm < model->config.vm_count; vm++) {
		struct model_vm *slot = &model->vms[vm];

		memset(slot->measurement, 0, sizeof(slot->measurement));
		memset(VM(engine, vm).measurement, 0,
			sizeof(VM(engine, vm).measurement));
		for (uint32_t i = 0; i < slot->vcpu_count; i++) {
			if (slot->vcpus[i].state != MOAT_VCPU_ABSENT) {
				settle_vcpu(engine, &VCPU(engine, vm, i),
					&slot->vcpus[i]);
			}
		}
	}
}
