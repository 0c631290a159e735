/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the firmware to C, on each CPU: known control registers, a stack, the
 * engine's stage 1 on. Nothing on the way trusts a register's reset value.
 */

/* SCTLR_EL2: RES1 bits 29, 28, 23, 22, 18, 16, 11, 5, 4 (Arm ARM D19.2.126). */
#define SCTLR_EL2_OFF 0x30c50830
/* and WXN, I, SA, C, M. */
#define SCTLR_EL2_ON (SCTLR_EL2_OFF | 1 << 19 | 1 << 12 | 1 << 3 | 1 << 2 | 1)
#define HCR_EL2_RW 0x80000000
#define MAIR_EL2_VALUE 0xff00 /* 0: Device-nGnRnE; 1: Normal write-back */
#define STACK_SIZE 0x3000 /* MMU_STACK_SIZE */

.macro load_constant register, value
	movz	\register, #(\value) & 0xffff
	movk	\register, #((\value) >> 16) & 0xffff, lsl #16
.endm

/* Documentation/arm64/booting.rst of Linux: the header that QEMU looks for. */
	.section .text.header, "ax"
	.global image_start
	b	primary
	.word	0
	.quad	0			/* text_offset: any 2 MiB boundary */
	.quad	image_size
	.quad	0xa			/* little-endian, 4 KiB, anywhere */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.word	0

	.text
	.balign	4
/* Entered at EL2, MMU off, x0 = device tree. */
primary:
	mrs	x1, currentel
	cmp	x1, #2 << 2
	b.ne	wrong_level
	mrs	x20, cntpct_el0
	mov	x19, x0
	bl	poison
	bl	control_safe
	adrp	x0, image_stacks
	add	x0, x0, #STACK_SIZE
	mov	sp, x0
	bl	clear_bss
	mov	x0, x19
	bl	main_prepare
	bl	forget_cached
	bl	mmu_on
	mov	x0, x20
	bl	main_primary
	b	.

/* There is nothing to protect from EL1, but somebody to tell. */
wrong_level:
	adrp	x0, image_stacks
	add	x0, x0, #STACK_SIZE
	mov	sp, x0
	bl	main_wrong_level
	b	.

/* Entered at EL2, MMU off, x0 = our number, as main.c asked PSCI. */
	.global secondary
secondary:
	mov	x19, x0
	bl	poison
	bl	control_safe
	mov	x0, x19
	bl	take_stack
	bl	mmu_on
	mov	x0, x19
	bl	main_secondary
	b	.

/* void park(uint32_t cpu): wait for a CPU_ON, on an empty stack. */
	.global park
park:
	bl	take_stack
	bl	power_wait
	b	.

/* x0 = number of this CPU; sp becomes the top of its stack. */
	.global take_stack
take_stack:
	mov	x1, #STACK_SIZE
	adrp	x2, image_stacks
	madd	x1, x0, x1, x2
	add	x1, x1, #STACK_SIZE
	mov	sp, x1
	ret

/*
 * No load, store or branch before these are known: SCTLR_EL2 has endianness
 * and MMU, HCR_EL2.E2H says what the other registers mean. DAIF is masked, the
 * stack pointer SP_EL2.
 */
control_safe:
	msr	daifset, #0xf
	msr	spsel, #1
	load_constant x0, SCTLR_EL2_OFF
	msr	sctlr_el2, x0
	load_constant x0, HCR_EL2_RW
	msr	hcr_el2, x0
	isb
	adrp	x0, vectors_host
	add	x0, x0, :lo12:vectors_host
	msr	vbar_el2, x0
	isb
	ret

clear_bss:
	adrp	x0, image_loaded
	add	x0, x0, :lo12:image_loaded
	adrp	x1, image_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	ret

/*
 * What was written with the MMU off is in memory; a stale line of it in a
 * cache would hide it from now on.
 */
forget_cached:
	dsb	sy
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4
	mov	x2, #4
	lsl	x2, x2, x3		/* smallest line of a data cache */
	adrp	x0, image_data
	adrp	x1, image_end
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* Identity-mapped, so the next instruction is the same with the MMU on. */
mmu_on:
	load_constant x0, MAIR_EL2_VALUE
	msr	mair_el2, x0
	adrp	x0, mmu_tcr
	ldr	x0, [x0, :lo12:mmu_tcr]
	msr	tcr_el2, x0
	adrp	x0, mmu_root
	ldr	x0, [x0, :lo12:mmu_root]
	msr	ttbr0_el2, x0
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	load_constant x0, SCTLR_EL2_ON
	msr	sctlr_el2, x0
	isb
	ret

/* Each CPU's stack; its lowest page stays unmapped (mmu.c). */
	.section .stacks, "aw", %nobits
	.balign	4096
	.skip	8 * STACK_SIZE		/* MACHINE_CPU_MAX */
