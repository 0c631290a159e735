/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/guest.h"

#include "arch-aarch64/context.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/report.h"
#include "arch-aarch64/tick.h"
#include "arch-aarch64/world.h"

_Static_assert(offsetof(struct moat_context, pc) == 248 &&
		       offsetof(struct moat_context, pstate) == 256,
	"CONTEXT_X30 and CONTEXT_PSTATE of vectors.S");

enum { VMID_COUNT = 256 };

/* Of each CPU: the host's registers while a guest runs, and which vCPU of
 * each VM ran here last, plus one. Only that CPU touches its own. */
static uint64_t host_world[MACHINE_CPU_MAX][WORLD_COUNT];
static uint8_t last_vcpu[MACHINE_CPU_MAX][VMID_COUNT];

/*
 * Two vCPUs of a VM may give one ASID two meanings, as two CPUs may; but here
 * they share a TLB and a VMID. So a CPU that changes between them forgets the
 * VM's stage 1, and the instruction cache for the same reason.
 */
static void forget_other_vcpu(uint32_t vmid, uint64_t vcpu)
{
	uint8_t *last = &last_vcpu[cpu_number()][vmid % VMID_COUNT];
	uint8_t mine = (uint8_t)(vcpu + 1);

	if (*last != mine) {
		*last = mine;
		tlbi_vmalle1();
		ic_iallu();
		dsb_nsh();
		isb();
	}
}

static void enter(const struct moat_context *context, uint64_t vcpu)
{
	struct moat_stage2 stage2 = moat_cpu_stage2(engine, cpu_number());

	world_save(host_world[cpu_number()]);
	cpu_control_guest(vcpu);
	cpu_set_stage2(&stage2);
	isb();
	forget_other_vcpu(stage2.vmid, vcpu);
	tick_begin(host_world[cpu_number()]);
	world_load(context->arch);
}

static void leave(void)
{
	struct moat_stage2 stage2 = moat_host_stage2(engine);

	tick_end();
	cpu_control_host();
	cpu_set_stage2(&stage2);
	isb();
	world_load(host_world[cpu_number()]);
}

/*
 * Run until the next exception, and bring the context up to date: once the
 * core has answered HOST_RETURN another CPU may run the vCPU, or the page may
 * be the host's again.
 */
static struct moat_trap run(struct moat_context *context)
{
	enum exit_vector vector = guest_enter(context);
	struct exit_syndrome syndrome = {
		.esr = read_esr_el2(),
		.far = read_far_el2(),
		.hpfar = read_hpfar_el2(),
	};

	world_save(context->arch);
	context->arch[CONTEXT_ESR] = syndrome.esr;
	context->arch[CONTEXT_FAR] = syndrome.far;
	context->deadline = ~UINT64_C(0);
	if (vector == EXIT_VECTOR_SYNC) {
		context->pc += exit_call_length(syndrome.esr);
	}
	return exit_decode(vector, &syndrome);
}

void guest_run(struct moat_regs *regs)
{
	struct moat_context *context = moat_cpu_context(engine, cpu_number());
	enum moat_action action;

	/* x2 of vcpu_run is the vCPU's number; the core has checked it. */
	enter(context, regs->x[2]);
	do {
		struct moat_trap trap = run(context);

		report_count(REPORT_EXIT);
		action = moat_guest_exit(engine, cpu_number(), &trap, regs);
	} while (action == MOAT_GUEST_RESUME);
	leave();
}
