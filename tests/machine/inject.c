/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strikes: another CPU goes between any two port events of a step. What each
 * agent may see there follows from the promise alone, so that nothing is said
 * here of which events there are.
 */
#include "arch-host/inject.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "core/lock.h"

#define SECRET UINT64_C(0x5ec2e7)

static const struct moat_vm_id vm = {0};

/* What the strike saw. */
struct sight {
	bool may; /* it could access the page */
	uint64_t value;
	enum moat_action action; /* what the engine said where it could not */
	uint64_t status; /* of a call */
	uint64_t state;
};

/* ---- The host's CPU 1 against the VM on CPU 0 -------------------------- */

/* Read BED_PAGE, as a CPU does that is not told to stop trying. */
static void host_reads(struct host_machine *machine, void *argument)
{
	struct sight *sight = argument;
	struct host_access access = {BED_PAGE, 0, MOAT_ACCESS_READ};

	sight->action = MOAT_HOST_RETRY;
	for (int turn = 0; turn < HOST_RETRY_MAX; turn++) {
		sight->may = host_cpu_access(machine, 1, &access);
		sight->value = access.value;
		if (sight->may || sight->action == MOAT_HOST_INJECT) {
			return;
		}
		sight->action = host_machine_abort(
			machine, 1, (struct moat_ipa){BED_PAGE});
	}
}

static void host_asks(struct host_machine *machine, void *argument)
{
	struct sight *sight = argument;
	struct moat_regs regs = moat_page_info((struct moat_pa){BED_PAGE});

	(void)host_machine_call(machine, 1, &regs);
	sight->status = regs.x[0];
	sight->state = regs.x[1];
}

static void host_donates(struct host_machine *machine)
{
	struct moat_regs regs = moat_page_donate(vm,
		(struct moat_ipa){BED_PAGE_IPA}, (struct moat_pa){BED_PAGE}, 1);

	(void)host_machine_call(machine, 1, &regs);
	expect(regs.x[0] == MOAT_OK, "the page is donated");
}

/* The VM on CPU 0 owns BED_PAGE and has written it. */
static void vm_has_a_secret(struct host_machine *machine)
{
	struct host_access access = {BED_PAGE_IPA, SECRET, MOAT_ACCESS_WRITE};

	host_donates(machine);
	expect(host_cpu_access(machine, 0, &access), "the VM writes its page");
}

static void vm_relinquishes(struct host_machine *machine)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *guest = moat_cpu_context(machine->engine, 0);
	struct moat_regs regs = {{0}};

	guest->x[0] = MOAT_FUNCTION(MOAT_GUEST_RELINQUISH);
	guest->x[1] = BED_PAGE_IPA;
	guest->x[2] = 1;
	expect(host_machine_exit(machine, 0, &trap, &regs) == MOAT_HOST_RETURN,
		"the VM relinquishes its page");
}

/*
 * Once more, with the strike @act before port event @at. Returns whether there
 * was such an event.
 */
static bool relinquish_with(struct host_machine *machine, uint64_t at,
	void (*act)(struct host_machine *, void *), struct sight *sight)
{
	struct host_strike strike = {at, act, sight};
	bool was_struck;

	memset(sight, 0, sizeof(*sight));
	bed_restart(machine);
	vm_has_a_secret(machine);
	host_machine_strike(machine, &strike);
	vm_relinquishes(machine);
	was_struck = host_machine_struck(machine) != NULL;
	expect(was_struck == (at <= host_machine_port_events(machine)),
		"a strike comes exactly if there is such an event");
	expect_broken(machine, NULL);
	expect(moat_invariant_check(machine->engine) == NULL,
		"every invariant holds after a strike");
	return was_struck;
}

/* Wherever it comes, the access faults until the step has let the lock go. */
static void a_secret_is_never_seen_while_it_goes(void)
{
	struct host_machine *machine = bed_make();
	struct sight sight;
	uint64_t at = 1;

	while (relinquish_with(machine, at, host_reads, &sight)) {
		expect(sight.may && sight.value == 0,
			"what a VM gave back is zero at first sight");
		at++;
	}
	expect(at > 1, "there were strikes");
	host_machine_destroy(machine);
}

/* The lock is taken before the first event, so the answer is that of after. */
static void a_question_in_between_waits_for_the_step(void)
{
	struct host_machine *machine = bed_make();
	struct sight sight;
	uint64_t at = 1;

	while (relinquish_with(machine, at, host_asks, &sight)) {
		expect(sight.status == MOAT_OK && sight.state == MOAT_PAGE_HOST,
			"page_info tells of after the step");
		at++;
	}
	expect(at > 1, "there were strikes");
	host_machine_destroy(machine);
}

/* ---- The VM on CPU 0 against the host's CPU 1 -------------------------- */

/* Touch BED_PAGE_IPA, and trap where stage 2 refuses. */
static void vm_reads(struct host_machine *machine, void *argument)
{
	struct sight *sight = argument;
	struct host_access access = {BED_PAGE_IPA, 0, MOAT_ACCESS_READ};
	struct moat_trap trap = {.kind = MOAT_TRAP_ABORT,
		.access = MOAT_ACCESS_READ,
		.ipa = {BED_PAGE_IPA}};
	struct moat_regs regs = {{0}};

	sight->action = MOAT_GUEST_RESUME;
	for (int turn = 0; turn < HOST_RETRY_MAX &&
			   sight->action == MOAT_GUEST_RESUME && !sight->may;
		turn++) {
		sight->may = host_cpu_access(machine, 0, &access);
		sight->value = access.value;
		if (!sight->may) {
			sight->action =
				host_machine_exit(machine, 0, &trap, &regs);
		}
	}
}

static bool donate_with(
	struct host_machine *machine, uint64_t at, struct sight *sight)
{
	struct host_strike strike = {at, vm_reads, sight};
	struct host_access access = {BED_PAGE, SECRET, MOAT_ACCESS_WRITE};

	memset(sight, 0, sizeof(*sight));
	bed_restart(machine);
	expect(host_cpu_access(machine, 1, &access), "the host writes");
	host_machine_strike(machine, &strike);
	host_donates(machine);
	expect_broken(machine, NULL);
	return host_machine_struck(machine) != NULL;
}

static void a_vm_sees_nothing_of_what_the_host_had(void)
{
	struct host_machine *machine = bed_make();
	struct sight sight;
	uint64_t at = 1;

	while (donate_with(machine, at, &sight)) {
		expect(sight.may && sight.value == 0,
			"a donated page is zero at first sight");
		at++;
	}
	expect(at > 1, "there were strikes");
	host_machine_destroy(machine);
}

/* ---- What a strike may not --------------------------------------------- */

static struct lock stuck;

static void same_cpu_calls(struct host_machine *machine, void *argument)
{
	struct moat_regs regs = moat_version();

	(void)argument;
	(void)host_machine_call(machine, 0, &regs);
}

static void waits_for_ever(struct host_machine *machine, void *argument)
{
	(void)machine;
	(void)argument;
	lock_acquire(&stuck);
}

/* Whether the process that does this is aborted. */
static bool is_aborted(void (*act)(struct host_machine *, void *))
{
	struct host_strike strike = {1, act, NULL};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct host_machine *machine = bed_make();

		(void)freopen("/dev/null", "w", stderr);
		vm_has_a_secret(machine);
		lock_acquire(&stuck);
		host_machine_strike(machine, &strike);
		vm_relinquishes(machine);
		_exit(0);
	}
	(void)waitpid(child, &status, 0);
	return WIFSIGNALED(status) != 0;
}

static void a_misuse_is_a_panic(void)
{
	expect(is_aborted(same_cpu_calls), "a CPU takes one step at a time");
	expect(is_aborted(waits_for_ever), "a lock that is kept is a deadlock");
}

void test_inject(void)
{
	a_secret_is_never_seen_while_it_goes();
	a_question_in_between_waits_for_the_step();
	a_vm_sees_nothing_of_what_the_host_had();
	a_misuse_is_a_panic();
}
