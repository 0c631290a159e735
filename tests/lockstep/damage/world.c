/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/side.h"
#include "model/state.h"

static int failures;

void expect(bool holds, const char *format, ...)
{
	va_list arguments;

	if (holds) {
		return;
	}
	failures++;
	fprintf(stderr, "FAILED: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

int expect_failures(void)
{
	return failures;
}

/* ---- The two sides ----------------------------------------------------- */

static void step(struct world *world, const struct scene_step *step)
{
	struct outcome engine;
	struct outcome model;

	side_model(world->model, &step->op, &model);
	side_engine(world->machine, &step->op, &engine);
	expect(outcome_is_equal(&engine, &model) &&
			outcome_is_expected(&engine, &step->expectation),
		"line %u of the world has another outcome", step->line);
}

static void expect_agreement(struct world *world, uint32_t line)
{
	expect_same(world, ABSTRACT_ALL, "a step of the world");
	expect(made_is_same(world),
		"the state made of the engine is not the model's: line %u",
		line);
}

struct world world_make(const struct scene *scene, bool is_checked)
{
	struct world world = {
		.machine = host_machine_create(&scene->config, NULL)};

	memset(&world.abstract, 0xa5, sizeof(world.abstract));
	if (world.machine) {
		world.m = world.machine->engine;
		world.model = model_create(&world.machine->config);
	}
	if (!world.model ||
		!abstract_init(&world.abstract, world.machine, world.model)) {
		fprintf(stderr, "no world\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < scene->count; i++) {
		step(&world, &scene->step[i]);
		if (is_checked) {
			expect_agreement(&world, scene->step[i].line);
		}
	}
	return world;
}

void world_end(struct world *world)
{
	abstract_free(&world->abstract);
	model_destroy(world->model);
	host_machine_destroy(world->machine);
}

/* ---- Comparing --------------------------------------------------------- */

void expect_same(
	struct world *world, enum abstract_scope scope, const char *what)
{
	expect(abstract_compare(&world->abstract, scope),
		"%s: the sides differ: %s", what, world->abstract.text);
}

void expect_differ(struct world *world, enum abstract_scope scope,
	const char *what, const char *text)
{
	bool is_same = abstract_compare(&world->abstract, scope);

	expect(!is_same, "%s: nobody notices", what);
	expect(is_same || !text || strcmp(world->abstract.text, text) == 0,
		"%s: the difference is\n\t%s\nand should be\n\t%s", what,
		world->abstract.text, text ? text : "");
	/* A walk over what is damaged may have noted it. */
	world->machine->violation = NULL;
}

/* As the engine has it, of which a vCPU that is OFF has no registers: the model
 * keeps those that nobody may look at. */
static struct model *model_without_secrets(const struct model *model)
{
	struct model *copy = model_copy(model);

	for (uint32_t vm = 0; vm < copy->config.vm_count; vm++) {
		for (uint32_t i = 0; i < copy->vms[vm].vcpu_count; i++) {
			struct model_vcpu *vcpu = &copy->vms[vm].vcpus[i];

			if (vcpu->state == MOAT_VCPU_OFF) {
				memset(vcpu->x, 0, sizeof(vcpu->x));
				memset(&vcpu->hardware, 0,
					sizeof(vcpu->hardware));
				vcpu->pc = 0;
				vcpu->pc_is_known = 0;
			}
		}
	}
	return copy;
}

bool made_is_same(const struct world *world)
{
	struct model *made = abstract_make(&world->abstract);
	struct model *model = model_without_secrets(world->model);
	bool is_same = model_is_equal(made, model);

	model_destroy(made);
	model_destroy(model);
	world->machine->violation = NULL;
	return is_same;
}

uint64_t *world_word(const struct world *world, uint64_t pa)
{
	return (uint64_t *)(void *)host_machine_memory(world->machine, pa);
}

/* ---- All --------------------------------------------------------------- */

static struct scene read_scene(const char *path)
{
	const struct moat_config config = shape_make(0);
	struct scene scene = scene_make(&config);
	FILE *file = fopen(path, "r");

	if (!file || !scene_read(&scene, file)) {
		fprintf(stderr, "%s:%u: %s\n", path, scene.line,
			scene.error ? scene.error : "cannot be opened");
		exit(EXIT_FAILURE);
	}
	fclose(file);
	return scene;
}

int main(int argc, char **argv)
{
	struct scene scene = read_scene(argc == 2 ? argv[1] : "");
	struct world world = world_make(&scene, true);

	test_fields(&world);
	test_texts(&world);
	test_maps(&world);
	test_contents(&world);
	test_scopes(&world);
	world_end(&world);
	test_shapes();
	test_rights(&scene);
	scene_free(&scene);
	return expect_failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
