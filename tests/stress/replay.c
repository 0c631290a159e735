/* SPDX-License-Identifier: BSD-2-Clause */
#include "stress/replay.h"

#include <stdio.h>
#include <string.h>

#include "model/model.h"
#include "stress/machine.h"

enum { SHOWN_BEFORE = 12 };

static struct model *model;
static uint64_t count;

uint64_t replay_count(void)
{
	return count;
}

void replay_forget(void)
{
	model_destroy(model);
	model = NULL;
	count = 0;
}

static void show(uint32_t at)
{
	uint32_t first = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
	char text[MOAT_EVENT_TEXT];

	for (uint32_t i = first; i <= at; i++) {
		moat_event_format(&machine.log[i], count - at + i, text);
		printf("%s\n", text);
	}
}

static bool replay_one(uint32_t at)
{
	char difference[MODEL_DIFFERENCE_TEXT];
	enum model_replay answer = model_event(
		&model, &machine.log[at], difference, sizeof(difference));

	if (answer != MODEL_REPLAY_AGREES) {
		show(at);
		printf("replay: event %llu: %s\n", (unsigned long long)count,
			difference);
		return false;
	}
	count++;
	return true;
}

bool replay_log(void)
{
	bool good = true;

	for (uint32_t i = 0; i < machine.log_count && good; i++) {
		good = replay_one(i);
	}
	memset(machine.log, 0, machine.log_count * sizeof(*machine.log));
	machine.log_count = 0;
	return good;
}

static bool holds(const char *side, const char *broken)
{
	if (broken != NULL) {
		printf("replay: the %s breaks %s\n", side, broken);
	}
	return broken == NULL;
}

bool replay_end(uint32_t cpu)
{
	for (uint64_t page = 0; page < MACHINE_PAGES; page++) {
		const struct moat_pa pa = {RAM_BASE + page * MOAT_PAGE_SIZE};
		struct moat_regs regs = moat_page_info(pa);

		machine_call(cpu, &regs);
	}
	for (uint64_t v = 0; v < MACHINE_VMS; v++) {
		const struct moat_vm_id vm = {v};
		struct moat_regs regs = moat_vm_info(vm);

		machine_call(cpu, &regs);
	}
	return replay_log() &&
	       holds("engine", moat_invariant_check(machine.engine)) &&
	       (model == NULL || holds("model", model_invariant_check(model)));
}
