/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject SCENE...: each scene again and again, with another CPU striking before
 * the n-th port event, for all n. What it does there is taken from the scene:
 *
 *     same    the call that the scene is in, made a second time
 *     next    the call that comes next in the scene
 *     abort   the host was refused the page in question
 *     access  it reads that page, and tries again as long as it is told to
 *     exit    it runs a vCPU of that VM, which writes there and is interrupted
 *
 * Whatever the two CPUs were answered, and the state after it, must be what the
 * model says of some order of their steps, one after the other; and from there
 * on the scene goes on in lockstep with that order.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch-host/inject.h"
#include "lockstep/abstract.h"
#include "lockstep/scene.h"
#include "lockstep/side.h"

enum { STRIKE_OPS_MAX = 3, TURNS_MAX = 3 };

enum kind { SAME, NEXT, ABORT, ACCESS, EXIT, KINDS };
static const char *const kind_names[KINDS] = {
	"same", "next", "abort", "access", "exit"};

/* What one CPU does, and what came of it. */
struct deed {
	struct op op;
	struct outcome outcome;
};

/* One scene with one kind of strike. */
struct bout {
	const struct scene *scene;
	const char *name;
	enum kind kind;
	struct host_machine *machine;
	struct model *model; /* of what was done so far */
	struct abstract abstract;
	size_t at; /* the step of the scene that is taken */
	struct deed strike[STRIKE_OPS_MAX];
	uint32_t count; /* of those, once it came */
};

/* What all of it came to. */
static struct {
	uint64_t strikes[KINDS];
	uint64_t first; /* the strike had its way before the step, */
	uint64_t last; /* behind it, */
	uint64_t between; /* or a part of it either way */
	uint64_t either; /* the two do not touch each other */
} total;

static bool differ(const struct bout *bout, uint64_t n, const char *what)
{
	char text[OP_TEXT];
	const char *struck = host_machine_struck(bout->machine);

	op_print(&bout->scene->step[bout->at].op, text);
	fprintf(stderr,
		"%s:%" PRIu32 ": %s, strike \"%s\" before event %" PRIu64
		" (%s): %s\n",
		bout->name, bout->scene->step[bout->at].line, text,
		kind_names[bout->kind], n, struck ? struck : "none", what);
	for (uint32_t i = 0; i < bout->count; i++) {
		char came[OUTCOME_TEXT];

		op_print(&bout->strike[i].op, text);
		outcome_print(&bout->strike[i].outcome, came);
		fprintf(stderr, "    %s = %s\n", text, came);
	}
	return false;
}

/* ---- What strikes ------------------------------------------------------ */

/* The first argument of that kind of the call at or before step @at, or 0. */
static uint64_t argument_of(const struct bout *bout, enum op_argument argument)
{
	for (size_t at = bout->at + 1; at > 0; at--) {
		const struct op *op = &bout->scene->step[at - 1].op;
		bool is_call = op->kind == OP_CALL || op->kind == OP_GUEST_CALL;
		const struct op_call *call = is_call ? op_call_of(op) : NULL;

		for (uint32_t i = 0; call && i < call->argument_count; i++) {
			if (call->argument[i] == argument) {
				return op->word[1 + i];
			}
		}
	}
	return 0;
}

/* The host's call in a step from @at on, or one that changes nothing. */
static struct op call_from(const struct bout *bout, size_t at)
{
	struct op none = {
		.kind = OP_CALL, .word = {MOAT_FUNCTION(MOAT_VERSION)}};

	for (; at < bout->scene->count; at++) {
		if (bout->scene->step[at].op.kind == OP_CALL) {
			return bout->scene->step[at].op;
		}
	}
	return none;
}

static struct op simple(enum op_kind kind, uint64_t first, uint64_t second)
{
	struct op op = {.kind = kind, .word = {first, second}};

	return op;
}

/* Run, write, be interrupted; what is refused, the rest of it is skipped. */
static uint32_t make_exit(const struct bout *bout, struct deed *strike)
{
	uint64_t word = argument_of(bout, OP_IPA) & ~UINT64_C(7);
	uint64_t vm = argument_of(bout, OP_VM);

	strike[0].op = simple(OP_CALL, MOAT_FUNCTION(MOAT_VCPU_RUN), vm);
	strike[1].op = simple(OP_GUEST_WRITE, word, 0x1e57);
	strike[2].op = simple(OP_GUEST_TRAP, MOAT_TRAP_IRQ, 0);
	return 3;
}

/* Returns how many operations the strike has in @strike. */
static uint32_t make_strike(const struct bout *bout, struct deed *strike)
{
	uint64_t word = argument_of(bout, OP_PA) & ~UINT64_C(7);

	switch (bout->kind) {
	case SAME:
		strike[0].op = call_from(bout, bout->at);
		return 1;
	case NEXT:
		strike[0].op = call_from(bout, bout->at + 1);
		return 1;
	case ABORT:
		strike[0].op = simple(OP_HOST_ABORT, word, 0);
		return 1;
	case ACCESS:
		strike[0].op = simple(OP_HOST_READ, word, 0);
		return 1;
	case EXIT:
	case KINDS:
		break;
	}
	return make_exit(bout, strike);
}

/* A guest that is resumed after an abort makes its access again. */
static void take(struct host_machine *machine, struct deed *deed)
{
	bool is_access = deed->op.kind == OP_GUEST_READ ||
			 deed->op.kind == OP_GUEST_WRITE ||
			 deed->op.kind == OP_GUEST_FETCH;

	side_engine(machine, &deed->op, &deed->outcome);
	for (int turn = 0; turn < TURNS_MAX && is_access &&
			   deed->outcome.kind == OUTCOME_RESUME;
		turn++) {
		side_engine(machine, &deed->op, &deed->outcome);
	}
}

/* On a CPU that is not in a step. */
static void act(struct host_machine *machine, void *argument)
{
	struct bout *bout = argument;
	uint32_t cpu = bout->scene->step[bout->at].op.cpu + 1;
	uint32_t count = make_strike(bout, bout->strike);

	for (uint32_t i = 0; i < count; i++) {
		bout->strike[i].op.cpu = cpu % machine->config.cpu_count;
		bout->count = i + 1;
		take(machine, &bout->strike[i]);
	}
}

/* ---- What the model says ----------------------------------------------- */

static bool agrees(struct model *model, const struct deed *deed)
{
	struct outcome outcome;

	side_model(model, &deed->op, &outcome);
	return outcome_is_equal(&outcome, &deed->outcome);
}

/*
 * The model after the strike with @step behind its first @before operations; or
 * NULL if it does not answer what the engine did, or not with its state.
 */
static struct model *order(
	struct bout *bout, const struct deed *step, uint32_t before)
{
	struct model *model = model_copy(bout->model);
	bool is_good = true;

	for (uint32_t i = 0; is_good && i <= bout->count; i++) {
		if (i == before) {
			is_good = agrees(model, step);
		}
		if (is_good && i < bout->count) {
			is_good = agrees(model, &bout->strike[i]);
		}
	}
	/* Every order looks at the tables anew. */
	bout->abstract.write_seen = UINT64_MAX;
	bout->abstract.model = model;
	if (is_good && abstract_compare(&bout->abstract, ABSTRACT_STEP)) {
		return model;
	}
	model_destroy(model);
	return NULL;
}

static void note_order(const bool is_possible[STRIKE_OPS_MAX + 1], uint32_t end)
{
	if (is_possible[0] && is_possible[end]) {
		total.either++;
	} else if (is_possible[0]) {
		total.last++;
	} else if (is_possible[end]) {
		total.first++;
	} else {
		total.between++;
	}
}

/* The step during which the strike came. Returns whether an order explains it;
 * the model is then that of this order. */
static bool explain(struct bout *bout, const struct deed *step)
{
	bool is_possible[STRIKE_OPS_MAX + 1] = {false};
	struct model *found = NULL;

	for (uint32_t before = 0; before <= bout->count; before++) {
		struct model *model = order(bout, step, before);

		is_possible[before] = model != NULL;
		if (model && found) {
			model_destroy(model);
		} else if (model) {
			found = model;
		}
	}
	if (!found) {
		return false;
	}
	note_order(is_possible, bout->count);
	model_destroy(bout->model);
	bout->model = found;
	return true;
}

/* ---- Scenes ------------------------------------------------------------ */

/* A rule that was broken, or a lock that is held though no CPU is in a step. */
static const char *broken_rule(const struct bout *bout)
{
	if (bout->machine->violation) {
		return bout->machine->violation;
	}
	return snapshot_locks_are_free(bout->machine) ? NULL : "a lock is held";
}

/* What else must hold behind a strike; it takes longer. */
static const char *broken(const struct bout *bout)
{
	const char *rule = broken_rule(bout);

	return rule ? rule : moat_invariant_check(bout->machine->engine);
}

/* One step of the scene. Returns what is wrong with it, or NULL. */
static const char *step(struct bout *bout, bool *was_struck)
{
	struct deed deed = {.op = bout->scene->step[bout->at].op};

	take(bout->machine, &deed);
	if (!*was_struck && bout->count != 0) {
		*was_struck = true;
		return explain(bout, &deed) ? broken(bout)
					    : "no order of the two explains it";
	}
	return agrees(bout->model, &deed) ? NULL
					  : "the model answers something else";
}

/* The scene with a strike before event @n. Returns false at a difference. */
static bool strike_at(struct bout *bout, uint64_t n, bool *was_struck)
{
	struct host_strike strike = {n, act, bout};
	const char *wrong = NULL;

	host_machine_restart(bout->machine);
	host_machine_strike(bout->machine, &strike);
	bout->model = model_create(&bout->machine->config);
	bout->count = 0;
	*was_struck = false;
	for (bout->at = 0; bout->at < bout->scene->count && !wrong;) {
		wrong = step(bout, was_struck);
		bout->at += wrong == NULL;
	}
	bout->abstract.model = bout->model;
	bout->abstract.write_seen = UINT64_MAX;
	if (!wrong) {
		bout->at -= bout->scene->count != 0;
		wrong = broken_rule(bout);
	}
	if (!wrong && !abstract_compare(&bout->abstract, ABSTRACT_STEP)) {
		wrong = bout->abstract.text;
	}
	model_destroy(bout->model);
	return !wrong || differ(bout, n, wrong);
}

/* Before each event that the scene has. */
static bool strike_all(struct bout *bout)
{
	bool was_struck = true;

	for (uint64_t n = 1; was_struck; n++) {
		if (!strike_at(bout, n, &was_struck)) {
			return false;
		}
		total.strikes[bout->kind] += was_struck;
	}
	return true;
}

/* Every kind of strike. A machine of one CPU has nobody who could. */
static bool strike_scene(const struct scene *scene, const char *name)
{
	struct bout bout = {.scene = scene, .name = name};
	bool is_good = true;

	bout.machine = host_machine_create(&scene->config, NULL);
	if (!bout.machine || bout.machine->config.cpu_count < 2 ||
		!abstract_init(&bout.abstract, bout.machine, NULL)) {
		fprintf(stderr, "%s: no machine of two CPUs\n", name);
		return false;
	}
	abstract_join(bout.machine);
	for (int kind = 0; kind < KINDS && is_good; kind++) {
		bout.kind = (enum kind)kind;
		is_good = strike_all(&bout);
	}
	abstract_free(&bout.abstract);
	host_machine_destroy(bout.machine);
	return is_good;
}

static bool strike_file(const char *name)
{
	struct moat_config config = shape_make(0);
	struct scene scene = scene_make(&config);
	FILE *file = fopen(name, "r");
	bool is_good = file && scene_read(&scene, file);

	if (file) {
		fclose(file);
	}
	if (!is_good) {
		fprintf(stderr, "%s: cannot be read\n", name);
	}
	is_good = is_good && strike_scene(&scene, name);
	scene_free(&scene);
	return is_good;
}

int main(int count, char **names)
{
	uint64_t all = 0;
	int bad = 0;

	for (int i = 1; i < count; i++) {
		bad += !strike_file(names[i]);
	}
	for (int kind = 0; kind < KINDS; kind++) {
		printf("inject: %s: %" PRIu64 " strikes\n", kind_names[kind],
			total.strikes[kind]);
		all += total.strikes[kind];
	}
	printf("inject: %d scenes, %" PRIu64 " strikes: %" PRIu64
	       " had their way first, %" PRIu64 " last, %" PRIu64
	       " in part, %" PRIu64 " either way; %d scenes differ\n",
		count - 1, all, total.first, total.last, total.between,
		total.either, bad);
	return bad == 0 && all != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
