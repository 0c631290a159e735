/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's entry and vectors at EL1, and the program of its one VM. */
	.section .text.start, "ax"
	.global start
start:
	adrp	x0, host_stack_end
	add	x0, x0, :lo12:host_stack_end
	mov	sp, x0
	adr	x0, host_vectors
	msr	vbar_el1, x0
	isb
	bl	host_main
	b	.

/* An abort is noted, and the instruction left out. */
	.balign	2048
host_vectors:
	.rept	16
	.balign	128
	stp	x0, x1, [sp, #-16]!
	adrp	x0, host_aborts
	add	x0, x0, :lo12:host_aborts
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	ldp	x0, x1, [sp], #16
	eret
	.endr

/* The VM: tell the host 42 (host_call with one register), then wait. */
	.balign	4096
	.global guest_code
guest_code:
	ldr	w0, =0xc6000101		/* MOAT_GUEST_HOST_CALL */
	mov	x1, #1
	mov	x2, #42
	hvc	#0
1:	wfi
	b	1b
	.ltorg
	.balign	4096

	.bss
	.balign	4096
	.skip	0x4000
host_stack_end:
	.global host_aborts
host_aborts:
	.skip	8
