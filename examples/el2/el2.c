/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest embedding of the engine at EL2: one CPU of QEMU's virt machine,
 * a host at EL1 that QEMU loads beside it, and the port of
 * examples/port-template. It has no interrupts and no floating point: both are
 * the host's to want, and trapped.
 */
#include "moat/moat.h"
#include "platform.h"

#define BIT(n) (UINT64_C(1) << (n))
#define READ(name, into) \
	__asm__ volatile("mrs %0, " #name : "=r"(into) : : "memory")
#define WRITE(name, from) \
	__asm__ volatile("msr " #name ", %0" : : "r"(from) : "memory")

enum {
	UART = 0x09000000,
	RAM_BASE = 0x40000000,
	RAM_SIZE = 0x08000000,
	HOST_ENTRY = 0x41000000, /* both as in CMakeLists.txt */
	ENGINE_BASE = 0x47000000, /* withheld */
	ENGINE_SIZE = 0x01000000,
	MEMORY_SIZE = 4 << 20
};

/* PSCI (Arm DEN 0022). */
#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)

/* General registers of what was interrupted, as start.S saves them. */
struct frame {
	uint64_t x[31];
	uint64_t unused;
};

enum entry { ENTRY_SYNC, ENTRY_IRQ, ENTRY_FIQ, ENTRY_SERROR };

/* Of EL1: what is the host's while a VM runs, and where it goes on. */
struct world {
	struct frame frame;
	uint64_t pc;
	uint64_t pstate;
	uint64_t system[PLATFORM_COUNT];
};

static struct moat *engine;
static struct world host;
static _Alignas(65536) unsigned char memory[MEMORY_SIZE];
static _Alignas(4096) uint64_t map[512]; /* EL2's own stage 1 */

/* ---- Console ------------------------------------------------------------ */

static void print(const char *text)
{
	for (; *text != 0; text++) {
		*(volatile uint32_t *)(uintptr_t)UART = (uint32_t)*text;
	}
}

static void power_off(void)
{
	register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;

	__asm__ volatile("smc #0" : "+r"(x0) : : "memory");
}

void platform_panic(const char *reason)
{
	print("el2: panic: ");
	print(reason);
	print("\n");
	power_off();
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* ---- Worlds ------------------------------------------------------------- */

#define SAVE(name) READ(name, system[PLATFORM_##name]);
#define LOAD(name) WRITE(name, system[PLATFORM_##name]);

static void save_system(uint64_t *system)
{
	PLATFORM_REGISTERS(SAVE)
}

static void load_system(const uint64_t *system)
{
	PLATFORM_REGISTERS(LOAD)
}

/* HCR_EL2 (Arm ARM, D19.2.46): stage 2 on, SMC trapped, EL1 in AArch64. */
#define HCR_HOST (BIT(0) + BIT(1) + BIT(19) + BIT(31))
/* A VM also: FIQ, IRQ and SError to EL2, WFI and WFE trapped, maintenance and
 * barriers broadcast, implementation-defined registers trapped. */
#define HCR_GUEST \
	(HCR_HOST + BIT(3) + BIT(4) + BIT(5) + BIT(9) + BIT(10) + BIT(13) + \
		BIT(14) + BIT(20))

static void enter_guest(struct frame *frame)
{
	const struct moat_stage2 stage2 = moat_cpu_stage2(engine, 0);
	struct moat_context *context = moat_cpu_context(engine, 0);

	host.frame = *frame;
	READ(elr_el2, host.pc);
	READ(spsr_el2, host.pstate);
	save_system(host.system);
	load_system(context->arch);
	platform_install(&stage2);
	WRITE(hcr_el2, HCR_GUEST);
	WRITE(elr_el2, context->pc);
	WRITE(spsr_el2, context->pstate);
	for (int i = 0; i < 31; i++) {
		frame->x[i] = context->x[i];
	}
}

static void leave_guest(struct frame *frame, const struct moat_regs *regs)
{
	const struct moat_stage2 stage2 = moat_host_stage2(engine);

	load_system(host.system);
	platform_install(&stage2);
	WRITE(hcr_el2, HCR_HOST);
	WRITE(elr_el2, host.pc);
	WRITE(spsr_el2, host.pstate);
	*frame = host.frame;
	for (int i = 0; i <= MOAT_RUN_RESULT_COUNT; i++) {
		frame->x[i] = regs->x[i];
	}
}

/* ---- Traps -------------------------------------------------------------- */

/* Fields of ESR_EL2 (Arm ARM, D19.2.37). */
#define ESR_CLASS(esr) ((esr) >> 26 & 0x3f)
#define ESR_ISV BIT(24)
#define ESR_WNR BIT(6)
#define ESR_S1PTW BIT(7)
#define ESR_FAULT(esr) ((esr) >> 2 & 0xf) /* 0..3: of the translation */

enum {
	CLASS_WFX = 0x01,
	CLASS_HVC = 0x16,
	CLASS_SMC = 0x17,
	CLASS_FETCH = 0x20,
	CLASS_DATA = 0x24
};

/* The address of a stage-2 fault. A permission fault has it only where stage 1
 * is off or its walk failed, which holds for this example: nobody lends. */
static struct moat_ipa fault_ipa(uint64_t esr)
{
	struct moat_ipa ipa;
	uint64_t far;

	READ(hpfar_el2, ipa.value);
	READ(far_el2, far);
	ipa.value = (ipa.value >> 4) << 12;
	if ((esr & ESR_S1PTW) == 0) {
		ipa.value += far % MOAT_PAGE_SIZE;
	}
	return ipa;
}

static void skip_instruction(void)
{
	uint64_t pc;

	READ(elr_el2, pc);
	WRITE(elr_el2, pc + 4);
}

/* Arm ARM, D1.3.1: EL1 takes a synchronous external abort for its access. */
static void abort_host(uint64_t esr)
{
	uint64_t pc, pstate, base, far;

	READ(elr_el2, pc);
	READ(spsr_el2, pstate);
	READ(vbar_el1, base);
	READ(far_el2, far);
	WRITE(elr_el1, pc);
	WRITE(spsr_el1, pstate);
	WRITE(far_el1, far);
	/* From EL1 itself, hence class + 1; its status code 0b010000. */
	WRITE(esr_el1, ((ESR_CLASS(esr) + 1) << 26) + BIT(25) + 0x10);
	WRITE(elr_el2, base + 0x200);
	WRITE(spsr_el2, UINT64_C(0x3c5));
}

/* The host asks, or touched what it may not. */
static void trap_host(struct frame *frame, uint64_t esr)
{
	struct moat_regs regs;
	uint64_t class = ESR_CLASS(esr);

	if (class == CLASS_HVC) {
		for (int i = 0; i < 18; i++) {
			regs.x[i] = frame->x[i];
		}
		if (moat_host_call(engine, 0, &regs) == MOAT_GUEST_ENTER) {
			enter_guest(frame);
			return;
		}
		for (int i = 0; i < 18; i++) {
			frame->x[i] = regs.x[i];
		}
	} else if (class == CLASS_FETCH || class == CLASS_DATA) {
		if (moat_host_abort(engine, 0, fault_ipa(esr)) ==
			MOAT_HOST_INJECT) {
			abort_host(esr);
		}
	} else if (class == CLASS_SMC && frame->x[0] == PSCI_SYSTEM_OFF) {
		print("el2: off\n");
		power_off();
	} else {
		skip_instruction();
		frame->x[0] = MOAT_NOT_SUPPORTED;
	}
}

/* What a data abort says of the access, if it says it (Arm ARM, ISS, ISV). */
static void decode_access(struct moat_trap *trap, uint64_t esr)
{
	trap->access = (esr & ESR_WNR) != 0 && (esr & ESR_S1PTW) == 0
			       ? MOAT_ACCESS_WRITE
			       : MOAT_ACCESS_READ;
	if ((esr & ESR_ISV) != 0) {
		trap->has_syndrome = 1;
		trap->size = 1u << (esr >> 22 & 3);
		trap->register_index = esr >> 16 & 31;
		trap->is_signed = esr >> 21 & 1;
		trap->is_wide = esr >> 15 & 1;
	}
}

static struct moat_trap decode_sync(uint64_t esr)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_OTHER};
	uint64_t class = ESR_CLASS(esr);

	if (class == CLASS_WFX) {
		trap.kind = MOAT_TRAP_WFI;
	} else if (class == CLASS_HVC || class == CLASS_SMC) {
		trap.kind = MOAT_TRAP_CALL;
	} else if ((class == CLASS_FETCH || class == CLASS_DATA) &&
		   ESR_FAULT(esr) <= 3) {
		trap.kind = MOAT_TRAP_ABORT;
		trap.ipa = fault_ipa(esr);
		trap.access = MOAT_ACCESS_FETCH;
		if (class == CLASS_DATA) {
			decode_access(&trap, esr);
		}
	}
	return trap;
}

static struct moat_trap decode(enum entry entry, uint64_t esr)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};

	if (entry == ENTRY_SYNC) {
		return decode_sync(esr);
	}
	if (entry == ENTRY_SERROR) {
		trap.kind = MOAT_TRAP_SERROR;
	}
	return trap;
}

/* A VM trapped: save it, ask, and go on with it or with the host. */
static void trap_guest(struct frame *frame, enum entry entry, uint64_t esr)
{
	struct moat_context *context = moat_cpu_context(engine, 0);
	struct moat_trap trap = decode(entry, esr);
	struct moat_regs regs;

	for (int i = 0; i < 31; i++) {
		context->x[i] = frame->x[i];
	}
	if (trap.kind == MOAT_TRAP_CALL && ESR_CLASS(esr) == CLASS_SMC) {
		skip_instruction();
	}
	READ(elr_el2, context->pc);
	READ(spsr_el2, context->pstate);
	save_system(context->arch);
	/* The timer, if it is on and not masked, is all it waits for. */
	context->deadline = context->arch[PLATFORM_cntv_ctl_el0] % 4 == 1
				    ? context->arch[PLATFORM_cntv_cval_el0]
				    : UINT64_MAX;
	if (moat_guest_exit(engine, 0, &trap, &regs) == MOAT_HOST_RETURN) {
		leave_guest(frame, &regs);
		return;
	}
	WRITE(elr_el2, context->pc);
	WRITE(spsr_el2, context->pstate);
	for (int i = 0; i < 31; i++) {
		frame->x[i] = context->x[i];
	}
}

/* Every exception from EL1 and EL0 (start.S). */
void trap(struct frame *frame, enum entry entry);

void trap(struct frame *frame, enum entry entry)
{
	uint64_t esr;

	READ(esr_el2, esr);
	if (moat_cpu_context(engine, 0) != NULL) {
		trap_guest(frame, entry, esr);
	} else if (entry == ENTRY_SYNC) {
		trap_host(frame, esr);
	} else {
		platform_panic("the host's interrupts are its own");
	}
}

/* ---- Start -------------------------------------------------------------- */

/*
 * EL2's stage 1: one table of level 1, the first GiB devices, the second RAM,
 * cacheable, so that scrubbing works on what the agents see (Arm ARM, D8.3.1:
 * bit 10 AF, 9:8 inner shareable, 6 RES1, 4:2 attribute, 0 block; 54 XN).
 */
static void turn_mmu_on(void)
{
	uint64_t range, control;

	map[0] = BIT(54) + BIT(10) + BIT(6) + BIT(0);
	map[1] = (uint64_t)RAM_BASE + BIT(10) + 3 * BIT(8) + BIT(6) + BIT(2) +
		 BIT(0);
	READ(id_aa64mmfr0_el1, range);
	WRITE(mair_el2, UINT64_C(0xff00)); /* 0 Device-nGnRnE, 1 write-back */
	WRITE(tcr_el2, BIT(31) + BIT(23) + (range % 16 << 16) + 3 * BIT(12) +
			       BIT(10) + BIT(8) + (64 - 39));
	WRITE(ttbr0_el2, (uint64_t)(uintptr_t)map);
	__asm__ volatile("tlbi alle2\n\tic iallu\n\tdsb sy\n\tisb" ::
				 : "memory");
	READ(sctlr_el2, control);
	WRITE(sctlr_el2, control + BIT(0) + BIT(2) + BIT(12));
	__asm__ volatile("isb" ::: "memory");
}

static void start_engine(void)
{
	const struct moat_config config = {
		.cpu_count = 1,
		.vm_count = 2,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.ram = {{RAM_BASE, RAM_SIZE}},
		.withheld_count = 1,
		.withheld = {{ENGINE_BASE, ENGINE_SIZE}},
		.ram_window = (void *)(uintptr_t)RAM_BASE,
		.memory_pa = {(uintptr_t)memory},
	};

	if (moat_size(&config) == 0 || moat_size(&config) > sizeof(memory)) {
		platform_panic("the engine does not fit");
	}
	engine = moat_init(&config, memory);
	print("el2: Moat ");
	print(moat_library_version());
	print("\n");
}

/* Every control register of the lower levels, whatever its reset value. */
static void start_host(void)
{
	const struct moat_stage2 stage2 = moat_host_stage2(engine);
	uint64_t value;

	READ(midr_el1, value);
	WRITE(vpidr_el2, value);
	READ(mpidr_el1, value);
	WRITE(vmpidr_el2, value);
	WRITE(cptr_el2, UINT64_C(0x33ff) + BIT(10)); /* FP, SVE, trace trap */
	WRITE(hstr_el2, UINT64_C(0));
	WRITE(mdcr_el2, UINT64_C(0));
	WRITE(cnthctl_el2, UINT64_C(3));
	WRITE(cntvoff_el2, UINT64_C(0));
	WRITE(sctlr_el1, UINT64_C(0x30d00980));
	platform_install(&stage2);
	WRITE(hcr_el2, HCR_HOST);
	__asm__ volatile("tlbi alle1\n\tdsb sy\n\tisb" ::: "memory");
	WRITE(elr_el2, (uint64_t)HOST_ENTRY);
	WRITE(spsr_el2, UINT64_C(0x3c5)); /* EL1 with SP_EL1, DAIF masked */
}

/* start.S calls it, and then enters EL1. */
void el2_main(void);

void el2_main(void)
{
	turn_mmu_on();
	start_engine();
	start_host();
}
