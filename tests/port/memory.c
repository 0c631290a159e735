/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors, scrubbing, cleaning, waiting, events. */
#include "internal.h"
#include "moat/port.h"

#define PATTERN 0xa5

/* ---- moat_port_descriptor_write, moat_port_publish ---------------------- */

/* Every bit of a descriptor arrives, and its neighbours stay. */
static bool descriptor_is_stored_whole(const struct port_bed *bed)
{
	uint64_t *entry = (uint64_t *)(void *)bed_page(bed, 1);
	bool holds = true;

	moat_port_scrub(bed_page(bed, 1), MOAT_PAGE_SIZE);
	entry[6] = UINT64_MAX;
	for (uint32_t bit = 0; bit < 64; bit++) {
		uint64_t descriptor = UINT64_C(1) << bit;

		moat_port_descriptor_write(&entry[5], descriptor);
		moat_port_publish();
		holds = holds && entry[5] == descriptor && entry[4] == 0 &&
			entry[6] == UINT64_MAX;
		moat_port_descriptor_write(&entry[5], 0);
		moat_port_publish();
	}
	return holds && entry[5] == 0;
}

static bool descriptor_is_stored_at_both_ends(const struct port_bed *bed)
{
	uint64_t *entry = (uint64_t *)(void *)bed_page(bed, 1);

	moat_port_scrub(bed_page(bed, 1), MOAT_PAGE_SIZE);
	moat_port_descriptor_write(&entry[0], 8);
	moat_port_descriptor_write(&entry[511], 16);
	moat_port_publish();
	return entry[0] == 8 && entry[511] == 16 &&
	       bytes_are(bed_page(bed, 1) + 8, MOAT_PAGE_SIZE - 16, 0);
}

/* ---- moat_port_scrub, moat_port_clean ----------------------------------- */

/* Pages 2 and 2 + @count frame @count pages, which alone become zero. */
static bool scrub_zeroes(const struct port_bed *bed, uint32_t count)
{
	uint64_t size = (uint64_t)count * MOAT_PAGE_SIZE;

	bytes_fill(bed_page(bed, 1), size + 2 * MOAT_PAGE_SIZE, PATTERN);
	moat_port_scrub(bed_page(bed, 2), size);
	return bytes_are(bed_page(bed, 2), size, 0) &&
	       bytes_are(bed_page(bed, 1), MOAT_PAGE_SIZE, PATTERN) &&
	       bytes_are(bed_page(bed, 2 + count), MOAT_PAGE_SIZE, PATTERN);
}

static bool scrub_zeroes_one_page_and_no_other(const struct port_bed *bed)
{
	return scrub_zeroes(bed, 1);
}

static bool scrub_zeroes_every_page_of_a_range(const struct port_bed *bed)
{
	return scrub_zeroes(bed, 4);
}

static bool clean_keeps_the_contents(const struct port_bed *bed)
{
	unsigned char *byte = bed_page(bed, 1);
	bool holds = true;

	for (uint32_t i = 0; i < 3 * MOAT_PAGE_SIZE; i++) {
		byte[i] = (unsigned char)(i * 7 + i / 256);
	}
	moat_port_clean(bed_page(bed, 2), MOAT_PAGE_SIZE);
	for (uint32_t i = 0; i < 3 * MOAT_PAGE_SIZE; i++) {
		holds = holds && byte[i] == (unsigned char)(i * 7 + i / 256);
	}
	return holds;
}

/* ---- moat_port_wait, moat_port_wake ------------------------------------- */

/* A wake before the wait is not lost: it ends the wait that follows. */
static bool wait_ends_after_a_wake(const struct port_bed *bed)
{
	(void)bed;
	moat_port_wake();
	moat_port_wait();
	return true;
}

/* ---- moat_port_event_begin, moat_port_event_end ------------------------- */

static bool event_is_zero(const struct moat_event *event)
{
	uint64_t sum = event->kind | event->cpu | event->action;

	for (uint32_t i = 0; i < MOAT_EVENT_IN; i++) {
		sum |= event->in[i];
	}
	for (uint32_t i = 0; i < MOAT_EVENT_OUT; i++) {
		sum |= event->out[i];
	}
	return sum == 0;
}

/* Whatever the step before wrote, the next event starts empty. */
static bool event_is_zero_each_time_it_is_lent(const struct port_bed *bed)
{
	bool holds = true;

	(void)bed;
	for (uint32_t round = 0; round < 3; round++) {
		struct moat_event *event = moat_port_event_begin();

		if (event == NULL) {
			continue;
		}
		holds = holds && event_is_zero(event);
		event->kind = MOAT_EVENT_CALL;
		event->in[0] = MOAT_FUNCTION(MOAT_VERSION);
		event->in[MOAT_EVENT_IN - 1] = UINT64_MAX;
		event->out[MOAT_EVENT_OUT - 1] = UINT64_MAX;
		moat_port_event_end(event);
	}
	return holds;
}

static const struct port_test tests[] = {
	{"descriptor_is_stored_whole", descriptor_is_stored_whole},
	{"descriptor_is_stored_at_both_ends",
		descriptor_is_stored_at_both_ends},
	{"scrub_zeroes_one_page_and_no_other",
		scrub_zeroes_one_page_and_no_other},
	{"scrub_zeroes_every_page_of_a_range",
		scrub_zeroes_every_page_of_a_range},
	{"clean_keeps_the_contents", clean_keeps_the_contents},
	{"wait_ends_after_a_wake", wait_ends_after_a_wake},
	{"event_is_zero_each_time_it_is_lent",
		event_is_zero_each_time_it_is_lent},
};

struct port_tests port_tests_of_memory(void)
{
	struct port_tests all = PORT_TESTS(tests);

	return all;
}
