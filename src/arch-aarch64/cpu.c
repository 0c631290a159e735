/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/cpu.h"

#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/world.h"

#define BIT(n) (UINT64_C(1) << (n))

/* HCR_EL2 (Arm ARM D19.2.46). */
#define HCR_VM BIT(0) /* stage 2 on */
#define HCR_SWIO BIT(1) /* invalidation by set/way also cleans */
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_FB BIT(9) /* broadcast maintenance: vCPUs move between CPUs */
#define HCR_BSU_INNER BIT(10) /* and so do their barriers */
#define HCR_TWI BIT(13)
#define HCR_TWE BIT(14)
#define HCR_TID3 BIT(18) /* trap ID registers */
#define HCR_TSC BIT(19) /* trap SMC */
#define HCR_TIDCP BIT(20) /* trap implementation-defined registers */
#define HCR_TACR BIT(21) /* trap ACTLR_EL1 */
#define HCR_RW BIT(31) /* EL1 is AArch64 */
#define HCR_TLOR BIT(35) /* trap LORegion registers */
#define HCR_TERR BIT(36) /* trap error records */
#define HCR_APK BIT(40) /* do not trap PAuth keys, instructions */
#define HCR_API BIT(41)
#define HCR_EN_SCXT BIT(53) /* do not trap SCXTNUM */
#define HCR_ATA BIT(56) /* do not trap allocation tags */

/* TID3: what is trapped is not reported either (emulate.c). */
#define HCR_HOST (HCR_RW | HCR_VM | HCR_SWIO | HCR_TSC | HCR_TID3)
/*
 * Of PAuth, MTE, RAS and SCXTNUM all is trapped: API, APK, ATA, FIEN, EnSCXT
 * are clear. Maintenance by set and way (TSW) need not be: SWIO makes it clean
 * as well, and it reaches only this CPU's caches. Nor need TID1 and TID2 be
 * set: revisions and caches are the same to all, and CSSELR_EL1 is exchanged.
 */
#define HCR_GUEST \
	(HCR_HOST | HCR_IMO | HCR_FMO | HCR_AMO | HCR_TWI | HCR_TWE | HCR_FB | \
		HCR_BSU_INNER | HCR_TIDCP | HCR_TACR | HCR_TLOR | HCR_TERR)

/* CPTR_EL2 without VHE (D19.2.34): RES1 bits, of which one is TSM. SVE and SME
 * are trapped for all, as no switch of worlds saves them; trace for all, as it
 * would show what a guest does; for guests activity monitors too. */
#define CPTR_RES1 UINT64_C(0x32ff)
#define CPTR_TZ BIT(8)
#define CPTR_TTA BIT(20)
#define CPTR_TAM BIT(30)
#define CPTR_HOST (CPTR_RES1 | CPTR_TZ | CPTR_TTA)
#define CPTR_TFP BIT(10) /* FP and SIMD, until the guest's are loaded */
#define CPTR_GUEST (CPTR_HOST | CPTR_TAM)

/* CNTHCTL_EL2: the physical counter is for all, the physical timer for the
 * host, whose it stays while a guest runs. */
#define CNTHCTL_COUNTER BIT(0)
#define CNTHCTL_TIMER BIT(1)

/*
 * MDCR_EL2 (D19.3.20). Profiling and trace filters trap for all: while a guest
 * runs they would be about the guest, and a profiling buffer that is not EL1's
 * is written through EL2's own translation. For guests all debug and PMU
 * registers trap too; they are the host's and no switch saves them. TDE is
 * clear, so that a guest's BRK is its own.
 */
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM BIT(6)
#define MDCR_TDA BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA BIT(11)
#define MDCR_TPMS BIT(14)
#define MDCR_TTRF BIT(19)
#define MDCR_TDCC BIT(27)
#define MDCR_HOST (MDCR_TPMS | MDCR_TTRF)
#define MDCR_GUEST \
	(MDCR_HOST | MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | \
		MDCR_TDRA | MDCR_TDCC)

/* ICC_SRE_EL2: system registers, and EL1's switch for them, which stands on,
 * traps (GICv3, 12.2.24). */
#define ICC_SRE_EL2_ON UINT64_C(0x7)
#define ICC_SRE_EL1_ON UINT64_C(0x7)

/* MPAM2_EL2: trap MPAM0_EL1 and MPAM1_EL1. */
#define MPAM2_TRAPS (BIT(49) | BIT(48))

/* The controls that differ between worlds. Written once, by the CPU itself. */
struct control {
	uint64_t hcr;
	uint64_t cptr;
	uint64_t cnthctl;
	uint64_t mdcr;
};
static struct control host_control[MACHINE_CPU_MAX];
static struct control guest_control[MACHINE_CPU_MAX];

static bool has_vhe(void)
{
	return id_field(read_id_aa64mmfr1_el1(), 8) != 0;
}

static bool has_hcrx(void)
{
	return id_field(read_id_aa64mmfr1_el1(), 40) != 0;
}

/* Any of APA, API, GPA, GPI. */
static bool has_pauth(void)
{
	uint64_t isar1 = read_id_aa64isar1_el1();

	return (id_field(isar1, 4) | id_field(isar1, 8) | id_field(isar1, 24) |
		       id_field(isar1, 28)) != 0;
}

bool cpu_has_mte(void)
{
	return id_field(read_id_aa64pfr1_el1(), 8) >= 2;
}

static bool has_scxtnum(void)
{
	return id_field(read_id_aa64pfr0_el1(), 56) >= 2 ||
	       id_field(read_id_aa64pfr1_el1(), 32) >= 2;
}

static bool has_mpam(void)
{
	return (id_field(read_id_aa64pfr0_el1(), 40) |
		       id_field(read_id_aa64pfr1_el1(), 16)) != 0;
}

/* PMUv3; 0xf is something that Arm did not define. */
static bool has_pmu(void)
{
	uint64_t version = id_field(read_id_aa64dfr0_el1(), 8);

	return version != 0 && version != 0xf;
}

static uint64_t hcr_host(void)
{
	uint64_t hcr = HCR_HOST;

	if (has_pauth()) {
		hcr |= HCR_API | HCR_APK;
	}
	if (cpu_has_mte()) {
		hcr |= HCR_ATA;
	}
	if (has_scxtnum()) {
		hcr |= HCR_EN_SCXT;
	}
	return hcr;
}

/* All counters are EL1's: HPMN = PMCR_EL0.N. */
static uint64_t all_counters(void)
{
	return has_pmu() ? read_pmcr_el0() >> 11 & 0x1f : 0;
}

static void make_controls(uint32_t cpu)
{
	host_control[cpu] = (struct control){
		.hcr = hcr_host(),
		.cptr = CPTR_HOST,
		.cnthctl = CNTHCTL_COUNTER | CNTHCTL_TIMER,
		.mdcr = all_counters() | MDCR_HOST,
	};
	guest_control[cpu] = (struct control){
		.hcr = HCR_GUEST,
		.cptr = CPTR_GUEST | CPTR_TFP,
		.cnthctl = CNTHCTL_COUNTER,
		.mdcr = all_counters() | MDCR_GUEST,
	};
}

static void load(const struct control *control)
{
	write_hcr_el2(control->hcr);
	write_cptr_el2(control->cptr);
	write_cnthctl_el2(control->cnthctl);
	write_mdcr_el2(control->mdcr);
}

void cpu_control_host(void)
{
	load(&host_control[cpu_number()]);
	write_vmpidr_el2(read_mpidr_el1());
	write_vbar_el2((uintptr_t)vectors_host);
}

void cpu_control_guest(uint64_t vmpidr)
{
	load(&guest_control[cpu_number()]);
	write_vmpidr_el2(vmpidr);
	write_vbar_el2((uintptr_t)vectors_guest);
}

void cpu_fp_to_guest(void)
{
	write_cptr_el2(CPTR_GUEST);
}

/* Profiling and trace are nobody's; whoever was here before may have left them
 * on (ID_AA64DFR0_EL1: PMSVer, TraceFilt, TraceBuffer). */
static void stop_recording(void)
{
	uint64_t dfr0 = read_id_aa64dfr0_el1();

	if (id_field(dfr0, 32) != 0) {
		write_pmscr_el1(0);
		write_pmblimitr_el1(0);
	}
	if (id_field(dfr0, 40) != 0) {
		write_trfcr_el1(0);
		write_trfcr_el2(0);
	}
	if (id_field(dfr0, 44) != 0) {
		write_trblimitr_el1(0);
	}
}

/* Registers that only some CPUs have. */
static void control_optional(void)
{
	if (has_hcrx()) {
		write_hcrx_el2(0);
	}
	if (has_vhe()) {
		write_cnthv_ctl_el2(0);
	}
	if (has_mpam()) {
		write_mpam2_el2(MPAM2_TRAPS);
	}
}

/* The same in both worlds, written once. */
static void control_common(void)
{
	write_vpidr_el2(read_midr_el1());
	write_hstr_el2(0);
	write_cntvoff_el2(0);
	write_cnthp_ctl_el2(0);
	write_actlr_el2(0);
	write_hacr_el2(0);
	write_icc_sre_el2(ICC_SRE_EL2_ON);
	isb(); /* the others want system registers to be on */
	write_icc_sre_el1(ICC_SRE_EL1_ON);
	write_ich_hcr_el2(0);
	control_optional();
	stop_recording();
}

void cpu_init(uint32_t number)
{
	write_tpidr_el2(number);
	control_common();
	make_controls(number);
	cpu_control_host();
	isb();
}

struct cpu_translation cpu_translation(const struct moat_stage2 *stage2)
{
	struct cpu_translation translation = {
		.vttbr = (uint64_t)stage2->vmid << 48 | stage2->root.value,
		.vtcr = exit_vtcr(
			stage2, MOAT_PAGE_BITS, read_id_aa64mmfr0_el1()),
	};

	return translation;
}

struct cpu_translation cpu_translation_now(void)
{
	struct cpu_translation translation = {
		.vttbr = read_vttbr_el2(),
		.vtcr = read_vtcr_el2(),
	};

	return translation;
}

void cpu_translation_load(const struct cpu_translation *translation)
{
	write_vtcr_el2(translation->vtcr);
	write_vttbr_el2(translation->vttbr);
	isb();
}

void cpu_start_host(uint64_t pc, uint64_t argument)
{
	uint64_t world[WORLD_COUNT] __attribute__((aligned(16)));
	struct moat_stage2 stage2 = moat_host_stage2(engine);
	struct cpu_translation translation = cpu_translation(&stage2);

	world_reset(world);
	world_load(world);
	world_fp_load(&world[WORLD_FP]);
	write_cntp_ctl_el0(0);
	cpu_translation_load(&translation);
	tlbi_alle1();
	ic_iallu();
	dsb_nsh();
	isb();
	host_enter(pc, WORLD_PSTATE_RESET, argument);
}
