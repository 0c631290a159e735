/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page of code that runs as a guest at IPA 0, and whose two functions the
 * host calls as well: fill every register that a switch of worlds exchanges,
 * and see later that they are as they were. All of it runs at any address.
 */
	.arch_extension fp
	.arch_extension simd

#define HOST_CALL_LOW 0x0101	/* MOAT_FUNCTION(MOAT_GUEST_HOST_CALL) */
#define HOST_CALL_HIGH 0xc600
#define SCTLR_EXTRA 0x04000000	/* UCI: harmless, and not there at reset */
#define STORE 0x1000	/* of the guest, in its second page */

/* Of 64 bits, or so many as the CPU keeps: what was read back counts. */
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

.macro fill_register index, name
	eor	x2, x0, #(1 << \index)
	msr	\name, x2
	isb
	mrs	x2, \name
	str	x2, [x1, #8 * \index]
.endm

.macro check_register index, name
	mrs	x2, \name
	ldr	x3, [x1, #8 * \index]
	eor	x2, x2, x3
	orr	x0, x0, x2
.endm

.macro or_register index, name
	mrs	x2, \name
	orr	x1, x1, x2
.endm

.macro fill_vector n
	add	x2, x0, #\n
	dup	v\n\().2d, x2
.endm

/* Unlike from what fill_vector gave it, in both halves. */
.macro check_vector n
	ldr	x3, [x1, #504]
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

	/* VBAR_EL1 is 0: an exception from EL1h, which none may have. */
	.org	guest_page + 0x200
	mrs	x2, esr_el1
	host_call 1
	b	.

/* void world_fill(uint64_t pattern, uint64_t *store) */
	.global world_fill
world_fill:
	str	x0, [x1, #504]
	for_each_register fill_register
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
	or_register 0, cpacr_el1
	or_register 0, vbar_el1
	or_register 0, cntv_ctl_el0
	mrs	x2, id_aa64pfr0_el1
	ubfx	x2, x2, #28, #4
	cbz	x2, 1f
	or_register 0, S3_0_C12_C1_1	/* DISR_EL1, if there is RAS */
1:	mov	x21, x1
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
	mov	x2, #0x0800
	movk	x2, #0x34d0, lsl #16	/* SCTLR_EL1 at reset, and UCI */
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
	mov	x3, #0x0800
	movk	x3, #0x34d0, lsl #16
	eor	x2, x2, x3
	orr	x0, x0, x2
	mov	x2, x0
	host_call 1
	b	2b

	.global guest_loop
guest_loop:
	b	.

/*
 * ---- What a guest may not do: 32 bytes each --------------------------------
 *
 * QEMU 7.2 traps neither WFE nor implementation-defined registers, so these
 * two are missing.
 */

.macro forbidden instruction:vararg
	.balign	32
	\instruction
	host_call 0
	b	.
.endm

	.balign	32
	.global guest_forbidden
guest_forbidden:
	forbidden mrs x2, cntp_ctl_el0
	forbidden mrs x2, pmcr_el0
	forbidden mrs x2, pmccntr_el0
	forbidden mrs x2, mdscr_el1
	forbidden msr oslar_el1, xzr
	forbidden mrs x2, mdrar_el1
	forbidden mrs x2, S3_0_C4_C6_0		/* ICC_PMR_EL1 */
	forbidden mrs x2, S3_0_C12_C12_7	/* ICC_IGRPEN1_EL1 */
	forbidden msr S3_0_C12_C11_5, xzr	/* ICC_SGI1R_EL1 */
	forbidden mrs x2, actlr_el1
	forbidden hvc #1
	forbidden wfi
	.org	guest_page + 4096
