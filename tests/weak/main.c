/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weak-check: src/core/lock.c under all that C11 permits.
 *
 * First the explorer must know the memory model (litmus programs) and find
 * planted faults. Then every program must be good, however it goes, spinning
 * and sleeping. Last, every order in lock.c is taken away, one at a time: some
 * program must then fail, or the order is not needed and should not be there.
 */
#include <stdio.h>
#include <string.h>

#include "weak/litmus.h"
#include "weak/memory.h"
#include "weak/programs.h"

static struct verdict verdict;

static bool planted_fail(void)
{
	bool good = true;

	for (size_t i = 0; i < planted_count; i++) {
		explore(&planted[i].program, planted[i].wait, &verdict);
		printf("planted: %s: %s\n", planted[i].program.name,
			verdict.failure == NULL ? "NOT FOUND"
						: verdict.failure);
		good = good && verdict.failure != NULL;
	}
	return good;
}

static bool program_is_good(const struct program *program, enum wait wait)
{
	explore(program, wait, &verdict);
	printf("%s, %s: %llu states, %llu runs\n", program->name,
		wait == WAIT_SPINS ? "spinning" : "sleeping",
		(unsigned long long)verdict.states,
		(unsigned long long)verdict.runs);
	if (verdict.failure != NULL) {
		printf("%s\n%s", verdict.failure, verdict.trace);
	}
	return verdict.failure == NULL;
}

static bool programs_are_good(void)
{
	bool good = true;

	for (size_t i = 0; i < program_count; i++) {
		good = program_is_good(&programs[i], WAIT_SPINS) && good;
		good = program_is_good(&programs[i], WAIT_SLEEPS) && good;
	}
	return good;
}

/* ---- Each order is needed ---------------------------------------------- */

static bool is_caught(const struct site *site, const char *name, uint32_t part)
{
	for (size_t i = 0; i < program_count; i++) {
		memory_weaken(site, part);
		explore(&programs[i], WAIT_SPINS, &verdict);
		memory_weaken(NULL, 0);
		if (verdict.failure != NULL) {
			printf("without %s in %s, line %d: %s (%s)\n", name,
				site->function, site->line, verdict.failure,
				programs[i].name);
			return true;
		}
	}
	printf("without %s in %s, line %d: NOTHING FAILS\n", name,
		site->function, site->line);
	return false;
}

static bool orders_are_needed(void)
{
	size_t count = memory_site_count();
	uint32_t orders = 0;
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		const struct site *site = memory_site(i);

		if ((site->order & ORDER_ACQUIRE) != 0) {
			good = is_caught(site, "acquire", ORDER_ACQUIRE) &&
			       good;
			orders++;
		}
		if ((site->order & ORDER_RELEASE) != 0) {
			good = is_caught(site, "release", ORDER_RELEASE) &&
			       good;
			orders++;
		}
	}
	printf("%u orders taken away\n", orders);
	return good && orders >= 6;
}

int main(void)
{
	bool good = litmus_all() && planted_fail();

	/* Those sites were not of lock.c, or not only. */
	memory_forget_sites();
	good = good && programs_are_good() && orders_are_needed();
	printf("%s\n", good ? "good" : "BAD");
	return good ? 0 : 1;
}
