/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The payload of a test VM: one page of position-independent code that runs
 * with its MMU off and without memory of its own. It reports to the host by a
 * host_call of six registers, does what the host's answer orders (orders.h),
 * and reports again, for ever.
 *
 *     report   x2 result, x3 the argument given at creation, x4 zero unless
 *              registers that should have been kept were not, or exceptions
 *              were taken; x5..x7 more results
 *     answer   x2 order, x3 address, x4 value, x5..x7
 *
 * Of its own are x19 the argument, x20 and x22..x24 the results, x21 what was
 * not kept, x25..x28 count, syndrome, address and PC of exceptions, x16 and x17
 * count and number of interrupts, x29 the x4 of a call. x18 is the vectors'.
 */
#include "orders.h"

	.arch_extension fp
	.arch_extension simd

	.macro	function number
	movz	w0, #\number
	movk	w0, #0xc600, lsl #16
	.endm

	.section .guest, "a"
	.balign	4096
	.global	guest_code
guest_code:
	mov	x19, x0			/* the argument of vcpu_create */
	/* Every other register starts as zero. */
	orr	x21, x1, x2
	.irp	number, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	orr	x21, x21, x\number
	.endr
	.irp	number, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30
	orr	x21, x21, x\number
	.endr
	mov	x5, sp
	orr	x21, x21, x5
	adr	x5, vectors
	msr	vbar_el1, x5
	isb
	mov	x20, #0
report:
	function 0x101
	mov	x1, #6
	mov	x2, x20
	mov	x3, x19
	add	x4, x21, x25
	mov	x5, x22
	mov	x6, x23
	mov	x7, x24
	hvc	#0
	orr	x21, x0, x1		/* MOAT_OK is 0, and so is x1 */
	mov	x20, x4
	mov	x22, #0
	mov	x23, #0
	mov	x24, #0
	mov	x25, #0
	cmp	x2, #(0 GUEST_ORDERS(GUEST_ORDER_ONE))
	b.hs	report
	adr	x8, orders
	add	x8, x8, x2, lsl #4
	blr	x8
	b	report

#define ORDER(name, ...) .balign 16; __VA_ARGS__; ret;
	.balign	16
orders:
	GUEST_ORDERS(ORDER)

/* ---- Exceptions ---------------------------------------------------------- */

	/* From EL1 with its own stack pointer, synchronous: behind the
	 * instruction, or, of a fetch, to where it was called from. */
	.balign	2048
vectors:
	.org	vectors + 0x200
	add	x25, x25, #1
	mrs	x26, esr_el1
	mrs	x27, far_el1
	mrs	x28, elr_el1
	lsr	x18, x26, #26
	cmp	x18, #0x21
	add	x18, x28, #4
	csel	x18, x30, x18, eq
	msr	elr_el1, x18
	eret

	/* IRQ: take it, silence the timer if it is that, end it. */
	.org	vectors + 0x280
	add	x16, x16, #1
	mrs	x17, s3_0_c12_c12_0	/* ICC_IAR1_EL1 */
	cmp	x17, #27
	b.ne	1f
	msr	cntv_ctl_el0, xzr
	isb
1:	msr	s3_0_c12_c12_1, x17	/* ICC_EOIR1_EL1 */
	eret

/* ---- Calls --------------------------------------------------------------- */

	.macro	call instruction
	mov	x0, x3
	mov	x1, x4
	mov	x2, x5
	mov	x3, x6
	mov	x4, x7
	\instruction	#0
	mov	x20, x0
	mov	x22, x1
	mov	x23, x2
	mov	x24, x3
	mov	x29, x4
	ret
	.endm

order_call:
	call	hvc
order_call_smc:
	call	smc

order_unknown:
	function 0x1ff
	mov	x1, x4
	mov	x2, x4
	mov	x3, x4
	mov	x15, x4
	hvc	#0
	mov	x20, x0
	eor	x21, x1, x4		/* nothing but x0 changes */
	.irp	register, x2, x3, x15
	eor	\register, \register, x4
	orr	x21, x21, \register
	.endr
	ret

	/* The value is in every register the host must not see. */
order_quiet:
	mov	x29, x30
	mov	x22, x4
	function 0x101
	mov	x1, #1
	mov	x2, #0x77
	.irp	number, 3, 5, 6, 7, 8, 9, 10, 16, 17, 18, 28, 30
	mov	x\number, x22
	.endr
	hvc	#0
	/* x2 is the one answer; the others are as they were. */
	mov	x20, x2
	eor	x21, x3, x22
	.irp	number, 4, 5, 6, 7, 8, 9, 10, 16, 17, 18, 28, 30
	eor	x\number, x\number, x22
	orr	x21, x21, x\number
	.endr
	mov	x16, #0
	mov	x22, #0
	ret	x29

/* ---- Loops --------------------------------------------------------------- */

	/* Zero rounds are as good as for ever. */
order_spin:
	yield
	subs	x4, x4, #1
	b.ne	order_spin
	mov	x20, #0x22
	ret

	/* Interrupts come through the vector; x4 rounds are too many. */
order_spin_for_interrupt:
	mov	x16, #0
	msr	daifclr, #2
1:	cbnz	x16, 2f
	subs	x4, x4, #1
	b.ne	1b
2:	msr	daifset, #2
	mov	x20, x16
	mov	x22, x17
	ret

order_watch:
	mov	x20, #0
1:	ldr	x8, [x3]
	cmp	x8, x4
	cinc	x20, x20, ne
	ldr	x9, [x5, #8]
	add	x9, x9, #1
	str	x9, [x5, #8]
	yield
	ldr	x9, [x5]
	cbz	x9, 1b
	ret

/* ---- Registers ----------------------------------------------------------- */

	.macro	kept do
	.irp	register, tpidr_el0, tpidrro_el0, tpidr_el1, far_el1, ttbr0_el1
	\do	\register
	.endr
	.irp	register, mair_el1, ttbr1_el1, sp_el0, elr_el1, contextidr_el1
	\do	\register
	.endr
	\do	par_el1
	.endm

	.macro	keep register
	msr	\register, x4
	.endm

	/* How many of them hold the value: all, or none of another VM's. */
	.macro	count register
	mrs	x5, \register
	cmp	x5, x4
	cinc	x20, x20, eq
	.endm

	.macro	open_vectors
	mov	x5, #0x300000		/* CPACR_EL1.FPEN */
	msr	cpacr_el1, x5
	isb
	.endm

order_keep:
	open_vectors
	kept	keep
	fmov	d0, x4
	fmov	d31, x4
	ret

order_show:
	mov	x20, #0
	open_vectors
	kept	count
	.irp	register, d0, d31
	fmov	x5, \register
	cmp	x5, x4
	cinc	x20, x20, eq
	.endr
	ret

	/* ZCR_EL1, where CPACR_EL1.ZEN and FPEN do not stand against it. */
order_no_sve:
	mov	x5, #0x330000
	msr	cpacr_el1, x5
	isb
	mrs	x20, s3_0_c1_c2_0
	ret

order_exception:
	mov	x20, x26
	mov	x22, x27
	mov	x23, x28
	ret

order_gic_on:
	mov	x5, #0xff
	msr	s3_0_c4_c6_0, x5	/* ICC_PMR_EL1 */
	mov	x5, #1
	msr	s3_0_c12_c12_7, x5	/* ICC_IGRPEN1_EL1 */
	isb
	ret

order_timer_in:
	isb
	mrs	x20, cntvct_el0
	add	x20, x20, x3
	msr	cntv_cval_el0, x20
	mov	x5, #1
	msr	cntv_ctl_el0, x5
	isb
	ret

	.org	guest_code + 4096
	.global	guest_code_end
guest_code_end:
