/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

#include <stdlib.h>

enum {
	/* Comparing all of memory at the end is for inputs that take longer. */
	OPS_FINISH = 128,
	/* A broken invariant of the engine seldom mends itself; a difference to
	 * the model is seen at once. */
	INVARIANTS_EVERY = 16,
	/* At the end of a short input they cost a quarter of it: of so many
	 * inputs one asks for them, and that one always. */
	SETTLE_ONE_IN = 4
};

static void report(enum corpus_form form, const uint8_t *bytes, size_t size,
	const char *difference)
{
	struct scene scene = corpus_scene(form, bytes, size);

	fprintf(stderr, "# %s\n", difference);
	scene_write(&scene, stderr);
	abort();
}

/* Whether the input is one that settles: its bytes say so, not when it comes,
 * so what it finds it finds again. */
static bool is_to_settle(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum += bytes[i];
	}
	return sum % SETTLE_ONE_IN == 0;
}

/* Whether all operations of an input went well. */
static bool run_ops(struct lockstep *lockstep, const struct op *ops,
	size_t count, bool settles)
{
	for (size_t i = 0; i < count; i++) {
		if (!lockstep_step(lockstep, &ops[i], NULL, NULL)) {
			return false;
		}
	}
	if (count >= OPS_FINISH) {
		return lockstep_finish(lockstep);
	}
	return !settles || lockstep_settle(lockstep);
}

/* The pair on the machine that @byte picks, as if it were new. */
static struct lockstep *lockstep_of(uint8_t byte)
{
	static struct lockstep *made[SHAPE_COUNT];
	uint32_t index = byte % SHAPE_COUNT;
	struct moat_config config = shape_make(index);

	if (made[index]) {
		lockstep_restart(made[index]);
		return made[index];
	}
	made[index] = lockstep_create(&config, NULL);
	if (made[index]) {
		lockstep_set_invariants_every(made[index], INVARIANTS_EVERY);
	}
	return made[index];
}

void run_input(enum corpus_form form, const uint8_t *bytes, size_t size)
{
	struct op ops[CORPUS_OPS_MAX];
	struct lockstep *lockstep;

	if (size < 2) {
		return;
	}
	lockstep = lockstep_of(bytes[0]);
	if (!lockstep) {
		report(form, bytes, size, "the machine was refused");
	}
	if (!run_ops(lockstep, ops, corpus_read(ops, form, bytes, size),
		    is_to_settle(bytes, size))) {
		report(form, bytes, size, lockstep_difference(lockstep));
	}
}
