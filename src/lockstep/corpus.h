/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes as inputs of the fuzzer: what people thought of is where it begins.
 */
#ifndef MOAT_LOCKSTEP_CORPUS_H
#define MOAT_LOCKSTEP_CORPUS_H

#include "lockstep/scene.h"

/* Bytes that the input of a scene may take. */
#define CORPUS_BYTES(scene) (1 + (scene)->count * OP_BYTES)

/**
 * The input that does the operations of @scene, or nearly, in @bytes, which has
 * CORPUS_BYTES(@scene).
 *
 * Returns its size; 0 if the scene has a machine of its own, which inputs
 * cannot say.
 */
size_t corpus_input(const struct scene *scene, uint8_t *bytes);

/* Write it to the file @name, if there is one. Returns false on an error. */
bool corpus_write(const struct scene *scene, const char *name);

#endif
