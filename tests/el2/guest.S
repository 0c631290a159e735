/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The payload of a test VM: one page of position-independent code that runs
 * with its MMU off. It reports to the host by a host_call of three registers
 * and does what the host's answer orders (enum guest_order), for ever.
 *
 *     report   x2 result, x3 the argument given at creation, x4 registers that
 *              should have been kept: 0 if they were
 *     answer   x2 order, x3 address, x4 value
 */

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
	orr	x21, x21, x9
	orr	x21, x21, x18
	orr	x21, x21, x29
	orr	x21, x21, x30
	mov	x20, #0
report:
	function 0x101
	mov	x1, #3
	mov	x2, x20
	mov	x3, x19
	mov	x4, x21
	hvc	#0
	mov	x20, x0			/* MOAT_OK is 0 */
	mov	x21, x1			/* and so is x1 */
	cmp	x2, #12
	b.hi	report
	adr	x5, orders
	add	x5, x5, x2, lsl #2
	br	x5
orders:
	b	report
	b	order_read
	b	order_write
	b	order_version
	b	order_unknown
	b	order_too_many
	b	order_quiet
	b	order_wait
	b	order_spin
	b	order_jump
	b	order_keep
	b	order_show
	b	order_smc_version

order_read:
	ldr	x20, [x3]
	b	report

order_write:
	str	x4, [x3]
	b	report

order_version:
	function 0x100
	mov	x2, x4
	mov	x3, x4
	hvc	#0
	orr	x21, x2, x3		/* zero by the manual */
	orr	x21, x21, x0
	mov	x20, x1
	b	report

order_smc_version:
	function 0x100
	smc	#0
	mov	x20, x1
	b	report

order_unknown:
	function 0x1ff
	mov	x1, x4
	mov	x2, x4
	mov	x3, x4
	mov	x17, x4
	hvc	#0
	mov	x20, x0
	eor	x21, x1, x4		/* nothing but x0 changes */
	eor	x2, x2, x4
	orr	x21, x21, x2
	eor	x3, x3, x4
	orr	x21, x21, x3
	eor	x17, x17, x4
	orr	x21, x21, x17
	b	report

order_too_many:
	function 0x101
	mov	x1, #7
	mov	x2, x4
	mov	x3, x4
	hvc	#0
	mov	x20, x0
	orr	x21, x1, x2
	orr	x21, x21, x3
	b	report

	/* The value is in every register the host must not see. */
order_quiet:
	mov	x22, x4
	function 0x101
	mov	x1, #1
	mov	x2, #0x77
	mov	x3, x22
	mov	x5, x22
	mov	x6, x22
	mov	x7, x22
	mov	x8, x22
	mov	x9, x22
	mov	x10, x22
	mov	x16, x22
	mov	x17, x22
	mov	x18, x22
	mov	x28, x22
	mov	x30, x22
	hvc	#0
	/* x2 is the one answer; the others are as they were. */
	mov	x20, x2
	eor	x21, x3, x22
	.irp	register, x4, x5, x6, x7, x8, x9, x10, x16, x17, x18, x28, x30
	eor	\register, \register, x22
	orr	x21, x21, \register
	.endr
	b	report

order_wait:
	wfi
	mov	x20, #0x11
	b	report

	/* Zero rounds are as good as for ever. */
order_spin:
	yield
	subs	x4, x4, #1
	b.ne	order_spin
	mov	x20, #0x22
	b	report

order_jump:
	br	x3

order_keep:
	mov	x5, #0x300000		/* CPACR_EL1.FPEN: let vectors in */
	msr	cpacr_el1, x5
	isb
	.irp	register, tpidr_el0, tpidrro_el0, tpidr_el1, far_el1, vbar_el1
	msr	\register, x4
	.endr
	.irp	register, mair_el1, ttbr1_el1, sp_el0, elr_el1, contextidr_el1
	msr	\register, x4
	.endr
	fmov	d0, x4
	fmov	d31, x4
	b	report

	/* How many of them hold the value: all, or none of another VM's. */
	.macro	count register
	cmp	\register, x4
	cinc	x20, x20, eq
	.endm

order_show:
	mov	x5, #0x300000
	msr	cpacr_el1, x5
	isb
	.irp	register, tpidr_el0, tpidrro_el0, tpidr_el1, far_el1, vbar_el1
	mrs	x5, \register
	count	x5
	.endr
	.irp	register, mair_el1, ttbr1_el1, sp_el0, elr_el1, contextidr_el1
	mrs	x5, \register
	count	x5
	.endr
	fmov	x5, d0
	count	x5
	fmov	x5, d31
	count	x5
	b	report

	.global	guest_code_end
guest_code_end:
