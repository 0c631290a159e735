/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule/script.h"

#include <stdio.h>
#include <stdlib.h>

#include "schedule/scene.h"
#include "stress/machine.h"

enum { SHRINK_ORDERS = 500 };

static const struct scripts *running;

/* ---- Running ----------------------------------------------------------- */

/* Steps of a guest that left its VM by an earlier one are not done, and a host
 * that has entered a VM makes no calls. */
static bool may_do(const struct step *step, uint32_t cpu)
{
	bool is_guest = moat_cpu_context(machine.engine, cpu) != NULL;

	return is_guest == (step->cpu != CPU_ANY_HOST);
}

static void act(uint32_t number)
{
	const struct script *script = &running->of[number];

	for (uint32_t i = 0; i < script->count; i++) {
		const struct step *step = step_at(script->step[i]);

		if (may_do(step, script->cpu)) {
			step_do(step, script->cpu);
		}
	}
}

struct program scripts_program(const struct scripts *scripts)
{
	struct program program = {
		scripts->count, false, scene_restore, act, scene_check};

	running = scripts;
	for (uint32_t i = 0; i < scripts->count; i++) {
		for (uint32_t k = 0; k < scripts->of[i].count; k++) {
			program.has_access |=
				step_at(scripts->of[i].step[k])->kind >=
				STEP_READ;
		}
	}
	return program;
}

/* ---- Text -------------------------------------------------------------- */

/* A number below @end, followed by @after; @text moves behind both. */
static bool read_number(
	const char **text, size_t end, const char *after, size_t *number)
{
	char *rest;

	if (**text < '0' || **text > '9') {
		return false;
	}
	*number = strtoul(*text, &rest, 10);
	*text = *rest == *after ? rest + (*rest != 0) : rest;
	return *number < end && (*rest == *after || *after != ':');
}

static bool may_begin(const struct script *script)
{
	const struct step *step = step_at(script->step[0]);

	return step->cpu == script->cpu ||
	       (step->cpu == CPU_ANY_HOST && script->cpu < HOST_CPUS);
}

static bool read_script(const char **text, struct script *script)
{
	size_t cpu;
	bool good = read_number(text, SCENE_CPUS, ":", &cpu);

	script->cpu = (uint32_t)cpu;
	script->count = 0;
	while (good && **text != 0 && **text != '/') {
		good = script->count < ACTS_MAX &&
		       read_number(text, step_count(), ",",
			       &script->step[script->count]);
		script->count++;
	}
	return good && script->count > 0 && may_begin(script);
}

static bool has_twice(const struct scripts *scripts)
{
	uint32_t seen = 0;
	bool is_twice = false;

	for (uint32_t i = 0; i < scripts->count; i++) {
		is_twice |= (seen >> scripts->of[i].cpu) % 2 == 1;
		seen |= UINT32_C(1) << scripts->of[i].cpu;
	}
	return is_twice;
}

bool scripts_read(const char *text, struct scripts *scripts)
{
	bool good = true;

	scripts->count = 0;
	do {
		good = scripts->count < CPU_MAX &&
		       read_script(&text, &scripts->of[scripts->count]);
		scripts->count++;
		text += *text == '/';
	} while (good && *text != 0);
	return good && !has_twice(scripts);
}

static void print(const struct scripts *scripts)
{
	for (uint32_t i = 0; i < scripts->count; i++) {
		const struct script *script = &scripts->of[i];

		printf("%s%u", i == 0 ? "" : "/", script->cpu);
		for (uint32_t k = 0; k < script->count; k++) {
			printf("%c%zu", k == 0 ? ':' : ',', script->step[k]);
		}
	}
}

void scripts_show(const struct scripts *scripts, const char *order)
{
	for (uint32_t i = 0; i < scripts->count; i++) {
		const struct script *script = &scripts->of[i];

		for (uint32_t k = 0; k < script->count; k++) {
			printf("  %u: CPU %u: %s\n", i, script->cpu,
				step_at(script->step[k])->name);
		}
	}
	printf("  --replay ");
	print(scripts);
	printf(" %s\n", order);
}

/* ---- Shrinking --------------------------------------------------------- */

/* Without step @k of script @i; without the script if it was the only one. */
static struct scripts without(
	const struct scripts *scripts, uint32_t i, uint32_t k)
{
	struct scripts less = *scripts;
	struct script *script = &less.of[i];

	script->count--;
	for (; k < script->count; k++) {
		script->step[k] = script->step[k + 1];
	}
	if (script->count == 0) {
		less.count--;
		for (; i < less.count; i++) {
			less.of[i] = less.of[i + 1];
		}
	}
	return less;
}

static bool fails(const struct scripts *scripts, struct outcome *outcome)
{
	const struct program program = scripts_program(scripts);
	static struct outcome tried;

	schedule_replay(&program, outcome->order, &tried);
	for (uint64_t i = 0; i < SHRINK_ORDERS && tried.failure == NULL; i++) {
		schedule_random(&program, i, &tried);
	}
	if (tried.failure != NULL) {
		*outcome = tried;
	}
	return tried.failure != NULL;
}

/* One step, the first that can go; false if none can. */
static bool shrink_once(struct scripts *scripts, struct outcome *outcome)
{
	for (uint32_t i = 0; i < scripts->count; i++) {
		for (uint32_t k = 0; k < scripts->of[i].count; k++) {
			const struct scripts less = without(scripts, i, k);

			if (less.count > 0 && fails(&less, outcome)) {
				*scripts = less;
				return true;
			}
		}
	}
	return false;
}

void scripts_shrink(struct scripts *scripts, struct outcome *outcome)
{
	while (shrink_once(scripts, outcome)) {
	}
}
