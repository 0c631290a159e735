/* SPDX-License-Identifier: BSD-2-Clause */
#include "witness.h"

#include "core/state.h"
#include "moat/moat.h"
#include "moat/port.h"

enum {
	HELD_MAX =
		1 + REGION_LOCK_COUNT, /* one VM's, and those of all regions */
	TEXT_SIZE = 400
};

struct held_lock {
	uint32_t rank;
	const char *site;
};

/* What each CPU's step holds, in the order of taking. Protector: none; only
 * the thread that runs the CPU's step uses its entry. */
struct witness {
	uint32_t count;
	struct held_lock lock[HELD_MAX];
};

static struct witness witnesses[MOAT_CPU_MAX];
_Thread_local uint32_t witness_cpu = WITNESS_NO_CPU;

/* ---- The message ------------------------------------------------------- */

struct text {
	char at[TEXT_SIZE];
	uint32_t length;
};

static void text_add(struct text *text, const char *word)
{
	for (uint32_t i = 0; word[i] != 0; i++) {
		if (text->length + 1 < TEXT_SIZE) {
			text->at[text->length] = word[i];
			text->length++;
			text->at[text->length] = 0;
		}
	}
}

static void text_number(struct text *text, uint64_t value)
{
	char digits[21] = {0};
	uint32_t at = 20;

	do {
		at--;
		digits[at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	text_add(text, &digits[at]);
}

/* "region lock 3, taken by call_vm" */
static void text_lock(struct text *text, uint32_t rank, const char *site)
{
	bool is_vm = rank < WITNESS_REGION;

	text_add(text, is_vm ? "VM lock " : "region lock ");
	text_number(text, is_vm ? rank - WITNESS_VM : rank - WITNESS_REGION);
	text_add(text, ", taken by ");
	text_add(text, site);
}

static void text_held(struct text *text)
{
	const struct witness *witness = &witnesses[witness_cpu];

	text_add(text, witness->count == 0 ? "; nothing is held" : "; held: ");
	for (uint32_t i = 0; i < witness->count; i++) {
		text_add(text, i == 0 ? "" : "; ");
		text_lock(text, witness->lock[i].rank, witness->lock[i].site);
	}
}

void witness_fail(const char *what, uint64_t number)
{
	struct text text = {{0}, 0};

	text_add(&text, what);
	text_add(&text, " ");
	text_number(&text, number);
	text_held(&text);
	moat_port_panic(text.at);
}

static void fail_rank(uint32_t rank, const char *site)
{
	struct text text = {{0}, 0};

	text_add(&text, "lock rank: ");
	text_lock(&text, rank, site);
	text_held(&text);
	moat_port_panic(text.at);
}

/* ---- Steps ------------------------------------------------------------- */

void witness_enter(uint32_t cpu)
{
	witness_cpu = cpu;
	if (witnesses[cpu].count != 0) {
		witness_fail("a step begins on CPU", cpu);
	}
}

void witness_leave(void)
{
	if (witnesses[witness_cpu].count != 0) {
		witness_fail("a step ends on CPU", witness_cpu);
	}
	witness_cpu = WITNESS_NO_CPU;
}

void witness_forget(void)
{
	for (uint32_t cpu = 0; cpu < MOAT_CPU_MAX; cpu++) {
		witnesses[cpu].count = 0;
	}
	witness_cpu = WITNESS_NO_CPU;
}

/* ---- Locks ------------------------------------------------------------- */

/* A test may lock outside of a step; nothing is known then. */
void witness_take(uint32_t rank, const char *site)
{
	struct witness *witness;

	if (!witness_is_in_step()) {
		return;
	}
	witness = &witnesses[witness_cpu];
	if (witness->count == HELD_MAX ||
		witness_holds_some(rank, WITNESS_RANKS)) {
		fail_rank(rank, site);
	}
	witness->lock[witness->count].rank = rank;
	witness->lock[witness->count].site = site;
	witness->count++;
}

void witness_drop(uint32_t rank)
{
	struct witness *witness;
	uint32_t kept = 0;

	if (!witness_is_in_step()) {
		return;
	}
	if (!witness_holds(rank)) {
		fail_rank(rank, "nobody and released");
	}
	witness = &witnesses[witness_cpu];
	for (uint32_t i = 0; i < witness->count; i++) {
		if (witness->lock[i].rank != rank) {
			witness->lock[kept] = witness->lock[i];
			kept++;
		}
	}
	witness->count = kept;
}

bool witness_holds(uint32_t rank)
{
	return witness_holds_some(rank, rank + 1);
}

bool witness_holds_some(uint32_t first, uint32_t end)
{
	const struct witness *witness = &witnesses[witness_cpu];

	for (uint32_t i = 0; i < witness->count; i++) {
		uint32_t rank = witness->lock[i].rank;

		if (rank >= first && rank < end) {
			return true;
		}
	}
	return false;
}
