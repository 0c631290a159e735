/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ticket lock: one holder at a time, and whoever waits gets it.
 */
#include "wait.pml"

bool waits[CPUS], holds[CPUS];
byte holders;

#ifdef ONE_KEEPS
#define KEEPS(cpu) (cpu == 1)
#else
#define KEEPS(cpu) false
#endif

proctype cpu(byte me)
{
	byte ticket;

	do
	:: waits[me] = true;
	   lock_acquire(me, ticket);
	   d_step {
		waits[me] = false;
		holds[me] = true;
		holders++;
		assert(holders == 1)
	   };
	   d_step { holders--; holds[me] = false };
	   if
	   :: KEEPS(me) -> break
	   :: else -> lock_release(ticket)
	   fi;
#ifdef RELEASED_TWICE
	   lock_release(ticket);
#endif
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
