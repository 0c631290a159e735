/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test image (moat-poison): before anything else, every register that the
 * engine must set gets the worst value we can think of. QEMU resets most of
 * them kindly, and real firmware leaves what it likes; with this a forgotten
 * write shows. Each traps, misdirects or leaks as much as it can, as long as
 * EL2 itself can still execute with the MMU off.
 *
 * Keeps x19 and x20 for boot.S.
 */
	.arch_extension fp
	.arch_extension simd

#define HOSTILE 0x5ca1ab1edeadbeef

.macro set_register register, value
	ldr	x0, =\value
	msr	\register, x0
.endm

	.text
	.balign	4
	.global poison
poison:
	/* FP and SIMD, while nothing traps them. */
	set_register cptr_el2, 0x33ff
	isb
	ldr	x0, =HOSTILE
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	dup	v\n\().2d, x0
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	dup	v\n\().2d, x0
	.endr
	dup	v30.2d, x0
	dup	v31.2d, x0
	set_register fpsr, 0x0800009f
	set_register fpcr, 0x07c00000

	/* What EL1 will own. */
	set_register sp_el0, HOSTILE
	set_register sp_el1, HOSTILE
	set_register elr_el1, HOSTILE
	set_register spsr_el1, 0x3cf
	set_register esr_el1, 0xdeadbeef
	set_register far_el1, HOSTILE
	set_register afsr0_el1, HOSTILE
	set_register afsr1_el1, HOSTILE
	set_register cpacr_el1, 0x300000
	set_register tcr_el1, HOSTILE
	set_register ttbr0_el1, HOSTILE
	set_register ttbr1_el1, HOSTILE
	set_register mair_el1, HOSTILE
	set_register amair_el1, HOSTILE
	set_register vbar_el1, 0x5ca1ab1edeadb800
	set_register contextidr_el1, 0xdeadbeef
	set_register tpidr_el0, HOSTILE
	set_register tpidrro_el0, HOSTILE
	set_register tpidr_el1, HOSTILE
	set_register par_el1, 0x800
	set_register cntkctl_el1, 0x3ff
	set_register mdscr_el1, 0xa001		/* MDE, KDE, SS */
	set_register csselr_el1, 2
	set_register pmuserenr_el0, 0xf
	set_register cntv_cval_el0, 1
	set_register cntv_ctl_el0, 1		/* fires at once */
	set_register cntp_cval_el0, 1
	set_register cntp_ctl_el0, 1
	set_register sctlr_el1, 0x03001985	/* MMU on, big-endian */

	/* What decides about EL1. */
	set_register S3_4_C12_C11_0, 0xffffffff	/* ICH_HCR_EL2 */
	set_register S3_4_C12_C11_7, 0xffffffff	/* ICH_VMCR_EL2 */
	set_register S3_4_C12_C12_0, 0x50ff000000000020	/* ICH_LR0_EL2 */
	set_register S3_4_C12_C9_5, 1		/* ICC_SRE_EL2: not for EL1 */
	set_register vttbr_el2, HOSTILE
	set_register vtcr_el2, 0x80000020
	set_register vpidr_el2, 0
	set_register vmpidr_el2, 0x80000fff
	set_register hstr_el2, 0xffff
	set_register hacr_el2, 0xffffffff
	set_register actlr_el2, 0xffffffff
	set_register cntvoff_el2, HOSTILE
	set_register cnthctl_el2, 0
	set_register cnthp_cval_el2, 1
	set_register cnthp_ctl_el2, 1		/* fires at once */
	set_register mdcr_el2, 0x0fffffe1	/* traps all; one counter */
	set_register cptr_el2, 0xffffffff

	/* And what only some CPUs have: VHE's timer, RAS. */
	mrs	x1, id_aa64mmfr1_el1
	ubfx	x1, x1, #8, #4
	cbz	x1, 1f
	set_register S3_4_C14_C3_2, 1		/* CNTHV_CVAL_EL2 */
	set_register S3_4_C14_C3_1, 1		/* CNTHV_CTL_EL2 */
1:	mrs	x1, id_aa64pfr0_el1
	ubfx	x1, x1, #28, #4
	cbz	x1, 2f
	set_register S3_4_C12_C1_1, 0x8100ffff	/* VDISR_EL2 */
2:
	/* EL2's own. SCTLR_EL2: big-endian, aligned, W^X; MMU off. */
	set_register ttbr0_el2, HOSTILE
	set_register tcr_el2, HOSTILE
	set_register mair_el2, HOSTILE
	set_register tpidr_el2, HOSTILE
	set_register vbar_el2, 0xbad0b800
	set_register elr_el2, HOSTILE
	set_register spsr_el2, 0x1f
	set_register esr_el2, 0xdeadbeef
	set_register far_el2, HOSTILE
	set_register hpfar_el2, HOSTILE
	ldr	x0, =0xffffffff7fffffff	/* HCR_EL2: all but RW */
	ldr	x1, =0x32cd083a
	msr	hcr_el2, x0
	msr	sctlr_el2, x1
	mov	sp, x0
	msr	spsel, #0
	isb
	ret

	.ltorg
