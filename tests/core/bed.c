/* SPDX-License-Identifier: BSD-2-Clause */
#include "bed.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "inside.h"
#include "watch.h"

enum { FAILURES_MAX = 20 };

static char about[256] = "?";

/* ---- Saying what is the matter ----------------------------------------- */

void bed_about(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(about, sizeof(about), format, arguments);
	va_end(arguments);
}

/* Go on after a failure, but do not bury the first under thousands. */
static void count_failure(bool is_failure)
{
	static uint32_t failures;

	failures += is_failure;
	cr_assert(failures <= FAILURES_MAX, "too many failures; the rest of "
					    "the test is left out");
}

void expect(bool holds, const char *what)
{
	cr_expect(holds, "%s: not so: %s", about, what);
	count_failure(!holds);
}

void expect_equal(const char *what, uint64_t is, uint64_t should_be)
{
	cr_expect(is == should_be,
		"%s: %s is 0x%" PRIx64 " and should be 0x%" PRIx64, about, what,
		is, should_be);
	count_failure(is != should_be);
}

/* A panic aborts: say in which row. abort() raised it here, so stdio is safe
 * but where stdio itself aborted. */
static void say_about(int signal_number)
{
	(void)signal_number;
	fprintf(stderr, "aborted in: %s\n", about);
}

/* ---- The machine ------------------------------------------------------- */

struct moat_config bed_config(void)
{
	struct moat_config config = {
		.cpu_count = BED_CPUS,
		.vm_count = BED_VMS,
		.ipa_bits = BED_IPA_BITS,
		.host_ipa_bits = BED_HOST_BITS,
		.ram_count = 3,
		.withheld_count = 2,
		.list_register_count = BED_LIST_REGISTERS + 1,
		.ram = {{BED_A, 3 * BED_REGION}, {BED_D, BED_REGION},
			{BED_E, 4 * BED_REGION}},
		.withheld = {{BED_HIDDEN_DEVICE, BED_PAGE},
			{BED_WITHHELD, BED_PAGE}},
		.memory_pa = {BED_MEMORY},
	};

	return config;
}

struct bed bed_make_of(const struct moat_config *config)
{
	struct bed bed = {.machine = host_machine_create(config, NULL)};

	cr_assert(bed.machine, "the configuration was refused");
	signal(SIGABRT, say_about);
	watch_start();
	beside_start(bed.machine);
	bed.engine = bed.machine->engine;
	bed.ram = calloc(1, bed.machine->ram_size);
	bed.memory = malloc(bed.machine->memory_size);
	bed.now = malloc(bed.machine->memory_size);
	bed.is_resident = malloc(bed.machine->ram_size / MOAT_PAGE_SIZE);
	cr_assert(bed.ram && bed.memory && bed.now && bed.is_resident,
		"out of memory");
	return bed;
}

struct bed bed_make(void)
{
	const struct moat_config config = bed_config();

	return bed_make_of(&config);
}

void bed_end(struct bed *bed)
{
	bed_check(bed);
	beside_end(bed->machine);
	free(bed->ram);
	free(bed->memory);
	free(bed->now);
	free(bed->is_resident);
	host_machine_destroy(bed->machine);
}

/* ---- What holds after every step --------------------------------------- */

void bed_check(struct bed *bed)
{
	const char *broken = moat_invariant_check(bed->engine);
	const char *violation = bed->machine->violation;
	const char *unpublished = watch_end();

	cr_expect(!broken, "%s: [%s] is broken", about, broken ? broken : "");
	cr_expect(!violation, "%s: the port saw: %s", about,
		violation ? violation : "");
	cr_expect(
		!unpublished, "%s: %s", about, unpublished ? unpublished : "");
	bed->machine->violation = NULL;
	expect(inside_locks_are_free(bed), "every lock is free");
	for (uint32_t cpu = 0; cpu < bed->machine->config.cpu_count; cpu++) {
		expect(!host_cpu_stale(bed->machine, cpu), "[TLB-1]");
	}
}

/* ---- A refused call changes nothing ------------------------------------ */

/*
 * Only pages that were ever written can have changed by right, and the machine
 * lists them; the comparison afterwards is of all RAM that was written to at
 * all, by whomever.
 */
static void note(struct bed *bed)
{
	for (uint32_t i = 0; i < bed->machine->touched_count; i++) {
		size_t at = (size_t)bed->machine->touched[i] * MOAT_PAGE_SIZE;

		memcpy(bed->ram + at, bed->machine->ram + at, MOAT_PAGE_SIZE);
	}
	inside_copy(bed, bed->memory);
}

static void expect_unchanged(struct bed *bed)
{
	inside_copy(bed, bed->now);
	expect(memcmp(bed->now, bed->memory, bed->machine->memory_size) == 0,
		"the engine's memory is as it was");
	host_machine_resident(bed->machine, bed->is_resident);
	for (size_t at = 0; at < bed->machine->ram_size; at += MOAT_PAGE_SIZE) {
		expect(!bed->is_resident[at / MOAT_PAGE_SIZE] ||
				memcmp(bed->machine->ram + at, bed->ram + at,
					MOAT_PAGE_SIZE) == 0,
			"RAM is as it was");
	}
}

static void expect_refusal(struct bed *bed, const struct moat_regs *regs)
{
	for (uint32_t i = 1; i <= MOAT_RESULT_COUNT; i++) {
		expect_equal("a result of a refused call", regs->x[i], 0);
	}
	expect_unchanged(bed);
}

/* ---- Steps ------------------------------------------------------------- */

#define KEPT(i) (UINT64_C(0x6b65707400) + (i)) /* "kept": where it must be */

/* From register @first on a step keeps what the host has. */
static void expect_kept(const struct moat_regs *regs,
	const struct moat_regs *before, uint32_t first)
{
	for (uint32_t i = first; i < 18; i++) {
		expect_equal(
			"a register that is kept", regs->x[i], before->x[i]);
	}
}

/* Registers that are no operand of the call. */
static void mark_kept(struct moat_regs *regs)
{
	bool is_run = regs->x[0] % 0x100000000 == MOAT_FUNCTION(MOAT_VCPU_RUN);

	for (uint32_t i = is_run ? 14 : 10; i < 18; i++) {
		regs->x[i] = KEPT(i);
	}
}

uint64_t bed_call(struct bed *bed, uint32_t cpu, struct moat_regs *regs)
{
	enum moat_action action;
	struct moat_regs called;

	note(bed);
	mark_kept(regs);
	called = *regs;
	action = host_machine_call(bed->machine, cpu, regs);
	bed_check(bed);
	if (action == MOAT_GUEST_ENTER) {
		expect(memcmp(regs, &called, sizeof(called)) == 0,
			"the registers of a run are untouched");
		return MOAT_OK;
	}
	expect_equal("the action", action, MOAT_HOST_RESUME);
	expect_kept(regs, &called, 10);
	if (regs->x[0] != MOAT_OK) {
		expect_refusal(bed, regs);
	}
	return regs->x[0];
}

struct moat_regs bed_do(struct bed *bed, struct moat_regs regs)
{
	uint64_t function = regs.x[0];
	enum moat_action action = host_machine_call(bed->machine, 0, &regs);

	cr_assert(action == MOAT_GUEST_ENTER || regs.x[0] == MOAT_OK,
		"%s: preparing by call 0x%" PRIx64 " gave 0x%" PRIx64, about,
		function, regs.x[0]);
	return regs;
}

void bed_load(struct bed *bed, struct moat_vm_id vm, uint64_t ipa, uint64_t pa,
	uint64_t count)
{
	uint64_t done = 0;

	while (done < count) {
		struct moat_ipa to = {ipa + done * BED_PAGE};
		struct moat_pa from = {pa + done * BED_PAGE};

		done += bed_do(bed, moat_page_load(vm, to, from, count - done))
				.x[1];
	}
}

enum moat_action bed_trap(struct bed *bed, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs)
{
	struct moat_regs before;
	enum moat_action action;

	for (uint32_t i = 0; i < 18; i++) {
		regs->x[i] = KEPT(i);
	}
	before = *regs;
	action = host_machine_exit(bed->machine, cpu, trap, regs);
	bed_check(bed);
	if (action == MOAT_GUEST_RESUME) {
		expect_kept(regs, &before, 0);
	} else {
		expect_equal("the action", action, MOAT_HOST_RETURN);
		expect_equal("x0 of the host", regs->x[0], MOAT_OK);
		expect_kept(regs, &before, 15);
	}
	return action;
}

/* ---- Calls of a VM ----------------------------------------------------- */

/* All of a context but x0..x4 is as it was. */
static void expect_context(
	const struct moat_context *is, const struct moat_context *was)
{
	struct moat_context now = *is;

	memcpy(now.x, was->x, 5 * sizeof(now.x[0]));
	expect(memcmp(&now, was, sizeof(now)) == 0,
		"all of the vCPU but x0..x4 is as it was");
}

/* The answer itself is the one thing in RAM that a call may change. */
static void expect_no_more(struct bed *bed, const struct moat_context *context)
{
	size_t at =
		(size_t)((const unsigned char *)context - bed->machine->ram);

	memcpy(bed->ram + at, context, 5 * sizeof(context->x[0]));
	expect_unchanged(bed);
}

struct bed_answer bed_ask(
	struct bed *bed, uint32_t cpu, const struct moat_regs *regs)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *context = moat_cpu_context(bed->engine, cpu);
	struct moat_context before;
	struct bed_answer answer;

	cr_assert(context, "%s: no vCPU runs", about);
	memcpy(context->x, regs->x, sizeof(regs->x));
	before = *context;
	note(bed);
	answer.action = bed_trap(bed, cpu, &trap, &answer.host);
	memcpy(answer.x, context->x, sizeof(answer.x));
	expect_context(context, &before);
	if (answer.action == MOAT_GUEST_RESUME) {
		expect_no_more(bed, context);
	}
	return answer;
}

/* ---- Memory ------------------------------------------------------------ */

bool bed_read(struct bed *bed, uint32_t cpu, uint64_t ipa, uint64_t *value)
{
	struct host_access access = {.ipa = ipa, .kind = MOAT_ACCESS_READ};
	bool done = host_cpu_access(bed->machine, cpu, &access);

	*value = access.value;
	return done;
}

bool bed_write(struct bed *bed, uint32_t cpu, uint64_t ipa, uint64_t value)
{
	struct host_access access = {
		.ipa = ipa, .value = value, .kind = MOAT_ACCESS_WRITE};

	return host_cpu_access(bed->machine, cpu, &access);
}

bool bed_fetch(struct bed *bed, uint32_t cpu, uint64_t ipa)
{
	struct host_access access = {.ipa = ipa, .kind = MOAT_ACCESS_FETCH};

	return host_cpu_access(bed->machine, cpu, &access);
}

uint64_t bed_word(const struct bed *bed, uint64_t pa)
{
	uint64_t word;

	memcpy(&word, host_machine_memory(bed->machine, pa), sizeof(word));
	return word;
}

bool bed_is_zero(const struct bed *bed, uint64_t pa)
{
	static const unsigned char zero[MOAT_PAGE_SIZE];

	return memcmp(host_machine_memory(bed->machine, pa), zero,
		       sizeof(zero)) == 0;
}
