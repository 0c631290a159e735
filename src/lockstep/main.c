/* SPDX-License-Identifier: BSD-2-Clause */
/* moat-model: the model from the command line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/check.h"
#include "lockstep/replay.h"
#include "lockstep/scene.h"

enum { EXIT_GOOD = 0, EXIT_DIFFERENCE = 1, EXIT_BAD_FILE = 2 };

enum { DEFAULT_OPS = 100000 };

static const char usage[] =
	"usage: moat-model run [--trace] SCENE...\n"
	"       moat-model check [--seed S] [--ops N]\n"
	"       moat-model replay TRACE\n"
	"\n"
	"run     do the operations of each scene in the engine and in the "
	"model\n"
	"        and compare after each; --trace prints the engine's trace\n"
	"check   the same with random operations; a difference is printed as "
	"the\n"
	"        shortest scene that shows it\n"
	"replay  let the model take the steps of a trace (- for standard "
	"input)\n"
	"        and compare what it answers\n"
	"\n"
	"Exit status: 0 no difference, 1 a difference, 2 a file or an "
	"argument\n"
	"is wrong.\n";

static FILE *open_file(const char *name)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");

	if (!file) {
		perror(name);
	}
	return file;
}

static void close_file(FILE *file)
{
	if (file != stdin) {
		fclose(file);
	}
}

/* ---- run --------------------------------------------------------------- */

static int run_parsed(const struct scene *scene, const char *name, FILE *trace)
{
	struct scene_result result;
	uint32_t line = 0;

	if (scene_run(scene, true, trace, &result)) {
		return EXIT_GOOD;
	}
	if (result.at < scene->count) {
		line = scene->step[result.at].line;
	} else if (scene->count != 0) {
		line = scene->step[scene->count - 1].line;
	}
	fprintf(stderr, "%s:%" PRIu32 ": %s\n", name, line, result.difference);
	return EXIT_DIFFERENCE;
}

static int run_read(const char *name, FILE *file, FILE *trace, size_t *op_count)
{
	struct moat_config config = shape_make(0);
	struct scene scene = scene_make(&config);
	int status = EXIT_BAD_FILE;

	if (scene_read(&scene, file)) {
		status = run_parsed(&scene, name, trace);
		*op_count += scene.count;
	} else {
		fprintf(stderr, "%s:%" PRIu32 ": %s\n", name, scene.line,
			scene.error);
	}
	scene_free(&scene);
	return status;
}

static int run_file(const char *name, FILE *trace, size_t *op_count)
{
	FILE *file = open_file(name);
	int status = EXIT_BAD_FILE;

	if (file) {
		status = run_read(name, file, trace, op_count);
		close_file(file);
	}
	return status;
}

/* All of them, though one goes wrong; the worst status is what it ends with. */
static int run_all(int count, char **names, FILE *trace)
{
	size_t op_count = 0;
	int worst = EXIT_GOOD;

	for (int i = 0; i < count; i++) {
		int status = run_file(names[i], trace, &op_count);

		worst = status > worst ? status : worst;
	}
	if (worst == EXIT_GOOD) {
		printf("run: %d scenes, %zu operations, 0 differences\n", count,
			op_count);
	}
	return worst;
}

static int run(int count, char **names)
{
	bool is_traced = count > 0 && strcmp(names[0], "--trace") == 0;

	if (count - is_traced <= 0) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	return run_all(count - is_traced, names + is_traced,
		is_traced ? stdout : NULL);
}

/* ---- check, replay ----------------------------------------------------- */

/* One option and its number; false if it is none of ours. */
static bool parse_option(
	const char *name, const char *text, uint64_t *seed, uint64_t *ops)
{
	const struct op_symbols none = {NULL, 0};

	if (strcmp(name, "--seed") == 0) {
		return op_parse_number(text, &none, seed);
	}
	return strcmp(name, "--ops") == 0 && op_parse_number(text, &none, ops);
}

static int check(int count, char **arguments)
{
	uint64_t seed = 1;
	uint64_t ops = DEFAULT_OPS;

	for (int i = 0; i < count; i += 2) {
		if (i + 1 == count || !parse_option(arguments[i],
					      arguments[i + 1], &seed, &ops)) {
			fputs(usage, stderr);
			return EXIT_BAD_FILE;
		}
	}
	return check_random(seed, ops);
}

static int replay_file(int count, char **names)
{
	FILE *file;
	int status;

	if (count != 1) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	file = open_file(names[0]);
	if (!file) {
		return EXIT_BAD_FILE;
	}
	status = replay(file, names[0]);
	close_file(file);
	return status;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (strcmp(command, "run") == 0) {
		return run(argc - 2, argv + 2);
	}
	if (strcmp(command, "check") == 0) {
		return check(argc - 2, argv + 2);
	}
	if (strcmp(command, "replay") == 0) {
		return replay_file(argc - 2, argv + 2);
	}
	if (strcmp(command, "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_GOOD;
	}
	fputs(usage, stderr);
	return EXIT_BAD_FILE;
}
