/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/explore.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch-host/machine.h"
#include "explore/search.h"
#include "lockstep/scene.h"

enum { EXIT_ALL = 0, EXIT_FOUND = 1, EXIT_WRONG = 2 };

enum {
	JOBS_MAX = 64,
	STATES_DEFAULT = 4000000,
	CLASSES_DEFAULT = 1 << 23 /* slots, 40 bytes each */
};

#define PROGRESS_SECONDS 2.0

static const char usage_text[] =
	"usage: moat-model explore --scope NAME [--jobs N] [--views|--leaks]\n"
	"                          [--names] [--states N] [--classes N]\n"
	"                          [--trusted] [--file FILE]\n"
	"       moat-model explore --list\n"
	"\n"
	"Visits every reachable state of a small machine, does there all that\n"
	"can be done, in the engine and in the model, and compares.\n"
	"\n"
	"--jobs    processes; as many as there are CPUs if it is left away\n"
	"--leaks   as --views, but views of what the engine's memory says, "
	"and\n"
	"          engine and model need not agree: a leak shows by itself\n"
	"--views   one view and one visible action lead to one view and "
	"answer,\n"
	"          for the host and for each VM; as --names\n"
	"--names   states that differ in names of pages, VMs and CPUs are "
	"many\n"
	"--states  how many states there is room for\n"
	"--classes how many classes of steps there is room for\n"
	"--trusted no rule is asked for; what a missing invalidation leaves "
	"in\n"
	"          TLBs stays there, and has to show by what an agent sees\n"
	"--file    keep the states there, and go on from what is there\n"
	"\n"
	"Exit status: 0 all states are good, 1 something was found, 2 an\n"
	"argument is wrong or there is no room for all states.\n";

struct options {
	const struct scope *scope;
	const char *file;
	uint64_t jobs;
	uint64_t states;
	uint64_t classes;
	bool has_views;
	bool has_names;
	bool is_lenient;
};

struct run {
	struct search search;
	const struct options *options;
	pid_t job[JOBS_MAX];
	double started;
	double reported;
	uint64_t states_before; /* in the file that this run goes on from */
	uint64_t transitions_before;
	uint64_t concrete_before;
};

static double now(void)
{
	struct timespec time;

	timespec_get(&time, TIME_UTC);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- Progress ---------------------------------------------------------- */

/* How far the level is, and by its rate so far how long it takes. */
static void report_progress(struct run *run, double level_started)
{
	const struct store_header *header = run->search.store.header;
	double time = now();
	double width = (double)(header->level_end - header->level_first);
	double done = (double)header->cursor - (double)header->level_first;
	double left =
		done > 0 ? (time - level_started) * (width - done) / done : 0;

	if (time - run->reported < PROGRESS_SECONDS) {
		return;
	}
	run->reported = time;
	fprintf(stderr,
		"explore: depth %u, %.0f %% of its %.0f states, %.0f s to go; "
		"%llu states, %.0f a second\n",
		header->depth, width > 0 ? 100 * done / width : 100, width,
		left > 0 ? left : 0, header->count,
		(double)header->count / (time - run->started));
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)usage->ru_utime.tv_sec +
	       (double)usage->ru_utime.tv_usec / 1e6 +
	       (double)usage->ru_stime.tv_sec +
	       (double)usage->ru_stime.tv_usec / 1e6;
}

/* Processes are counted by the CPU time of all that have ended. */
static void report_end(const struct run *run)
{
	const struct store_header *header = run->search.store.header;
	uint64_t states = header->count - header->duplicates;
	double new_states = (double)(header->count - run->states_before);
	double new_transitions =
		(double)(header->transitions - run->transitions_before);
	struct rusage usage;
	double cpu;

	getrusage(RUSAGE_CHILDREN, &usage);
	cpu = cpu_seconds(&usage);
	cpu = cpu > 0 ? cpu : 1;
	printf("explore: scope %s: %" PRIu64 " states for %llu, %llu "
	       "transitions (%llu change the state), depth %u, %.1f s, %.1f s "
	       "of CPU, %" PRIu64 " KiB of states\n",
		run->options->scope->name, states, header->concrete,
		header->transitions, header->changes, header->depth,
		now() - run->started, cpu,
		states * (sizeof(struct node) + 2 * sizeof(unsigned)) / 1024);
	printf("explore: a second of a CPU: %.0f canonical states, %.0f "
	       "concrete states, %.0f transitions\n",
		new_states / cpu,
		(double)(header->concrete - run->concrete_before) / cpu,
		new_transitions / cpu);
	if (run->search.classes.slot) {
		printf("explore: views: %llu steps seen by %u observers in "
		       "%llu classes, 0 conflicts\n",
			run->search.classes.count[1],
			1 + run->options->scope->vms,
			run->search.classes.count[0]);
	}
}

/* ---- Findings ---------------------------------------------------------- */

/* One scene; and whether it goes wrong when it is run by itself. */
static void report_scene(const struct run *run, uint32_t index)
{
	const struct finding *finding = &run->search.store.header->finding;
	struct moat_config config = scope_config(run->options->scope);
	struct scene scene = scene_make(&config);
	struct scene_result result;

	search_scene(&run->search, finding->node[index], finding->action[index],
		&scene);
	if (scene_run(&scene, true, NULL, &result)) {
		printf("# by itself, this scene has no difference\n");
	} else {
		printf("# by itself, this scene ends with: %s\n",
			result.difference);
	}
	scene_write(&scene, stdout);
	scene_free(&scene);
}

static void report_finding(const struct run *run)
{
	const struct finding *finding = &run->search.store.header->finding;

	printf("# scope %s, depth %u: %s\n", run->options->scope->name,
		run->search.store.header->depth, finding->text);
	for (uint32_t i = 0; i < finding->count; i++) {
		if (finding->count > 1) {
			printf("# %s of two\n",
				i == 0 ? "the first" : "the second");
		}
		report_scene(run, i);
	}
}

/* ---- Processes --------------------------------------------------------- */

/* One that ends badly ends all of this: the engine panicked, most likely. */
static void start_job(struct run *run, pid_t *job)
{
	fflush(NULL);
	*job = fork();
	if (*job == 0) {
		/* Or it would write to a file that another run goes on from. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		search_work(&run->search);
		_exit(EXIT_ALL);
	}
	if (*job < 0) {
		perror("fork");
		exit(EXIT_WRONG);
	}
}

static void start_jobs(struct run *run)
{
	for (uint64_t i = 0; i < run->options->jobs; i++) {
		start_job(run, &run->job[i]);
	}
}

static void end_job(pid_t job, int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_ALL) {
		fprintf(stderr, "explore: process %d ended badly\n", (int)job);
		exit(WIFEXITED(status) ? EXIT_WRONG : EXIT_FOUND);
	}
}

static void end_jobs(struct run *run)
{
	struct store_header *header = run->search.store.header;
	int status;

	header->is_over = 1;
	header->turn++;
	for (uint64_t i = 0; i < run->options->jobs; i++) {
		if (waitpid(run->job[i], &status, 0) == run->job[i]) {
			end_job(run->job[i], status);
		}
	}
}

/* Until all have done their part of the level; and tell how they get on. */
static void wait_jobs(struct run *run)
{
	const struct timespec pause = {0, SEARCH_POLL_NANOSECONDS};
	const struct store_header *header = run->search.store.header;
	double started = now();

	while (header->waiting < run->options->jobs) {
		int status;
		pid_t job = waitpid(-1, &status, WNOHANG);

		if (job > 0) {
			end_job(job, status);
		}
		nanosleep(&pause, NULL);
		report_progress(run, started);
	}
}

/* The next level is what this one found. */
static bool next_level(struct store_header *header)
{
	header->level_first = header->level_end;
	header->level_end = header->count;
	header->cursor = header->level_first;
	if (header->level_first == header->level_end) {
		return false;
	}
	header->depth++;
	header->waiting = 0;
	header->turn++;
	return true;
}

static int search_all(struct run *run)
{
	struct store_header *header = run->search.store.header;

	if (header->count == 0) {
		search_begin(&run->search);
		header->level_end = header->count;
	}
	start_jobs(run);
	do {
		wait_jobs(run);
	} while (!header->finding.is_claimed && !header->is_full &&
		 next_level(header));
	end_jobs(run);
	if (header->finding.is_claimed) {
		report_finding(run);
		return EXIT_FOUND;
	}
	if (header->is_full) {
		fprintf(stderr,
			"explore: more than %" PRIu64 " states; see --states\n",
			header->capacity);
		return EXIT_WRONG;
	}
	report_end(run);
	return EXIT_ALL;
}

static int explore(const struct options *options)
{
	struct run run = {.options = options, .started = now()};
	int status;

	run.reported = run.started;
	run.search.scope = options->scope;
	run.search.is_lenient = options->is_lenient;
	run.search.is_symmetric = !options->has_names;
	run.search.store = store_open(options->scope, options->states,
		run.search.is_symmetric, options->file);
	run.states_before = run.search.store.header->count;
	run.transitions_before = run.search.store.header->transitions;
	run.concrete_before = run.search.store.header->concrete;
	if (options->has_views) {
		run.search.classes = classes_open(options->classes);
	}
	status = search_all(&run);
	classes_close(&run.search.classes);
	store_close(&run.search.store);
	return status;
}

/* ---- Arguments --------------------------------------------------------- */

static int list_scopes(void)
{
	const struct scope *scope;

	for (size_t i = 0; (scope = scope_at(i)) != NULL; i++) {
		printf("%-10s %u VM of %u vCPU, %u CPU, %u-bit IPA, %u + %u "
		       "pages, %u "
		       "protected and %u shared addresses%s%s\n",
			scope->name, scope->vms, scope->vcpus, scope->cpus,
			scope->ipa_bits, scope->roots * scope_root_pages(scope),
			scope->loose, scope->private_pages, scope->shared_pages,
			scope->has_all_traps ? ", all exits" : "",
			scope->is_uniform ? ", any page a root" : "");
	}
	return EXIT_ALL;
}

/* An option with a value; false if it is none. */
static bool parse_value(
	struct options *options, const char *name, const char *value)
{
	const struct op_symbols none = {NULL, 0};

	if (strcmp(name, "--scope") == 0) {
		options->scope = scope_find(value);
		return options->scope != NULL;
	}
	if (strcmp(name, "--file") == 0) {
		options->file = value;
		return true;
	}
	if (strcmp(name, "--jobs") == 0) {
		return op_parse_number(value, &none, &options->jobs) &&
		       options->jobs > 0 && options->jobs <= JOBS_MAX;
	}
	if (strcmp(name, "--classes") == 0) {
		return op_parse_number(value, &none, &options->classes) &&
		       options->classes > 0 && options->classes < UINT32_MAX;
	}
	return strcmp(name, "--states") == 0 &&
	       op_parse_number(value, &none, &options->states) &&
	       options->states < UINT32_MAX / 2;
}

/* An option without a value; false if it is none. */
static bool parse_flag(struct options *options, const char *name)
{
	bool is_leaks = strcmp(name, "--leaks") == 0;

	if (strcmp(name, "--trusted") == 0) {
		host_machine_trust(true);
		return true;
	}
	if (is_leaks || strcmp(name, "--views") == 0) {
		options->is_lenient = is_leaks;
		options->has_views = true;
	} else if (strcmp(name, "--names") != 0) {
		return false;
	}
	options->has_names = true;
	return true;
}

static bool parse_all(struct options *options, int count, char **word)
{
	for (int i = 0; i < count; i++) {
		if (parse_flag(options, word[i])) {
			continue;
		}
		if (i + 1 == count ||
			!parse_value(options, word[i], word[i + 1])) {
			return false;
		}
		i++;
	}
	/* Classes are in no file, so a search cannot go on with them. */
	return options->scope && !(options->has_views && options->file);
}

int explore_command(int count, char **arguments)
{
	struct options options = {
		.states = STATES_DEFAULT, .classes = CLASSES_DEFAULT};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	options.jobs = 1;
	if (cpus > 1) {
		options.jobs = (uint64_t)cpus;
	}
	if (options.jobs > JOBS_MAX) {
		options.jobs = JOBS_MAX;
	}
	if (count == 1 && strcmp(arguments[0], "--list") == 0) {
		return list_scopes();
	}
	if (!parse_all(&options, count, arguments)) {
		fputs(usage_text, stderr);
		return EXIT_WRONG;
	}
	return explore(&options);
}
