/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two pages of code that run as a guest at IPA 0, and whose two functions the
 * host calls as well: fill every register that a switch of worlds exchanges,
 * and see later that they are as they were. All of it runs at any address.
 */
	.arch_extension fp
	.arch_extension simd

#define HOST_CALL_LOW 0x0101	/* MOAT_FUNCTION(MOAT_GUEST_HOST_CALL) */
#define HOST_CALL_HIGH 0xc600
#define STORE 0x2000	/* of the guest, behind its code */
#define STORE_PATTERN 504 /* the last word of a store */

/* SCTLR_EL1 at reset, and UCI: harmless, and not there at reset. */
#define SCTLR_LOW 0x0800
#define SCTLR_HIGH 0x34d0

/* Flags in the pattern's top bits: what this CPU has (host.c, optional). */
#define HAS_RAS 63
#define HAS_SME 62

/*
 * Every register that a switch of worlds exchanges: \do index, name, and the
 * bits that may differ and those that are set. Of 64 bits, or so many as the
 * CPU keeps: what was read back counts. The timer is masked and far from due;
 * ICC_CTLR_EL1 goes before the others, as it says what ICC_BPR1_EL1 is.
 */
.macro for_each_register do
	\do	0, sp_el0
	\do	1, elr_el1
	\do	2, spsr_el1
	\do	3, esr_el1
	\do	4, far_el1
	\do	5, afsr0_el1
	\do	6, afsr1_el1
	\do	7, tcr_el1
	\do	8, ttbr0_el1
	\do	9, ttbr1_el1
	\do	10, mair_el1
	\do	11, amair_el1
	\do	12, contextidr_el1
	\do	13, tpidr_el0
	\do	14, tpidrro_el0
	\do	15, tpidr_el1
	\do	16, par_el1
	\do	17, cntkctl_el1
	\do	18, csselr_el1
	\do	19, cntv_cval_el0
	\do	20, cntv_ctl_el0, 1, 2
	\do	21, vbar_el1
	\do	22, cpacr_el1, 0x10000000, 0x300000
	\do	23, mdscr_el1, 0x2001
	\do	24, S3_0_C12_C12_4, 3		/* ICC_CTLR_EL1 */
	\do	25, S3_0_C4_C6_0, 0xf8		/* ICC_PMR_EL1 */
	\do	26, S3_0_C12_C8_3, 7		/* ICC_BPR0_EL1 */
	\do	27, S3_0_C12_C12_3, 7		/* ICC_BPR1_EL1 */
	\do	28, S3_0_C12_C12_6, 1		/* ICC_IGRPEN0_EL1 */
	\do	29, S3_0_C12_C12_7, 1		/* ICC_IGRPEN1_EL1 */
	\do	30, S3_0_C12_C8_4		/* ICC_AP0R0_EL1 */
	\do	31, S3_0_C12_C9_0		/* ICC_AP1R0_EL1 */
.endm

/* The same of registers that not all CPUs have; x0 is the pattern. */
.macro for_each_optional do, pattern
	tbz	\pattern, #HAS_RAS, 8f
	\do	32, S3_0_C12_C1_1		/* DISR_EL1 */
8:	tbz	\pattern, #HAS_SME, 9f
	\do	33, S3_3_C13_C0_5		/* TPIDR2_EL0 */
9:
.endm

.macro for_each_vector do
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\do	\n
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	\do	\n
	.endr
	\do	30
	\do	31
.endm

.macro fill_register index, name, mask=0xffffffffffffffff, set=0
	eor	x2, x0, #(1 << \index)
	ldr	x3, =\mask
	and	x2, x2, x3
	ldr	x3, =\set
	orr	x2, x2, x3
	msr	\name, x2
	isb
	mrs	x2, \name
	str	x2, [x1, #8 * \index]
.endm

.macro check_register index, name, mask=0, set=0
	mrs	x2, \name
	ldr	x3, [x1, #8 * \index]
	eor	x2, x2, x3
	orr	x0, x0, x2
.endm

/* Not of ICC_BPR<n>_EL1: they are as small as they can be, which is not 0. */
.macro or_register index, name, mask=0xffffffffffffffff, set=0
	.if \index < 26 || \index > 27
	mrs	x2, \name
	ldr	x3, =\mask
	and	x2, x2, x3
	orr	x1, x1, x2
	.endif
.endm

.macro fill_vector n
	add	x2, x0, #\n
	dup	v\n\().2d, x2
.endm

/* Unlike from what fill_vector gave it, in both halves. */
.macro check_vector n
	ldr	x3, [x1, #STORE_PATTERN]
	add	x3, x3, #\n
	mov	x2, v\n\().d[0]
	eor	x2, x2, x3
	orr	x0, x0, x2
	mov	x2, v\n\().d[1]
	eor	x2, x2, x3
	orr	x0, x0, x2
.endm

.macro or_vector n
	mov	x2, v\n\().d[0]
	orr	x3, x3, x2
	mov	x2, v\n\().d[1]
	orr	x3, x3, x2
.endm

/* Give the host \count registers from x2 on. */
.macro host_call count
	movz	x0, #HOST_CALL_LOW
	movk	x0, #HOST_CALL_HIGH, lsl #16
	mov	x1, #\count
	hvc	#0
.endm

	.section .guest, "ax"
	.balign	4096
	.global guest_page
guest_page:
	b	guest_entry

	/*
	 * VBAR_EL1 is 0 until world_fill: exceptions from EL1h and from EL0,
	 * which only those may have that do what they may not. ESR_EL1, ELR_EL1
	 * and SPSR_EL1 for the host, and which vector.
	 */
	.org	guest_page + 0x200
	mov	x5, #0x200
	b	report_exception
	.org	guest_page + 0x400
	mov	x5, #0x400
report_exception:
	mrs	x2, esr_el1
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	host_call 4
	b	.

/* void world_fill(uint64_t pattern, uint64_t *store) */
	.global world_fill
world_fill:
	str	x0, [x1, #STORE_PATTERN]
	for_each_register fill_register
	for_each_optional fill_register, x0
	for_each_vector fill_vector
	mov	x2, #0x1f		/* FPSR: the flags */
	msr	fpsr, x2
	mov	x2, #0x400000		/* FPCR: round to plus infinity */
	msr	fpcr, x2
	ret

/* uint64_t world_check(const uint64_t *store): zero if all is as filled. */
	.global world_check
world_check:
	mov	x1, x0
	mov	x0, xzr
	for_each_register check_register
	ldr	x4, [x1, #STORE_PATTERN]
	for_each_optional check_register, x4
	for_each_vector check_vector
	mrs	x2, fpsr
	eor	x2, x2, #0x1f
	orr	x0, x0, x2
	mrs	x2, fpcr
	eor	x2, x2, #0x400000
	orr	x0, x0, x2
	ret

/*
 * x0 is a pattern. First what is not zero: general registers in x2, system
 * registers in x3, FP in x4; SCTLR_EL1 and MPIDR_EL1 in x5 and x6. Then, each
 * time the host comes back, what has changed: x2 (with SP in x3).
 */
guest_entry:
	mov	x19, sp
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	orr	x19, x19, x\n
	.endr
	.irp	n, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	orr	x19, x19, x\n
	.endr
	mov	x20, x0
	mov	x1, xzr
	for_each_register or_register
	for_each_optional or_register, x20
	mov	x21, x1
	mrs	x5, sctlr_el1
	mov	x2, #0x300000
	msr	cpacr_el1, x2
	isb
	mrs	x3, fpsr
	mrs	x2, fpcr
	orr	x3, x3, x2
	for_each_vector or_vector
	mov	x4, x3
	mov	x2, x19
	mov	x3, x21
	mrs	x6, mpidr_el1
	host_call 5

	mov	x0, x20
	mov	x1, #STORE
	mrs	x2, mpidr_el1
	and	x2, x2, #1		/* two vCPUs, a store for each */
	add	x1, x1, x2, lsl #9
	mov	x19, x1
	bl	world_fill
	mov	x2, #SCTLR_LOW
	movk	x2, #SCTLR_HIGH, lsl #16
	msr	sctlr_el1, x2
	mov	sp, x20
2:	mov	x2, xzr
	host_call 1
	mov	x0, x19
	bl	world_check
	mov	x2, sp
	eor	x2, x2, x20
	orr	x0, x0, x2
	mrs	x2, sctlr_el1
	mov	x3, #SCTLR_LOW
	movk	x3, #SCTLR_HIGH, lsl #16
	eor	x2, x2, x3
	orr	x0, x0, x2
	mov	x2, x0
	host_call 1
	b	2b

	.global guest_loop
guest_loop:
	b	.

	/* Its timer is due, and nobody takes the interrupt. */
	.global guest_timer
guest_timer:
	msr	cntv_cval_el0, xzr
	mov	x2, #1
	msr	cntv_ctl_el0, x2
	isb
1:	host_call 0
	b	1b

/*
 * ---- What a guest may not do, and what it is told -------------------------
 *
 * 32 bytes each: an instruction, and x2 for the host. QEMU 7.2 traps neither
 * WFE nor implementation-defined registers, so these two are missing.
 */

.macro attempt instruction:vararg
	.balign	32
	\instruction
	host_call 1
	b	.
.endm

	.balign	32
	.global guest_attempts
guest_attempts:
	attempt mrs x2, cntp_ctl_el0
	attempt msr cntp_cval_el0, xzr
	attempt mrs x2, pmcr_el0
	attempt mrs x2, pmccntr_el0
	attempt msr pmuserenr_el0, x2
	attempt msr S3_0_C12_C11_5, xzr	/* ICC_SGI1R_EL1 */
	attempt mrs x2, S3_0_C5_C3_1	/* ERRSELR_EL1 */
	attempt mrs x2, S3_0_C2_C1_0	/* APIAKEYLO_EL1 */
	attempt mrs x2, S3_4_C1_C1_0	/* HCR_EL2 */
	attempt mrs x2, actlr_el1
	attempt mrs x2, mdrar_el1
	attempt mrs x2, dbgbcr0_el1
	attempt mrs x2, oslsr_el1
	attempt mrs x2, S3_0_C0_C4_7	/* reserved */
	attempt mrs x2, id_dfr0_el1
	attempt hvc #1
	attempt wfi

	/* The same at EL0, which may use the physical timer if EL2 lets it. */
	.balign	32
	.global guest_user
guest_user:
	mov	x2, #0x200		/* CNTKCTL_EL1.EL0PTEN */
	msr	cntkctl_el1, x2
	adr	x2, 1f
	msr	elr_el1, x2
	mov	x2, #0xa0000000		/* EL0, flags N and C */
	msr	spsr_el1, x2
	eret
	.balign	32
	.global guest_user_attempt
guest_user_attempt:
1:	mrs	x2, cntp_ctl_el0
	b	.

	/* SMC as well as HVC: PSCI_VERSION, which the core answers. */
	.balign	32
	.global guest_smc
guest_smc:
	mov	x0, #0x84000000
	mov	x2, #0
	smc	#0
	add	x2, x2, x0
	host_call 1
	b	.

	.ltorg
	.org	guest_page + 8192
