/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes as inputs of the fuzzers, and inputs as scenes: what people thought of
 * is where a campaign begins, and what it finds is for people to read.
 *
 * An input is a byte that picks the machine (shape.h), then operations.
 */
#ifndef MOAT_LOCKSTEP_CORPUS_H
#define MOAT_LOCKSTEP_CORPUS_H

#include "lockstep/scene.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an input has its operations. */
enum corpus_form {
	CORPUS_GRAMMAR, /* op_from_bytes */
	CORPUS_REGISTERS /* op_from_registers */
};

/* Of one input: what is behind them is not read, so that a long input cannot
 * pass for a slow engine. */
enum {
	CORPUS_OPS_MAX = 256,
	CORPUS_INPUT_MAX = 1 + CORPUS_OPS_MAX * OP_BYTES /* bytes */
};

/**
 * Read the operations of an input, of at least one byte.
 *
 * Returns how many of them there are in @ops.
 */
size_t corpus_read(struct op ops[CORPUS_OPS_MAX], enum corpus_form form,
	const uint8_t *bytes, size_t size);

/* The scene of an input. */
struct scene corpus_scene(
	enum corpus_form form, const uint8_t *bytes, size_t size);

/* Bytes that the input of a scene may take. */
#define CORPUS_BYTES(scene) (1 + (scene)->count * OP_BYTES)

/**
 * The input that does the operations of @scene, or nearly, in @bytes, which has
 * CORPUS_BYTES(@scene); what @form cannot say is left out.
 *
 * Returns its size; 0 if the scene has a machine of its own, which inputs
 * cannot say.
 */
size_t corpus_input(
	const struct scene *scene, enum corpus_form form, uint8_t *bytes);

/* Write it to the file @name, if there is one. Returns false on an error. */
bool corpus_write(
	const struct scene *scene, enum corpus_form form, const char *name);

#ifdef __cplusplus
}
#endif

#endif
