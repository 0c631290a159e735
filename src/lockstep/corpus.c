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

size_t corpus_input(const struct scene *scene, uint8_t *bytes)
{
	uint32_t shape = shape_of(scene);
	size_t size = 1;

	if (shape == SHAPE_COUNT) {
		return 0;
	}
	bytes[0] = (uint8_t)shape;
	for (size_t i = 0; i < scene->count; i++) {
		size += op_to_bytes(&scene->step[i].op, bytes + size);
	}
	return size;
}

bool corpus_write(const struct scene *scene, const char *name)
{
	uint8_t *bytes = malloc(CORPUS_BYTES(scene));
	size_t size = bytes ? corpus_input(scene, bytes) : 0;
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
