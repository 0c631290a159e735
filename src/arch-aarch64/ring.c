/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/ring.h"

#include "arch-aarch64/console.h"
#include "core/lock.h"

/* All protected by ring_lock. */
static struct moat_event *events;
static uint64_t capacity;
static uint64_t kept; /* events in memory */
static uint64_t printed; /* events that went out before */
static struct lock ring_lock;

void ring_init(void *memory, size_t size)
{
	events = memory;
	capacity = size / sizeof(struct moat_event);
}

static void drain(void)
{
	char text[MOAT_EVENT_TEXT];

	for (uint64_t i = 0; i < kept; i++) {
		size_t length =
			moat_event_format(&events[i], printed + i, text);

		console_write(text, length);
	}
	printed += kept;
	kept = 0;
}

struct moat_event *ring_lend(void)
{
	lock_acquire(&ring_lock);
	if (kept == capacity) {
		drain();
	}
	events[kept] = (struct moat_event){0};
	return &events[kept];
}

void ring_take(void)
{
	kept++;
	lock_release(&ring_lock);
}

/* The lock is not given back: a CPU that comes later waits for the end. */
uint64_t ring_close(void)
{
	lock_acquire(&ring_lock);
	drain();
	return printed;
}
