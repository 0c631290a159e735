/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of port.h that are about the registers of a vCPU. */
#include "arch-aarch64/context.h"

#include "arch-aarch64/cpu.h"
#include "arch-aarch64/exit.h"
#include "moat/port.h"

_Static_assert((int)sizeof(struct moat_context) <= (int)MOAT_PAGE_SIZE,
	"a context fits in a page");
_Static_assert((int)CONTEXT_END <= 472, "a world fits in a context");

#define VMPIDR_RES1 (UINT64_C(1) << 31)

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	*context = (struct moat_context){0};
	context->x[0] = argument;
	context->pc = pc;
	context->pstate = WORLD_PSTATE_RESET;
	world_reset(context->arch);
	context->arch[CONTEXT_VMPIDR] = VMPIDR_RES1 | vcpu;
}

/*
 * The syndrome of the exit says all that @ipa and @access do, and more: the
 * length of the instruction and its virtual address.
 */
void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	uint64_t *arch = context->arch;
	struct exit_target target = {
		.pstate = context->pstate,
		.vbar = arch[WORLD_VBAR],
		.sctlr = arch[WORLD_SCTLR],
		.has_mte = cpu_has_mte(),
	};
	struct exit_injection injection =
		exit_inject_abort(arch[CONTEXT_ESR], &target);

	(void)ipa;
	(void)access;
	arch[WORLD_ESR] = injection.esr;
	arch[WORLD_FAR] = arch[CONTEXT_FAR];
	arch[WORLD_ELR] = context->pc;
	arch[WORLD_SPSR] = context->pstate;
	context->pc = injection.pc;
	context->pstate = injection.pstate;
}
