/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of events, letter by letter. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#include "moat/trace.h"
#include "scene.h"
#include "table.h"

#define FULL UINT64_C(0xffffffffffffffff)
#define WORD "ffffffffffffffff"
#define FIVE " " WORD " " WORD " " WORD " " WORD " " WORD
#define FULL_5 FULL, FULL, FULL, FULL, FULL

/* { the event, its sequence number, its text } */
static const struct text_row {
	struct moat_event event;
	uint64_t sequence;
	const char *text;
} text_rows[] = {
	{{MOAT_EVENT_INIT, 0, 0, {4, 8, 44, 40}, {0}}, 0,
		"moat 0 init 0 4 8 2c 28 > 0"},
	{{MOAT_EVENT_INIT, 0, 0, {4, 8, 44, 40, 4}, {0}}, 0,
		"moat 0 init 0 4 8 2c 28 4 > 0"},
	{{MOAT_EVENT_RAM, 0, 0, {0x40000000, 0x8000000}, {0}}, 1,
		"moat 1 ram 0 40000000 8000000 > 0"},
	{{MOAT_EVENT_HIDE, 0, 0, {0x9020000, 0x1000}, {0}}, 2,
		"moat 2 hide 0 9020000 1000 > 0"},
	{{MOAT_EVENT_CALL, 3, 0, {0xc6000000}, {0, 0x10000}}, 0x1f,
		"moat 1f call 3 c6000000 > 0 0 10000"},
	/* Zeroes in the middle stay, zeroes at the end go. */
	{{MOAT_EVENT_CALL, 0, 0, {0xc6000040, 0, 0, 0x40200000, 1}, {0, 1}}, 9,
		"moat 9 call 0 c6000040 0 0 40200000 1 > 0 0 1"},
	{{MOAT_EVENT_CALL, 1, 0, {0xc6000011}, {0x102}}, 10,
		"moat a call 1 c6000011 > 0 102"},
	{{MOAT_EVENT_CALL, 63, 3, {0xc6000022, 1}, {0}}, 255,
		"moat ff call 3f c6000022 1 > 3"},
	{{MOAT_EVENT_ABORT, 2, 1, {0x40303008}, {0}}, 16,
		"moat 10 abort 2 40303008 > 1"},
	/* The address 0 is a zero at the end, too. */
	{{MOAT_EVENT_ABORT, 0, 2, {0}, {0}}, 17, "moat 11 abort 0 > 2"},
	{{MOAT_EVENT_EXIT, 1, 5, {4, 2, 0x1000}, {0, 3, 0x1000, 2}}, 18,
		"moat 12 exit 1 4 2 1000 > 5 0 3 1000 2"},
	{{MOAT_EVENT_EXIT, 1, 4, {3, 0, 0, 0xc6000100}, {0, 0x10000}}, 19,
		"moat 13 exit 1 3 0 0 c6000100 > 4 0 10000"},
	{{MOAT_EVENT_EXIT, 0, 4, {3, 0, 0, 0x84000000}, {FULL}}, FULL,
		"moat " WORD " exit 0 3 0 0 84000000 > 4 " WORD},
	/* The longest there is: 16 words in, 15 out. */
	{{MOAT_EVENT_CALL, 0xffffffff, 0xffffffff,
		 {FULL_5, FULL_5, FULL_5, FULL}, {FULL_5, FULL_5, FULL_5}},
		FULL,
		"moat " WORD " call ffffffff" FIVE FIVE FIVE " " WORD
		" > ffffffff" FIVE FIVE FIVE},
};

Test(event_text, each_event_has_its_text)
{
	for (size_t i = 0; i < LENGTH(text_rows); i++) {
		const struct text_row *row = &text_rows[i];
		char text[MOAT_EVENT_TEXT];
		size_t length;

		memset(text, '?', sizeof(text));
		length = moat_event_format(&row->event, row->sequence, text);
		cr_expect_str_eq(text, row->text, "row %zu: %s", i, text);
		cr_expect_eq(length, strlen(row->text), "row %zu", i);
	}
}

Test(event_text, each_kind_of_event_has_a_row)
{
	for (uint32_t kind = 0; kind < MOAT_EVENT_KIND_COUNT; kind++) {
		bool occurs = false;

		for (size_t i = 0; i < LENGTH(text_rows); i++) {
			occurs |= text_rows[i].event.kind == kind;
		}
		cr_expect(occurs, "kind %u", (unsigned)kind);
	}
}

/* A trace that another engine wrote may have one. */
Test(event_text, an_event_of_an_unknown_kind_has_no_name)
{
	const struct moat_event event = {.kind = MOAT_EVENT_KIND_COUNT};
	char text[MOAT_EVENT_TEXT];

	cr_expect_eq(moat_event_format(&event, 0, text), 13);
	cr_expect_str_eq(text, "moat 0  0 > 0");
}

/* ---- A port without a trace -------------------------------------------- */

struct moat_event *__real_moat_port_event_begin(void);
struct moat_event *__wrap_moat_port_event_begin(void);

static bool is_silent;

struct moat_event *__wrap_moat_port_event_begin(void)
{
	return is_silent ? NULL : __real_moat_port_event_begin();
}

/* Init, a call, one of constants, an abort, a trap: not one is written. */
Test(event_text, a_port_may_want_no_events)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = moat_vm_seal((struct moat_vm_id){9});
	struct bed bed;

	is_silent = true;
	bed = bed_make();
	cr_expect_eq(moat_host_call(bed.engine, 0, &regs), MOAT_HOST_RESUME);
	cr_expect_eq(regs.x[0], AT(MOAT_BAD_VM, 1));
	regs = moat_version();
	cr_expect_eq(moat_host_call(bed.engine, 0, &regs), MOAT_HOST_RESUME);
	cr_expect_eq(regs.x[0], MOAT_OK);
	moat_host_abort(bed.engine, 0, (struct moat_ipa){BED_A});
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	cr_expect_eq(
		moat_guest_exit(bed.engine, 1, &trap, &regs), MOAT_HOST_RETURN);
	cr_expect_eq(bed.machine->event_count, 0);
	bed_end(&bed);
}

/* ---- The events of the start ------------------------------------------- */

void __real_moat_port_event_end(struct moat_event *event);
void __wrap_moat_port_event_end(struct moat_event *event);

/* The first events, in the order in which they ended. */
static struct moat_event first[8];
static uint32_t ended;

void __wrap_moat_port_event_end(struct moat_event *event)
{
	if (ended < LENGTH(first)) {
		first[ended] = *event;
	}
	ended++;
	__real_moat_port_event_end(event);
}

Test(event_text, a_machine_is_told_before_its_first_step)
{
	/* The engine's own memory is outside of RAM, and hidden. */
	static const char *const lines[] = {
		"moat 0 init 0 3 6 2c 20 4 > 0",
		"moat 1 ram 0 40000000 600000 > 0",
		"moat 2 ram 0 80000000 200000 > 0",
		"moat 3 ram 0 a0000000 800000 > 0",
	};
	struct bed bed = bed_make();

	cr_assert_eq(ended, 7);
	for (uint32_t i = 0; i < LENGTH(lines); i++) {
		char is[MOAT_EVENT_TEXT];

		moat_event_format(&first[i], i, is);
		cr_expect_str_eq(is, lines[i], "%s", is);
	}
	for (uint32_t i = LENGTH(lines); i < 7; i++) {
		char is[MOAT_EVENT_TEXT];

		moat_event_format(&first[i], i, is);
		cr_expect_eq(first[i].kind, MOAT_EVENT_HIDE, "%s", is);
		cr_expect_neq(first[i].in[1], 0, "%s", is);
		cr_expect_eq(first[i].in[2], 0, "%s", is);
	}
	bed_end(&bed);
}

/* ---- The events of a short life ---------------------------------------- */

static void expect_event(const struct bed *bed, const char *text)
{
	char is[MOAT_EVENT_TEXT];

	moat_event_format(
		&bed->machine->event, bed->machine->event_count - 1, is);
	cr_expect_str_eq(is, text, "%s, and should be %s", is, text);
}

/* The VM's registers are what the test wants; the rest of them zero. */
static struct moat_context *guest_of(const struct bed *bed)
{
	struct moat_context *context = moat_cpu_context(bed->engine, 1);

	memset(context->x, 0, sizeof(context->x));
	context->deadline = 0xd;
	context->maintenance = 0x2;
	return context;
}

/* INIT, 3 ranges of RAM, 3 withheld (the machine adds the engine's). */
Test(event_text, each_step_of_the_host_is_one_event)
{
	struct bed bed = bed_make();
	struct moat_regs regs = moat_vm_seal((struct moat_vm_id){9});

	cr_expect_eq(bed.machine->event_count, 7);
	bed_call(&bed, 2, &regs);
	expect_event(&bed, "moat 7 call 2 c6000011 9 > 0 102");
	host_machine_abort(bed.machine, 1, (struct moat_ipa){BED_A + 8});
	expect_event(&bed, "moat 8 abort 1 40000008 > 1");
	host_machine_abort(bed.machine, 1, (struct moat_ipa){BED_WITHHELD});
	expect_event(&bed, "moat 9 abort 1 40303000 > 2");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	cr_expect_eq(bed.machine->event_count, 0x1d);
	/* Of a run all of the entry; of another call x0..x9. */
	regs = (struct moat_regs){
		{0xc6000022, 0, 0, 2, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd}};
	bed_call(&bed, 1, &regs);
	expect_event(
		&bed, "moat 1d call 1 c6000022 0 0 2 4 5 6 7 8 9 a b c d > 3");
	regs = (struct moat_regs){
		{0xc6000012, 9, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd}};
	bed_call(&bed, 0, &regs);
	expect_event(&bed, "moat 1e call 0 c6000012 9 2 3 4 5 6 7 8 9 > 0 102");
	bed_end(&bed);
}

/* Calls whose answer is a constant: all ten registers are shown and written. */
Test(event_text, each_constant_is_one_event)
{
	struct bed bed = bed_make();
	struct moat_regs regs = {
		{0xc6000000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd}};

	bed_call(&bed, 2, &regs);
	expect_event(&bed, "moat 7 call 2 c6000000 1 2 3 4 5 6 7 8 9"
			   " > 0 0 10000");
	for (uint32_t i = 2; i < 10; i++) {
		expect_equal("a register", regs.x[i], 0);
	}
	regs = (struct moat_regs){{0xc6000001}};
	bed_call(&bed, 1, &regs);
	expect_event(&bed, "moat 8 call 1 c6000001"
			   " > 0 0 1000 200 20 2c 6 8 3 1000 306");
	regs = (struct moat_regs){{0xc60000ff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa}};
	bed_call(&bed, 1, &regs);
	expect_event(&bed, "moat 9 call 1 c60000ff 1 2 3 4 5 6 7 8 9"
			   " > 0 " WORD);
	for (uint32_t i = 1; i < 10; i++) {
		expect_equal("a register", regs.x[i], 0);
	}
	bed_end(&bed);
}

Test(event_text, each_call_of_a_vm_is_one_event)
{
	const struct moat_trap call = {.kind = MOAT_TRAP_CALL};
	struct bed bed = bed_make();
	struct moat_regs regs;

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[0] = 0xc6000100;
	moat_cpu_context(bed.engine, 1)->x[5] = 0x55;
	moat_cpu_context(bed.engine, 1)->x[9] = 5;
	bed_trap(&bed, 1, &call, &regs);
	expect_event(&bed,
		"moat 1b exit 1 3 0 0 c6000100 0 0 0 0 55 0 0 0 5 d 2"
		" > 4 0 10000");
	expect_equal("x5, which is no result",
		moat_cpu_context(bed.engine, 1)->x[5], 0x55);
	guest_of(&bed)->x[0] = 0x84000001;
	moat_cpu_context(bed.engine, 1)->x[3] = 0x33;
	bed_trap(&bed, 1, &call, &regs);
	expect_event(&bed,
		"moat 1c exit 1 3 0 0 84000001 0 0 33 0 0 0 0 0 0 d 2"
		" > 5 0 2 d 0 0 0 0 0 0 0 0 0 0 0 2");
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[0] = 0x84000000;
	moat_cpu_context(bed.engine, 1)->x[3] = 0x33;
	bed_trap(&bed, 1, &call, &regs);
	expect_event(&bed,
		"moat 1e exit 1 3 0 0 84000000 0 0 33 0 0 0 0 0 0 d 2"
		" > 4 10001 0 0 33");
	bed_end(&bed);
}

Test(event_text, each_trap_of_a_vm_is_one_event)
{
	const struct moat_trap fault = {.kind = MOAT_TRAP_ABORT,
		.access = MOAT_ACCESS_WRITE,
		.ipa = {0x5123}};
	const struct moat_trap load = {.kind = MOAT_TRAP_ABORT,
		.access = MOAT_ACCESS_READ,
		.ipa = {IPA_UPPER + 0x10},
		.has_syndrome = 1,
		.size = 2,
		.register_index = 31,
		.is_signed = 1,
		.is_wide = 1};
	struct bed bed = bed_make();
	struct moat_regs regs;

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed);
	bed_trap(&bed, 1, &fault, &regs);
	expect_event(&bed, "moat 1b exit 1 4 2 5123 0 0 0 0 0 0 0 0 0 0 d 2"
			   " > 5 0 3 5000 2 0 0 0 0 0 0 0 0 0 0 2");
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed);
	bed_trap(&bed, 1, &load, &regs);
	expect_event(&bed,
		"moat 1d exit 1 4 1 40000000010 1 2 1f 1 1 0 0 0 0 0 d 2"
		" > 5 0 4 40000000010 2 1 0 0 0 0 0 0 0 0 0 2");
	bed_end(&bed);
}

/* What a store would write is shown, and of other traps nothing of the kind. */
Test(event_text, what_a_store_writes_is_in_its_event)
{
	struct moat_trap store = {.kind = MOAT_TRAP_ABORT,
		.access = MOAT_ACCESS_WRITE,
		.ipa = {IPA_UPPER},
		.has_syndrome = 1,
		.size = 4,
		.register_index = 3};
	struct bed bed = bed_make();
	struct moat_regs regs;

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[3] = 0x77;
	bed_trap(&bed, 1, &store, &regs);
	expect_event(&bed, "moat 1b exit 1 4 2 40000000000 1 4 3 0 0 77 0 0 0 0"
			   " d 2 > 5 0 4 40000000000 4 2 77 0 0 0 0 0 0 0 0 2");
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[30] = 0x78;
	store.register_index = 30;
	bed_trap(&bed, 1, &store, &regs);
	expect_event(&bed,
		"moat 1d exit 1 4 2 40000000000 1 4 1e 0 0 78 0 0 0 0"
		" d 2 > 5 0 4 40000000000 4 2 78 0 0 0 0 0 0 0 0 2");
	store.register_index = 3;
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[3] = 0x77;
	store.has_syndrome = 0;
	bed_trap(&bed, 1, &store, &regs);
	expect_event(&bed, "moat 1f exit 1 4 2 40000000000 0 4 3 0 0 0 0 0 0 0"
			   " d 2 > 5 0 3 40000000000 2 0 0 0 0 0 0 0 0 0 0 2");
	scene_run(&bed, 0, 0, 1);
	guest_of(&bed)->x[3] = 0x77;
	store.has_syndrome = 1;
	store.kind = MOAT_TRAP_IRQ;
	bed_trap(&bed, 1, &store, &regs);
	expect_event(&bed, "moat 21 exit 1 1 2 40000000000 0 0 0 0 0 0 0 0 0 0"
			   " d 2 > 5 0 1 0 0 0 0 0 0 0 0 0 0 0 0 2");
	bed_end(&bed);
}
