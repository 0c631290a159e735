/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trap of a running vCPU: the engine answers it, or the run ends and the host
 * is told why. The answers below are the complete list of what flows from a VM
 * to the host, but for the virtual interrupts, which are the host's own; what
 * they do not name is zero, and review treats a new word here as a new
 * interface.
 *
 *     trap     condition                         what happens
 *     CALL     share, unshare, relinquish        exit of that name, or answered
 *     CALL     host_call                         exit HOST_CALL, or answered
 *     CALL     PSCI (psci.c)                     exit PSCI, WFI, or answered
 *     CALL     anything else                     answered, goes on
 *     ABORT    the access is permitted by now    goes on
 *     ABORT    nothing mapped, shared half,      exit MMIO
 *              one register to or from it
 *     ABORT    else                              exit FAULT
 *     IRQ      always                            exit IRQ
 *     WFI      always                            exit WFI, PC behind it
 *     SERROR   always                            exit SERROR
 *     all else                                   exit OTHER
 */
#include "model/state.h"

enum { ZERO_REGISTER = 31 };

/* Nothing is for the host. */
struct model_answer model_resume(void)
{
	struct model_answer answer = model_answer_make(MOAT_OK);

	answer.action = MOAT_GUEST_RESUME;
	return answer;
}

/* Why a run ended: vcpu_run itself went well, whatever its reason to return. */
struct model_answer model_exit(enum moat_exit_reason reason)
{
	struct model_answer answer = model_answer_make(MOAT_OK);

	answer.action = MOAT_HOST_RETURN;
	answer.x[1] = reason;
	return answer;
}

/* ---- Calls ------------------------------------------------------------- */

void model_guest_answer(struct model_vcpu *vcpu, uint64_t x0, uint64_t x1)
{
	vcpu->x[0] = x0;
	vcpu->x[1] = x1;
	vcpu->x[2] = 0;
	vcpu->x[3] = 0;
	vcpu->x[4] = 0;
}

struct model_answer model_guest_version(struct model *m, uint32_t cpu)
{
	model_guest_answer(
		model_vcpu_current(m, cpu), MOAT_OK, MOAT_ABI_VERSION);
	return model_resume();
}

/* What the guest needs to know of its own space; nothing of the machine. */
struct model_answer model_guest_features(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	model_guest_answer(vcpu, MOAT_OK, MOAT_PAGE_SIZE);
	vcpu->x[2] = model_vm_current(m, cpu)->ipa_bits;
	vcpu->x[3] = MOAT_RANGE_PAGES_MAX;
	vcpu->x[4] = MOAT_HOST_CALL_MAX;
	return model_resume();
}

/* The one that vm_seal told the host: a VM that runs is sealed. */
struct model_answer model_guest_measurement(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	const struct model_vm *vm = model_vm_current(m, cpu);

	vcpu->x[0] = MOAT_OK;
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		vcpu->x[1 + i] = vm->measurement[i];
	}
	return model_resume();
}

/* The declared registers, and how many. What is behind them stays the guest's.
 * The guest's answer comes from the host, with the next entry. */
struct model_answer model_guest_host_call(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	struct model_answer answer = model_exit(MOAT_EXIT_HOST_CALL);
	uint64_t count = vcpu->x[1];

	if (count > MOAT_HOST_CALL_MAX) {
		model_guest_answer(vcpu, model_x0(MOAT_BAD_ARG, 1), 0);
		return model_resume();
	}
	vcpu->host_call_count = (uint32_t)count;
	answer.x[2] = count;
	for (uint32_t i = 0; i < count; i++) {
		answer.x[3 + i] = vcpu->x[2 + i];
	}
	return answer;
}

/* As a call of the host, the low half of x0 selects. */
#define MODEL_GUEST_CALL(constant, name, number, arguments) \
	case MOAT_FUNCTION(number): \
		return model_guest_##name(m, cpu);

static struct model_answer guest_call(struct model *m, uint32_t cpu)
{
	switch ((uint32_t)model_vcpu_current(m, cpu)->x[0]) {
		MOAT_GUEST_CALLS(MODEL_GUEST_CALL)
	default:
		return model_psci(m, cpu);
	}
}

#undef MODEL_GUEST_CALL

/* ---- Aborts ------------------------------------------------------------ */

/* The page, not the address: the offset within the page would tell the host
 * about the VM's data structures. */
static struct model_answer exit_fault(const struct moat_trap *trap)
{
	struct model_answer answer = model_exit(MOAT_EXIT_FAULT);

	answer.x[2] = model_page_base(trap->ipa.value);
	answer.x[3] = trap->access;
	return answer;
}

/* Is it an access of a size that a register has, and was it decoded? */
static bool is_decoded(const struct moat_trap *trap)
{
	bool has_size = trap->size == 1 || trap->size == 2 || trap->size == 4 ||
			trap->size == 8;

	return trap->has_syndrome != 0 && has_size &&
	       trap->register_index <= ZERO_REGISTER &&
	       (trap->access == MOAT_ACCESS_READ ||
		       trap->access == MOAT_ACCESS_WRITE);
}

/* Where a device may be that the host emulates: in the shared half, and where
 * nothing is mapped. */
static bool is_device(const struct model_vm *vm, uint64_t ipa)
{
	uint64_t half = (uint64_t)1 << (vm->ipa_bits - 1);

	return ipa >= half && ipa < 2 * half && model_s2_page(vm, ipa) == NULL;
}

/* What the store writes: its size's worth of the one register. */
static uint64_t store_value(
	const struct model_vcpu *vcpu, const struct moat_trap *trap)
{
	uint64_t value = 0;

	if (trap->register_index != ZERO_REGISTER) {
		value = vcpu->x[trap->register_index];
	}
	if (trap->size < MODEL_WORD_SIZE) {
		value %= (uint64_t)1 << (8 * trap->size);
	}
	return value;
}

/* The exact address, for it is a device's; and no register but the one that the
 * instruction names. The access is kept, for the entry that ends it. */
static struct model_answer exit_mmio(
	struct model_vcpu *vcpu, const struct moat_trap *trap)
{
	struct model_answer answer = model_exit(MOAT_EXIT_MMIO);

	answer.x[2] = trap->ipa.value;
	answer.x[3] = trap->size;
	answer.x[4] = trap->access;
	if (trap->access == MOAT_ACCESS_WRITE) {
		answer.x[5] = store_value(vcpu, trap);
	}
	vcpu->mmio.access = trap->access;
	vcpu->mmio.size = trap->size;
	vcpu->mmio.register_index = trap->register_index;
	vcpu->mmio.is_signed = trap->is_signed != 0;
	vcpu->mmio.is_wide = trap->is_wide != 0;
	return answer;
}

/* Between the access and the trap the host may have mapped the page, or
 * another CPU have been changing it: then the access is made again, and goes
 * through. */
static struct model_answer guest_abort(
	struct model *m, uint32_t cpu, const struct moat_trap *trap)
{
	uint32_t vm = model_cpu_at(m, cpu).vm;

	if (trap->access < MOAT_ACCESS_READ ||
		trap->access >= MOAT_ACCESS_END) {
		return model_exit(MOAT_EXIT_OTHER);
	}
	if (model_s2_permits(m, vm, trap->ipa.value, trap->access)) {
		return model_resume();
	}
	if (is_decoded(trap) && is_device(&m->vms[vm], trap->ipa.value)) {
		return exit_mmio(model_vcpu_current(m, cpu), trap);
	}
	return exit_fault(trap);
}

/* ---- The step ---------------------------------------------------------- */

/* WFI and WFE are done with: the next run goes on behind them. */
static struct model_answer guest_wait(struct model_vcpu *vcpu)
{
	struct model_answer answer = model_exit(MOAT_EXIT_WFI);

	answer.x[2] = vcpu->hardware.deadline;
	model_vcpu_step(vcpu);
	return answer;
}

/* The kind comes from the arch layer, which may be newer than this list; what
 * is not known is OTHER, and says nothing more. The PC is behind a call
 * already, for that is where HVC and a decoded SMC return to. */
static struct model_answer decide(
	struct model *m, uint32_t cpu, const struct moat_trap *trap)
{
	switch (trap->kind) {
	case MOAT_TRAP_IRQ:
		return model_exit(MOAT_EXIT_IRQ);
	case MOAT_TRAP_WFI:
		return guest_wait(model_vcpu_current(m, cpu));
	case MOAT_TRAP_CALL:
		return guest_call(m, cpu);
	case MOAT_TRAP_ABORT:
		return guest_abort(m, cpu, trap);
	case MOAT_TRAP_SERROR:
		return model_exit(MOAT_EXIT_SERROR);
	case MOAT_TRAP_OTHER:
	case MOAT_TRAP_END:
	default:
		return model_exit(MOAT_EXIT_OTHER);
	}
}

/* The vCPU leaves its CPU, and @answer says why. One that turned itself off
 * waits for nothing that the host could answer. */
static void vcpu_leave(struct model *m, struct model_vcpu *vcpu,
	const struct model_answer *answer)
{
	struct model_cpu host = {.is_guest = 0};

	m->cpus[vcpu->cpu] = host;
	vcpu->cpu = 0;
	if (vcpu->state == MOAT_VCPU_RUNNING) {
		vcpu->state = MOAT_VCPU_READY;
		vcpu->exit = (uint32_t)answer->x[1];
	}
}

/* Calls that the engine answers by itself change the guest's registers only;
 * the host does not learn that they were made. */
enum moat_action model_guest_exit(struct model *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	struct model_answer answer;

	model_require(vcpu != NULL, "the host runs there");
	answer = decide(m, cpu, trap);
	if (answer.action == MOAT_HOST_RETURN) {
		model_interrupts_leave(m, vcpu, &answer);
		vcpu_leave(m, vcpu, &answer);
		model_answer_write(&answer, regs);
	}
	return answer.action;
}

/* ---- What a guest does by itself --------------------------------------- */

/* It computes in its registers, and the GIC in the list registers. */
uint64_t *model_guest_registers(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	return vcpu == NULL ? NULL : vcpu->x;
}

struct model_hardware *model_guest_hardware(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	return vcpu == NULL ? NULL : &vcpu->hardware;
}

void model_guest_jump(struct model *m, uint32_t cpu, uint64_t pc)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);

	model_require(vcpu != NULL, "the host runs there");
	vcpu->pc_is_known = 1;
	vcpu->pc = pc;
}
