/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unit tests of the VMM, on a laptop, against the real engine: moat::host is a
 * machine with simulated CPUs, whose memory is reached through the tables that
 * the engine wrote, and whose monitor watches the engine. The VM is a script of
 * what its program would do.
 *
 * The reference model takes each step as well (moat::model), and whatever the
 * engine answers otherwise is a failure. With an argument the trace of each
 * step goes to that file, too, which `moat-model replay` compares later.
 */
#include <stdio.h>
#include <string.h>

#include "arch-host/inject.h"
#include "arch-host/machine.h"
#include "model/model.h"
#include "vmm.h"

#define RAM UINT64_C(0x40000000)
#define RAM_SIZE UINT64_C(0x800000)

static struct host_machine *machine;
static int failed;

static void expect(bool holds, const char *what)
{
	printf("%s %s\n", holds ? "ok    " : "FAILED", what);
	failed += holds ? 0 : 1;
}

/* ---- The model ---------------------------------------------------------- */

static struct model *model;
static char difference[MODEL_DIFFERENCE_TEXT]; /* the first one */

static void model_takes(void *unused, const struct moat_event *event)
{
	(void)unused;
	if (difference[0] == 0) {
		(void)model_event(
			&model, event, difference, sizeof(difference));
	}
}

/* The machine begins anew, and the model with it. */
static void begin(void)
{
	model_destroy(model);
	model = model_create(&machine->config);
	host_machine_listen(machine, model_takes, NULL);
}

/* What the model says that a page is. */
static enum moat_page_state meant(struct moat_pa pa)
{
	struct model_page page = {.state = MOAT_PAGE_ENGINE};

	(void)model_page_at(model, pa, &page);
	return page.state;
}

/* ---- The VM ------------------------------------------------------------- */

/* One thing that the program of the VM does, with one byte. */
enum act { PRINT, WAIT, TOUCH, SHARE, OFF };
struct line {
	enum act act;
	uint64_t value;
};

static const struct line *script;

/* The trap in which an act ends; registers of the VM as it needs them. */
static struct moat_trap play(struct moat_context *guest, struct line line)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	switch (line.act) {
	case PRINT:
		guest->x[1] = line.value;
		trap.kind = MOAT_TRAP_ABORT;
		trap.access = MOAT_ACCESS_WRITE;
		trap.ipa.value = VMM_CONSOLE;
		trap.has_syndrome = 1;
		trap.size = 1;
		trap.register_index = 1;
		break;
	case WAIT:
		trap.kind = MOAT_TRAP_WFI;
		break;
	case TOUCH:
		trap.kind = MOAT_TRAP_ABORT;
		trap.access = MOAT_ACCESS_READ;
		trap.ipa.value = line.value;
		break;
	case SHARE:
		guest->x[0] = MOAT_FUNCTION(MOAT_GUEST_SHARE);
		guest->x[1] = line.value;
		guest->x[2] = 1;
		break;
	case OFF:
		guest->x[0] = MOAT_PSCI_SYSTEM_OFF;
		break;
	}
	return trap;
}

/* What an HVC of the VMM does here; a VM plays on until it exits. */
void moat_host_hvc(struct moat_regs *regs)
{
	enum moat_action action = host_machine_call(machine, 0, regs);

	while (action == MOAT_GUEST_ENTER || action == MOAT_GUEST_RESUME) {
		struct moat_context *guest =
			moat_cpu_context(machine->engine, 0);
		struct moat_trap trap = play(guest, *script);

		script++;
		action = host_machine_exit(machine, 0, &trap, regs);
	}
}

/* ---- What a test has ---------------------------------------------------- */

static struct moat_pa page(uint64_t number)
{
	struct moat_pa pa = {RAM + number * MOAT_PAGE_SIZE};

	return pa;
}

static struct vmm_memory memory(void)
{
	const struct vmm_memory pages = {
		page(0), page(4), page(8), page(16), 2};

	return pages;
}

/* What the host's CPU finds at the start of a page, if stage 2 lets it. */
static bool host_reads(struct moat_pa pa, uint64_t *value)
{
	struct host_access access = {pa.value, 0, MOAT_ACCESS_READ};
	bool may = host_cpu_access(machine, 0, &access);

	*value = access.value;
	return may;
}

static void host_writes(struct moat_pa pa, uint64_t value)
{
	struct host_access access = {pa.value, value, MOAT_ACCESS_WRITE};

	expect(host_cpu_access(machine, 0, &access), "the host writes");
}

/* ---- Tests -------------------------------------------------------------- */

static void console_shows_what_the_vm_prints(void)
{
	static const struct line program[] = {
		{PRINT, 'h'}, {WAIT, 0}, {PRINT, 'i'}, {OFF, 0}};
	const struct vmm_memory pages = memory();
	struct vmm vmm = {.vm = {0}};
	uint64_t value;

	host_writes(pages.image, 0x5ec2e7);
	expect(vmm_make(&vmm, &pages) == MOAT_OK, "a VM is made");
	expect(!host_reads(pages.image, &value), "its image is out of reach");
	expect(meant(pages.image) == MOAT_PAGE_VM, "as the model has it");
	script = program;
	expect(vmm_run(&vmm) == VMM_OFF, "it turns itself off");
	expect(vmm.length == 2 && memcmp(vmm.output, "hi", 2) == 0,
		"it has printed hi");
	expect(vmm_end(&vmm) == MOAT_OK, "everything is taken back");
	expect(host_reads(pages.image, &value) && value == 0,
		"the image is gone");
	expect(vmm.pool.count == VMM_TABLES, "no table is lost");
}

static void vm_that_strays_is_lost(void)
{
	static const struct line program[] = {{TOUCH, 0x7000}, {OFF, 0}};
	const struct vmm_memory pages = memory();
	struct vmm vmm = {.vm = {1}};

	expect(vmm_make(&vmm, &pages) == MOAT_OK, "a VM is made");
	script = program;
	expect(vmm_run(&vmm) == VMM_LOST, "it strays");
	expect(vmm_end(&vmm) == MOAT_OK, "everything is taken back");
}

/* A bug that such a VMM might have: it gives a page twice. */
static void page_given_twice_is_refused(void)
{
	const struct vmm_memory pages = memory();
	struct vmm one = {.vm = {0}};
	struct vmm two = {.vm = {1}};

	expect(vmm_make(&one, &pages) == MOAT_OK, "a VM is made");
	expect(moat_status_code(vmm_make(&two, &pages)) == MOAT_BAD_PAGE,
		"another one of its pages is not");
	expect(vmm_end(&one) == MOAT_OK, "everything is taken back");
}

/* ---- Another CPU comes in between --------------------------------------- */

static struct moat_pa target;
static bool saw_secret;

/* CPU 1 reads the target, and where it faults, again if it is told to. */
static void other_cpu_reads(struct host_machine *on, void *unused)
{
	struct host_access access = {target.value, 0, MOAT_ACCESS_READ};
	struct moat_ipa ipa = {target.value};

	(void)unused;
	while (!host_cpu_access(on, 1, &access)) {
		if (host_machine_abort(on, 1, ipa) == MOAT_HOST_INJECT) {
			return;
		}
	}
	saw_secret = saw_secret || access.value != 0;
}

/*
 * All that the VMM asks to end its VM, once for each port event that this takes
 * of the engine, each time with an intruder before another one.
 */
static void nobody_sees_a_vm_while_it_is_torn_down(void)
{
	const struct vmm_memory pages = memory();
	struct host_strike strike = {0, other_cpu_reads, NULL};
	bool is_refused = false;

	target = pages.image;
	saw_secret = false;
	do {
		struct host_access access = {
			target.value, 0x5ec2e7, MOAT_ACCESS_WRITE};
		struct vmm vmm = {.vm = {0}};

		host_machine_restart(machine);
		begin();
		is_refused |= !host_cpu_access(machine, 0, &access);
		is_refused |= vmm_make(&vmm, &pages) != MOAT_OK;
		strike.at++;
		host_machine_strike(machine, &strike);
		is_refused |= vmm_end(&vmm) != MOAT_OK;
	} while (host_machine_struck(machine) != NULL);
	expect(!is_refused, "it is torn down each time");
	expect(strike.at > 20, "an intruder came at each of many points");
	expect(!saw_secret, "no intruder saw what the VM had");
}

int main(int argc, char **argv)
{
	const struct moat_config shape = {.cpu_count = 2,
		.vm_count = 2,
		.ipa_bits = VMM_IPA_BITS,
		.host_ipa_bits = 33,
		.ram_count = 1,
		.ram = {{RAM, RAM_SIZE}},
		.memory_pa = {0x80000000}};
	FILE *trace = argc > 1 ? fopen(argv[1], "w") : NULL;

	machine = host_machine_create(&shape, trace);
	if (!machine) {
		return 1;
	}
	begin();
	console_shows_what_the_vm_prints();
	vm_that_strays_is_lost();
	page_given_twice_is_refused();
	expect(machine->violation == NULL, "the monitor saw nothing wrong");
	expect(moat_invariant_check(machine->engine) == NULL,
		"every invariant holds");
	nobody_sees_a_vm_while_it_is_torn_down();
	expect(machine->violation == NULL, "nor did it when others came in");
	expect(difference[0] == 0, "the model agrees with each step");
	printf("%s", difference);
	model_destroy(model);
	host_machine_destroy(machine);
	if (trace) {
		fclose(trace);
	}
	return failed == 0 ? 0 : 1;
}
