/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/guest.h"

#include "arch-aarch64/context.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/report.h"
#include "arch-aarch64/tick.h"
#include "arch-aarch64/trapped.h"
#include "arch-aarch64/vgic.h"
#include "arch-aarch64/vtimer.h"

_Static_assert(offsetof(struct moat_context, pc) == 248 &&
		       offsetof(struct moat_context, pstate) == 256,
	"CONTEXT_X30 and CONTEXT_PSTATE of vectors.S");
_Static_assert((offsetof(struct moat_context, arch) / 8 + WORLD_FP) % 2 == 0,
	"FP registers are aligned in a context");

enum { VMID_COUNT = 256, INSTRUCTION_BYTES = 4 };

/* Of each CPU: the host's registers while a guest runs, and which vCPU of
 * each VM ran here last, plus one. Only that CPU touches its own. */
static uint64_t host_world[MACHINE_CPU_MAX][WORLD_COUNT]
	__attribute__((aligned(16)));
static uint64_t last_vcpu[MACHINE_CPU_MAX][VMID_COUNT];

/* Whether the guest that runs on a CPU has its FP state there, and the host's
 * waits in host_world; otherwise the host's is still where it was. */
static bool has_fp[MACHINE_CPU_MAX];

/*
 * Two vCPUs of a VM may give one ASID two meanings, as two CPUs may; but here
 * they share a TLB and a VMID. So a CPU that changes between them forgets the
 * VM's stage 1, and the instruction cache for the same reason.
 */
static void forget_other_vcpu(uint32_t vmid, uint64_t vmpidr)
{
	uint64_t *last = &last_vcpu[cpu_number()][vmid % VMID_COUNT];

	if (*last != vmpidr) {
		*last = vmpidr;
		tlbi_vmalle1();
		ic_iallu();
		dsb_nsh();
		isb();
	}
}

static void enter(struct moat_context *context, uint32_t vmid,
	const struct cpu_translation *guest)
{
	uint64_t vmpidr = context->arch[CONTEXT_VMPIDR];

	world_save(host_world[cpu_number()]);
	cpu_control_guest(vmpidr);
	cpu_translation_load(guest);
	forget_other_vcpu(vmid, vmpidr);
	tick_begin(host_world[cpu_number()]);
	vtimer_begin(context);
	world_load(context->arch);
	vgic_load(context);
}

/* The host's stage 2 is back already. */
static void leave(void)
{
	if (has_fp[cpu_number()]) {
		world_fp_load(&host_world[cpu_number()][WORLD_FP]);
		has_fp[cpu_number()] = false;
	}
	vgic_end();
	tick_end();
	cpu_control_host();
	world_load(host_world[cpu_number()]);
	isb(); /* the line of PPI 27 is the host's timer's again */
	vtimer_end();
}

/*
 * FP and SIMD registers change hands when the guest first uses them in a run,
 * and most runs do not. Until then they are the host's and trap (CPTR_EL2.TFP),
 * so that no guest sees what another left.
 */
static bool takes_fp(struct moat_context *context, uint64_t esr)
{
	uint32_t cpu = cpu_number();

	if (exit_class(esr) != EXIT_CLASS_FP || has_fp[cpu]) {
		return false;
	}
	cpu_fp_to_guest();
	isb(); /* the registers trap at EL2 as well */
	world_fp_save(&host_world[cpu][WORLD_FP]);
	world_fp_load(&context->arch[WORLD_FP]);
	has_fp[cpu] = true;
	return true;
}

/* ---- What the core need not know of -------------------------------------- */

static void undefined(
	struct moat_context *context, const struct exit_syndrome *syndrome)
{
	struct exit_target target = {
		.pstate = context->pstate,
		.vbar = read_vbar_el1(),
		.sctlr = read_sctlr_el1(),
		.has_mte = cpu_has_mte(),
	};
	struct exit_injection injection =
		exit_inject_undefined(syndrome->esr, &target);

	write_esr_el1(injection.esr);
	write_elr_el1(context->pc);
	write_spsr_el1(context->pstate);
	context->pc = injection.pc;
	context->pstate = injection.pstate;
}

static uint64_t get_register(const struct moat_context *context, uint32_t n)
{
	return n < 31 ? context->x[n] : 0;
}

static void set_register(
	struct moat_context *context, uint32_t n, uint64_t value)
{
	if (n < 31) {
		context->x[n] = value;
	}
}

/* MDSCR_EL1 is exchanged with the world, so that its bits for single steps
 * work; the others stay zero. */
static void access_mdscr(
	struct moat_context *context, const struct emulate_access *access)
{
	if (access->is_write) {
		write_mdscr_el1(get_register(context, access->number) &
				EMULATE_MDSCR_GUEST);
	} else {
		set_register(context, access->number, read_mdscr_el1());
	}
}

static bool access_register(struct moat_context *context, uint64_t esr)
{
	struct emulate_access access = emulate_decode(esr);
	uint64_t value;

	if (access.name == EMULATE_MDSCR) {
		access_mdscr(context, &access);
	} else if (!trapped_value(access.name, EMULATE_GUEST, &value)) {
		return false;
	} else if (!access.is_write) {
		set_register(context, access.number, value);
	}
	context->pc += INSTRUCTION_BYTES;
	return true;
}

/* A register that the guest has not, or that is answered for it. */
static bool is_answered(
	struct moat_context *context, const struct exit_syndrome *syndrome)
{
	if (!exit_is_undefined(syndrome)) {
		return false;
	}
	if (exit_class(syndrome->esr) != EXIT_CLASS_SYSREG ||
		!access_register(context, syndrome->esr)) {
		undefined(context, syndrome);
	}
	return true;
}

/*
 * A permission fault comes without its IPA, so stage 1 is walked again, with
 * everything still the guest's. That fails if another of its vCPUs changed its
 * tables meanwhile; then the access is made again, and faults as it should.
 */
static bool walk(struct exit_syndrome *syndrome)
{
	uint64_t par = read_par_el1();
	bool is_found;

	at_s1e1r(syndrome->far);
	isb();
	is_found = exit_walked(syndrome, read_par_el1());
	write_par_el1(par);
	return is_found;
}

/* ---- A run ------------------------------------------------------------- */

static struct exit_syndrome read_syndrome(const struct moat_context *context)
{
	struct exit_syndrome syndrome = {
		.esr = read_esr_el2(),
		.far = read_far_el2(),
		.hpfar = read_hpfar_el2(),
		.pstate = context->pstate,
	};

	return syndrome;
}

/* Answered here, or for the guest to try again: nothing for the core. */
static bool is_done_here(
	struct moat_context *context, struct exit_syndrome *syndrome)
{
	return takes_fp(context, syndrome->esr) ||
	       is_answered(context, syndrome) ||
	       (exit_needs_walk(syndrome) && !walk(syndrome));
}

/* Run until there is something that the core must know of. */
static enum exit_vector run(
	struct moat_context *context, struct exit_syndrome *syndrome)
{
	enum exit_vector vector;

	do {
		vector = guest_enter(context);
		*syndrome = read_syndrome(context);
	} while (vector == EXIT_VECTOR_SYNC && is_done_here(context, syndrome));
	return vector;
}

/*
 * Bring the context up to date, and let go of everything that is the VM's: once
 * the core has answered HOST_RETURN another CPU may run the vCPU, or its VM may
 * die, and its pages may be the host's again.
 */
static struct moat_trap stop(struct moat_context *context,
	enum exit_vector vector, const struct exit_syndrome *syndrome)
{
	world_save(context->arch);
	if (has_fp[cpu_number()]) {
		world_fp_save(&context->arch[WORLD_FP]);
	}
	vgic_save(context);
	vtimer_save(context);
	context->arch[CONTEXT_ESR] = syndrome->esr;
	context->arch[CONTEXT_FAR] = syndrome->far;
	if (vector == EXIT_VECTOR_SYNC) {
		context->pc += exit_call_length(syndrome->esr);
	}
	return exit_decode(vector, syndrome);
}

void guest_run(struct moat_regs *regs)
{
	struct moat_context *context = moat_cpu_context(engine, cpu_number());
	struct moat_stage2 stage2 = moat_cpu_stage2(engine, cpu_number());
	struct cpu_translation host = cpu_translation_now();
	struct cpu_translation guest = cpu_translation(&stage2);
	uint64_t pc = read_elr_el2();
	uint64_t pstate = read_spsr_el2();
	enum moat_action action;

	enter(context, stage2.vmid, &guest);
	do {
		struct exit_syndrome syndrome;
		enum exit_vector vector = run(context, &syndrome);
		struct moat_trap trap = stop(context, vector, &syndrome);

		cpu_translation_load(&host);
		report_count(REPORT_EXIT);
		action = moat_guest_exit(engine, cpu_number(), &trap, regs);
		if (action == MOAT_GUEST_RESUME) {
			cpu_translation_load(&guest);
		}
	} while (action == MOAT_GUEST_RESUME);
	leave();
	write_elr_el2(pc);
	write_spsr_el2(pstate);
}
