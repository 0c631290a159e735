/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a switch of worlds does that C cannot: FP and SIMD registers, which the
 * engine is compiled not to touch, and the first entry to EL1.
 */
	.arch_extension fp
	.arch_extension simd

.macro fp_pairs operation
	\operation	q0, q1, [x0]
	\operation	q2, q3, [x0, #32]
	\operation	q4, q5, [x0, #64]
	\operation	q6, q7, [x0, #96]
	\operation	q8, q9, [x0, #128]
	\operation	q10, q11, [x0, #160]
	\operation	q12, q13, [x0, #192]
	\operation	q14, q15, [x0, #224]
	\operation	q16, q17, [x0, #256]
	\operation	q18, q19, [x0, #288]
	\operation	q20, q21, [x0, #320]
	\operation	q22, q23, [x0, #352]
	\operation	q24, q25, [x0, #384]
	\operation	q26, q27, [x0, #416]
	\operation	q28, q29, [x0, #448]
	\operation	q30, q31, [x0, #480]
.endm

	.text
	.balign	4
/* void world_fp_save(uint64_t *fp) */
	.global world_fp_save
world_fp_save:
	fp_pairs stp
	mrs	x1, fpsr
	mrs	x2, fpcr
	add	x0, x0, #512
	stp	x1, x2, [x0]
	ret

/* void world_fp_load(const uint64_t *fp) */
	.global world_fp_load
world_fp_load:
	fp_pairs ldp
	add	x0, x0, #512
	ldp	x1, x2, [x0]
	msr	fpsr, x1
	msr	fpcr, x2
	ret

/*
 * void host_enter(uint64_t pc, uint64_t pstate, uint64_t argument)
 *
 * To EL1 with @argument in x0 and every other general register zero. EL2's
 * stack pointer becomes the top of this CPU's stack, where every trap of the
 * host starts.
 */
	.global host_enter
host_enter:
	msr	elr_el2, x0
	msr	spsr_el2, x1
	mov	x19, x2
	mrs	x0, tpidr_el2
	bl	take_stack
	mov	x0, x19
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	mov	x\n, xzr
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, xzr
	.endr
	eret
	dsb	nsh
	isb
