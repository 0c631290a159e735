/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry, vectors, calls and probes of the test host. It is entered at EL1h
 * with its MMU off and x0 at the device tree, as Linux is.
 */

	.section .head, "ax"
	.global _start
_start:
	/* The header of an arm64 image, so that whoever loads Linux can load
	 * this (Linux, Documentation/arm64/booting.rst). */
	b	primary
	.long	0
	.quad	0
	.quad	image_size
	.quad	0xa			/* little endian, 4 KiB, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
primary:
	adrp	x1, bss_start
	add	x1, x1, :lo12:bss_start
	adrp	x2, bss_end
	add	x2, x2, :lo12:bss_end
1:	cmp	x1, x2
	b.hs	2f
	str	xzr, [x1], #8
	b	1b
2:	adrp	x19, host_cpus
	add	x19, x19, :lo12:host_cpus
	adrp	x1, host_stacks + 16384
	add	x1, x1, :lo12:(host_stacks + 16384)
	adr	x2, host_main
	stp	x1, x2, [x19]
	b	enter

	/* From PSCI CPU_ON: x0 is the context, a struct host_cpu. */
	.global host_secondary_start
host_secondary_start:
	mov	x19, x0
enter:
	/* One level-1 table: 1 GiB of devices, then RAM, cacheable. T0SZ 25
	 * makes level 1 the root (Arm ARM, D8.2). */
	adrp	x1, host_table
	add	x1, x1, :lo12:host_table
	msr	ttbr0_el1, x1
	mov	x1, #0xff00		/* 0: nGnRnE, 1: write-back */
	msr	mair_el1, x1
	ldr	x1, =0x200803519	/* T0SZ 25, WB, inner, 4K, EPD1, 40 */
	msr	tcr_el1, x1
	adr	x1, vectors
	msr	vbar_el1, x1
	msr	tpidr_el1, x19
	tlbi	vmalle1
	dsb	nsh
	isb
	ldr	x1, =0x30d01805		/* RES1, I, C, M */
	msr	sctlr_el1, x1
	isb
	ldp	x1, x2, [x19]
	mov	sp, x1
	mov	x29, xzr
	mov	x0, x19
	blr	x2
3:	wfi				/* entries do not return */
	b	3b

/* ---- Exceptions ---------------------------------------------------------- */

	.macro	vector number
	.balign	0x80
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x0, #\number
	b	exception
	.endm

	.balign	0x800
vectors:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\number
	.endr

	.macro	registers instruction
	\instruction	x2, x3, [sp, #16]
	\instruction	x4, x5, [sp, #32]
	\instruction	x6, x7, [sp, #48]
	\instruction	x8, x9, [sp, #64]
	\instruction	x10, x11, [sp, #80]
	\instruction	x12, x13, [sp, #96]
	\instruction	x14, x15, [sp, #112]
	\instruction	x16, x17, [sp, #128]
	\instruction	x18, x19, [sp, #144]
	\instruction	x20, x21, [sp, #160]
	\instruction	x22, x23, [sp, #176]
	\instruction	x24, x25, [sp, #192]
	\instruction	x26, x27, [sp, #208]
	\instruction	x28, x29, [sp, #224]
	.endm

exception:
	registers stp
	mrs	x1, elr_el1
	stp	x30, x1, [sp, #240]
	mov	x1, sp
	bl	host_exception
	ldp	x30, x1, [sp, #240]
	msr	elr_el1, x1
	registers ldp
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

/* ---- Calls --------------------------------------------------------------- */

	/* The engine keeps x18..x30 (SMCCC 1.2, section 3.1), but the address
	 * of the registers does not rely on it. */
	.macro	conduit name, instruction
	.global	\name
\name:
	str	x0, [sp, #-16]!
	mov	x18, x0
	ldp	x0, x1, [x18]
	ldp	x2, x3, [x18, #16]
	ldp	x4, x5, [x18, #32]
	ldp	x6, x7, [x18, #48]
	ldp	x8, x9, [x18, #64]
	ldp	x10, x11, [x18, #80]
	ldp	x12, x13, [x18, #96]
	ldp	x14, x15, [x18, #112]
	ldp	x16, x17, [x18, #128]
	\instruction	#0
	ldr	x18, [sp], #16
	stp	x0, x1, [x18]
	stp	x2, x3, [x18, #16]
	stp	x4, x5, [x18, #32]
	stp	x6, x7, [x18, #48]
	stp	x8, x9, [x18, #64]
	stp	x10, x11, [x18, #80]
	stp	x12, x13, [x18, #96]
	stp	x14, x15, [x18, #112]
	stp	x16, x17, [x18, #128]
	ret
	.endm

	conduit	host_hvc, hvc
	conduit	host_smc, smc

/* ---- Probes -------------------------------------------------------------- */

	/* The handler goes on behind the instruction; of a fetch, at x30. */
	.global	probe_read
probe_read:
	ldr	x1, [x0]
	ret

	.global	probe_write
probe_write:
	str	x0, [x0]
	ret

	.global	probe_read_pair
probe_read_pair:
	ldp	x1, x2, [x0]
	ret

	.global	probe_exclusive
probe_exclusive:
	ldxr	x1, [x0]
	clrex
	ret

	.global	probe_zero_line
probe_zero_line:
	dc	zva, x0
	ret

	.global	probe_fetch
probe_fetch:
	br	x0

	.arch_extension fp
	/* void host_fp_write(uint64_t value), uint64_t host_fp_read(void): D0
	 * and D31, with FP on (CPACR_EL1.FPEN); what is not the same in both
	 * reads as zero. */
	.global	host_fp_write
host_fp_write:
	mov	x1, #0x300000
	msr	cpacr_el1, x1
	isb
	fmov	d0, x0
	fmov	d31, x0
	ret

	.global	host_fp_read
host_fp_read:
	fmov	x0, d0
	fmov	x1, d31
	cmp	x0, x1
	csel	x0, x0, xzr, eq
	ret

	/* host_table is an array in machine.c, filled here: it must be right
	 * before any C runs with the MMU on. */
	.data
	.balign	4096
	.global	host_table
host_table:
	.quad	0x0060000000000401	/* 0 GiB: device, no execution */
	.quad	0x0000000040000705	/* 1 GiB: RAM, inner shareable */
	.quad	0x0000000080000705, 0x00000000c0000705, 0x0000000100000705
	.fill	507, 8, 0
