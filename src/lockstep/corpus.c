/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/corpus.h"

#include <stdlib.h>
#include <string.h>

/* The machine of shape.h that the scene has, or SHAPE_COUNT. */
static uint32_t shape_of(const struct scene *scene)
{
	uint32_t index = 0;

	for (; index < SHAPE_COUNT; index++) {
		struct moat_config config = shape_make(index);

		if (memcmp(&config, &scene->config, sizeof(config)) == 0) {
			break;
		}
	}
	return index;
}

size_t corpus_input(
	const struct scene *scene, enum corpus_form form, uint8_t *bytes)
{
	uint32_t shape = shape_of(scene);
	size_t size = 1;

	if (shape == SHAPE_COUNT) {
		return 0;
	}
	bytes[0] = (uint8_t)shape;
	for (size_t i = 0; i < scene->count; i++) {
		const struct op *op = &scene->step[i].op;

		size += form == CORPUS_GRAMMAR
				? op_to_bytes(op, bytes + size)
				: op_to_registers(op, bytes + size);
	}
	return size;
}

bool corpus_write(
	const struct scene *scene, enum corpus_form form, const char *name)
{
	uint8_t *bytes = malloc(CORPUS_BYTES(scene));
	size_t size = bytes ? corpus_input(scene, form, bytes) : 0;
	FILE *file = size == 0 ? NULL : fopen(name, "wb");
	bool is_good =
		size == 0 || (file && fwrite(bytes, 1, size, file) == size);

	if (file) {
		is_good = fclose(file) == 0 && is_good;
	}
	is_good = is_good && bytes;
	free(bytes);
	return is_good;
}

size_t corpus_read(struct op ops[CORPUS_OPS_MAX], enum corpus_form form,
	const uint8_t *bytes, size_t size)
{
	size_t used = 1;
	size_t count = 0;

	while (used < size && count < CORPUS_OPS_MAX) {
		used += form == CORPUS_GRAMMAR
				? op_from_bytes(&ops[count], bytes + used,
					  size - used)
				: op_from_registers(&ops[count], bytes + used,
					  size - used);
		count++;
	}
	return count;
}

struct scene corpus_scene(
	enum corpus_form form, const uint8_t *bytes, size_t size)
{
	struct moat_config config = shape_make(bytes[0]);
	struct scene scene = scene_make(&config);
	struct op ops[CORPUS_OPS_MAX];
	size_t count = corpus_read(ops, form, bytes, size);

	for (size_t i = 0; i < count; i++) {
		struct scene_step step = {.op = ops[i]};

		scene_add(&scene, &step);
	}
	return scene;
}
