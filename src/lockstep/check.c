/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/check.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "lockstep/generate.h"
#include "lockstep/shrink.h"
#include "model/model.h"

enum { SCENE_OPS = 600 };

#define PROGRESS_SECONDS 2.0

struct check {
	const struct check_options *options;
	struct coverage total;
	double started;
	double reported;
	struct lockstep *made[SHAPE_COUNT]; /* for the next scene, or NULL */
};

static double now(void)
{
	struct timespec time;

	timespec_get(&time, TIME_UTC);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The pair on the machine of @shape, as if it were new; NULL without memory. */
static struct lockstep *lockstep_of(
	struct check *check, uint32_t shape, const struct moat_config *config)
{
	struct lockstep *lockstep = check->made[shape];

	check->made[shape] = NULL;
	if (lockstep) {
		lockstep_restart(lockstep);
		return lockstep;
	}
	lockstep = lockstep_create(config, check->options->trace);
	if (lockstep) {
		lockstep_set_invariants_every(
			lockstep, check->options->invariants_every);
	}
	return lockstep;
}

/* A machine with a trace is not to be had again: the trace would end. */
static void give_back(
	struct check *check, uint32_t shape, struct lockstep *lockstep)
{
	if (check->options->trace) {
		lockstep_destroy(lockstep);
	} else {
		check->made[shape] = lockstep;
	}
}

/* One scene; its steps are kept for the case that it fails. */
static bool run_scene(struct check *check, uint32_t shape,
	struct random *random, struct scene *scene)
{
	struct lockstep *lockstep = lockstep_of(check, shape, &scene->config);
	bool is_good = lockstep != NULL;

	while (is_good && scene->count < SCENE_OPS) {
		struct scene_step step = {.line = 0};

		generate_op(lockstep_model(lockstep), random, &step.op);
		scene_add(scene, &step);
		is_good = lockstep_step(lockstep, &step.op, NULL, NULL);
	}
	is_good = is_good && lockstep_finish(lockstep);
	if (lockstep) {
		coverage_add(&check->total, lockstep_coverage(lockstep));
		give_back(check, shape, lockstep);
	}
	return is_good;
}

static void report_difference(const struct check *check, struct scene *scene)
{
	struct scene_result result;

	fprintf(stderr,
		"check: a difference after %" PRIu64
		" operations; looking for the shortest scene\n",
		check->total.ops);
	if (scene_run(scene, true, NULL, &result)) {
		printf("# seed %" PRIu64 ": the difference does not show "
		       "again in a thorough run; the scene as it was\n",
			check->options->seed);
	} else {
		shrink(scene, &result);
		printf("# seed %" PRIu64 ", step %zu: %s\n",
			check->options->seed, result.at + 1, result.difference);
	}
	scene_write(scene, stdout);
}

static void report_progress(struct check *check)
{
	double time = now();

	if (time - check->reported >= PROGRESS_SECONDS) {
		check->reported = time;
		fprintf(stderr, "check: %" PRIu64 " of %" PRIu64 " ops\n",
			check->total.ops, check->options->op_count);
	}
}

static void report_total(const struct check *check)
{
	double seconds = now() - check->started;

	coverage_print(&check->total, stdout);
	printf("check: %" PRIu64 " ops, %" PRIu64
	       " accepted, 0 differences, %.1f seconds, %.0f ops/s\n",
		check->total.ops, check->total.accepted, seconds,
		(double)check->total.ops / (seconds > 0 ? seconds : 1));
}

/* One scene on one of the machines. Returns whether all went well. */
static bool check_scene(struct check *check, struct random *random)
{
	uint32_t shape = (uint32_t)random_below(random, SHAPE_COUNT);
	struct moat_config config = shape_make(shape);
	struct scene scene = scene_make(&config);
	bool is_good = run_scene(check, shape, random, &scene);

	if (!is_good) {
		report_difference(check, &scene);
	}
	scene_free(&scene);
	return is_good;
}

/* Returns whether all scenes went well. */
static bool check_scenes(struct check *check)
{
	struct random random = {check->options->seed};
	bool is_good = true;

	while (is_good && check->total.ops < check->options->op_count) {
		is_good = check_scene(check, &random);
		report_progress(check);
	}
	for (uint32_t shape = 0; shape < SHAPE_COUNT; shape++) {
		lockstep_destroy(check->made[shape]);
	}
	return is_good;
}

int check_random(const struct check_options *options)
{
	struct check check = {.options = options};

	check.started = now();
	check.reported = check.started;
	if (!check_scenes(&check)) {
		return 1;
	}
	if (options->reached) {
		coverage_add(options->reached, &check.total);
	} else {
		report_total(&check);
	}
	return 0;
}
