/* SPDX-License-Identifier: BSD-2-Clause */
/* The mutex of core/lock.h, as one operation of the scheduler each. */
#include "core/lock.h"

#include "core/require.h"
#include "schedule/schedule.h"

void mutex_init(struct mutex *mutex)
{
	const struct mutex open = {.owner = LOCK_NOBODY};

	*mutex = open;
}

bool mutex_is_held(const struct mutex *mutex, uint32_t cpu)
{
	return mutex->owner == cpu;
}

void mutex_lock(struct mutex *mutex, uint32_t cpu)
{
	const struct operation take = {OPERATION_TAKE, mutex, 0};

	REQUIRE(!mutex_is_held(mutex, cpu));
	schedule_point(take);
	mutex->owner = cpu;
}

void mutex_unlock(struct mutex *mutex, uint32_t cpu)
{
	const struct operation given = {OPERATION_GIVEN, mutex, 0};

	REQUIRE(mutex_is_held(mutex, cpu));
	mutex->owner = LOCK_NOBODY;
	schedule_point(given);
}
