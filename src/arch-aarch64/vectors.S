/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two vector tables of EL2: vectors_host while the host runs at EL1,
 * vectors_guest while a vCPU does. An exception from EL2 itself is a bug.
 */

/* struct host_frame (host_trap.h): x0-x30, pc, pstate, padding. A call has no
 * use for the last two, and keeps x18 and x30 there. */
#define FRAME_SIZE 272
#define FRAME_X18 144
#define FRAME_X30 240
#define FRAME_PC 248
#define FRAME_CALL_X18 256

#define ESR_HVC64 0x5a000000	/* HVC #0 from AArch64 */
#define OWNER 0xc600		/* bits 31:16 of MOAT_FUNCTION(0) */
#define GUEST_ENTER 3		/* MOAT_GUEST_ENTER */
#define COUNTS_SHIFT 5		/* log2 of a CPU's row of report_counts */

/* struct moat_context (moat.h). */
#define CONTEXT_X30 240
#define CONTEXT_PSTATE 256

/* What vectors_guest pushes, above it what guest_enter pushed. */
#define SCRATCH_SIZE 16
#define SAVED_SIZE 112
#define SAVED_CONTEXT 96

/* enum exit_vector (exit.h). */
#define EXIT_VECTOR_SYNC 0
#define EXIT_VECTOR_IRQ 1
#define EXIT_VECTOR_FIQ 2
#define EXIT_VECTOR_SERROR 3

/* What a C function may change, x0, x1 and x30 apart; and what it keeps. */
.macro save_arguments base
	stp	x2, x3, [\base, #16]
	stp	x4, x5, [\base, #32]
	stp	x6, x7, [\base, #48]
	stp	x8, x9, [\base, #64]
	stp	x10, x11, [\base, #80]
	stp	x12, x13, [\base, #96]
	stp	x14, x15, [\base, #112]
	stp	x16, x17, [\base, #128]
.endm

.macro save_volatile base
	save_arguments \base
	str	x18, [\base, #144]
.endm

.macro save_kept base
	str	x19, [\base, #152]
	stp	x20, x21, [\base, #160]
	stp	x22, x23, [\base, #176]
	stp	x24, x25, [\base, #192]
	stp	x26, x27, [\base, #208]
	stp	x28, x29, [\base, #224]
.endm

.macro load_arguments base
	ldp	x2, x3, [\base, #16]
	ldp	x4, x5, [\base, #32]
	ldp	x6, x7, [\base, #48]
	ldp	x8, x9, [\base, #64]
	ldp	x10, x11, [\base, #80]
	ldp	x12, x13, [\base, #96]
	ldp	x14, x15, [\base, #112]
	ldp	x16, x17, [\base, #128]
.endm

.macro load_volatile base
	load_arguments \base
	ldr	x18, [\base, #144]
.endm

.macro load_kept base
	ldr	x19, [\base, #152]
	ldp	x20, x21, [\base, #160]
	ldp	x22, x23, [\base, #176]
	ldp	x24, x25, [\base, #192]
	ldp	x26, x27, [\base, #208]
	ldp	x28, x29, [\base, #224]
.endm

/* Nothing behind an ERET is to be run ahead of it. */
.macro return_from_el2
	eret
	dsb	nsh
	isb
.endm

/*
 * A bug in the engine. The stack may be what is broken, so the panic has one
 * of its own; the first CPU to come has the last word.
 */
.macro vector_bug
	.balign	128
	b	vector_panic
.endm

.macro vectors_of_el2
	.rept	8
	vector_bug
	.endr
.endm

.macro vector_guest which
	.balign	128
	stp	x0, x1, [sp, #-SCRATCH_SIZE]!
	mov	x1, #\which
	b	guest_exit
.endm

.macro vectors_of_guest
	vector_guest EXIT_VECTOR_SYNC
	vector_guest EXIT_VECTOR_IRQ
	vector_guest EXIT_VECTOR_FIQ
	vector_guest EXIT_VECTOR_SERROR
.endm

/*
 * HVC #0 is what matters for speed: the rest of the registers that C keeps for
 * its caller need no saving, nor do ELR_EL2 and SPSR_EL2 unless a guest runs
 * (guest.c). The frame is built, and a call of the engine counted and made, in
 * the vector itself; anything else completes the frame first.
 */
.macro vector_host_call
	.balign	128
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	save_arguments sp
	stp	x18, x30, [sp, #FRAME_CALL_X18]
	mrs	x18, esr_el2
	mov	w30, #ESR_HVC64
	cmp	x18, x30
	b.ne	host_other
	mov	w18, #OWNER
	cmp	w18, w0, lsr #16
	b.ne	host_psci
	mrs	x1, tpidr_el2
	adrp	x8, report_counts	/* REPORT_CALL, the first of the row */
	add	x8, x8, :lo12:report_counts
	add	x8, x8, x1, lsl #COUNTS_SHIFT
	ldr	x9, [x8]
	add	x9, x9, #1
	str	x9, [x8]
	adrp	x8, engine
	ldr	x0, [x8, :lo12:engine]
	mov	x2, sp
	bl	moat_host_call
	b	host_called
.endm

/* AArch32, of EL0 alone, makes no calls. */
.macro vector_host_sync
	.balign	128
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	save_arguments sp
	stp	x18, x30, [sp, #FRAME_CALL_X18]
	b	host_other
.endm

/* The host's own interrupts and SErrors go straight to EL1. */
.macro vectors_of_host sync
	\sync
	vector_bug
	vector_bug
	vector_bug
.endm

	.text
	.balign	2048
	.global vectors_host
vectors_host:
	vectors_of_el2
	vectors_of_host vector_host_call	/* from AArch64 */
	vectors_of_host vector_host_sync	/* from AArch32 */

	.balign	2048
	.global vectors_guest
vectors_guest:
	vectors_of_el2
	vectors_of_guest
	vectors_of_guest

	.balign	128
host_called:
	cmp	w0, #GUEST_ENTER
	b.eq	host_runs_guest
host_call_return:
	ldp	x18, x30, [sp, #FRAME_CALL_X18]
	load_arguments sp
	ldp	x0, x1, [sp], #FRAME_SIZE
	return_from_el2

host_runs_guest:
	mov	x0, sp
	bl	guest_run
	b	host_call_return

/* PSCI, for hosts whose conduit is HVC. */
host_psci:
	mov	x0, sp
	bl	psci_call
	b	host_call_return

host_other:
	ldp	x18, x30, [sp, #FRAME_CALL_X18]
	str	x18, [sp, #FRAME_X18]
	str	x30, [sp, #FRAME_X30]
	save_kept sp
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [sp, #FRAME_PC]
	mov	x0, sp
	bl	host_trap
	ldp	x0, x1, [sp, #FRAME_PC]
	msr	elr_el2, x0
	msr	spsr_el2, x1
	ldr	x30, [sp, #FRAME_X30]
	load_kept sp
	load_volatile sp
	ldp	x0, x1, [sp], #FRAME_SIZE
	return_from_el2

vector_panic:
	adrp	x0, panic_stack_end
	add	x0, x0, :lo12:panic_stack_end
	mov	sp, x0
	bl	vector_bug_found
	b	.

/*
 * enum exit_vector guest_enter(struct moat_context *context)
 *
 * Runs the vCPU until its next exception and returns which vector that came
 * through; the context then has its registers. Callee-saved registers of the
 * caller wait on the stack meanwhile.
 */
	.global guest_enter
guest_enter:
	sub	sp, sp, #SAVED_SIZE
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	str	x0, [sp, #SAVED_CONTEXT]
	ldr	x1, [x0, #CONTEXT_PSTATE]
	ldp	x30, x2, [x0, #CONTEXT_X30]
	msr	elr_el2, x2
	msr	spsr_el2, x1
	load_kept x0
	load_volatile x0
	ldp	x0, x1, [x0]
	return_from_el2

/* x0 and x1 of the guest are on the stack; x1 = which vector. */
guest_exit:
	ldr	x0, [sp, #SCRATCH_SIZE + SAVED_CONTEXT]
	save_volatile x0
	save_kept x0
	mov	x4, x1
	ldp	x2, x3, [sp], #SCRATCH_SIZE
	stp	x2, x3, [x0]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x30, x2, [x0, #CONTEXT_X30]
	str	x3, [x0, #CONTEXT_PSTATE]
	mov	x0, x4
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #SAVED_SIZE
	ret

	.bss
	.balign	16
	.skip	4096
panic_stack_end:
