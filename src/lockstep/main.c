/* SPDX-License-Identifier: BSD-2-Clause */
/* moat-model: the model from the command line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch-host/machine.h"
#include "explore/explore.h"
#include "lockstep/check.h"
#include "lockstep/corpus.h"
#include "lockstep/replay.h"
#include "lockstep/scene.h"
#include "lockstep/show.h"
#include "lockstep/watched.h"
#include "lockstep/shrink.h"

enum { EXIT_GOOD = 0, EXIT_DIFFERENCE = 1, EXIT_BAD_FILE = 2 };

enum { DEFAULT_OPS = 100000, PATH_BYTES = 4096 };

static const char usage[] =
	"usage: moat-model run [--trace|--watch] SCENE...\n"
	"       moat-model check [--trace] [--trusted] [--seed S] [--ops N]\n"
	"                  [--invariants N]\n"
	"       moat-model coverage [--seed S] [--ops N] [SCENE...]\n"
	"       moat-model corpus [--registers] FOLDER SCENE...\n"
	"       moat-model scene [--registers] [--shortest] INPUT\n"
	"       moat-model replay TRACE\n"
	"       moat-model monitor WATCHED\n"
	"       moat-model explore --scope NAME [OPTION]...\n"
	"       moat-model show SCENE|TRACE --svg FILE\n"
	"\n"
	"run     do the operations of each scene in the engine and in the "
	"model\n"
	"        and compare after each; --trace prints the engine's trace,\n"
	"        --watch also what its port does to tables\n"
	"check   the same with random operations; a difference is printed as "
	"the\n"
	"        shortest scene that shows it; with --trusted no rule is asked "
	"for:\n"
	"        what is wrong has to show by what an agent sees; with\n"
	"        --invariants they are checked every N steps, not at each\n"
	"coverage\n"
	"        do the scenes or, without any, what check does, and print "
	"what "
	"of\n"
	"        all that the manual lists was not reached\n"
	"corpus  write the scenes to files there, as inputs of the fuzzer; "
	"with\n"
	"        --registers of the one for registers\n"
	"scene   print such an input as a scene; the shortest that goes wrong\n"
	"replay  let the model take the steps of a trace (- for standard "
	"input)\n"
	"        and compare what it answers\n"
	"monitor judge what a port did to tables (- for standard input)\n"
	"explore visit every reachable state of a small machine; without an "
	"option\n"
	"        it says which it has\n"
	"show    draw who owns which page over time; a scene ends in .scene\n"
	"\n"
	"Exit status: 0 no difference, 1 a difference or something not "
	"reached, 2 a\n"
	"file or an argument is wrong.\n";

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

/* What a run of scenes is about. */
struct run {
	FILE *trace; /* or NULL */
	const char *corpus; /* only write inputs to this folder, unless NULL */
	enum corpus_form form; /* of those */
	size_t op_count;
	struct coverage reached;
};

static int run_parsed(
	const struct scene *scene, const char *name, struct run *run)
{
	struct scene_result result;
	uint32_t line = 0;

	if (scene_run(scene, true, run->trace, &result)) {
		coverage_add(&run->reached, &result.reached);
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

/* The input gets the name of the scene's file. */
static int write_input(
	const struct scene *scene, const char *name, const struct run *run)
{
	const char *slash = strrchr(name, '/');
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", run->corpus,
		slash ? slash + 1 : name);
	if (!corpus_write(scene, run->form, path)) {
		perror(path);
		return EXIT_BAD_FILE;
	}
	return EXIT_GOOD;
}

static int run_read(const char *name, FILE *file, struct run *run)
{
	struct moat_config config = shape_make(0);
	struct scene scene = scene_make(&config);
	int status = EXIT_BAD_FILE;

	if (scene_read(&scene, file)) {
		status = run->corpus ? write_input(&scene, name, run)
				     : run_parsed(&scene, name, run);
		run->op_count += scene.count;
	} else {
		fprintf(stderr, "%s:%" PRIu32 ": %s\n", name, scene.line,
			scene.error);
	}
	scene_free(&scene);
	return status;
}

static int run_file(const char *name, struct run *run)
{
	FILE *file = open_file(name);
	int status = EXIT_BAD_FILE;

	if (file) {
		status = run_read(name, file, run);
		close_file(file);
	}
	return status;
}

/* All of them, though one goes wrong; the worst status is what it ends with. */
static int run_files(int count, char **names, struct run *run)
{
	int worst = EXIT_GOOD;

	for (int i = 0; i < count; i++) {
		int status = run_file(names[i], run);

		worst = status > worst ? status : worst;
	}
	return worst;
}

static int run(int count, char **names)
{
	bool is_watched = count > 0 && strcmp(names[0], "--watch") == 0;
	bool is_traced =
		is_watched || (count > 0 && strcmp(names[0], "--trace") == 0);
	struct run run = {.trace = is_traced ? stdout : NULL};
	int status;

	if (count - is_traced <= 0) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	host_machine_trace_watch(is_watched);
	status = run_files(count - is_traced, names + is_traced, &run);
	if (status == EXIT_GOOD) {
		printf("run: %d scenes, %zu operations, 0 differences\n",
			count - is_traced, run.op_count);
	}
	return status;
}

/* ---- check, coverage, corpus, replay ----------------------------------- */

/* One option and its number; false if it is none of ours. */
static bool parse_option(
	const char *name, const char *text, struct check_options *options)
{
	const struct op_symbols none = {NULL, 0};
	uint64_t number;

	if (!op_parse_number(text, &none, &number)) {
		return false;
	}
	if (strcmp(name, "--seed") == 0) {
		options->seed = number;
	} else if (strcmp(name, "--ops") == 0) {
		options->op_count = number;
	} else if (strcmp(name, "--invariants") == 0 && number != 0 &&
		   number <= UINT32_MAX) {
		options->invariants_every = (uint32_t)number;
	} else {
		return false;
	}
	return true;
}

/* Read options up to the first other word. Returns how many words they are, or
 * -1 if one is wrong. */
static int parse_options(
	int count, char **arguments, struct check_options *options)
{
	int i = 0;

	for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
		if (strcmp(arguments[i], "--trace") == 0) {
			options->trace = stdout;
		} else if (strcmp(arguments[i], "--trusted") == 0) {
			host_machine_trust(true);
		} else if (++i == count || !parse_option(arguments[i - 1],
						   arguments[i], options)) {
			return -1;
		}
	}
	return i;
}

static int check(int count, char **arguments)
{
	struct check_options options = {
		.seed = 1, .op_count = DEFAULT_OPS, .invariants_every = 1};

	if (parse_options(count, arguments, &options) != count) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	return check_random(&options);
}

static int coverage(int count, char **arguments)
{
	struct run run = {.trace = NULL};
	struct check_options options = {.seed = 1,
		.op_count = DEFAULT_OPS,
		.invariants_every = 1,
		.reached = &run.reached};
	int used = parse_options(count, arguments, &options);
	int status;

	if (used < 0) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	status = used < count ? run_files(count - used, arguments + used, &run)
			      : check_random(&options);
	if (status != EXIT_GOOD) {
		return status;
	}
	return coverage_print_missing(&run.reached, stdout) == 0
		       ? EXIT_GOOD
		       : EXIT_DIFFERENCE;
}

/* Whether the first of @arguments is @option, which is then taken. */
static bool take_option(int *count, char ***arguments, const char *option)
{
	bool is_there = *count > 0 && strcmp(**arguments, option) == 0;

	*count -= is_there;
	*arguments += is_there;
	return is_there;
}

static int corpus(int count, char **names)
{
	struct run run = {.corpus = NULL};

	if (take_option(&count, &names, "--registers")) {
		run.form = CORPUS_REGISTERS;
	}
	if (count < 2) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	run.corpus = names[0];
	return run_files(count - 1, names + 1, &run);
}

/* Print what is left of @scene once it is as short as may be. */
static int print_scene(struct scene *scene, bool is_shortest)
{
	struct scene_result result;
	int status = EXIT_GOOD;

	if (is_shortest && !scene_run(scene, true, NULL, &result)) {
		shrink(scene, &result);
		printf("# step %zu: %s\n", result.at + 1, result.difference);
		status = EXIT_DIFFERENCE;
	}
	scene_write(scene, stdout);
	return status;
}

static int scene_of_input(int count, char **names)
{
	bool is_raw = take_option(&count, &names, "--registers");
	bool is_shortest = take_option(&count, &names, "--shortest");
	FILE *file = count == 1 ? open_file(names[0]) : NULL;
	uint8_t *bytes = file ? malloc(CORPUS_INPUT_MAX) : NULL;
	size_t size = bytes ? fread(bytes, 1, CORPUS_INPUT_MAX, file) : 0;
	struct scene scene;
	int status = EXIT_BAD_FILE;

	if (size > 0) {
		scene = corpus_scene(is_raw ? CORPUS_REGISTERS : CORPUS_GRAMMAR,
			bytes, size);
		status = print_scene(&scene, is_shortest);
		scene_free(&scene);
	} else if (count == 1) {
		fprintf(stderr, "%s: not an input\n", names[0]);
	} else {
		fputs(usage, stderr);
	}
	free(bytes);
	if (file) {
		close_file(file);
	}
	return status;
}

/* Judge the one file named, a trace. */
static int judge_file(
	int count, char **names, int (*judge)(FILE *file, const char *name))
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
	status = judge(file, names[0]);
	close_file(file);
	return status;
}

/* ---- show -------------------------------------------------------------- */

/* The steps of a scene, up to a difference, become a trace. */
static int trace_scene(const char *name, FILE *trace)
{
	struct run run = {.trace = trace};
	int status = run_file(name, &run);

	rewind(trace);
	return status;
}

static int show_to(const char *name, const char *svg_name)
{
	size_t length = strlen(name);
	bool is_scene = length > 6 && strcmp(name + length - 6, ".scene") == 0;
	FILE *file = is_scene ? tmpfile() : open_file(name);
	FILE *svg = fopen(svg_name, "w");
	int status = file && is_scene ? trace_scene(name, file) : EXIT_GOOD;
	int shown = EXIT_BAD_FILE;

	if (!svg) {
		perror(svg_name);
	}
	if (file && svg && status != EXIT_BAD_FILE) {
		shown = show(file, name, svg);
	}
	if (file) {
		close_file(file);
	}
	if (svg) {
		fclose(svg);
	}
	return shown > status ? shown : status;
}

static int show_file(int count, char **names)
{
	if (count != 3 || strcmp(names[1], "--svg") != 0) {
		fputs(usage, stderr);
		return EXIT_BAD_FILE;
	}
	return show_to(names[0], names[2]);
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
	if (strcmp(command, "coverage") == 0) {
		return coverage(argc - 2, argv + 2);
	}
	if (strcmp(command, "corpus") == 0) {
		return corpus(argc - 2, argv + 2);
	}
	if (strcmp(command, "scene") == 0) {
		return scene_of_input(argc - 2, argv + 2);
	}
	if (strcmp(command, "replay") == 0) {
		return judge_file(argc - 2, argv + 2, replay);
	}
	if (strcmp(command, "monitor") == 0) {
		return judge_file(argc - 2, argv + 2, watched);
	}
	if (strcmp(command, "show") == 0) {
		return show_file(argc - 2, argv + 2);
	}
	if (strcmp(command, "explore") == 0) {
		return explore_command(argc - 2, argv + 2);
	}
	if (strcmp(command, "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_GOOD;
	}
	fputs(usage, stderr);
	return EXIT_BAD_FILE;
}
