/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rendezvous: nobody leaves a round before all have come, round after
 * round, and everybody who comes gets on.
 */
#include "wait.pml"

#ifndef PARTIES
#define PARTIES CPUS
#endif

byte arrived, round;
byte came[CPUS]; /* how often, modulo MODULUS */
bool meets[CPUS];

inline open_round(mine)
{
#ifdef ARMED_LATE
	round = (mine + 1) % MODULUS;
	port_wake();
	arrived = 0
#else
#ifndef NOT_ARMED
	arrived = 0;
#endif
	round = (mine + 1) % MODULUS;
#ifndef NO_WAKE
	port_wake()
#endif
#endif
}

inline rendezvous_meet(me, mine, before)
{
	mine = round;
	atomic { before = arrived; arrived++ };
	assert(before < PARTIES);
	if
	:: before + 1 == PARTIES -> open_round(mine)
	:: else ->
		do
		:: round != mine -> break
		:: round == mine -> port_wait(me)
		od
	fi;
	skip
}

/* Whether @other has come as often as @me, or is in the next round already. */
#define IS_THERE(me, other) \
	(came[other] == came[me] || came[other] == (came[me] + 1) % MODULUS)

proctype cpu(byte me)
{
	byte mine, before;

	do
	:: d_step { came[me] = (came[me] + 1) % MODULUS; meets[me] = true };
	   rendezvous_meet(me, mine, before);
	   d_step {
		meets[me] = false;
		assert(IS_THERE(me, 0) && IS_THERE(me, 1) && IS_THERE(me, 2));
		mine = 0;
		before = 0
	   }
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

ltl gets_on { [] (meets[0] -> <> !meets[0]) }
