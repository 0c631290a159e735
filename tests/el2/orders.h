/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the payload of a test VM (guest.S) can be asked to do, by the host's
 * answer to its last report; read by the assembler as well.
 *
 * X(name, instructions): at most three, or a branch to a routine. x3 is the
 * address, x4 the value, x5..x7 are more; x20 begins as the value and is what
 * the host will see first, then x22..x24.
 */
#ifndef MOAT_TEST_ORDERS_H
#define MOAT_TEST_ORDERS_H

#define GUEST_ORDERS(X) \
	GUEST_ORDERS_BASIC(X) \
	GUEST_ORDERS_ACCESS(X) \
	GUEST_ORDERS_INTERRUPT(X) \
	GUEST_ORDERS_SYSTEM(X) \
	GUEST_ORDERS_IGNORED(X) \
	GUEST_ORDERS_FORBIDDEN(X)

/*
 * CALL, CALL_SMC   a call with x3 as its function and x4..x7 as x1..x4; what
 *                  x0..x3 are afterwards
 * LAST             what x4 was after it
 * UNKNOWN          a call that does not exist, with x4 in other registers
 * QUIET            a host_call of one register, x4 in all others
 * EXCEPTION        ESR_EL1, FAR_EL1 and the PC of the last exception
 * WATCH            read the word at x3 until that at x5 is not 0, and count at
 *                  x5 + 8: how often it was not x4
 */
#define GUEST_ORDERS_BASIC(X) \
	X(NOTHING, nop) \
	X(READ, ldr x20, [x3]) \
	X(WRITE, str x4, [x3]) \
	X(JUMP, br x3) \
	X(CALL, b order_call) \
	X(CALL_SMC, b order_call_smc) \
	X(LAST, mov x20, x29) \
	X(UNKNOWN, b order_unknown) \
	X(QUIET, b order_quiet) \
	X(ODD_HVC, hvc 1) \
	X(WAIT, wfi) \
	X(SPIN, b order_spin) \
	X(KEEP, b order_keep) \
	X(SHOW, b order_show) \
	X(EXCEPTION, b order_exception) \
	X(WATCH, b order_watch)

/* Loads and stores, with and without a syndrome. */
#define GUEST_ORDERS_ACCESS(X) \
	X(LOAD_1, ldrb w20, [x3]) \
	X(LOAD_2, ldrh w20, [x3]) \
	X(LOAD_4, ldr w20, [x3]) \
	X(LOAD_SIGNED_1, ldrsb w20, [x3]) \
	X(LOAD_SIGNED_1_WIDE, ldrsb x20, [x3]) \
	X(LOAD_SIGNED_2, ldrsh w20, [x3]) \
	X(LOAD_SIGNED_2_WIDE, ldrsh x20, [x3]) \
	X(LOAD_SIGNED_4_WIDE, ldrsw x20, [x3]) \
	X(LOAD_NOWHERE, ldr xzr, [x3]) \
	X(LOAD_SELF, ldr x3, [x3]; mov x20, x3) \
	X(LOAD_FAR, ldr x18, [x3]; mov x20, x18) \
	X(STORE_1, strb w20, [x3]) \
	X(STORE_2, strh w20, [x3]) \
	X(STORE_4, str w20, [x3]) \
	X(STORE_8, str x20, [x3]) \
	X(STORE_ZERO, str xzr, [x3]) \
	X(LOAD_PAIR, ldp x20, x22, [x3]) \
	X(STORE_PAIR, stp x4, x4, [x3]) \
	X(LOAD_STEP, ldr x20, [x3], 8) \
	X(LOAD_VECTOR, mov x8, 0x300000; msr cpacr_el1, x8; ldr d0, [x3])

/*
 * Interrupts, by numbers where assemblers have no names: ICC_PMR_EL1,
 * ICC_IAR1_EL1, ICC_EOIR1_EL1, ICC_HPPIR1_EL1, ICC_SRE_EL1.
 *
 * GIC_ON           interrupts of group 1 and every priority, still masked
 * MASK, UNMASK     PSTATE.I
 * INTERRUPTS       how many came through the vector, and the last
 * SPIN_FOR_...     x4 rounds at most: how many came, and the last
 * TIMER            CNTV_CVAL_EL0 and CNTV_CTL_EL0
 * TIMER_IN         CNTV_CVAL_EL0 x3 ticks from now: the value; armed
 */
#define GUEST_ORDERS_INTERRUPT(X) \
	X(GIC_ON, b order_gic_on) \
	X(ACKNOWLEDGE, mrs x20, s3_0_c12_c12_0) \
	X(END, msr s3_0_c12_c12_1, x3) \
	X(HIGHEST, mrs x20, s3_0_c12_c12_2) \
	X(PRIORITY_MASK, msr s3_0_c4_c6_0, x3; mrs x20, s3_0_c4_c6_0) \
	X(SRE, mrs x20, s3_0_c12_c12_5) \
	X(MASK, msr daifset, 2) \
	X(UNMASK, msr daifclr, 2; isb) \
	X(INTERRUPTS, mov x20, x16; mov x22, x17) \
	X(TIMER, msr cntv_cval_el0, x3; msr cntv_ctl_el0, x4; isb) \
	X(TIMER_IN, b order_timer_in) \
	X(TIMER_STATE, isb; mrs x20, cntv_ctl_el0; mrs x22, cntv_cval_el0) \
	X(COUNTER, isb; mrs x20, cntvct_el0) \
	X(SPIN_FOR_INTERRUPT, b order_spin_for_interrupt) \
	X(END_AND_SPIN, msr s3_0_c12_c12_1, x3; b order_spin_for_interrupt)

/* System registers that a guest has. */
#define GUEST_ORDERS_SYSTEM(X) \
	X(MPIDR, mrs x20, mpidr_el1) \
	X(MIDR, mrs x20, midr_el1) \
	X(CTR, mrs x20, ctr_el0) \
	X(PFR0, mrs x20, id_aa64pfr0_el1) \
	X(PFR1, mrs x20, id_aa64pfr1_el1) \
	X(ZFR0, mrs x20, s3_0_c0_c4_4) \
	X(DFR0, mrs x20, id_aa64dfr0_el1) \
	X(DFR1, mrs x20, id_aa64dfr1_el1) \
	X(AFR0, mrs x20, id_aa64afr0_el1) \
	X(ISAR0, mrs x20, id_aa64isar0_el1) \
	X(ISAR1, mrs x20, id_aa64isar1_el1) \
	X(MMFR0, mrs x20, id_aa64mmfr0_el1) \
	X(MMFR1, mrs x20, id_aa64mmfr1_el1) \
	X(MMFR2, mrs x20, s3_0_c0_c7_2) \
	X(RESERVED_ID, mrs x20, s3_0_c0_c7_7) \
	X(AA32_PFR0, mrs x20, id_pfr0_el1) \
	X(AA32_DFR0, mrs x20, id_dfr0_el1)

/* What a guest has, but to no effect: written and read back. */
#define GUEST_ORDERS_IGNORED(X) \
	X(DEBUG_CONTROL, msr mdscr_el1, x4; mrs x20, mdscr_el1) \
	X(BREAKPOINT, msr dbgbvr0_el1, x4; mrs x20, dbgbvr0_el1) \
	X(BREAKPOINT_CONTROL, msr dbgbcr0_el1, x4; mrs x20, dbgbcr0_el1) \
	X(WATCHPOINT, msr dbgwcr0_el1, x4; mrs x20, dbgwcr0_el1) \
	X(OS_LOCK, msr oslar_el1, x4; mrs x20, oslsr_el1) \
	X(DEBUG_ROM, mrs x20, mdrar_el1) \
	X(AUXILIARY, msr actlr_el1, x4; mrs x20, actlr_el1)

/* What a guest does not have. QEMU 7.2 traps no implementation-defined
 * registers, so none of them is here. */
#define GUEST_ORDERS_FORBIDDEN(X) \
	X(NO_PMU_CONTROL, mrs x20, pmcr_el0) \
	X(NO_PMU_COUNTER, mrs x20, pmccntr_el0) \
	X(NO_PMU_ENABLE, msr pmcntenset_el0, x4) \
	X(NO_PMU_FILTER, msr pmccfiltr_el0, x4) \
	X(NO_PHYSICAL_TIMER, mrs x20, cntp_ctl_el0) \
	X(NO_PHYSICAL_DEADLINE, msr cntp_cval_el0, x4) \
	X(NO_SVE, b order_no_sve) \
	X(NO_ERROR_RECORD, mrs x20, s3_0_c5_c3_1) \
	X(NO_HYPERVISOR, mrs x20, hcr_el2) \
	X(NO_HYPERVISOR_TABLE, msr vttbr_el2, x4) \
	X(NO_SOFTWARE_INTERRUPT, msr s3_0_c12_c11_5, x4)

#define GUEST_ORDER_ENUM(name, ...) GUEST_##name,
#define GUEST_ORDER_ONE(name, ...) +1

#endif
