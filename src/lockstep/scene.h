/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes: a machine, and operations with what they are expected to give, as
 * text. A line is one of
 *
 *     # a comment, also behind anything else
 *     machine cpus|vms|ipa_bits|host_ipa_bits|list_registers NUMBER
 *     machine ram|withheld BASE SIZE    in ascending order; the first "ram"
 *                                       line replaces the default
 *     machine engine PA                 where the engine's memory is
 *     machine page SIZE                 what follows holds only with pages of
 *                                       SIZE bytes
 *     OPERATION [= OUTCOME]             op.h, outcome.h
 *
 * machine lines stand before the first operation. Without any, the machine is
 * shape_make(0). A scene that counts in pages, blocks and tables (op.h) is the
 * same one whatever the granule.
 */
#ifndef MOAT_LOCKSTEP_SCENE_H
#define MOAT_LOCKSTEP_SCENE_H

#include <stdio.h>

#include "lockstep/lockstep.h"
#include "lockstep/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

struct scene_step {
	struct op op;
	struct expectation expectation;
	uint32_t line;
};

struct scene {
	struct moat_config config;
	struct scene_step *step;
	size_t count;
	size_t capacity;
	bool has_ram; /* the scene states its RAM itself */
	uint32_t line; /* where a parse stopped */
	const char *error; /* what is wrong there */
};

/* An empty scene on the machine @config. */
struct scene scene_make(const struct moat_config *config);
void scene_free(struct scene *scene);

/* Ends the process if memory runs out. */
void scene_add(struct scene *scene, const struct scene_step *step);

/**
 * Read a scene. Returns false at the first line that is wrong: @scene->line
 * and @scene->error say which and why.
 */
bool scene_read(struct scene *scene, FILE *file);

/* Write @scene so that scene_read gives it back. */
void scene_write(const struct scene *scene, FILE *file);

/* The difference where there is no machine to run on. */
#define SCENE_NO_MACHINE "moat.h does not allow this machine"

struct scene_result {
	size_t at; /* the step that went wrong; the count, if the end did */
	struct coverage reached;
	char difference[LOCKSTEP_TEXT]; /* empty if all went well */
};

/* Run @scene in lockstep; @trace may be NULL. Returns whether all went well. */
bool scene_run(const struct scene *scene, bool is_thorough, FILE *trace,
	struct scene_result *result);

#ifdef __cplusplus
}
#endif

#endif
