/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/shrink.h"

struct shrinker {
	struct scene *scene;
	struct scene_result *result;
	uint32_t runs;
};

/* Whether @trial still goes wrong; then it takes the scene's place. */
static bool is_still_wrong(struct shrinker *shrinker, const struct scene *trial)
{
	struct scene_result result;

	shrinker->runs++;
	if (shrinker->runs > SHRINK_RUNS_MAX ||
		scene_run(trial, true, NULL, &result)) {
		return false;
	}
	*shrinker->result = result;
	return true;
}

/* What stands behind the step that went wrong did not contribute. */
static void cut_tail(struct shrinker *shrinker)
{
	if (shrinker->result->at < shrinker->scene->count) {
		shrinker->scene->count = shrinker->result->at + 1;
	}
}

/* A copy of @scene without @count steps from @first on. */
static struct scene copy_without(
	const struct scene *scene, size_t first, size_t count)
{
	struct scene copy = scene_make(&scene->config);

	for (size_t i = 0; i < scene->count; i++) {
		if (i < first || i >= first + count) {
			scene_add(&copy, &scene->step[i]);
		}
	}
	return copy;
}

/* Try the scene without these steps, and keep it so if it still goes wrong. */
static bool leave_away(struct shrinker *shrinker, size_t first, size_t count)
{
	struct scene trial = copy_without(shrinker->scene, first, count);

	if (!is_still_wrong(shrinker, &trial)) {
		scene_free(&trial);
		return false;
	}
	scene_free(shrinker->scene);
	*shrinker->scene = trial;
	cut_tail(shrinker);
	return true;
}

/* One pass from the end, in pieces of @size; whether anything went. */
static bool pass(struct shrinker *shrinker, size_t size)
{
	bool has_shrunk = false;
	size_t first = shrinker->scene->count;

	while (first > 0) {
		first = first > size ? first - size : 0;
		if (first < shrinker->scene->count &&
			leave_away(shrinker, first, size)) {
			has_shrunk = true;
		}
	}
	return has_shrunk;
}

/* Try one word of one step as @value, if that makes it smaller. */
static void try_word(
	struct shrinker *shrinker, size_t step, uint32_t word, uint64_t value)
{
	uint64_t *at = &shrinker->scene->step[step].op.word[word];
	uint64_t old = *at;

	if (value >= old) {
		return;
	}
	*at = value;
	if (!is_still_wrong(shrinker, shrinker->scene)) {
		*at = old;
	}
}

static void simplify(struct shrinker *shrinker)
{
	for (size_t i = 0; i < shrinker->scene->count; i++) {
		for (uint32_t word = 0; word < OP_WORDS; word++) {
			const struct op *op = &shrinker->scene->step[i].op;

			if (op_is_plain(op, word)) {
				try_word(shrinker, i, word, 0);
				try_word(shrinker, i, word, 1);
				try_word(shrinker, i, word, 2);
			}
		}
	}
}

void shrink(struct scene *scene, struct scene_result *result)
{
	struct shrinker shrinker = {scene, result, 0};
	size_t size;

	cut_tail(&shrinker);
	for (size = scene->count / 2; size > 1; size /= 2) {
		(void)pass(&shrinker, size);
	}
	/* Until no single step can go any more. */
	while (pass(&shrinker, 1) && shrinker.runs < SHRINK_RUNS_MAX) {
	}
	simplify(&shrinker);
}
