/* SPDX-License-Identifier: BSD-2-Clause */
/* Traces as text: what the parser takes, and what replay says about it. */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LINES_MAX = 24 };

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
	"moat 8 call 0 c6000041 0 10000 40206000 8 > 0 208",
	"moat 9 abort 0 40206123 > 2",
	"moat a call 0 c6000011 > 0",
	"moat b call 1 c6000022 > 3",
	"moat c exit 1 3 0 0 c6000100 > 4 0 10000",
	"moat d exit 1 3 0 0 1 2 3 4 > 4 ffffffffffffffff 2 3 4",
	"moat e exit 1 3 0 0 c6000101 2 a b c > 5 0 4 2 a b",
	"moat f call 1 c6000022 > 3",
	"moat 10 exit 1 4 2 abcdef > 5 0 3 abc000 2",
	"moat 11 call 0 c6000012 > 0",
	NULL,
};

Test(replay, an_honest_trace_agrees)
{
	enum model_replay answer;
	const char *difference = replay(good, &answer);

	cr_assert_eq(answer, MODEL_REPLAY_AGREES, "%s", difference);
	cr_assert_str_empty(difference);
}

/* Replay the good trace up to line @at, which is @line instead. */
static void expect_after(size_t at, const char *line,
	enum model_replay expected, const char *difference)
{
	const char *lines[LINES_MAX] = {NULL};
	enum model_replay answer;
	const char *found;

	for (size_t i = 0; i < at; i++) {
		lines[i] = good[i];
	}
	lines[at] = line;
	found = replay(lines, &answer);
	cr_assert_eq(answer, expected, "%s: %s", line, found);
	cr_assert_str_eq(found, difference);
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
		"moat e exit 1 3 0 0 c6000101 2 a b c > 5 0 4 2 a b c",
		"cpu 1, guest call host_call: x5 is c, in the model 0");
	expect_differs(16, "moat 10 exit 1 4 2 abcdef > 5 0 3 abcdef 2",
		"cpu 1, guest trap ABORT: x2 is abcdef, in the model abc000");
	expect_differs(3, "moat 3 call 0 c6000044 > 0",
		"cpu 0, host call unknown: x0 is OK, in the model "
		"NOT_SUPPORTED");
}

Test(replay, an_x0_that_is_no_status_is_a_number)
{
	expect_differs(3, "moat 3 call 0 c6000000 > 0 c 10000",
		"cpu 0, host call version: x0 is c, in the model OK");
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
				  "c6000101 0 ffffffffffffffff > 5 0 4\r\n",
			&event, &sequence, &error),
		MODEL_PARSE_EVENT);
	cr_assert_eq(sequence, 0xff);
	cr_assert_eq(event.kind, MOAT_EVENT_EXIT);
	cr_assert_eq(event.cpu, 1);
	cr_assert_eq(event.action, MOAT_HOST_RETURN);
	cr_assert_arr_eq(event.in,
		((uint64_t[13]){3, 0, 0, 0xc6000101, 0, ~(uint64_t)0}),
		sizeof(event.in));
	cr_assert_arr_eq(event.out, ((uint64_t[10]){0, 4}), sizeof(event.out));
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
