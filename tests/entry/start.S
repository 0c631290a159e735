/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest host: entered at EL1h, MMU off, and stays so. What it finds
 * before its first instruction has changed anything is what entry.c checks.
 */
	.arch_extension fp
	.arch_extension simd

	.section .head, "ax"
	.global _start
_start:
	adr	x30, primary_done
	mov	x2, x0
	mov	x3, xzr
	b	capture
primary_done:
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x1, x1, #4096
	mov	sp, x1
	bl	load_vectors
	bl	entry_main
	b	.

/* A CPU that CPU_ON starts here has its number in x0. */
	.text
	.balign	4
	.global entry_secondary
entry_secondary:
	mov	x3, x0
	adr	x30, secondary_done
	b	capture
secondary_done:
	add	x4, x3, #1
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x1, x1, x4, lsl #12
	mov	sp, x1
	bl	load_vectors
	mov	x0, x3
	bl	entry_other
	b	.

	.global load_vectors
load_vectors:
	adr	x1, vectors
	msr	vbar_el1, x1
	isb
	ret

/*
 * General registers that are not zero, ORed into x28; x2 and x3 are the
 * caller's. FP is off until CPACR_EL1 is written: entry.c looks at it later.
 */
capture:
	mov	x28, xzr
	.irp	n, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
	orr	x28, x28, x\n
	.endr
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29
	orr	x28, x28, x\n
	.endr
	adrp	x1, entry_general
	add	x1, x1, :lo12:entry_general
	str	x28, [x1, x3, lsl #3]
	ret

/* ---- Probes -------------------------------------------------------------- */

/*
 * void probe(uint64_t pc, uint64_t pstate, uint64_t address)
 *
 * Run at @pc with @pstate, @address in x0 (and x1 on), until the exception
 * that must come; `taken` then says which it was.
 */
	.global probe
probe:
	sub	sp, sp, #96
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	mov	x0, x2
	mov	x1, x2
	isb
	eret

	/* Each is one access, and something that traps if it did not. */
	.global probe_read
probe_read:
	ldr	w1, [x0]
	brk	#0
	.global probe_write
probe_write:
	str	w1, [x0]
	brk	#0
	.global probe_sme
probe_sme:
	mrs	x1, S3_3_C13_C0_5	/* TPIDR2_EL0 */
	brk	#0
	.global probe_fetch
probe_fetch:
	br	x0
	.global probe_read_aarch32
probe_read_aarch32:
	.word	0xe5901000		/* ldr r1, [r0] */
	.word	0xe1200070		/* bkpt #0 */
	.global probe_call_aarch32
probe_call_aarch32:
	.word	0xee1d1f70		/* mrc p15, 0, r1, c13, c0, 3 */
	.word	0xe1200070		/* bkpt #0 */

/* x0 = which vector; the rest of the registers is lost but for sp. */
taken_at:
	adrp	x1, taken
	add	x1, x1, :lo12:taken
	str	x0, [x1]
	mrs	x2, esr_el1
	mrs	x3, far_el1
	stp	x2, x3, [x1, #8]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [x1, #24]
	mrs	x2, daif
	mrs	x3, spsel
	stp	x2, x3, [x1, #40]
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #96
	ret

	.balign	2048
vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.balign	128
	mov	x0, #(\n * 128)
	b	taken_at
	.endr

/* ---- FP ------------------------------------------------------------------ */

/* uint64_t fp_residue(void): what is not zero in q0-q31, FPSR, FPCR. */
	.global fp_residue
fp_residue:
	mrs	x0, fpsr
	mrs	x1, fpcr
	orr	x0, x0, x1
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	orr	v0.16b, v0.16b, v\n\().16b
	.endr
	.irp	n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	orr	v0.16b, v0.16b, v\n\().16b
	.endr
	mov	x1, v0.d[0]
	mov	x2, v0.d[1]
	orr	x0, x0, x1
	orr	x0, x0, x2
	ret

	.bss
	.balign	4096
stacks:
	.skip	4096 * 8
