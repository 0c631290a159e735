/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all models here share: CPUs that sleep until an event, and the ticket
 * lock of src/core/lock.c. Memory is sequentially consistent; tests/weak is
 * what leaves that assumption. A model is checked by proofs/spin/check, which
 * also plants its mutants: the names in #ifdef.
 */
#ifndef CPUS
#define CPUS 3
#endif

/* Tickets and rounds count modulo this; the engine has 2^32. It is more than
 * CPUS, as MOAT_CPU_MAX is less than 2^32. */
#ifndef MODULUS
#define MODULUS 4
#endif

/* ---- WFE and SEV ------------------------------------------------------- */

/* The event registers of the CPUs, a bit each. A wake sets all of them; to
 * sleep is to clear the own one and, if it was clear, to stay until it is set. */
byte events;

inline port_wait(me)
{
	atomic { (events >> me) % 2 == 1; events = events - (1 << me) }
}

inline port_wake()
{
	events = (1 << CPUS) - 1
}

/* ---- The ticket lock --------------------------------------------------- */

byte next, serving;

/* What a model notes when a CPU stands in the queue. */
#ifndef QUEUED
#define QUEUED(me) skip
#endif

#ifdef TEST_AND_SET
/* Whoever looks first when the lock is free. */
inline lock_acquire(me, ticket)
{
	QUEUED(me);
	do
	:: atomic {
		next == serving -> ticket = next;
		next = (next + 1) % MODULUS
	   };
	   break
	:: next != serving -> port_wait(me)
	od;
	skip
}
#else
inline lock_acquire(me, ticket)
{
#ifdef TORN_TAKE
	ticket = next;
	next = (ticket + 1) % MODULUS;
#else
	atomic { ticket = next; next = (next + 1) % MODULUS; QUEUED(me) };
#endif
	do
	:: serving == ticket -> break
	:: serving != ticket -> port_wait(me)
	od;
	skip
}
#endif

/* The ticket is forgotten, so that states which differ only in it are one. */
inline lock_release(ticket)
{
	assert(next != serving);
#ifdef WAKE_BEFORE
	port_wake();
	d_step { serving = (serving + 1) % MODULUS; ticket = 0 }
#else
	d_step { serving = (serving + 1) % MODULUS; ticket = 0 };
#ifndef NO_WAKE
	port_wake()
#endif
#endif
}
