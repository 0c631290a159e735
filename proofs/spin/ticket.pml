/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ticket lock: one holder at a time; whoever waits gets it, and is overtaken
 * at most once by each other CPU.
 */
#define QUEUED(me) overtaken[me] = 1
#include "wait.pml"

bool waits[CPUS], holds[CPUS];
byte holders;
byte overtaken[CPUS]; /* of those that queue: 1 + how often; else 0 */

#ifdef ONE_KEEPS
#define KEEPS(cpu) (cpu == 1)
#else
#define KEEPS(cpu) false
#endif

proctype cpu(byte me)
{
	byte ticket, i;

	do
	:: waits[me] = true;
	   lock_acquire(me, ticket);
	   d_step {
		waits[me] = false;
		holds[me] = true;
		holders++;
		assert(holders == 1);
		overtaken[me] = 0;
		for (i : 0 .. CPUS - 1) {
			overtaken[i] = overtaken[i] + (overtaken[i] > 0);
			assert(overtaken[i] <= CPUS)
		};
		i = 0
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
