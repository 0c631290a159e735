/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "schedule/schedule.h"
#include "stress/machine.h"
#include "stress/places.h"
#include "witness.h"

/* What is copied to go back: the pool, the last page of region 0, and the first
 * one of VM 1's block. */
enum { SAVED_PAGES = PAGES + 2 };

/* More often than others can change a page in one run. */
enum { RETRY_MAX = 64 };

#define SECRET UINT64_C(0x5ec1e7)
#define WRITTEN UINT64_C(0x40057)

static struct {
	unsigned char page[SAVED_PAGES][MOAT_PAGE_SIZE];
	unsigned char *memory;
	struct machine_cpu cpu[SCENE_CPUS];
	struct model *model;
} saved;

static char difference[MODEL_DIFFERENCE_TEXT];

static uint64_t saved_pa(uint64_t number)
{
	if (number == PAGES) {
		return RAM_BASE + REGION_SIZE - MOAT_PAGE_SIZE;
	}
	return number < PAGES ? place_page(number) : SECOND_BLOCK_PA;
}

static unsigned char *bytes_at(uint64_t pa)
{
	return machine.ram + (pa - RAM_BASE);
}

/* ---- Building it ------------------------------------------------------- */

static void must(bool is_good, const char *what)
{
	if (!is_good) {
		fprintf(stderr, "schedule: the scene: %s\n", what);
		abort();
	}
}

static void call(struct moat_regs regs)
{
	must(machine_call(0, &regs) == MOAT_HOST_RESUME && regs.x[0] == MOAT_OK,
		"a call is refused");
}

static struct moat_vm_id vm_of(uint64_t number)
{
	const struct moat_vm_id vm = {number};

	return vm;
}

static struct moat_ipa ipa_of(uint64_t value)
{
	const struct moat_ipa ipa = {value};

	return ipa;
}

static struct moat_pa pool(uint64_t number)
{
	const struct moat_pa pa = {place_page(number)};

	return pa;
}

static struct moat_ipa slot(uint64_t number)
{
	return ipa_of(number * MOAT_PAGE_SIZE);
}

static struct moat_ipa shared_slot(uint64_t number)
{
	return ipa_of(IPA_HALF + number * MOAT_PAGE_SIZE);
}

static void vcpu(uint64_t vm, uint64_t number, uint64_t page, uint64_t is_off)
{
	const struct moat_vcpu_id id = {number};
	struct moat_regs regs =
		moat_vcpu_create(vm_of(vm), id, pool(page), 0, 0);

	regs.x[6] = is_off;
	call(regs);
}

static void create(uint64_t vm, uint64_t root, uint64_t table)
{
	call(moat_vm_create(vm_of(vm), pool(root), IPA_BITS, 4));
	call(moat_table_create(vm_of(vm), ipa_of(0), 3, pool(table)));
}

/* A secret that nobody else has. */
static void keep_secret(uint64_t pa)
{
	memcpy(bytes_at(pa), &(uint64_t){SECRET}, 8);
}

/* A page of @vm, with a secret. */
static void give(uint64_t vm, uint64_t at, uint64_t page)
{
	call(moat_page_donate(vm_of(vm), slot(at), pool(page), 1));
	keep_secret(place_page(page));
}

static void give_block(uint64_t vm)
{
	const struct moat_pa block = {SECOND_BLOCK_PA};

	call(moat_block_donate(vm_of(vm), ipa_of(BLOCK_IPA), block));
	keep_secret(block.value);
}

static void run(uint32_t cpu, uint64_t vm, uint64_t number)
{
	const struct moat_vcpu_id id = {number};
	struct moat_regs regs = moat_vcpu_run(vm_of(vm), id);

	must(machine_call(cpu, &regs) == MOAT_GUEST_ENTER, "no vCPU runs");
}

static void share(uint32_t cpu, uint64_t at)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *context = moat_cpu_context(machine.engine, cpu);
	struct moat_regs regs = {{0}};

	context->x[0] = MOAT_FUNCTION(MOAT_GUEST_SHARE);
	context->x[1] = slot(at).value;
	context->x[2] = 1;
	must(machine_exit(cpu, &trap, &regs) == MOAT_HOST_RETURN &&
			regs.x[1] == MOAT_EXIT_SHARE,
		"a page is not shared");
}

static void build_vm_0(void)
{
	create(0, 0, 4);
	call(moat_table_create(vm_of(0), ipa_of(IPA_HALF), 3, pool(5)));
	vcpu(0, 0, 6, 0);
	vcpu(0, 1, 7, 0);
	vcpu(0, 2, 13, 0);
	vcpu(0, 3, 42, 1);
	give(0, 0, 8);
	call(moat_page_donate(vm_of(0), slot(1), pool(9), 1));
	give(0, 2, 39);
	give(0, 3, 10);
	call(moat_page_donate(vm_of(0), slot(4), pool(43), 1));
	call(moat_page_lend(vm_of(0), shared_slot(0), pool(12), 1, MOAT_READ));
	call(moat_vm_seal(vm_of(0)));
	run(3, 0, 0);
	share(3, 4);
	run(3, 0, 0);
	run(5, 0, 2);
}

static void build_vm_1(void)
{
	create(1, 20, 24);
	vcpu(1, 0, 25, 0);
	give(1, 0, 26);
	give_block(1);
	call(moat_vm_seal(vm_of(1)));
	run(4, 1, 0);
}

static void build_vm_2(void)
{
	create(2, 32, 36);
	call(moat_table_create(vm_of(2), ipa_of(IPA_HALF), 3, pool(37)));
	vcpu(2, 0, 38, 0);
	give(2, 0, 40);
	give(2, 1, 14);
	call(moat_page_lend(vm_of(2), shared_slot(0), pool(41), 1, MOAT_READ));
	call(moat_vm_kill(vm_of(2)));
}

static void build_the_rest(void)
{
	create(3, 28, 27);
	call(moat_vm_create(vm_of(4), pool(44), IPA_BITS, 1));
	call(moat_vm_kill(vm_of(4)));
}

static void warm_up(uint32_t cpu, uint64_t ipa)
{
	struct access access = {ipa, 0, false};

	must(machine_access(cpu, &access), "nothing is there to be cached");
}

static void warm_up_all(void)
{
	for (uint32_t cpu = 0; cpu < HOST_CPUS; cpu++) {
		warm_up(cpu, pool(43).value);
		warm_up(cpu, pool(15).value);
	}
	warm_up(3, slot(0).value);
	warm_up(3, slot(2).value);
	warm_up(5, slot(0).value);
	warm_up(4, slot(0).value);
	warm_up(4, BLOCK_IPA);
}

/* ---- There and back ---------------------------------------------------- */

static const char *replay(struct model *model)
{
	for (uint32_t i = 0; i < machine.log_count; i++) {
		if (model_event(&model, &machine.log[i], difference,
			    sizeof(difference)) != MODEL_REPLAY_AGREES) {
			return difference;
		}
	}
	return NULL;
}

static void log_clear(void)
{
	memset(machine.log, 0, machine.log_count * sizeof(*machine.log));
	machine.log_count = 0;
}

static void replay_the_making(void)
{
	for (uint32_t i = 0; i < machine.log_count; i++) {
		must(model_event(&saved.model, &machine.log[i], difference,
			     sizeof(difference)) == MODEL_REPLAY_AGREES,
			difference);
	}
	log_clear();
}

void scene_begin(void)
{
	machine_begin(SCENE_CPUS, true);
	build_vm_0();
	build_vm_1();
	build_vm_2();
	build_the_rest();
	warm_up_all();
	replay_the_making();
	saved.memory = malloc(moat_size(&machine.config));
	must(saved.memory != NULL, "out of memory");
	memcpy(saved.memory, machine.memory, moat_size(&machine.config));
	for (uint64_t i = 0; i < SAVED_PAGES; i++) {
		memcpy(saved.page[i], bytes_at(saved_pa(i)), MOAT_PAGE_SIZE);
	}
	memcpy(saved.cpu, machine.cpu, sizeof(saved.cpu));
}

void scene_restore(void)
{
	witness_forget();
	memcpy(machine.memory, saved.memory, moat_size(&machine.config));
	for (uint64_t i = 0; i < SAVED_PAGES; i++) {
		memcpy(bytes_at(saved_pa(i)), saved.page[i], MOAT_PAGE_SIZE);
	}
	/* Their locks are free, then and now. */
	memcpy(machine.cpu, saved.cpu, sizeof(saved.cpu));
	log_clear();
}

/* ---- Doing a step ------------------------------------------------------ */

/* Whether the guest goes on. */
static bool do_trap(
	uint32_t cpu, const struct moat_trap *trap, const struct moat_regs *x)
{
	struct moat_context *context = moat_cpu_context(machine.engine, cpu);
	struct moat_regs regs = {{0}};

	for (uint32_t i = 0; i < 4 && trap->kind == MOAT_TRAP_CALL; i++) {
		context->x[i] = x->x[i];
	}
	return machine_exit(cpu, trap, &regs) == MOAT_GUEST_RESUME;
}

static bool host_runs(uint32_t cpu)
{
	return moat_cpu_context(machine.engine, cpu) == NULL;
}

/* Nobody but the host writes WRITTEN, and only where it may; and nobody but
 * its VM reads SECRET. */
static void check_read(uint32_t cpu, uint64_t value)
{
	if (host_runs(cpu) && value == SECRET) {
		schedule_fail("the host reads a secret");
	}
	if (!host_runs(cpu) && value == WRITTEN) {
		schedule_fail("a guest reads what is the host's again");
	}
}

static bool is_read(const struct step *step)
{
	return step->kind == STEP_READ;
}

/* Whether the access is to be done again. */
static bool do_fault(uint32_t cpu, const struct step *step)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_ABORT,
		.access = is_read(step) ? MOAT_ACCESS_READ : MOAT_ACCESS_WRITE,
		.ipa = {step->ipa}};

	return host_runs(cpu) ? machine_abort(cpu, step->ipa) == MOAT_HOST_RETRY
			      : do_trap(cpu, &trap, NULL);
}

/* Whether it is over: done, or refused for good. */
static bool try_access(uint32_t cpu, const struct step *step)
{
	const struct operation operation = {OPERATION_ACCESS, NULL, step->ipa};
	struct access access = {step->ipa, WRITTEN, !is_read(step)};

	schedule_point(operation);
	if (!machine_access(cpu, &access)) {
		return !do_fault(cpu, step);
	}
	if (!access.is_write) {
		check_read(cpu, access.value);
	}
	return true;
}

/* Each time that it is told to try again, another has changed the page. */
static void do_access(uint32_t cpu, const struct step *step)
{
	uint32_t tries = 1;

	while (!try_access(cpu, step)) {
		if (tries == RETRY_MAX) {
			schedule_fail("starvation: an access is retried on "
				      "and on");
		}
		tries++;
	}
}

void step_do(const struct step *step, uint32_t cpu)
{
	struct moat_regs regs = step->regs;

	switch (step->kind) {
	case STEP_CALL:
		machine_call(cpu, &regs);
		break;
	case STEP_ABORT:
		machine_abort(cpu, step->ipa);
		break;
	case STEP_TRAP:
		do_trap(cpu, &step->trap, &step->regs);
		break;
	case STEP_WRITE_TWICE:
		do_access(cpu, step);
		do_access(cpu, step);
		break;
	case STEP_READ:
	case STEP_WRITE:
	default:
		do_access(cpu, step);
		break;
	}
}

/* ---- After a run ------------------------------------------------------- */

/* A CPU of the host that can ask; there is one, as only host CPUs 0 to 2 ever
 * enter a VM by a step, and never all in one run but in a large one. */
static uint32_t asking_cpu(void)
{
	uint32_t cpu = 0;

	while (cpu + 1 < HOST_CPUS && !host_runs(cpu)) {
		cpu++;
	}
	return cpu;
}

static void ask_all(uint32_t cpu)
{
	for (uint64_t i = 0; i < SAVED_PAGES; i++) {
		const struct moat_pa pa = {saved_pa(i)};
		struct moat_regs regs = moat_page_info(pa);

		machine_call(cpu, &regs);
	}
	for (uint64_t v = 0; v < MACHINE_VMS; v++) {
		struct moat_regs regs = moat_vm_info(vm_of(v));

		machine_call(cpu, &regs);
	}
}

/* What the host wrote stays where the host may write, and what a VM wrote
 * where it is the VM's. */
static const char *check_contents(void)
{
	for (uint64_t i = 0; i < SAVED_PAGES; i++) {
		const struct moat_pa pa = {saved_pa(i)};
		struct moat_regs regs = moat_page_info(pa);
		uint64_t word;

		machine_call(asking_cpu(), &regs);
		memcpy(&word, bytes_at(pa.value), sizeof(word));
		if (word == SECRET && regs.x[1] != MOAT_PAGE_VM &&
			regs.x[1] != MOAT_PAGE_SHARED) {
			return "a secret outlives its VM's page";
		}
		if (word == WRITTEN && regs.x[1] != MOAT_PAGE_HOST &&
			regs.x[1] != MOAT_PAGE_LENT &&
			regs.x[1] != MOAT_PAGE_SHARED) {
			return "what the host wrote is in a page of a VM";
		}
	}
	return NULL;
}

const char *scene_check(void)
{
	struct model *model = model_copy(saved.model);
	const char *wrong;

	if (host_runs(asking_cpu())) {
		ask_all(asking_cpu());
	}
	wrong = replay(model);
	if (wrong == NULL) {
		wrong = moat_invariant_check(machine.engine);
	}
	if (wrong == NULL && host_runs(asking_cpu())) {
		wrong = check_contents();
	}
	model_destroy(model);
	return wrong;
}
