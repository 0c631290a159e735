/* SPDX-License-Identifier: BSD-2-Clause */
#include "coroutine/coroutine.h"

#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static struct coroutine *current;
static jmp_buf scheduler;

void coroutine_yield(void)
{
	if (_setjmp(current->next) == 0) {
		_longjmp(scheduler, 1);
	}
}

/*
 * Never returns, so that its frame is there to be jumped to for as long as the
 * stack is: a new life begins with a jump, too (C11, 7.13.2.1 p2). It reads no
 * local variable behind the jump.
 */
static void coroutine_main(void)
{
	_setjmp(current->begin);
	for (;;) {
		current->run();
		coroutine_yield();
	}
}

static void give_birth(struct coroutine *coroutine)
{
	static ucontext_t context;

	if (getcontext(&context) != 0) {
		perror("getcontext");
		abort();
	}
	context.uc_stack.ss_sp = coroutine->stack;
	context.uc_stack.ss_size = COROUTINE_STACK;
	context.uc_link = NULL;
	makecontext(&context, coroutine_main, 0);
	coroutine->is_born = true;
	setcontext(&context);
}

void coroutine_start(struct coroutine *coroutine, void (*run)(void))
{
	coroutine->run = run;
	coroutine->is_fresh = true;
}

static void jump_in(struct coroutine *coroutine)
{
	bool is_fresh = coroutine->is_fresh;

	coroutine->is_fresh = false;
	if (!coroutine->is_born) {
		give_birth(coroutine);
	}
	_longjmp(is_fresh ? coroutine->begin : coroutine->next, 1);
}

void coroutine_go_on(struct coroutine *coroutine)
{
	current = coroutine;
	if (_setjmp(scheduler) == 0) {
		jump_in(coroutine);
	}
	current = NULL;
}
