/* SPDX-License-Identifier: BSD-2-Clause */
/* What each register of EL1 holds when the host starts on a CPU. */
#include "registers.h"

#include "arch-aarch64/mmio.h"
#include "entry.h"

/* X(register, value at entry). VBAR_EL1 is ours by now; SP_EL1 is the stack
 * pointer. */
#define RESET_VALUES(X) \
	X(currentel, 4) \
	X(daif, 0x3c0) \
	X(isr_el1, 0) \
	X(sctlr_el1, 0x30d00800) \
	X(sp_el0, 0) \
	X(elr_el1, 0) \
	X(spsr_el1, 0) \
	X(esr_el1, 0) \
	X(far_el1, 0) \
	X(afsr0_el1, 0) \
	X(afsr1_el1, 0) \
	X(cpacr_el1, 0) \
	X(tcr_el1, 0) \
	X(ttbr0_el1, 0) \
	X(ttbr1_el1, 0) \
	X(mair_el1, 0) \
	X(amair_el1, 0) \
	X(contextidr_el1, 0) \
	X(tpidr_el0, 0) \
	X(tpidrro_el0, 0) \
	X(tpidr_el1, 0) \
	X(par_el1, 0) \
	X(cntkctl_el1, 0) \
	X(mdscr_el1, 0) \
	X(csselr_el1, 0) \
	X(pmuserenr_el0, 0) \
	X(cntv_ctl_el0, 0) \
	X(cntv_cval_el0, 0) \
	X(cntp_ctl_el0, 0)

#define CHECK_RESET(name, expected) \
	check_equal(read_##name(), expected, #name " is reset");

static void check_reset_values(void)
{
	RESET_VALUES(CHECK_RESET)
}

/* VPIDR_EL2, VMPIDR_EL2: of the CPU (QEMU's max has no implementer, but the
 * architecture field that all new CPUs have), and this one. */
static void check_identity(uint64_t cpu)
{
	check_equal(read_midr_el1() >> 16 & 0xf, 0xf, "the CPU is what it is");
	check_equal(read_mpidr_el1() & 0xff00ffffff, cpu, "affinity");
	check_equal(
		read_mpidr_el1() >> 31, 1, "MPIDR_EL1 is a multiprocessor's");
}

/* CNTVOFF_EL2 and CNTHCTL_EL2: virtual time is physical time. */
static void check_time(void)
{
	uint64_t before = read_cntpct_el0();
	uint64_t now = read_cntvct_el0();
	uint64_t after = read_cntpct_el0();

	check_equal(before <= now && now <= after, 1,
		"virtual time is physical time");
	write_cntp_ctl_el0(2);
	check_equal(read_cntp_ctl_el0() & 3, 2, "the physical timer is ours");
}

/* MDCR_EL2: nothing traps, all counters are there, cycles count. */
static void check_pmu(void)
{
	uint64_t before;

	check_equal(read_pmcr_el0() >> 11 & 0x1f, 6, "six event counters");
	write_pmcntenset_el0((uint64_t)1 << 31);
	write_pmcr_el0(read_pmcr_el0() | 1);
	isb();
	before = read_pmccntr_el0();
	for (volatile int i = 0; i < 1000; i++) {
	}
	check_equal(read_pmccntr_el0() > before, 1, "the cycle counter counts");
}

/* ICC_SRE_EL2, HCR_EL2.IMO: the physical CPU interface, not a virtual one. */
static void check_interrupts(void)
{
	check_equal(read_icc_sre_el1(), 7, "the interrupt controller is there");
	write_icc_pmr_el1(0xf8);
	check_equal(read_icc_pmr_el1(), 0xf8, "the priority mask keeps");
	write_icc_igrpen1_el1(1);
	check_equal(read_icc_igrpen1_el1(), 1, "group 1 turns on");
}

/*
 * CNTHP_CTL_EL2, CNTHV_CTL_EL2 and the timers of EL1: PPIs 26, 28, 30 and 27
 * are not pending in GICR_ISPENDR0 of this CPU.
 */
static void check_timers(uint64_t cpu)
{
	uint64_t frame = 0x080b0000 + cpu * 0x20000;

	check_equal(mmio_read32(frame + 0x200) & 0x5c000000, 0,
		"no timer has gone off");
}

/* HSTR_EL2: AArch32 at EL0 reads its thread register. */
static void check_aarch32(void)
{
	probe((uintptr_t)probe_call_aarch32, 0x1d0, 0);
	check_equal(taken.esr >> 26, 0x38, "AArch32 reaches its breakpoint");
}

/* CPTR_EL2. */
static void check_fp(void)
{
	write_cpacr_el1(3 << 20);
	isb();
	check_equal(fp_residue(), 0, "FP registers are zero");
}

/* HCR_EL2: no trap of cache and TLB maintenance, nor of ACTLR_EL1. */
static void check_maintenance(void)
{
	static uint64_t block[64] __attribute__((aligned(512)));

	tlbi_vmalle1();
	dc_isw(0);
	ic_iallu();
	dsb_sy();
	dc_civac((uintptr_t)block);
	check_equal(block[0], 0, "maintenance is ours");
}

void registers_check(uint64_t cpu)
{
	check_equal(entry_general[cpu], 0, "general registers are zero");
	check_reset_values();
	check_identity(cpu);
	check_time();
	check_pmu();
	check_interrupts();
	check_timers(cpu);
	check_aarch32();
	check_fp();
	check_maintenance();
}
