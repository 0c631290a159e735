/* SPDX-License-Identifier: BSD-2-Clause */
/* Traces as text: what the parser takes, and what replay says about it. */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LINES_MAX = 48 };

/* Replay @lines up to the first that does not agree; its text, "" if all do.
 * Every line must parse. */
static const char *replay(const char *const *lines, enum model_replay *answer)
{
	static char difference[MODEL_DIFFERENCE_TEXT];
	struct model *m = NULL;
	uint64_t sequence;

	difference[0] = '\0';
	*answer = MODEL_REPLAY_AGREES;
	for (size_t i = 0; lines[i] != NULL; i++) {
		struct moat_event event;
		struct model_parse_error error;

		cr_assert_eq(
			model_event_parse(lines[i], &event, &sequence, &error),
			MODEL_PARSE_EVENT, "%s", lines[i]);
		cr_assert_eq(sequence, i);
		*answer =
			model_event(&m, &event, difference, sizeof(difference));
		if (*answer != MODEL_REPLAY_AGREES) {
			break;
		}
	}
	model_destroy(m);
	return difference;
}

/* VM 0 is made with one page, runs on CPU 1, and makes three calls. */
static const char *const good[LINES_MAX] = {
	"moat 0 init 0 2 3 28 24 > 0",
	"moat 1 ram 0 40000000 1000000 > 0",
	"moat 2 hide 0 40000000 10000 > 0",
	"moat 3 call 0 c6000000 > 0 0 10000",
	"moat 4 call 0 c6000010 0 40200000 20 2 > 0",
	"moat 5 call 0 c6000030 0 0 3 40204000 > 0",
	"moat 6 call 0 c6000020 0 0 40205000 80000 77 > 0",
	"moat 7 call 0 c6000041 0 10000 40206000 8 > 0 0 8",
	"moat 8 call 0 c6000041 0 10000 40206000 8 > 0 20b",
	"moat 9 abort 0 40206123 > 2",
	"moat a call 0 c6000011 > 0",
	"moat b call 1 c6000022 > 3",
	"moat c exit 1 3 0 0 c6000100 > 4 0 10000",
	"moat d exit 1 3 0 0 1 2 3 4 > 4 ffffffffffffffff 2 3 4",
	"moat e exit 1 3 0 0 c6000101 2 a b c > 5 0 5 2 a b",
	"moat f call 1 c6000022 > 3",
	"moat 10 exit 1 4 2 abcdef > 5 0 3 abc000 2",
	"moat 11 call 0 c6000012 > 0",
	NULL,
};

/* One of everything that a trace tells the model. VM 0 has vCPU 0 and, off,
 * vCPU 1; it is loaded with a page, and lent one. */
static const char *const rich[LINES_MAX] = {
	"moat 0 init 0 2 3 28 24 4 > 0",
	"moat 1 ram 0 40000000 1000000 > 0",
	"moat 2 call 0 c6000010 0 40200000 20 2 > 0",
	"moat 3 call 0 c6000030 0 0 3 40204000 > 0",
	"moat 4 call 0 c6000030 0 80000000 3 40205000 > 0",
	"moat 5 call 0 c6000020 0 0 40206000 80000 77 > 0",
	"moat 6 call 0 c6000020 0 1 40207000 0 0 1 > 0",
	"moat 7 call 0 c6000040 0 10000 40208000 1 > 0 0 1",
	"moat 8 call 0 c6000044 0 80000000 40209000 1 1 > 0 0 1",
	/* The measurement is what the engine says it is, here and below. */
	"moat 9 call 0 c6000011 > 0 0 11 22 33 44",
	"moat a call 1 c6000022 0 0 0 0 0 0 0 0 0 5000000000000028 > 3",
	"moat b exit 1 3 0 0 c6000106 0 0 0 0 99 > 4 0 11 22 33 44",
	/* share: x0 and x1 are the guest's with the next call. */
	"moat c exit 1 3 0 0 c6000103 10000 9 > 5 0 7 10000 1",
	/* A store of x3 to a device; of an interrupt one is active. */
	"moat d call 1 c6000022 > 3",
	"moat e exit 1 4 2 80001004 1 2 3 0 0 ffffbeef 0 0 0 0 99 1ff > "
	"5 0 4 80001004 2 2 beef 0 0 0 0 9000000000000028 29 2a 0 ff",
	/* A load to w2; then the value comes, and a page that is mapped by now
	 * is read. The registers are what they are. */
	"moat f call 1 c6000022 0 0 2 > 3",
	"moat 10 exit 1 4 1 80001000 1 4 2 > 5 0 4 80001000 4 1",
	"moat 11 call 1 c6000022 0 0 0 1234 > 3",
	"moat 12 exit 1 4 1 80000000 1 4 2 > 4 a b c d e",
	"moat 13 exit 1 4 2 80000000 1 4 2 0 0 5 > 5 0 3 80000000 2",
	/* An abort, a wait with a deadline, and vCPU 1 goes on. */
	"moat 14 call 1 c6000022 0 0 1 > 3",
	"moat 15 exit 1 2 0 0 0 0 0 0 0 0 0 0 0 0 777 > 5 0 2 777",
	"moat 16 call 1 c6000022 > 3",
	"moat 17 exit 1 3 0 0 84000003 1 4000 > 5 0 6 84000003 1",
	"moat 18 call 0 c6000022 0 1 > 3",
	"moat 19 exit 0 3 0 0 84000002 > 5 0 6 84000002",
	/* Each VM has its own measurement. */
	"moat 1a call 0 c6000010 1 40400000 20 1 > 0",
	"moat 1b call 0 c6000011 1 > 0 0 55 66 77 88",
	NULL,
};

Test(replay, an_honest_trace_agrees)
{
	enum model_replay answer;
	const char *difference = replay(good, &answer);

	cr_assert_eq(answer, MODEL_REPLAY_AGREES, "%s", difference);
	cr_assert_str_empty(difference);
}

Test(replay, a_trace_tells_what_the_model_cannot_know)
{
	enum model_replay answer;
	const char *difference = replay(rich, &answer);

	cr_assert_eq(answer, MODEL_REPLAY_AGREES, "%s", difference);
}

/* Replay @trace up to line @at, which is @line instead. */
static void expect_in(const char *const *trace, size_t at, const char *line,
	enum model_replay expected, const char *difference)
{
	const char *lines[LINES_MAX] = {NULL};
	enum model_replay answer;
	const char *found;

	for (size_t i = 0; i < at; i++) {
		lines[i] = trace[i];
	}
	lines[at] = line;
	found = replay(lines, &answer);
	cr_assert_eq(answer, expected, "%s: %s", line, found);
	cr_assert_str_eq(found, difference);
}

static void expect_after(size_t at, const char *line,
	enum model_replay expected, const char *difference)
{
	expect_in(good, at, line, expected, difference);
}

static void expect_differs(size_t at, const char *line, const char *difference)
{
	expect_after(at, line, MODEL_REPLAY_DIFFERS, difference);
}

Test(replay, a_difference_is_one_line_with_names)
{
	expect_differs(8, "moat 8 call 0 c6000041 0 10000 40206000 8 > 0 0 8",
		"cpu 0, host call page_donate: x0 is OK, in the model "
		"OCCUPIED x2; x1 is 8, in the model 0");
	expect_differs(9, "moat 9 abort 0 40206123 > 1",
		"cpu 0, host abort at 40206123: the action is HOST_RETRY, in "
		"the model HOST_INJECT");
	expect_differs(11, "moat b call 1 c6000022 > 0 3",
		"cpu 1, host call vcpu_run: the action is HOST_RESUME, in the "
		"model GUEST_ENTER; x0 is BAD_STATE, in the model OK");
	expect_differs(14,
		"moat e exit 1 3 0 0 c6000101 2 a b c > 5 0 5 2 a b c",
		"cpu 1, guest call host_call: x5 is c, in the model 0");
	expect_differs(16, "moat 10 exit 1 4 2 abcdef > 5 0 3 abcdef 2",
		"cpu 1, guest trap ABORT: x2 is abcdef, in the model abc000");
	expect_differs(3, "moat 3 call 0 c6000046 > 0",
		"cpu 0, host call unknown: x0 is OK, in the model "
		"NOT_SUPPORTED");
}

static void expect_rich_differs(
	size_t at, const char *line, const char *difference)
{
	expect_in(rich, at, line, MODEL_REPLAY_DIFFERS, difference);
}

Test(replay, what_a_trace_tells_is_held_against_all_that_follows)
{
	expect_rich_differs(11,
		"moat b exit 1 3 0 0 c6000106 > 4 0 11 22 33 45",
		"cpu 1, guest call measurement: x4 is 45, in the model 44");
	expect_rich_differs(12,
		"moat c exit 1 3 0 0 c6000103 10000 9 > 5 0 7 10000 9",
		"cpu 1, guest call share: x3 is 9, in the model 1");
	expect_rich_differs(14,
		"moat e exit 1 4 2 80001004 1 2 3 0 0 ffffbeef > "
		"5 0 4 80001004 2 2 ffffbeef",
		"cpu 1, guest trap ABORT: x5 is ffffbeef, in the model beef");
	/* Register 31 is zero, and there is none behind it. */
	expect_rich_differs(14,
		"moat e exit 1 4 2 80001004 1 8 1f 0 1 > "
		"5 0 4 80001004 8 2 1",
		"cpu 1, guest trap ABORT: x5 is 1, in the model 0");
	expect_rich_differs(14,
		"moat e exit 1 4 2 80001004 1 8 100000003 0 1 7 > "
		"5 0 4 80001004 8 2 7",
		"cpu 1, guest trap ABORT: x1 is 4, in the model 3; x2 is "
		"80001004, in the model 80001000; x3 is 8, in the model 2; x4 "
		"is 2, in the model 0; x5 is 7, in the model 0");
	expect_rich_differs(19, "moat 13 exit 1 4 2 80000000 1 4 2 0 0 5 > 4",
		"cpu 1, guest trap ABORT: the action is GUEST_RESUME, in the "
		"model HOST_RETURN; x1 is 0, in the model 3; x2 is 0, in the "
		"model 80000000; x3 is 0, in the model 2");
	expect_rich_differs(21,
		"moat 15 exit 1 2 0 0 0 0 0 0 0 0 0 0 0 0 777 > 5 0 2 778",
		"cpu 1, guest trap WFI: x2 is 778, in the model 777");
	expect_rich_differs(23,
		"moat 17 exit 1 3 0 0 84000003 1 4000 > 4 "
		"fffffffffffffffc 1 4000",
		"cpu 1, guest call psci_cpu_on: the action is GUEST_RESUME, in "
		"the model HOST_RETURN; x0 is fffffffffffffffc, in the model "
		"OK; x1 is 1, in the model 6; x2 is 4000, in the model "
		"84000003; x3 is 0, in the model 1");
}

Test(replay, bits_of_a_list_register_that_are_no_field_are_a_difference)
{
	expect_rich_differs(14,
		"moat e exit 1 1 > 5 0 1 0 0 0 0 0 0 0 0 b000000000000028",
		"cpu 1, guest trap IRQ: x10 is b000000000000028, in the model "
		"9000000000000028");
	expect_rich_differs(14,
		"moat e exit 1 1 > 5 0 1 0 0 0 0 0 0 0 0 0 0 0 28",
		"cpu 1, guest trap IRQ: x13 is 28, in the model 0");
	expect_rich_differs(14,
		"moat e exit 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 1ff > "
		"5 0 1 0 0 0 0 0 0 0 0 0 0 0 0 1ff",
		"cpu 1, guest trap IRQ: x14 is 1ff, in the model ff");
}

Test(replay, a_refused_seal_teaches_nothing)
{
	expect_rich_differs(9, "moat 9 call 0 c6000011 1 > 0 0 1",
		"cpu 0, host call vm_seal: x0 is OK, in the model BAD_STATE; "
		"x1 is 1, in the model 0");
	expect_rich_differs(9, "moat 9 call 0 c6000011 9 > 0 0 1",
		"cpu 0, host call vm_seal: x0 is OK, in the model BAD_VM x1; "
		"x1 is 1, in the model 0");
}

Test(replay, an_x0_that_is_no_status_is_a_number)
{
	expect_differs(3, "moat 3 call 0 c6000000 > 0 10 10000",
		"cpu 0, host call version: x0 is 10, in the model OK");
	expect_differs(3, "moat 3 call 0 c6000000 > 0 10000 10000",
		"cpu 0, host call version: x0 is 10000, in the model OK");
	expect_differs(3, "moat 3 call 0 c6000000 > ffffffff 0 10000",
		"cpu 0, host call version: the action is unknown, in the "
		"model HOST_RESUME");
}

Test(replay, a_line_is_cut_at_the_end_of_its_room)
{
	struct moat_event event = {.kind = MOAT_EVENT_CALL};
	struct model *m = NULL;
	char room[8] = "12345678";

	cr_assert_eq(model_event(&m, &event, room, 4), MODEL_REPLAY_MALFORMED);
	cr_assert_arr_eq(room, "the\0005678", 8);
	cr_assert_eq(model_event(&m, &event, room, 0), MODEL_REPLAY_MALFORMED);
	cr_assert_arr_eq(room, "the\0005678", 8);
}

Test(replay, a_line_that_grows_stays_in_its_room)
{
	struct moat_event event = {
		.kind = MOAT_EVENT_CALL, .in = {0xc6000000}, .out = {0}};
	struct model *m = world_empty();
	char room[32];

	memset(room, '~', sizeof(room));
	cr_assert_eq(model_event(&m, &event, room, 16), MODEL_REPLAY_DIFFERS);
	cr_assert_str_eq(room, "cpu 0, host cal");
	for (size_t i = 16; i < sizeof(room); i++) {
		cr_assert_eq(room[i], '~');
	}
	model_destroy(m);
}

Test(replay, an_agent_on_the_wrong_cpu_is_a_difference)
{
	expect_differs(12, "moat c call 1 c6000000 > 0 0 10000",
		"cpu 1, host call version: but in the model vCPU 0 of VM 0 "
		"runs there");
	expect_differs(12, "moat c exit 0 1 > 5 0 1",
		"cpu 0, guest trap IRQ: but in the model the host runs there");
}

static void expect_malformed(size_t at, const char *line, const char *why)
{
	expect_after(at, line, MODEL_REPLAY_MALFORMED, why);
}

Test(replay, an_event_that_no_engine_emits_is_malformed)
{
	expect_malformed(0, "moat 0 call 0 c6000000 > 0 0 10000",
		"the trace does not begin with init");
	expect_malformed(0, "moat 0 ram 0 40000000 1000000 > 0",
		"the trace does not begin with init");
	expect_malformed(0, "moat 0 init 0 41 3 28 24 > 0",
		"the number of CPUs is out of range");
	expect_malformed(0, "moat 0 init 0 2 0 28 24 > 0",
		"the number of VM slots is out of range");
	expect_malformed(
		0, "moat 0 init 0 2 3 2d 24 > 0", "ipa_bits is out of range");
	expect_malformed(0, "moat 0 init 0 2 3 28 1f > 0",
		"host_ipa_bits is out of range");
	expect_malformed(0, "moat 0 init 0 2 3 28 24 5 > 0",
		"the number of list registers is out of range");
	expect_malformed(0, "moat 0 init 0 2 3 28 24 100000004 > 0",
		"a word of init is too big");
	expect_malformed(0, "moat 0 init 0 100000002 3 28 24 > 0",
		"a word of init is too big");
	expect_malformed(0, "moat 0 init 1 2 3 28 24 > 0",
		"a configuration has no CPU or action");
	expect_malformed(
		1, "moat 1 call 0 c6000000 > 0 0 10000", "there is no RAM");
	expect_malformed(3, "moat 3 ram 0 80000000 200000 > 0",
		"RAM after a withheld range");
	expect_malformed(4, "moat 4 hide 0 80000000 1000 > 0",
		"a range after the first step");
	expect_malformed(3, "moat 3 call 2 c6000000 > 0 0 10000",
		"there is no such CPU");
}

Test(replay, a_kind_behind_the_last_is_malformed)
{
	struct moat_event event = {.kind = MOAT_EVENT_KIND_COUNT};
	struct model *m = world_empty();
	char why[MODEL_DIFFERENCE_TEXT];

	cr_assert_eq(model_event(&m, &event, why, sizeof(why)),
		MODEL_REPLAY_MALFORMED);
	cr_assert_str_eq(why, "there is no such kind of event");
	model_destroy(m);
}

Test(replay, a_range_that_breaks_the_rules_is_malformed)
{
	const char *ram = "RAM does not ascend in whole regions";
	const char *hide = "withheld ranges do not ascend in whole pages";

	expect_malformed(1, "moat 1 ram 0 40001000 1000000 > 0", ram);
	expect_malformed(1, "moat 1 ram 0 40000000 1000 > 0", ram);
	expect_malformed(1, "moat 1 ram 0 40000000 > 0", ram);
	expect_malformed(1, "moat 1 ram 0 40000000 ffffffffc0000000 > 0", ram);
	expect_malformed(2, "moat 2 ram 0 41000000 200000 > 0", ram);
	expect_malformed(2, "moat 2 ram 0 200000 200000 > 0", ram);
	expect_malformed(3, "moat 3 hide 0 40010000 1000 > 0", hide);
	expect_malformed(3, "moat 3 hide 0 40020800 1000 > 0", hide);
	expect_malformed(3, "moat 3 hide 0 1000000000 1000 > 0", hide);
}

Test(replay, a_new_init_is_a_new_machine)
{
	expect_after(
		18, "moat 12 init 0 1 1 20 20 > 0", MODEL_REPLAY_AGREES, "");
}

Test(replay, the_configuration_has_at_most_sixteen_ranges)
{
	struct moat_event event = {
		.kind = MOAT_EVENT_INIT, .in = {1, 1, 32, 36}};
	struct model *m = NULL;
	char why[MODEL_DIFFERENCE_TEXT];

	cr_assert_eq(
		model_event(&m, &event, why, sizeof(why)), MODEL_REPLAY_AGREES);
	event.kind = MOAT_EVENT_RAM;
	event.in[1] = 0x200000;
	for (uint64_t i = 0; i < MOAT_RANGE_MAX; i++) {
		event.in[0] = i * 0x400000;
		cr_assert_eq(model_event(&m, &event, why, sizeof(why)),
			MODEL_REPLAY_AGREES);
	}
	event.in[0] = MOAT_RANGE_MAX * 0x400000;
	cr_assert_eq(model_event(&m, &event, why, sizeof(why)),
		MODEL_REPLAY_MALFORMED);
	cr_assert_str_eq(why, "there are too many ranges");
	model_destroy(m);
}

Test(replay, a_parsed_event_has_every_word)
{
	struct moat_event event;
	struct model_parse_error error;
	uint64_t sequence;

	cr_assert_eq(
		model_event_parse("[    1.25] Boomoat ff exit 1 3 0 0 "
				  "c6000101 0 ffffffffffffffff > 5 0 5\r\n",
			&event, &sequence, &error),
		MODEL_PARSE_EVENT);
	cr_assert_eq(sequence, 0xff);
	cr_assert_eq(event.kind, MOAT_EVENT_EXIT);
	cr_assert_eq(event.cpu, 1);
	cr_assert_eq(event.action, MOAT_HOST_RETURN);
	cr_assert_arr_eq(event.in,
		((uint64_t[16]){3, 0, 0, 0xc6000101, 0, ~(uint64_t)0}),
		sizeof(event.in));
	cr_assert_arr_eq(event.out, ((uint64_t[15]){0, 5}), sizeof(event.out));
}

Test(replay, other_lines_of_a_console_are_not_events)
{
	const char *const lines[] = {"", "\r\n", "moat", "moat ", "moat 12",
		"moat: 3 VMs", "moat is here", "moa moat moat", "moat  1 call",
		"moat 12\r\n", "moatmoat c0\n 1 call 0"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct moat_event event;
		struct model_parse_error error;
		uint64_t sequence;

		cr_assert_eq(
			model_event_parse(lines[i], &event, &sequence, &error),
			MODEL_PARSE_OTHER, "%s", lines[i]);
	}
}

Test(replay, a_malformed_line_is_refused_at_its_column)
{
	const struct {
		const char *line;
		size_t column;
		const char *reason;
	} rows[] = {
		{"moat 00 call 0 > 0", 6, "the number has a leading zero"},
		{"moat 11112222333344445 call 0 > 0", 6,
			"the number is too big"},
		{"moat 1 cull 0 > 0", 8, "there is no such kind of event"},
		{"xx moat 1 calls 0 > 0", 11, "there is no such kind of event"},
		{"moat 1 call 100000000 > 0", 13, "the number is too big"},
		{"moat 1 call  0 > 0", 13, "a number is missing"},
		{"moat 1 call 0 C6 > 0", 15, "a number is missing"},
		{"moat 1 call 0 5x1 > 0", 16, "a space is missing"},
		{"moat 1 call 0 1 0 > 0", 17, "the last word is zero"},
		{"moat 1 abort 0 1 2 > 0", 18, "there are too many words"},
		{"moat 1 exit 0 1 0 0 5 > 0", 14,
			"this trap shows no registers"},
		{"moat 1 exit 0 2 0 0 0 0 0 0 0 0 0 0 5 > 0", 14,
			"this trap shows no registers"},
		{"moat 1 exit 0 4 0 0 1 2 3 4 5 6 7 > 0", 14,
			"this trap shows no registers"},
		{"moat 1 exit 0 3 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 > 0", 45,
			"there are too many words"},
		{"moat 1 call 0 c6000000 0 0 0 0 0 0 0 0 0 1 > 0", 14,
			"this call takes no list registers"},
		{"moat 1 call 0 c6000022 0 0 0 0 0 0 0 0 0 0 0 0 0 1 > 0", 50,
			"there are too many words"},
		{"moat 1 ram 0 1 1 1 > 0", 18, "there are too many words"},
		{"moat 1 hide 0 1 1 1 > 0", 19, "there are too many words"},
		{"moat 1 init 0 1 1 1 1 1 1 > 0", 25,
			"there are too many words"},
		{"moat 1 call 0 1 > 0 0 0 0 0 0 0 0 0 0 0 1 > 0", 41,
			"there are too many words"},
		{"moat 1 call 0", 14, "a space is missing"},
		{"moat 1 call 0 1\r", 16, "a space is missing"},
		{"moat 1 call 0 1 >0", 18, "a space is missing"},
		{"moat 1 call 0 1 > 0 0", 21, "the last word is zero"},
		{"moat 1 init 0 1 > 0 1", 21, "there are too many words"},
		{"moat 1 call 0 1 > 0 ", 21, "a number is missing"},
		{"moat 1 call 0 1 > 0 1 > 2", 22, "the line goes on"},
		{"moat 1 call 0 1 > 0\x01", 20, "the line goes on"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_event event;
		struct model_parse_error error;
		uint64_t sequence;

		cr_assert_eq(model_event_parse(
				     rows[i].line, &event, &sequence, &error),
			MODEL_PARSE_MALFORMED, "%s", rows[i].line);
		cr_expect_eq(error.column, rows[i].column, "%s: %zu",
			rows[i].line, error.column);
		cr_expect_str_eq(
			error.reason, rows[i].reason, "%s", rows[i].line);
	}
}
