/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trap of a running vCPU: the engine answers it, or the run ends and the host
 * is told why. The answers below are the complete list of what flows from a VM
 * to the host; what they do not name is zero, and review treats a new word here
 * as a new interface.
 *
 *     trap     condition                       what happens
 *     CALL     version                         answered, goes on
 *     CALL     host_call, count out of range   answered, goes on
 *     CALL     host_call                       exit HOST_CALL
 *     CALL     anything else                   answered, goes on
 *     ABORT    access in range                 exit FAULT
 *     IRQ      always                          exit IRQ
 *     WFI      always                          exit WFI, PC behind it
 *     SERROR   always                          exit SERROR
 *     all else                                 exit OTHER
 */
#include "model/state.h"

enum { INSTRUCTION_SIZE = 4 };

/* A host_call that goes to the host: its count is in range. */
static bool is_host_call(const struct model_vcpu *vcpu)
{
	return (uint32_t)vcpu->x[0] == MOAT_FUNCTION(MOAT_GUEST_HOST_CALL) &&
	       vcpu->x[1] <= MOAT_HOST_CALL_MAX;
}

/* A call that the engine answers by itself. */
static void guest_call(struct model_vcpu *vcpu)
{
	switch ((uint32_t)vcpu->x[0]) {
	case MOAT_FUNCTION(MOAT_GUEST_VERSION):
		vcpu->x[0] = MOAT_OK;
		vcpu->x[1] = MOAT_ABI_VERSION;
		vcpu->x[2] = 0;
		vcpu->x[3] = 0;
		break;
	case MOAT_FUNCTION(MOAT_GUEST_HOST_CALL):
		vcpu->x[0] = model_x0(MOAT_BAD_ARG, 1);
		vcpu->x[1] = 0;
		vcpu->x[2] = 0;
		vcpu->x[3] = 0;
		break;
	default:
		vcpu->x[0] = MOAT_NOT_SUPPORTED;
		break;
	}
}

/* Why a run ended: vcpu_run itself went well, whatever its reason to return. */
static struct model_answer exit_make(enum moat_exit_reason reason)
{
	struct model_answer answer = model_answer_make(MOAT_OK);

	answer.action = MOAT_HOST_RETURN;
	answer.x[1] = reason;
	return answer;
}

/* The page, not the address: the offset within the page would tell the host
 * about the VM's data structures. The half of the IPA space does not matter
 * yet; MMIO exits, which tell more about the shared half, are still to come. A
 * fault for which there is a mapping by now is told all the same: the host runs
 * the vCPU again, and it goes through. */
static struct model_answer exit_fault(const struct moat_trap *trap)
{
	struct model_answer answer = exit_make(MOAT_EXIT_FAULT);

	if (trap->access < MOAT_ACCESS_READ ||
		trap->access >= MOAT_ACCESS_END) {
		return exit_make(MOAT_EXIT_OTHER);
	}
	answer.x[2] = model_page_base(trap->ipa.value);
	answer.x[3] = trap->access;
	return answer;
}

/* The count is in range by is_host_call. What is behind it stays the
 * guest's. */
static struct model_answer exit_host_call(const struct model_vcpu *vcpu)
{
	struct model_answer answer = exit_make(MOAT_EXIT_HOST_CALL);

	answer.x[2] = vcpu->x[1];
	for (uint32_t i = 0; i < vcpu->x[1]; i++) {
		answer.x[3 + i] = vcpu->x[2 + i];
	}
	return answer;
}

/* The kind comes from the arch layer, which may be newer than this list; what
 * is not known is OTHER, and says nothing more. */
static struct model_answer exit_decide(
	const struct model_vcpu *vcpu, const struct moat_trap *trap)
{
	switch (trap->kind) {
	case MOAT_TRAP_IRQ:
		return exit_make(MOAT_EXIT_IRQ);
	case MOAT_TRAP_WFI:
		return exit_make(MOAT_EXIT_WFI);
	case MOAT_TRAP_CALL:
		return exit_host_call(vcpu);
	case MOAT_TRAP_ABORT:
		return exit_fault(trap);
	case MOAT_TRAP_SERROR:
		return exit_make(MOAT_EXIT_SERROR);
	case MOAT_TRAP_OTHER:
	case MOAT_TRAP_END:
	default:
		return exit_make(MOAT_EXIT_OTHER);
	}
}

/* The vCPU leaves its CPU, and @answer says why. A WFI or WFE is done with:
 * the next run goes on behind it. */
static void vcpu_leave(struct model *m, struct model_vcpu *vcpu,
	const struct model_answer *answer)
{
	struct model_cpu host = {.is_guest = 0};

	m->cpus[vcpu->cpu] = host;
	vcpu->state = MOAT_VCPU_READY;
	vcpu->cpu = 0;
	vcpu->exit = (uint32_t)answer->x[1];
	if (vcpu->exit == MOAT_EXIT_HOST_CALL) {
		vcpu->host_call_count = (uint32_t)answer->x[2];
	}
	if (vcpu->exit == MOAT_EXIT_WFI) {
		vcpu->pc += INSTRUCTION_SIZE;
	}
}

/* Calls that the engine answers by itself change the guest's registers only;
 * the host does not learn that they were made. The PC is behind the call
 * already, for that is where HVC and a decoded SMC return to. */
enum moat_action model_guest_exit(struct model *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	struct model_answer answer;

	model_require(vcpu != NULL, "the host runs there");
	if (trap->kind == MOAT_TRAP_CALL && !is_host_call(vcpu)) {
		guest_call(vcpu);
		return MOAT_GUEST_RESUME;
	}
	answer = exit_decide(vcpu, trap);
	vcpu_leave(m, vcpu, &answer);
	model_answer_write(&answer, regs);
	return answer.action;
}

/* The harness plays the guest: it computes in these, as a guest would. */
uint64_t *model_guest_registers(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	return vcpu == NULL ? NULL : vcpu->x;
}

uint64_t *model_guest_pc(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	return vcpu == NULL ? NULL : &vcpu->pc;
}
