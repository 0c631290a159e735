/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer of what reads scenes: a text is refused with a line and a reason,
 * or is a scene that can be written, read again and is then the same. A small
 * machine that a scene states is one for both sides or for neither, and its
 * operations are done in lockstep.
 */
#include <stdlib.h>
#include <string.h>

#include "lockstep/scene.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
	/* What is larger takes too long to make. */
	RAM_MAX = 16 * 1024 * 1024,
	IPA_BITS_MAX = 36,
	STEPS_MAX = 64
};

static void fail(const struct scene *scene, const char *what)
{
	fprintf(stderr, "# %s\n", what);
	scene_write(scene, stderr);
	abort();
}

/* A text that is to be closed, and freed. */
struct text {
	char *bytes;
	size_t size;
};

static struct text write_text(const struct scene *scene)
{
	struct text text = {NULL, 0};
	FILE *file = open_memstream(&text.bytes, &text.size);

	if (!file) {
		abort();
	}
	scene_write(scene, file);
	fclose(file);
	return text;
}

/* Returns whether it is a scene. */
static bool read_text(struct scene *scene, const void *bytes, size_t size)
{
	FILE *file = fmemopen(NULL, size + 1, "w+");
	struct moat_config config = shape_make(0);
	bool is_scene;

	if (!file || fwrite(bytes, 1, size, file) != size) {
		abort();
	}
	rewind(file);
	*scene = scene_make(&config);
	is_scene = scene_read(scene, file);
	fclose(file);
	if (!is_scene && (!scene->error || scene->line == 0)) {
		fail(scene, "refused without a reason or a line");
	}
	return is_scene;
}

static bool is_equal(const struct scene *a, const struct scene *b)
{
	bool equal = a->count == b->count &&
		     memcmp(&a->config, &b->config, sizeof(a->config)) == 0;

	for (size_t i = 0; equal && i < a->count; i++) {
		const struct scene_step *left = &a->step[i];
		const struct scene_step *right = &b->step[i];

		equal = left->op.kind == right->op.kind &&
			left->op.cpu == right->op.cpu &&
			memcmp(left->op.word, right->op.word,
				sizeof(left->op.word)) == 0 &&
			left->expectation.is_stated ==
				right->expectation.is_stated;
	}
	return equal;
}

/* What was written is read as the same scene. */
static void check_written(const struct scene *scene)
{
	struct text text = write_text(scene);
	struct scene again;

	if (!read_text(&again, text.bytes, text.size)) {
		fail(scene, again.error);
	}
	if (!is_equal(scene, &again)) {
		fail(scene, "written, and read as another scene");
	}
	scene_free(&again);
	free(text.bytes);
}

static bool is_small(const struct scene *scene)
{
	const struct moat_config *config = &scene->config;
	uint64_t size = 0;

	for (uint32_t i = 0; i < config->ram_count; i++) {
		if (config->ram[i].size > RAM_MAX) {
			return false;
		}
		size += config->ram[i].size;
	}
	return size <= RAM_MAX && config->host_ipa_bits <= IPA_BITS_MAX &&
	       scene->count <= STEPS_MAX;
}

/* A configuration is one for both sides, or for neither. */
static void check_machine(const struct scene *scene)
{
	bool is_allowed = model_config_check(&scene->config) == NULL;

	if ((moat_size(&scene->config) != 0) != is_allowed) {
		fail(scene, is_allowed ? "a machine that only the model allows"
				       : "a machine that the model refuses");
	}
}

/* The scene without what it expects, which need not be true. */
static void check_run(struct scene *scene)
{
	struct scene_result result;

	for (size_t i = 0; i < scene->count; i++) {
		scene->step[i].expectation.is_stated = false;
	}
	if (!scene_run(scene, false, NULL, &result) &&
		strcmp(result.difference, SCENE_NO_MACHINE) != 0) {
		fail(scene, result.difference);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct scene scene;

	if (read_text(&scene, bytes, size)) {
		check_written(&scene);
		check_machine(&scene);
		if (is_small(&scene)) {
			check_run(&scene);
		}
	}
	scene_free(&scene);
	return 0;
}
