/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/cpu.h"

#include "arch-aarch64/engine.h"
#include "arch-aarch64/exit.h"
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
#define HCR_TSC BIT(19) /* trap SMC */
#define HCR_TIDCP BIT(20) /* trap implementation-defined registers */
#define HCR_TACR BIT(21) /* trap ACTLR_EL1 */
#define HCR_RW BIT(31) /* EL1 is AArch64 */
#define HCR_TLOR BIT(35) /* trap LORegion registers */
#define HCR_TERR BIT(36) /* trap error records */
#define HCR_APK BIT(40) /* do not trap PAuth keys, instructions */
#define HCR_API BIT(41)
#define HCR_ATA BIT(56) /* do not trap allocation tags */

#define HCR_HOST (HCR_RW | HCR_VM | HCR_SWIO | HCR_TSC)
/* ID registers are not trapped (TID3): a guest sees those of the machine. */
#define HCR_GUEST \
	(HCR_HOST | HCR_IMO | HCR_FMO | HCR_AMO | HCR_TWI | HCR_TWE | HCR_FB | \
		HCR_BSU_INNER | HCR_TIDCP | HCR_TACR | HCR_TLOR | HCR_TERR)

/* CPTR_EL2 without VHE (D19.2.34): RES1 bits; SVE is trapped for all, as no
 * switch of worlds saves it; for guests activity monitors and trace too. */
#define CPTR_RES1 UINT64_C(0x32ff)
#define CPTR_TZ BIT(8)
#define CPTR_TTA BIT(20)
#define CPTR_TAM BIT(30)
#define CPTR_HOST (CPTR_RES1 | CPTR_TZ)
#define CPTR_GUEST (CPTR_HOST | CPTR_TTA | CPTR_TAM)

/* CNTHCTL_EL2: the physical counter is for all, the physical timer for the
 * host, whose it stays while a guest runs. */
#define CNTHCTL_COUNTER BIT(0)
#define CNTHCTL_TIMER BIT(1)

/* MDCR_EL2 (D19.3.20): for guests all debug, PMU, trace and profiling
 * registers trap; they are the host's and no switch saves them. */
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM BIT(6)
#define MDCR_TDA BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA BIT(11)
#define MDCR_E2PB_EL1 (UINT64_C(3) << 12) /* profiling buffer is EL1's */
#define MDCR_TPMS BIT(14)
#define MDCR_TTRF BIT(19)
#define MDCR_TDCC BIT(27)
#define MDCR_GUEST \
	(MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | \
		MDCR_TPMS | MDCR_TTRF | MDCR_TDCC)

/* ICC_SRE_EL2: system registers, for EL1 as well (GICv3, 12.2.24). */
#define ICC_SRE_ALL UINT64_C(0xf)

/* ICH_HCR_EL2: no virtual interrupts; a guest's accesses of its CPU interface
 * trap, or else guests could talk through ICH_VMCR_EL2 (GICv3, 12.4.4). */
#define ICH_HCR_TC BIT(10)
#define ICH_HCR_TALL0 BIT(11)
#define ICH_HCR_TALL1 BIT(12)
#define ICH_HCR_GUEST (ICH_HCR_TC | ICH_HCR_TALL0 | ICH_HCR_TALL1)

#define VMPIDR_RES1 BIT(31)

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

static bool has_mte(void)
{
	return id_field(read_id_aa64pfr1_el1(), 8) >= 2;
}

static bool has_profiling(void)
{
	return id_field(read_id_aa64dfr0_el1(), 32) != 0;
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
	if (has_mte()) {
		hcr |= HCR_ATA;
	}
	return hcr;
}

/* All counters are EL1's: HPMN = PMCR_EL0.N. */
static uint64_t mdcr_common(void)
{
	return has_pmu() ? read_pmcr_el0() >> 11 & 0x1f : 0;
}

static uint64_t mdcr_host(void)
{
	return mdcr_common() | (has_profiling() ? MDCR_E2PB_EL1 : 0);
}

void cpu_control_host(void)
{
	write_hcr_el2(hcr_host());
	write_cptr_el2(CPTR_HOST);
	write_cnthctl_el2(CNTHCTL_COUNTER | CNTHCTL_TIMER);
	write_mdcr_el2(mdcr_host());
	write_vmpidr_el2(read_mpidr_el1());
	write_ich_hcr_el2(0);
	write_vbar_el2((uintptr_t)vectors_host);
}

void cpu_control_guest(uint64_t vcpu)
{
	write_hcr_el2(HCR_GUEST);
	write_cptr_el2(CPTR_GUEST);
	write_cnthctl_el2(CNTHCTL_COUNTER);
	write_mdcr_el2(mdcr_common() | MDCR_GUEST);
	write_vmpidr_el2(VMPIDR_RES1 | vcpu);
	write_ich_hcr_el2(ICH_HCR_GUEST);
	write_vbar_el2((uintptr_t)vectors_guest);
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
	write_icc_sre_el2(ICC_SRE_ALL);
	isb(); /* ICH_HCR_EL2 wants system registers to be on */
	control_optional();
}

void cpu_init(uint32_t number)
{
	write_tpidr_el2(number);
	control_common();
	cpu_control_host();
	isb();
}

uint64_t cpu_vttbr(const struct moat_stage2 *stage2)
{
	return (uint64_t)stage2->vmid << 48 | stage2->root.value;
}

void cpu_set_stage2(const struct moat_stage2 *stage2)
{
	write_vtcr_el2(exit_vtcr(stage2->ipa_bits, stage2->start_level,
		read_id_aa64mmfr0_el1()));
	write_vttbr_el2(cpu_vttbr(stage2));
}

void cpu_start_host(uint64_t pc, uint64_t argument)
{
	uint64_t world[WORLD_COUNT] __attribute__((aligned(16)));
	struct moat_stage2 stage2 = moat_host_stage2(engine);

	world_reset(world);
	world_load(world);
	write_cntp_ctl_el0(0);
	cpu_set_stage2(&stage2);
	isb();
	tlbi_alle1();
	ic_iallu();
	dsb_nsh();
	isb();
	host_enter(pc, WORLD_PSTATE_RESET, argument);
}
