/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry of the image, and what every exception from EL1 or EL0 does. */

#define STACK_SIZE 0x4000
#define FRAME_SIZE 256 /* struct frame of el2.c: x0..x30, padding */

/* SCTLR_EL2: its RES1 bits (Arm ARM, D19.2). */
#define SCTLR_OFF 0x30c50830

	.section .text.start, "ax"
	.global start
start:
	msr	daifset, #0xf
	msr	spsel, #1
	ldr	x0, =SCTLR_OFF
	msr	sctlr_el2, x0
	isb
	adr	x0, vectors
	msr	vbar_el2, x0
	adrp	x0, stack_end
	add	x0, x0, :lo12:stack_end
	mov	sp, x0
	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
	add	x1, x1, :lo12:bss_end
1:	cmp	x0, x1
	b.hs	2f
	str	xzr, [x0], #8
	b	1b
2:	bl	el2_main
	/* Everything is ready for EL1, which starts with zeroes. */
	mov	x0, #FRAME_SIZE / 16
3:	stp	xzr, xzr, [sp, #-16]!
	sub	x0, x0, #1
	cbnz	x0, 3b
	b	return_to_el1

/* @entry: 0 synchronous, 1 IRQ, 2 FIQ, 3 SError. */
.macro from_el1 entry
	.balign	128
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\entry
	b	trapped
.endm

.macro from_el2
	.balign	128
	b	bug
.endm

	.text
	.balign	2048
vectors:
	.rept	8
	from_el2
	.endr
	.rept	2		/* lower level in AArch64, in AArch32 */
	from_el1 0
	from_el1 1
	from_el1 2
	from_el1 3
	.endr

	.balign	128
bug:
	adr	x0, bug_text
	b	platform_panic
bug_text:
	.asciz	"an exception from EL2"
	.balign	4

/* void trap(struct frame *, enum entry): it changes the frame. */
trapped:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	str	x30, [sp, #240]
	mov	x0, sp
	bl	trap
return_to_el1:
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_SIZE
	eret
	dsb	nsh
	isb

	.bss
	.balign	16
	.skip	STACK_SIZE
stack_end:
