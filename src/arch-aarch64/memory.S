/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memset and memcpy, which compilers call for structures: in assembly, because
 * every call of the host meets several. No access is unaligned: with the MMU
 * off that would fault.
 */
	.text
	.balign	4

/* void *memset(void *to, int value, size_t size) */
	.global memset
memset:
	mov	x4, #0x0101010101010101
	and	x1, x1, #0xff
	mul	x1, x1, x4
	mov	x3, x0
	cmp	x2, #16
	b.lo	5f
	tst	x3, #7
	b.eq	2f
	tbz	x3, #0, 1f		/* up to a boundary of 8 bytes */
	strb	w1, [x3], #1
	sub	x2, x2, #1
1:	tbz	x3, #1, 1f
	strh	w1, [x3], #2
	sub	x2, x2, #2
1:	tbz	x3, #2, 2f
	str	w1, [x3], #4
	sub	x2, x2, #4
2:	subs	x2, x2, #32
	b.lo	4f
3:	stp	x1, x1, [x3], #16
	subs	x2, x2, #32
	stp	x1, x1, [x3], #16
	b.hs	3b
4:	tbz	x2, #4, 1f		/* x2 is the rest, less 32 */
	stp	x1, x1, [x3], #16
1:	tbz	x2, #3, 1f
	str	x1, [x3], #8
1:	tbz	x2, #2, 1f
	str	w1, [x3], #4
1:	tbz	x2, #1, 1f
	strh	w1, [x3], #2
1:	tbz	x2, #0, 1f
	strb	w1, [x3]
1:	ret
5:	cbz	x2, 1b
	strb	w1, [x3], #1
	sub	x2, x2, #1
	b	5b

/* void *memcpy(void *to, const void *from, size_t size) */
	.global memcpy
memcpy:
	mov	x3, x0
	eor	x4, x0, x1
	cmp	x2, #16
	b.lo	5f
	tst	x4, #7			/* never on one boundary */
	b.ne	5f
	tst	x3, #7
	b.eq	2f
	tbz	x3, #0, 1f
	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	sub	x2, x2, #1
1:	tbz	x3, #1, 1f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
	sub	x2, x2, #2
1:	tbz	x3, #2, 2f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
	sub	x2, x2, #4
2:	subs	x2, x2, #16
	b.lo	4f
3:	ldp	x4, x5, [x1], #16
	subs	x2, x2, #16
	stp	x4, x5, [x3], #16
	b.hs	3b
4:	tbz	x2, #3, 1f		/* x2 is the rest, less 16 */
	ldr	x4, [x1], #8
	str	x4, [x3], #8
1:	tbz	x2, #2, 1f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
1:	tbz	x2, #1, 1f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
1:	tbz	x2, #0, 1f
	ldrb	w4, [x1]
	strb	w4, [x3]
1:	ret
5:	cbz	x2, 1b
	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	sub	x2, x2, #1
	b	5b
