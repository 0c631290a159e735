/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/report.h"

#include "arch-aarch64/console.h"
#include "arch-aarch64/ring.h"

uint64_t report_counts[MACHINE_CPU_MAX][REPORT_COUNTER_COUNT];
static struct report_boot booted;

static uint64_t total(enum report_counter counter)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < machine.cpu_count; cpu++) {
		sum += report_counts[cpu][counter];
	}
	return sum;
}

static void named_decimal(struct line *line, const char *name, uint64_t value)
{
	line_text(line, name);
	line_decimal(line, value);
}

/* moat: booted on <n> CPUs: host RAM <n> MiB at <pa>, engine <n> KiB */
void report_boot(const struct report_boot *boot)
{
	struct line line = {0};

	booted = *boot;
	named_decimal(&line, "moat: booted on ", machine.cpu_count);
	named_decimal(&line, " CPUs: host RAM ", boot->host.size >> 20);
	line_text(&line, " MiB at ");
	line_hex(&line, boot->host.base);
	named_decimal(&line, ", engine ", boot->engine >> 10);
	line_text(&line, " KiB");
	line_print(&line);
}

/* moat: boot <n> ticks, <n> us */
static void print_time(void)
{
	struct line line = {0};
	uint64_t frequency = read_cntfrq_el0();
	uint64_t microseconds =
		frequency == 0 ? 0 : booted.ticks * 1000000 / frequency;

	named_decimal(&line, "moat: boot ", booted.ticks);
	named_decimal(&line, " ticks, ", microseconds);
	line_text(&line, " us");
	line_print(&line);
}

/* moat: memory <n> bytes for the core, <n> KiB kept of <n> MiB of RAM */
static void print_memory(void)
{
	struct line line = {0};

	named_decimal(&line, "moat: memory ", booted.memory);
	named_decimal(&line, " bytes for the core, ", booted.engine >> 10);
	named_decimal(&line, " KiB kept of ", machine.ram.size >> 20);
	line_text(&line, " MiB of RAM");
	line_print(&line);
}

/* moat: steps <n> calls, <n> aborts (<n> refused), <n> exits */
static void print_counts(void)
{
	struct line line = {0};

	named_decimal(&line, "moat: steps ", total(REPORT_CALL));
	named_decimal(&line, " calls, ", total(REPORT_ABORT));
	named_decimal(&line, " aborts (", total(REPORT_REFUSAL));
	named_decimal(&line, " refused), ", total(REPORT_EXIT));
	line_text(&line, " exits");
	line_print(&line);
}

/* moat: end of trace, <n> events */
void report_end(void)
{
	struct line line = {0};
	uint64_t events;

	/* The host may have left a line unfinished. */
	console_write("", 0);
	events = ring_close();
	print_time();
	print_memory();
	print_counts();
	named_decimal(&line, "moat: end of trace, ", events);
	line_text(&line, " events");
	line_print(&line);
}
