/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/generate.h"

#include <string.h>

#include "lockstep/draft.h"

/* An access of the host, or an abort of one that was none of these. */
static void draw_host_access(const struct draft *draft)
{
	struct op *op = draft->op;
	uint64_t page = draft_pa(draft);

	op->kind = once_in(draft, 2) ? OP_HOST_READ : OP_HOST_WRITE;
	if (once_in(draft, 8)) {
		op->kind = OP_HOST_ABORT;
	}
	op->word[0] = page - page % MOAT_PAGE_SIZE +
		      below(draft, ENTRIES) * sizeof(uint64_t);
	if (op->kind == OP_HOST_WRITE) {
		op->word[1] = draft_value(draft);
	}
}

void generate_op(
	const struct model *model, struct random *random, struct op *op)
{
	struct draft draft = {.model = model, .random = random, .op = op};
	const struct moat_config *config = model_config(model);
	struct model_cpu cpu;

	memset(op, 0, sizeof(*op));
	op->cpu = (uint32_t)below(&draft, config->cpu_count);
	cpu = model_cpu_at(model, op->cpu);
	draft.vm = cpu.is_guest ? cpu.vm
				: (uint32_t)below(&draft, config->vm_count);
	/* Now and then what this CPU cannot do, which both sides skip. */
	if (once_in(&draft, 64) ? !cpu.is_guest : cpu.is_guest) {
		draft_guest(&draft);
	} else if (once_in(&draft, 5)) {
		draw_host_access(&draft);
	} else {
		draft_call(&draft);
	}
}
