/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vcpu_run, guest exit, vm_kill and vcpu_destroy: one VM with one vCPU, which
 * two CPUs try to run while a third tries to kill the VM and take the vCPU's
 * context away.
 *
 * Every step sends an event inside its critical section, and a reference that
 * knows only the events must come to the same answers: the sequence of events
 * is an order in which the steps happened.
 *
 * That is why RUNNING is cleared under the lock. Cleared by a store outside of
 * it, the step and its event are two: whichever comes first, a vm_kill between
 * them answers what the sequence does not say (mutants STORE_FIRST,
 * EVENT_FIRST).
 */
#include "wait.pml"

/* What the engine has. */
bool is_running, is_active = true, has_context = true;

/* What the reference has, from the events. */
bool said_running, said_active = true, said_context = true;

bool leaves[CPUS]; /* the guest has trapped and its exit is not over */

#ifdef NO_LOCK
#define VM_LOCK(me, ticket) skip
#define VM_UNLOCK(ticket) skip
#else
#define VM_LOCK(me, ticket) lock_acquire(me, ticket)
#define VM_UNLOCK(ticket) lock_release(ticket)
#endif

/* ---- Events ------------------------------------------------------------ */

inline event_run(is_good)
{
	d_step {
		assert(is_good == (said_active && said_context &&
			!said_running));
		said_running = said_running || is_good
	}
}

inline event_exit()
{
	d_step { assert(said_running); said_running = false }
}

inline event_kill(is_good)
{
	d_step {
		assert(is_good == (said_active && !said_running));
		said_active = said_active && !is_good
	}
}

inline event_destroy(is_good)
{
	d_step {
		assert(is_good == (!said_active && said_context));
		said_context = said_context && !is_good
	}
}

/* ---- Calls ------------------------------------------------------------- */

inline vcpu_run(me, ticket, is_good)
{
	VM_LOCK(me, ticket);
	is_good = is_active && has_context && !is_running;
#ifdef DECIDED_EARLY
	VM_UNLOCK(ticket);
	VM_LOCK(me, ticket);
#endif
	is_running = is_running || is_good;
	event_run(is_good);
	VM_UNLOCK(ticket)
}

/* The registers are saved before the core is told. */
inline guest_exit(me, ticket)
{
#ifndef SAVED_LATE
	assert(has_context);
#endif
#ifdef STORE_FIRST
	is_running = false;
	event_exit();
#else
#ifdef EVENT_FIRST
	event_exit();
	is_running = false;
#else
	VM_LOCK(me, ticket);
	is_running = false;
	event_exit();
	VM_UNLOCK(ticket);
#endif
#endif
#ifdef SAVED_LATE
	assert(has_context);
#endif
	skip
}

inline vm_kill(me, ticket, is_good)
{
	VM_LOCK(me, ticket);
	is_good = is_active && !is_running;
#ifdef KILLED_RUNNING
	is_good = is_active;
#endif
	is_active = is_active && !is_good;
	event_kill(is_good);
	VM_UNLOCK(ticket)
}

inline vcpu_destroy(me, ticket, is_good)
{
	VM_LOCK(me, ticket);
	is_good = !is_active && has_context;
	has_context = has_context && !is_good;
	event_destroy(is_good);
	VM_UNLOCK(ticket)
}

/* ---- CPUs -------------------------------------------------------------- */

proctype runner(byte me)
{
	byte ticket;
	bool is_good;

	do
	:: vcpu_run(me, ticket, is_good);
	   if
	   :: is_good ->
		/* The guest runs, on its registers. */
		assert(has_context && is_active && is_running);
		leaves[me] = true;
		guest_exit(me, ticket);
		leaves[me] = false
	   :: else -> skip
	   fi;
	   is_good = false
	od
}

proctype killer(byte me)
{
	byte ticket;
	bool is_good;

	do
	:: vm_kill(me, ticket, is_good); is_good = false
	:: vcpu_destroy(me, ticket, is_good); is_good = false
	od
}

init
{
	byte i;

	atomic {
		for (i : 0 .. CPUS - 2) {
			run runner(i)
		};
		run killer(CPUS - 1)
	}
}

ltl left { [] (leaves[0] -> <> !leaves[0]) }
