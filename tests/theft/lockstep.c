/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lockstep as a property of theft: an instance is a machine and operations,
 * each drawn from the state of the model, and engine and model stay together.
 * theft makes a failure short by taking from the bits that the instance was
 * drawn with; the fewer and the lower they are, the shorter it is. What is left
 * is printed as a scene for moat-model run.
 */
#include <stdlib.h>

#include <theft.h>

#include "lockstep/generate.h"
#include "lockstep/scene.h"
#include "lockstep/side.h"

enum {
	TRIALS = 500,
	OPS_MAX = 150,
	SHAPE_BITS = 2,
	MORE_BITS = 6, /* zero, once in 64 times, ends an instance */
	SEED_BITS = 16,
	POOL_BITS = 8192
};

struct instance {
	uint32_t shape;
	size_t count;
	struct op op[OPS_MAX];
};

static struct moat_config config_of(const struct instance *instance)
{
	return shape_make(instance->shape);
}

/* ---- An instance ------------------------------------------------------- */

static void draw(
	struct theft *theft, struct model *model, struct instance *instance)
{
	while (instance->count < OPS_MAX &&
		theft_random_bits(theft, MORE_BITS) != 0) {
		struct random random = {theft_random_bits(theft, SEED_BITS)};
		struct op *op = &instance->op[instance->count];
		struct outcome ignored;

		generate_op(model, &random, op);
		side_model(model, op, &ignored);
		instance->count++;
	}
}

static enum theft_alloc_res instance_make(
	struct theft *theft, void *environment, void **output)
{
	struct instance *instance = calloc(1, sizeof(*instance));
	struct moat_config config;
	struct model *model;

	(void)environment;
	if (!instance) {
		return THEFT_ALLOC_ERROR;
	}
	instance->shape = (uint32_t)theft_random_bits(theft, SHAPE_BITS);
	config = config_of(instance);
	model = model_create(&config);
	draw(theft, model, instance);
	model_destroy(model);
	*output = instance;
	return THEFT_ALLOC_OK;
}

static void instance_free(void *instance, void *environment)
{
	(void)environment;
	free(instance);
}

static void instance_print(FILE *file, const void *argument, void *environment)
{
	const struct instance *instance = argument;
	struct moat_config config = config_of(instance);
	struct scene scene = scene_make(&config);
	struct scene_result result;

	(void)environment;
	for (size_t i = 0; i < instance->count; i++) {
		struct scene_step step = {.op = instance->op[i]};

		scene_add(&scene, &step);
	}
	if (!scene_run(&scene, false, NULL, &result)) {
		fprintf(file, "\n# step %zu: %s\n", result.at + 1,
			result.difference);
	}
	scene_write(&scene, file);
	scene_free(&scene);
}

/* ---- The property ------------------------------------------------------ */

static enum theft_trial_res stay_together(struct theft *theft, void *argument)
{
	const struct instance *instance = argument;
	struct moat_config config = config_of(instance);
	struct lockstep *lockstep = lockstep_create(&config, NULL);
	bool is_good = lockstep != NULL;

	(void)theft;
	for (size_t i = 0; is_good && i < instance->count; i++) {
		is_good = lockstep_step(lockstep, &instance->op[i], NULL, NULL);
	}
	lockstep_destroy(lockstep);
	return is_good ? THEFT_TRIAL_PASS : THEFT_TRIAL_FAIL;
}

/* One failure, made short, is enough. */
static enum theft_hook_gen_args_pre_res go_on(
	const struct theft_hook_gen_args_pre_info *info, void *environment)
{
	(void)environment;
	return info->failures == 0 ? THEFT_HOOK_GEN_ARGS_PRE_CONTINUE
				   : THEFT_HOOK_GEN_ARGS_PRE_HALT;
}

/* The first argument, if there is one, is the seed, in decimal. */
int main(int count, char **arguments)
{
	struct theft_type_info type = {.alloc = instance_make,
		.free = instance_free,
		.print = instance_print,
		.autoshrink_config = {.enable = true,
			.pool_size = POOL_BITS,
			.print_mode = THEFT_AUTOSHRINK_PRINT_USER}};
	struct theft_run_config run = {.name = "engine and model stay together",
		.prop1 = stay_together,
		.type_info = {&type},
		.trials = TRIALS,
		.hooks = {.gen_args_pre = go_on},
		.seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1};

	return theft_run(&run) == THEFT_RUN_PASS ? EXIT_SUCCESS : EXIT_FAILURE;
}
