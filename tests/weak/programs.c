/* SPDX-License-Identifier: BSD-2-Clause */
#include "weak/programs.h"

#include "core/atomic.h"
#include "core/lock.h"
#include "moat/port.h"
#include "weak/memory.h"

/* ---- Ticket lock ------------------------------------------------------- */

static struct lock lock;
static uint32_t data;

static void lock_begin_at(uint32_t ticket)
{
	lock.next = ticket;
	lock.serving = ticket;
	data = 0;
	memory_atomic(&lock.next, 1);
	memory_atomic(&lock.serving, 1);
	memory_plain(&data, 1);
}

static void lock_begin(void)
{
	lock_begin_at(0);
}

/* The tickets UINT32_MAX and 0 are drawn. */
static void lock_begin_wraps(void)
{
	lock_begin_at(UINT32_MAX);
}

static void lock_once(uint32_t thread)
{
	(void)thread;
	lock_acquire(&lock);
	memory_write(&data, memory_read(&data) + 1);
	lock_release(&lock);
}

static void lock_twice(uint32_t thread)
{
	lock_once(thread);
	lock_once(thread);
}

static void counted(uint32_t expected)
{
	if (data != expected) {
		explore_fail("an increment under the lock is lost");
	}
}

static void lock_end_two(void)
{
	counted(2);
}

static void lock_end_three(void)
{
	counted(3);
}

static void lock_end_four(void)
{
	counted(4);
}

/* ---- Mutex ------------------------------------------------------------- */

static struct mutex mutex;

static void mutex_begin(void)
{
	mutex_init(&mutex);
	data = 0;
	memory_atomic(&mutex.lock.next, 1);
	memory_atomic(&mutex.lock.serving, 1);
	memory_atomic(&mutex.owner, 1);
	memory_plain(&data, 1);
}

static void mutex_once(uint32_t thread)
{
	mutex_lock(&mutex, thread);
	memory_write(&data, memory_read(&data) + 1);
	if (!mutex_is_held(&mutex, thread)) {
		explore_fail("the owner of a mutex is not known");
	}
	mutex_unlock(&mutex, thread);
}

/* Thread 0 comes back, and finds what owners in between have left. */
static void mutex_again(uint32_t thread)
{
	mutex_once(thread);
	if (thread == 0) {
		mutex_once(thread);
	}
}

/* ---- Rendezvous -------------------------------------------------------- */

static struct rendezvous rendezvous;
static uint32_t parties;
static uint32_t slot[2][THREAD_MAX]; /* in even and odd rounds */

static void rendezvous_begin_at(uint32_t count, uint32_t round)
{
	parties = count;
	rendezvous.arrived = 0;
	rendezvous.round = round;
	memory_atomic(&rendezvous.arrived, 1);
	memory_atomic(&rendezvous.round, 1);
	for (uint32_t i = 0; i < THREAD_MAX; i++) {
		slot[0][i] = 0;
		slot[1][i] = 0;
	}
	memory_plain(slot[0], THREAD_MAX);
	memory_plain(slot[1], THREAD_MAX);
}

static void rendezvous_begin_two(void)
{
	rendezvous_begin_at(2, UINT32_MAX);
}

static void rendezvous_begin_three(void)
{
	rendezvous_begin_at(3, 0);
}

/* Write what the round is, meet, and see what all wrote. */
static void rendezvous_round(uint32_t thread, uint32_t round)
{
	memory_write(&slot[round % 2][thread], round + 1);
	rendezvous_meet(&rendezvous, parties);
	for (uint32_t i = 0; i < parties; i++) {
		if (memory_read(&slot[round % 2][i]) != round + 1) {
			explore_fail("somebody is in another round");
		}
	}
}

static void rendezvous_twice(uint32_t thread)
{
	rendezvous_round(thread, 0);
	rendezvous_round(thread, 1);
}

static void rendezvous_thrice(uint32_t thread)
{
	rendezvous_twice(thread);
	rendezvous_round(thread, 2);
}

const struct program programs[] = {
	{"lock, 2 threads, twice", 2, lock_begin, lock_twice, lock_end_four},
	{"lock, 2 threads, wraps", 2, lock_begin_wraps, lock_once,
		lock_end_two},
	{"lock, 3 threads", 3, lock_begin, lock_once, lock_end_three},
	{"mutex, 2 threads, again", 2, mutex_begin, mutex_again,
		lock_end_three},
	{"rendezvous, 2 threads, 3 rounds", 2, rendezvous_begin_two,
		rendezvous_thrice, NULL},
	{"rendezvous, 3 threads, 2 rounds", 3, rendezvous_begin_three,
		rendezvous_twice, NULL},
};
const size_t program_count = sizeof(programs) / sizeof(programs[0]);

/* ---- Planted ----------------------------------------------------------- */

/* Wake only if somebody seems to wait: the load may pass the store. */
static void release_if_waited_for(void)
{
	uint32_t ticket = atomic_load_relaxed(&lock.serving);

	atomic_store_release(&lock.serving, ticket + 1);
	if (atomic_load_relaxed(&lock.next) != ticket + 1) {
		moat_port_wake();
	}
}

static void lost_wake_up(uint32_t thread)
{
	(void)thread;
	lock_acquire(&lock);
	memory_write(&data, memory_read(&data) + 1);
	release_if_waited_for();
}

/* Look and take in two steps. */
static void torn_take(uint32_t thread)
{
	uint32_t ticket = atomic_load_acquire(&lock.next);

	(void)thread;
	atomic_store_release(&lock.next, ticket + 1);
	while (atomic_load_acquire(&lock.serving) != ticket) {
		moat_port_wait();
	}
	memory_write(&data, memory_read(&data) + 1);
	lock_release(&lock);
}

static void released_twice(uint32_t thread)
{
	lock_once(thread);
	lock_release(&lock);
}

static void not_released(uint32_t thread)
{
	lock_acquire(&lock);
	memory_write(&data, memory_read(&data) + 1);
	if (thread == 0) {
		lock_release(&lock);
	}
}

static void locked_again(uint32_t thread)
{
	mutex_lock(&mutex, thread);
	mutex_lock(&mutex, thread);
}

static void unlocked_by_another(uint32_t thread)
{
	mutex_lock(&mutex, 0);
	mutex_unlock(&mutex, thread);
}

/* The counter is cleared after the others were let go. */
static void armed_late(uint32_t thread)
{
	uint32_t round = atomic_load_acquire(&rendezvous.round);

	(void)thread;
	if (atomic_add_acquire_release(&rendezvous.arrived, 1) + 1 == parties) {
		atomic_store_release(&rendezvous.round, round + 1);
		atomic_store_release(&rendezvous.arrived, 0);
		return;
	}
	while (atomic_load_acquire(&rendezvous.round) == round) {
		moat_port_wait();
	}
}

static void armed_late_twice(uint32_t thread)
{
	armed_late(thread);
	armed_late(thread);
}

static void too_many(uint32_t thread)
{
	(void)thread;
	rendezvous_meet(&rendezvous, 1);
	rendezvous_meet(&rendezvous, 0);
}

const struct planted planted[] = {
	{{"lost wake-up", 2, lock_begin, lost_wake_up, NULL}, WAIT_SLEEPS},
	{{"torn take", 2, lock_begin, torn_take, NULL}, WAIT_SPINS},
	{{"released twice", 2, lock_begin, released_twice, NULL}, WAIT_SPINS},
	{{"not released", 2, lock_begin, not_released, NULL}, WAIT_SPINS},
	{{"locked again", 2, mutex_begin, locked_again, NULL}, WAIT_SPINS},
	{{"unlocked by another", 2, mutex_begin, unlocked_by_another, NULL},
		WAIT_SPINS},
	{{"armed late", 2, rendezvous_begin_two, armed_late_twice, NULL},
		WAIT_SPINS},
	{{"too many", 1, rendezvous_begin_two, too_many, NULL}, WAIT_SPINS},
};
const size_t planted_count = sizeof(planted) / sizeof(planted[0]);
