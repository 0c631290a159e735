/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer: bytes become operations (op_from_bytes), engine and model do them
 * in lockstep, and a difference aborts with a scene that moat-model run takes.
 * libFuzzer and AFL++ (afl-clang-fast -fsanitize=fuzzer) both call it.
 *
 * The first byte picks the machine (shape.h). One input has at most OPS_MAX
 * operations, so that a long input cannot pass for a slow engine.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "lockstep/scene.h"

enum {
	OPS_MAX = 256,
	/* Comparing all of memory at the end is for inputs that take longer. */
	OPS_FINISH = 128
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The operations of an input as a scene. */
static struct scene scene_of(const uint8_t *bytes, size_t size)
{
	struct moat_config config = shape_make(bytes[0]);
	struct scene scene = scene_make(&config);
	struct scene_step step = {.line = 0};
	size_t used = 1;

	while (used < size && scene.count < OPS_MAX) {
		used += op_from_bytes(&step.op, bytes + used, size - used);
		scene_add(&scene, &step);
	}
	return scene;
}

static void report(const uint8_t *bytes, size_t size, const char *difference)
{
	struct scene scene = scene_of(bytes, size);

	fprintf(stderr, "# %s\n", difference);
	scene_write(&scene, stderr);
	abort();
}

/* Whether all operations of an input went well. */
static bool run(struct lockstep *lockstep, const uint8_t *bytes, size_t size)
{
	size_t used = 1;
	int count = 0;

	while (used < size && count < OPS_MAX) {
		struct op op;

		used += op_from_bytes(&op, bytes + used, size - used);
		if (!lockstep_step(lockstep, &op, NULL, NULL)) {
			return false;
		}
		count++;
	}
	return count < OPS_FINISH || lockstep_finish(lockstep);
}

/* The pair on the machine that @byte picks, as if it were new. */
static struct lockstep *lockstep_of(uint8_t byte)
{
	static struct lockstep *made[SHAPE_COUNT];
	uint32_t index = byte % SHAPE_COUNT;
	struct moat_config config = shape_make(index);

	if (made[index]) {
		lockstep_restart(made[index]);
	} else {
		made[index] = lockstep_create(&config, NULL);
	}
	return made[index];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lockstep *lockstep;

	if (size < 2) {
		return 0;
	}
	lockstep = lockstep_of(bytes[0]);
	if (!lockstep) {
		report(bytes, size, "the machine was refused");
	}
	if (!run(lockstep, bytes, size)) {
		report(bytes, size, lockstep_difference(lockstep));
	}
	return 0;
}
