/* SPDX-License-Identifier: BSD-2-Clause */
#include "beside.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "bed.h"
#include "model/model.h"

struct beside {
	struct model *model;
	bool has_differed; /* and is not to be stepped further */
};

static void hear(void *argument, const struct moat_event *event)
{
	struct beside *beside = argument;
	char difference[MODEL_DIFFERENCE_TEXT];

	if (!beside->has_differed &&
		model_event(&beside->model, event, difference,
			sizeof(difference)) != MODEL_REPLAY_AGREES) {
		beside->has_differed = true;
		expect(false, difference);
	}
}

void beside_start(struct host_machine *machine)
{
	struct beside *beside = calloc(1, sizeof(*beside));

	cr_assert(beside, "out of memory");
	beside->model = model_create(&machine->config);
	cr_assert(beside->model, "the model refuses the configuration");
	host_machine_listen(machine, hear, beside);
}

void beside_end(struct host_machine *machine)
{
	struct beside *beside = machine->hear_argument;
	const char *broken = model_invariant_check(beside->model);

	expect(!broken, "the model's invariants hold");
	host_machine_listen(machine, NULL, NULL);
	model_destroy(beside->model);
	free(beside);
}
