/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines for the explorers of orders: several threads of control in one,
 * of which exactly one goes on, until it yields.
 *
 * swapcontext saves the signal mask by a system call each time; here only the
 * very first start of a coroutine takes one, so that to yield and to go on is a
 * matter of nanoseconds.
 */
#ifndef COROUTINE_COROUTINE_H
#define COROUTINE_COROUTINE_H

#include <setjmp.h>
#include <stdbool.h>

enum { COROUTINE_STACK = 131072 };

struct coroutine {
	bool is_born; /* it has a stack, with coroutine_main at its bottom */
	jmp_buf begin; /* where coroutine_main begins a life */
	jmp_buf next; /* where it goes on */
	bool is_fresh; /* nothing of its run is done */
	void (*run)(void);
	unsigned char stack[COROUTINE_STACK];
};

/* Its next step is the first one of @run; whatever it was at is forgotten. */
void coroutine_start(struct coroutine *coroutine, void (*run)(void));

/* Let it go on until it yields, or has returned from its run. */
void coroutine_go_on(struct coroutine *coroutine);

/* In a coroutine: back to whoever called coroutine_go_on. */
void coroutine_yield(void);

#endif
