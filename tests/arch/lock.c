/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever misuses a lock is stopped: 4 is a panic, 3 would be waiting. */
#include "core/lock.h"

#include <criterion/criterion.h>

Test(lock, one_that_nobody_holds_is_not_released, .exit_code = 4)
{
	struct lock lock = {0};

	lock_acquire(&lock);
	lock_release(&lock);
	lock_release(&lock);
}

Test(lock, one_that_another_holds_is_waited_for, .exit_code = 3)
{
	struct lock lock = {0};

	lock_acquire(&lock);
	lock_acquire(&lock);
}

static struct mutex held_by_2(void)
{
	struct mutex mutex;

	mutex_init(&mutex);
	mutex_lock(&mutex, 2);
	cr_assert(mutex_is_held(&mutex, 2));
	cr_assert_not(mutex_is_held(&mutex, 1));
	return mutex;
}

Test(lock, a_mutex_is_not_taken_twice, .exit_code = 4)
{
	struct mutex mutex = held_by_2();

	mutex_lock(&mutex, 2);
}

Test(lock, a_mutex_of_another_is_waited_for, .exit_code = 3)
{
	struct mutex mutex = held_by_2();

	mutex_lock(&mutex, 1);
}

Test(lock, a_mutex_is_unlocked_by_its_owner)
{
	struct mutex mutex = held_by_2();

	mutex_unlock(&mutex, 2);
	cr_expect_not(mutex_is_held(&mutex, 2));
	mutex_lock(&mutex, 1);
	cr_expect(mutex_is_held(&mutex, 1));
}

Test(lock, a_mutex_is_not_unlocked_by_another, .exit_code = 4)
{
	struct mutex mutex = held_by_2();

	mutex_unlock(&mutex, 1);
}

Test(lock, the_last_to_come_opens_a_rendezvous)
{
	struct rendezvous place = {.arrived = 2, .round = 7};

	rendezvous_meet(&place, 3);
	cr_expect_eq(place.arrived, 0);
	cr_expect_neq(place.round, 7);
}

Test(lock, whoever_comes_before_waits, .exit_code = 3)
{
	struct rendezvous place = {.arrived = 1, .round = 7};

	rendezvous_meet(&place, 3);
}

Test(lock, no_more_meet_than_there_are, .exit_code = 4)
{
	struct rendezvous place = {.arrived = 3, .round = 7};

	rendezvous_meet(&place, 3);
}
