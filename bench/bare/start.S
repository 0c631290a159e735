/* SPDX-License-Identifier: BSD-2-Clause */
/* Entered at EL1 with the MMU off, as QEMU starts a kernel; .bss is zero, as
 * all of its RAM is. */
	.section .head, "ax"
	.global _start
_start:
	adrp	x0, stack_top
	add	x0, x0, :lo12:stack_top
	mov	sp, x0
	bl	bare_main
1:	wfi
	b	1b

/* void bare_off(void): PSCI SYSTEM_OFF. */
	.text
	.global bare_off
bare_off:
	mov	w0, #0x8
	movk	w0, #0x8400, lsl #16
	hvc	#0
	b	bare_off

	.bss
	.balign	16
	.skip	65536
stack_top:
