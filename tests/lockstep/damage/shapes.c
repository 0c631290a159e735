/* SPDX-License-Identifier: BSD-2-Clause */
/* New machines of all shapes: nothing differs, whatever is looked at. */
#include <stdlib.h>

#include "world.h"

static void agree(const struct moat_config *config, const char *what)
{
	struct scene scene = scene_make(config);
	struct world world = world_make(&scene, false);

	expect_same(&world, ABSTRACT_ALL, what);
	/* Tables were written to: those of RAM; and those of devices. */
	world.machine->write_count++;
	expect_same(&world, ABSTRACT_STEP, what);
	world.machine->write_count++;
	world.machine->device_write_count++;
	expect_same(&world, ABSTRACT_STEP, what);
	expect(made_is_same(&world), "what is made of %s", what);
	world_end(&world);
}

void test_shapes(void)
{
	struct moat_config config = shape_make(0);

	for (uint32_t i = 0; i < SHAPE_COUNT; i++) {
		config = shape_make(i);
		agree(&config, "a shape");
	}
	config = shape_make(0);
	config.withheld[config.withheld_count].base = SHAPE_RAM;
	config.withheld[config.withheld_count++].size = MOAT_PAGE_SIZE;
	agree(&config, "a machine whose first page is withheld");
	config = shape_make(0);
	config.withheld[config.withheld_count].base =
		SHAPE_RAM + SHAPE_RAM_SIZE - MOAT_PAGE_SIZE;
	config.withheld[config.withheld_count++].size = MOAT_PAGE_SIZE;
	agree(&config, "a machine whose last page is withheld");
}
