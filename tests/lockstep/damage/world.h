/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of world.scene, reached by engine and model, and one thing of it
 * damaged behind the comparer's back: it must say so, in these words, and agree
 * again as soon as the damage is undone.
 */
#ifndef MOAT_TESTS_LOCKSTEP_DAMAGE_WORLD_H
#define MOAT_TESTS_LOCKSTEP_DAMAGE_WORLD_H

#include "lockstep/abstract.h"
#include "lockstep/scene.h"

#define RAM UINT64_C(0x40000000)

struct world {
	struct host_machine *machine;
	struct moat *m;
	struct model *model;
	struct abstract abstract;
};

/* Whatever was expected and is not so, printed as it was noticed. */
__attribute__((format(printf, 2, 3))) void expect(
	bool holds, const char *format, ...);
int expect_failures(void);

/* Step both sides through @scene; whether all must agree after each step. */
struct world world_make(const struct scene *scene, bool is_checked);
void world_end(struct world *world);

/* The sides agree in all that @scope covers. */
void expect_same(
	struct world *world, enum abstract_scope scope, const char *what);

/* They differ, and the comparer says @text; NULL: whatever it says. */
void expect_differ(struct world *world, enum abstract_scope scope,
	const char *what, const char *text);

/* Whether the state that is made of the engine alone is the model's. */
bool made_is_same(const struct world *world);

/* The word of memory at @pa, tables and contexts included. */
uint64_t *world_word(const struct world *world, uint64_t pa);

/* The parts of the test. */
void test_fields(struct world *world);
void test_texts(struct world *world);
void test_maps(struct world *world);
void test_contents(struct world *world);
void test_scopes(struct world *world);
void test_shapes(void);
void test_rights(const struct scene *scene);

#endif
