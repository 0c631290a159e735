/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each function of the port tells the monitor, as text, and by which name
 * a strike before it is known. The orders are those of the Arm ARM (D8.13.5).
 */
#include "bed.h"

#include <stdlib.h>
#include <string.h>

#include "arch-host/inject.h"
#include "format.h"
#include "pte.h"

enum { TEXT = 4096 };

#define PLACE (2 * BED_RAM) /* the first page of the second range */

static const struct moat_invalidation some = {
	.stage2 = {.vmid = 1}, .ipa = {0x5000}, .page_count = 2, .level = 3};

/* ---- One call of each function ----------------------------------------- */

static struct host_machine *machine;

static void write_descriptor(void)
{
	bed_write(machine, PLACE, pte_page(BED_PAGE, PTE_NORMAL));
}

static void write_device(void)
{
	bed_write(machine, PLACE, pte_page(0x9000000, PTE_DEVICE));
}

static void invalidate_pages(void)
{
	moat_port_invalidate(&some);
}

static void invalidate_tables(void)
{
	struct moat_invalidation what = some;

	what.is_table = 1;
	moat_port_invalidate(&what);
}

static void invalidate_all(void)
{
	struct moat_invalidation what = some;

	what.page_count = 0;
	moat_port_invalidate(&what);
}

static void invalidate_the_hosts(void)
{
	struct moat_invalidation what = some;

	what.stage2 = moat_host_stage2(machine->engine);
	moat_port_invalidate(&what);
}

static void scrub(void)
{
	moat_port_scrub(host_machine_memory(machine, PLACE), 0x2000);
}

static void clean(void)
{
	moat_port_clean(host_machine_memory(machine, PLACE), 0x1000);
}

static void reset(void)
{
	static struct moat_context context;

	moat_port_context_reset(&context, 0, 0, 0);
}

static void abort_context(void)
{
	static struct moat_context context;

	moat_port_context_abort(
		&context, (struct moat_ipa){0}, MOAT_ACCESS_READ);
}

static void measure(void)
{
	uint64_t measurement[MOAT_MEASUREMENT_WORDS] = {0};

	moat_port_measure(measurement, NULL, 0, NULL, 0);
}

static void end_event(void)
{
	moat_port_event_end(moat_port_event_begin());
}

/* A VMID is selected, and the one that was is again; CPU 0 is the host's. */
#define SELECT "dsb_ishst 0;stage2 0 1 0 0 0;isb 0;"
#define STAGE_1 "dsb_ish 0;tlbi_vmalle1is 0 1;"
#define END "dsb_ish 0;isb 0;"
#define RESTORE "stage2 0 0 30000000 20 1;"

static const struct {
	const char *name;
	void (*call)(void);
	const char *text; /* but for "watch" and the number */
	uint64_t devices; /* descriptors that count as those of devices */
} rows[] = {
	{"descriptor_write", write_descriptor,
		"write 0 80000000 " FORMAT_PAGE ";", 0},
	/* Once as what is new, once as what was there. */
	{"descriptor_write", write_device,
		"write 0 80000000 " FORMAT_DEVICE ";", 1},
	{"descriptor_write", write_descriptor,
		"write 0 80000000 " FORMAT_PAGE ";", 1},
	{"publish", moat_port_publish, "dsb_ishst 0;isb 0;", 0},
	{"invalidate", invalidate_pages,
		SELECT "tlbi_ipas2le1is 0 1 5000 2 3;" STAGE_1 END RESTORE, 0},
	{"invalidate", invalidate_tables,
		SELECT "tlbi_ipas2e1is 0 1 5000 2 3;" STAGE_1 END RESTORE, 0},
	{"invalidate", invalidate_all,
		SELECT "tlbi_vmalls12e1is 0 1;" END RESTORE, 0},
	{"invalidate", invalidate_the_hosts,
		"dsb_ishst 0;stage2 0 0 30000000 20 1;isb 0;tlbi_ipas2le1is 0 "
		"0 5000 2 3;dsb_ish 0;tlbi_vmalle1is 0 0;" END,
		0},
	{"scrub", scrub, "zero 0 80000000 2000;dsb_sy 0;", 0},
	{"clean", clean, "clean 0 80000000 1000;", 0},
	{"context_reset", reset, "", 0},
	{"context_abort", abort_context, "", 0},
	{"measure", measure, "", 0},
	{"wake", moat_port_wake, "unlock 0;", 0},
	{"event", end_event, "", 0},
};

/* ---- The text ---------------------------------------------------------- */

/* Of what follows @from in @file, as much as there is room for: the events of
 * the monitor, each without "watch", its number and its line end. */
static void read_told(FILE *file, long from, char text[TEXT])
{
	char line[TEXT / 4];

	text[0] = '\0';
	fflush(file);
	fseek(file, from, SEEK_SET);
	while (fgets(line, sizeof(line), file) &&
		strlen(text) + strlen(line) < TEXT) {
		const char *kind = strchr(line, ' ');

		kind = kind ? strchr(kind + 1, ' ') : NULL;
		if (kind && strncmp(line, "watch ", 6) == 0) {
			line[strcspn(line, "\n")] = '\0';
			strcat(text, kind + 1);
			strcat(text, ";");
		}
	}
}

static void nothing(struct host_machine *struck, void *argument)
{
	(void)struck;
	(void)argument;
}

static void one_is_told(FILE *trace, size_t i)
{
	const struct host_strike strike = {1, nothing, NULL};
	char text[TEXT];
	const char *struck;
	uint64_t devices;
	uint64_t writes;
	long from;

	fseek(trace, 0, SEEK_END);
	from = ftell(trace);
	devices = machine->device_write_count;
	writes = machine->write_count;
	host_machine_strike(machine, &strike);
	rows[i].call();
	struck = host_machine_struck(machine);
	expect(struck && strcmp(struck, rows[i].name) == 0, rows[i].name);
	expect(host_machine_port_events(machine) == 1, "one port event");
	expect(machine->device_write_count - devices == rows[i].devices,
		"descriptors of devices");
	expect(machine->write_count - writes ==
			(strcmp(rows[i].name, "descriptor_write") == 0),
		"descriptors");
	read_told(trace, from, text);
	if (strcmp(text, rows[i].text) != 0) {
		fprintf(stderr, "%s tells %s\n", rows[i].name, text);
	}
	expect(strcmp(text, rows[i].text) == 0, "what is told");
}

/* The first thing a trace tells is what memory there is. */
static void memory_is_told(FILE *trace)
{
	const struct moat_config config = {.cpu_count = 2,
		.vm_count = 1,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 2,
		.ram = {{BED_RAM, BED_REGION}, {2 * BED_RAM, BED_REGION}},
		.memory_pa = {0x30000000}};
	const char *begin = "begin 0 1 c;ram 0 40000000 200000;"
			    "ram 0 80000000 200000;ram 0 30000000 ";
	char text[TEXT];

	host_machine_trace_watch(true);
	machine = host_machine_create(&config, trace);
	host_machine_trace_watch(false);
	if (!machine) {
		fprintf(stderr, "no machine with a trace\n");
		exit(EXIT_FAILURE);
	}
	read_told(trace, 0, text);
	expect(strncmp(text, begin, strlen(begin)) == 0, "what is told first");
}

static const struct moat_event *heard;
static struct moat_event last;

static void hear(void *argument, const struct moat_event *event)
{
	heard = argument;
	last = *event;
}

/* An abort has one word, whatever the event before it had. */
static void an_event_has_nothing_of_another(void)
{
	struct moat_regs regs = moat_features();
	uint64_t other = 0;

	host_machine_listen(machine, hear, &last);
	(void)host_machine_call(machine, 0, &regs);
	expect(last.out[1] == MOAT_PAGE_SIZE, "the event of a call");
	(void)host_machine_abort(machine, 0, (struct moat_ipa){0x5000});
	for (size_t i = 1; i < sizeof(last.in) / sizeof(last.in[0]); i++) {
		other |= last.in[i];
	}
	for (size_t i = 0; i < MOAT_EVENT_OUT; i++) {
		other |= last.out[i];
	}
	expect(last.in[0] == 0x5000 && other == 0 && heard == &last,
		"the event of an abort");
	host_machine_listen(machine, NULL, NULL);
}

void test_told(void)
{
	FILE *trace = tmpfile();

	if (!trace) {
		expect(false, "a file for a trace");
		return;
	}
	memory_is_told(trace);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		one_is_told(trace, i);
	}
	an_event_has_nothing_of_another();
	host_machine_destroy(machine);
	fclose(trace);
}
