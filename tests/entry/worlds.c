/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch of worlds: the vCPUs of two VMs and the host's CPUs fill every
 * register they have, and look later that nobody else's got in: on one CPU, and
 * after all vCPUs have moved to another.
 */
#include "arch-aarch64/sysreg.h"
#include "entry.h"
#include "registers.h"
#include "vm.h"

enum {
	STORE_WORDS = 64, /* world_fill */
	CPUS = 2,
	VCPUS = 3,
	ROUNDS = 2,
};

void world_fill(uint64_t pattern, uint64_t *store);
uint64_t world_check(const uint64_t *store);

/*
 * Far in the future, for what the virtual timer makes of them. Where only few
 * bits of a register are kept, each world still differs from one of the others:
 * the lowest bits are 1, 0 (host), 0, 1, 0 (guests).
 */
#define HOST_PATTERN(cpu) (UINT64_C(0x1122334455667755) + (cpu)*0x7d)

static const struct {
	struct moat_vm_id vm;
	uint64_t vcpu;
	uint64_t pattern;
} vcpus[VCPUS] = {
	{{1}, 0, UINT64_C(0x21a2a3a4a5a6a7aa)},
	{{1}, 1, UINT64_C(0x21b2b3b4b5b6b739)},
	{{2}, 0, UINT64_C(0x21c2c3c4c5c6c7c6)},
};

/* PSTATE.DAIF: a guest starts with all of them, the host runs one without A. */
#define ALL_MASKED 0x3c0
#define HOST_DAIF 0x2c0

#define FLAG_RAS (UINT64_C(1) << 63) /* HAS_RAS of guest.S */
#define FLAG_SME (UINT64_C(1) << 62)

static uint64_t store[CPUS][STORE_WORDS];
static uint64_t flags;

/* The host is told of RAS, but not of SME, of which it has one register. */
static uint64_t optional(void)
{
	uint64_t found = 0;

	if (id_field(read_id_aa64pfr0_el1(), 28) != 0) {
		found |= FLAG_RAS;
	}
	probe((uintptr_t)probe_sme, 0x3c5, 0);
	if (taken.esr >> 26 != 0) {
		found |= FLAG_SME;
	}
	return found;
}

/* What the pattern made of the interrupt controller and debug. */
static void clear(void)
{
	load_vectors();
	write_mdscr_el1(0);
	write_icc_ap0r0_el1(0);
	write_icc_ap1r0_el1(0);
	write_icc_ctlr_el1(0);
	write_icc_igrpen0_el1(0);
	write_icc_igrpen1_el1(1);
	write_icc_pmr_el1(0xf8);
	isb();
}

/* Run it, with every register of the host's filled: none may change. */
static struct moat_regs run_filled(uint64_t cpu, uint32_t i)
{
	struct moat_regs exit;
	uint64_t sctlr = read_sctlr_el1();
	uint64_t changed;
	uint64_t daif;

	world_fill(HOST_PATTERN(cpu) | flags, store[cpu]);
	write_daif(HOST_DAIF);
	exit = vm_run(vcpus[i].vm, vcpus[i].vcpu);
	daif = read_daif();
	write_daif(ALL_MASKED);
	changed = world_check(store[cpu]);
	clear();
	check_equal(changed, 0, "the host's registers come back");
	check_equal(read_sctlr_el1(), sctlr, "and its SCTLR_EL1");
	check_equal(daif, HOST_DAIF, "and its PSTATE");
	check_equal(exit.x[1], MOAT_EXIT_HOST_CALL, "the guest calls");
	return exit;
}

/* Its first call: what it found. */
static void check_first(uint64_t cpu, uint32_t i)
{
	struct moat_regs exit = run_filled(cpu, i);

	check_equal(exit.x[2], 5, "with five registers");
	check_equal(exit.x[3], 0, "its general registers were zero");
	check_equal(exit.x[4], 0, "its system registers were zero");
	check_equal(exit.x[5], 0, "its FP registers were zero");
	check_equal(exit.x[6], 0x30d00800, "its SCTLR_EL1 was reset");
	check_equal(
		exit.x[7], 0x80000000 + vcpus[i].vcpu, "it knows its number");
}

/* A guest calls twice: when it has filled or found its registers, and when it
 * has compared them. */
static void check_rounds(uint64_t cpu)
{
	for (uint32_t i = 0; i < 2 * ROUNDS * VCPUS; i++) {
		struct moat_regs exit = run_filled(cpu, i % VCPUS);

		check_equal(exit.x[2], 1, "with one register");
		check_equal(exit.x[3], 0, "the guest's registers stay");
	}
}

static void check_elsewhere(void)
{
	check_rounds(1);
}

static uint64_t build(void)
{
	uint64_t wrong = vm_build((struct moat_vm_id){1});

	wrong += vm_build((struct moat_vm_id){2});
	for (uint32_t i = 0; i < VCPUS; i++) {
		wrong += vm_add(vcpus[i].vm, vcpus[i].vcpu, 0,
			vcpus[i].pattern | flags);
	}
	wrong += hvc(moat_vm_seal((struct moat_vm_id){1})).x[0];
	return wrong + hvc(moat_vm_seal((struct moat_vm_id){2})).x[0];
}

void worlds_check(void)
{
	flags = optional();
	check_equal(build(), 0, "two VMs are built");
	for (uint32_t i = 0; i < VCPUS; i++) {
		check_first(0, i);
	}
	check_rounds(0);
	on_cpu(1, check_elsewhere);
	check_rounds(0);
}
