/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/lockstep.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lockstep/abstract.h"
#include "lockstep/side.h"

enum {
	STEPS_BETWEEN_ALL = 256 /* from one comparison of everything to next */
};

/* CPUs translate by whatever they may, in each run of a scene alike. */
static const struct host_choice any_way = {.kind = HOST_CHOOSE_ANY};

struct lockstep {
	struct host_machine *machine;
	struct model *model;
	struct abstract abstract;
	struct snapshot snapshot;
	struct coverage coverage;
	bool is_thorough;
	uint32_t invariants_every; /* steps that change pages */
	uint32_t unchecked; /* those since the last check */
	uint64_t events_seen;
	char difference[LOCKSTEP_TEXT];
};

/* Note a difference. Returns false, for the caller to return. */
static bool differ(
	struct lockstep *lockstep, const char *what, const char *detail)
{
	snprintf(lockstep->difference, sizeof(lockstep->difference), "%s%s%s",
		what, *detail ? ": " : "", detail);
	return false;
}

/* ---- Before ------------------------------------------------------------ */

/* Every CPU walks ahead to @address, in what it has installed. */
static void speculate_at(struct lockstep *lockstep, uint64_t address)
{
	for (uint32_t cpu = 0; cpu < lockstep->machine->config.cpu_count;
		cpu++) {
		host_cpu_speculate(lockstep->machine, cpu, address);
	}
}

/* To an address of a VM, and for CPUs of the host to the page behind it, which
 * the call may close to them. */
static void speculate_ipa(
	struct lockstep *lockstep, const struct op *op, uint64_t address)
{
	struct model_cpu cpu = model_cpu_at(lockstep->model, op->cpu);
	uint64_t vm = cpu.is_guest ? cpu.vm : op->word[1];
	struct moat_ipa ipa = {address};
	struct moat_pa pa;

	speculate_at(lockstep, address);
	if (vm < lockstep->machine->config.vm_count &&
		model_translate(lockstep->model, (uint32_t)vm, ipa, &pa)) {
		speculate_at(lockstep, pa.value);
	}
}

/* The last page that the range of a call may reach. */
static uint64_t range_end(const struct op *op, const struct op_call *call)
{
	uint64_t count = MOAT_RANGE_PAGES_MAX;

	for (uint32_t i = 0; i < call->argument_count; i++) {
		if (call->argument[i] == OP_COUNT) {
			count = op->word[1 + i];
		}
	}
	return (count - 1) % MOAT_RANGE_PAGES_MAX * MOAT_PAGE_SIZE;
}

/* What the call names, and the end of its range. */
static void speculate(struct lockstep *lockstep, const struct op *op)
{
	bool is_call = op->kind == OP_CALL || op->kind == OP_GUEST_CALL;
	const struct op_call *call = is_call ? op_call_of(op) : NULL;

	if (!call || op->cpu >= lockstep->machine->config.cpu_count) {
		return;
	}
	for (uint32_t i = 0; i < call->argument_count; i++) {
		uint64_t address = op->word[1 + i];
		uint64_t end = address + range_end(op, call);

		if (call->argument[i] == OP_PA) {
			speculate_at(lockstep, address);
			speculate_at(lockstep, end);
		} else if (call->argument[i] == OP_IPA) {
			speculate_ipa(lockstep, op, address);
			speculate_ipa(lockstep, op, end);
		}
	}
}

/*
 * A refused call changes nothing, an access no more than memory, an abort is
 * judged, and a register that is set is just that: the page records, and with
 * them the invariants and all that the engine keeps, are as they were before.
 */
static bool keeps_pages(const struct outcome *outcome)
{
	return outcome_is_refusal(outcome) || outcome->kind == OUTCOME_VALUE ||
	       outcome->kind == OUTCOME_FAULT ||
	       outcome->kind == OUTCOME_RETRY ||
	       outcome->kind == OUTCOME_DONE ||
	       outcome->kind == OUTCOME_SKIPPED;
}

/* ---- After ------------------------------------------------------------- */

static bool check_outcome(struct lockstep *lockstep,
	const struct outcome *engine, const struct outcome *model)
{
	char engine_text[OUTCOME_TEXT];
	char model_text[OUTCOME_TEXT];

	if (outcome_is_equal(engine, model)) {
		return true;
	}
	outcome_print(engine, engine_text);
	outcome_print(model, model_text);
	snprintf(lockstep->difference, sizeof(lockstep->difference),
		"answer: engine %s, model %s", engine_text, model_text);
	return false;
}

static bool check_expectation(struct lockstep *lockstep,
	const struct expectation *expectation, const struct outcome *outcome)
{
	char text[OUTCOME_TEXT];
	char stated[OUTCOME_TEXT];

	if (!expectation || outcome_is_expected(outcome, expectation)) {
		return true;
	}
	outcome_print(outcome, text);
	outcome_print(&expectation->outcome, stated);
	snprintf(lockstep->difference, sizeof(lockstep->difference),
		"both sides answer %s, the scene states %s", text, stated);
	return false;
}

static bool check_stale(struct lockstep *lockstep)
{
	for (uint32_t cpu = 0; lockstep->machine->is_watched &&
			       cpu < lockstep->machine->config.cpu_count;
		cpu++) {
		const struct host_translation *stale =
			host_cpu_stale(lockstep->machine, cpu);

		if (stale) {
			snprintf(lockstep->difference,
				sizeof(lockstep->difference),
				"stale: cpu %u still has VMID %u 0x%" PRIx64
				" -> 0x%" PRIx64 "%s cached [TLB-1]",
				cpu, stale->vmid, stale->ipa, stale->pa,
				stale->is_table ? " (a table)" : "");
			return false;
		}
	}
	return true;
}

/* Steps have one event each; accesses and registers that are set have none. */
static bool check_events(
	struct lockstep *lockstep, const struct outcome *outcome)
{
	bool has_event = outcome->kind != OUTCOME_SKIPPED &&
			 outcome->kind != OUTCOME_DONE &&
			 outcome->kind != OUTCOME_VALUE;

	lockstep->events_seen += has_event;
	if (lockstep->machine->event_count != lockstep->events_seen) {
		return differ(lockstep,
			"the engine told its port too few or too many events",
			"");
	}
	return true;
}

static bool check_invariants(struct lockstep *lockstep)
{
	const char *broken = moat_invariant_check(lockstep->machine->engine);

	lockstep->unchecked = 0;
	if (broken) {
		return differ(lockstep, "invariant of the engine", broken);
	}
	broken = model_invariant_check(lockstep->model);
	if (broken) {
		return differ(lockstep, "invariant of the model", broken);
	}
	return true;
}

/* What the machine saw go wrong; it says more than what came of it. */
static bool check_violation(struct lockstep *lockstep)
{
	const char *violation = lockstep->machine->violation;

	return !violation || differ(lockstep, "rule broken", violation);
}

/* The monitor asks the records of pages whose entries changed; this, of those
 * whose records did, and now and then of all. */
static bool check_rights(struct lockstep *lockstep, bool is_all)
{
	const char *broken = abstract_rights(&lockstep->abstract, is_all);

	return !broken || differ(lockstep, "rule broken", broken);
}

static bool check_rules(struct lockstep *lockstep)
{
	if (!snapshot_locks_are_free(lockstep->machine)) {
		return differ(lockstep, "a lock is held after the step", "");
	}
	return check_violation(lockstep) && check_stale(lockstep);
}

static bool check_unchanged(struct lockstep *lockstep)
{
	const char *changed =
		snapshot_compare(&lockstep->snapshot, lockstep->machine);

	if (changed) {
		return differ(lockstep, "a refused call changed", changed);
	}
	return true;
}

static bool check_state(
	struct lockstep *lockstep, const struct outcome *outcome)
{
	bool is_all = lockstep->is_thorough ||
		      (lockstep->coverage.ops + 1) % STEPS_BETWEEN_ALL == 0;
	bool is_same = keeps_pages(outcome) && !is_all;
	enum abstract_scope scope = ABSTRACT_STEP;

	if (is_all) {
		scope = ABSTRACT_ALL;
	} else if (is_same) {
		scope = ABSTRACT_MEMORY;
	}
	if (!is_same && !check_rights(lockstep, is_all)) {
		return false;
	}
	if (!abstract_compare(&lockstep->abstract, scope)) {
		return differ(lockstep, lockstep->abstract.text, "");
	}
	lockstep->unchecked += !is_same;
	return lockstep->unchecked < lockstep->invariants_every ||
	       check_invariants(lockstep);
}

/* ---- Step -------------------------------------------------------------- */

/* The outcome counts as reached; one that no list has is a difference. */
static bool check_listed(struct lockstep *lockstep, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome)
{
	char text[OUTCOME_TEXT];

	if (coverage_note(&lockstep->coverage, op, before, outcome)) {
		return true;
	}
	outcome_print(outcome, text);
	return differ(lockstep, "the manual does not list this answer", text);
}

/* All that is to hold after a step, the most telling first. */
static bool check_step(struct lockstep *lockstep, const struct outcome *engine,
	const struct outcome *model)
{
	return check_violation(lockstep) &&
	       check_outcome(lockstep, engine, model) &&
	       (!outcome_is_refusal(model) || check_unchanged(lockstep)) &&
	       check_state(lockstep, engine) && check_rules(lockstep) &&
	       check_events(lockstep, engine);
}

/* The model first: it knows whether nothing may change. A copy of the engine's
 * memory serves until something may, so what no call of the engine comes with
 * is compared with the refusal that follows it. */
static void take(struct lockstep *lockstep, const struct op *op,
	struct outcome *engine, struct outcome *model)
{
	speculate(lockstep, op);
	side_model(lockstep->model, op, model);
	if (outcome_is_refusal(model)) {
		snapshot_take(&lockstep->snapshot, lockstep->machine);
	} else if (!keeps_pages(model)) {
		snapshot_expire(&lockstep->snapshot);
	}
	side_engine(lockstep->machine, op, engine);
}

bool lockstep_step(struct lockstep *lockstep, const struct op *op,
	const struct expectation *expectation, struct outcome *outcome)
{
	struct coverage_before before = coverage_look(lockstep->model, op);
	struct outcome engine;
	struct outcome model;

	take(lockstep, op, &engine, &model);
	if (outcome) {
		*outcome = engine;
	}
	return check_step(lockstep, &engine, &model) &&
	       check_listed(lockstep, op, &before, &engine) &&
	       check_expectation(lockstep, expectation, &engine);
}

bool lockstep_settle(struct lockstep *lockstep)
{
	return lockstep->unchecked == 0 || check_invariants(lockstep);
}

bool lockstep_finish(struct lockstep *lockstep)
{
	if (!abstract_compare(&lockstep->abstract, ABSTRACT_ALL)) {
		return differ(lockstep, lockstep->abstract.text, "");
	}
	return check_invariants(lockstep) && check_rights(lockstep, true) &&
	       check_rules(lockstep);
}

/* ---- Life -------------------------------------------------------------- */

struct lockstep *lockstep_create(const struct moat_config *config, FILE *trace)
{
	struct lockstep *lockstep = calloc(1, sizeof(*lockstep));

	if (!lockstep) {
		return NULL;
	}
	lockstep->invariants_every = 1;
	lockstep->machine = host_machine_create(config, trace);
	if (lockstep->machine) {
		lockstep->model = model_create(&lockstep->machine->config);
	}
	if (!lockstep->model ||
		!abstract_init(&lockstep->abstract, lockstep->machine,
			lockstep->model) ||
		!snapshot_init(&lockstep->snapshot, lockstep->machine)) {
		lockstep_destroy(lockstep);
		return NULL;
	}
	abstract_join(lockstep->machine);
	lockstep->machine->choice = any_way;
	lockstep->events_seen = lockstep->machine->event_count;
	return lockstep;
}

void lockstep_destroy(struct lockstep *lockstep)
{
	if (!lockstep) {
		return;
	}
	abstract_free(&lockstep->abstract);
	snapshot_free(&lockstep->snapshot);
	model_destroy(lockstep->model);
	host_machine_destroy(lockstep->machine);
	free(lockstep);
}

void lockstep_restart(struct lockstep *lockstep)
{
	host_machine_restart(lockstep->machine);
	lockstep->machine->choice = any_way;
	snapshot_expire(&lockstep->snapshot);
	model_destroy(lockstep->model);
	/* It was a configuration before, so it is one now. */
	lockstep->model = model_create(&lockstep->machine->config);
	lockstep->abstract.model = lockstep->model;
	lockstep->abstract.write_seen = 0;
	lockstep->abstract.device_write_seen = 0;
	coverage_clear(&lockstep->coverage);
	lockstep->events_seen = lockstep->machine->event_count;
	lockstep->unchecked = 0;
	lockstep->difference[0] = '\0';
}

void lockstep_set_thorough(struct lockstep *lockstep, bool is_thorough)
{
	lockstep->is_thorough = is_thorough;
}

void lockstep_set_invariants_every(struct lockstep *lockstep, uint32_t steps)
{
	lockstep->invariants_every = steps;
}

const char *lockstep_difference(const struct lockstep *lockstep)
{
	return lockstep->difference;
}

const struct model *lockstep_model(const struct lockstep *lockstep)
{
	return lockstep->model;
}

const struct coverage *lockstep_coverage(const struct lockstep *lockstep)
{
	return &lockstep->coverage;
}
