/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mutex: its owner is known for as long as it is held, so that neither
 * REQUIRE of mutex_lock and mutex_unlock can fail without a misuse.
 */
#include "wait.pml"

#define NOBODY 255

byte owner = NOBODY;
bool waits[CPUS], holds[CPUS];

inline mutex_lock(me, ticket)
{
	assert(owner != me);
	lock_acquire(me, ticket);
	owner = me
}

inline mutex_unlock(me, ticket)
{
	assert(owner == me);
#ifdef CLEARED_LATE
	lock_release(ticket);
	owner = NOBODY
#else
	owner = NOBODY;
	lock_release(ticket)
#endif
}

proctype cpu(byte me)
{
	byte ticket;

	do
	:: waits[me] = true;
#ifndef NOT_LOCKED
	   mutex_lock(me, ticket);
#endif
#ifdef LOCKED_AGAIN
	   mutex_lock(me, ticket);
#endif
	   d_step { waits[me] = false; holds[me] = true };
	   assert(owner == me);
	   holds[me] = false;
	   mutex_unlock(me, ticket)
	od
}

init
{
	byte i;

	atomic {
		for (i : 0 .. CPUS - 1) {
			run cpu(i)
		}
	}
}

ltl served { [] (waits[0] -> <> holds[0]) }
