/* SPDX-License-Identifier: BSD-2-Clause */
#include "broken.h"

#include <stdlib.h>

struct bed bed;
struct moat *m;

static unsigned char *whole; /* the engine's memory after the calls */

void broken_setup(void)
{
	bed = bed_make();
	bed_about("an invariant broken on purpose");
	scene_build(&bed, 0);
	scene_fill(&bed, 0);
	scene_vcpu(&bed, 0, 1);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){0}));
	scene_share(&bed, 0);
	scene_vm(&bed, 1, MOAT_VM_BUILDING);
	scene_run(&bed, 0, 0, 1);
	m = bed.engine;
	expect(moat_invariant_check(m) == NULL, "nothing is broken");
	whole = malloc(bed.machine->memory_size);
	cr_assert(whole != NULL, "out of memory");
	memcpy(whole, bed.machine->memory, bed.machine->memory_size);
}

void broken_teardown(void)
{
	free(whole);
	bed_end(&bed);
}

void broken_put_back(void)
{
	memcpy(bed.machine->memory, whole, bed.machine->memory_size);
}

uint32_t broken_at(uint64_t pa)
{
	return host_machine_page(bed.machine, pa);
}

uint32_t broken_of_vm(enum scene_page page)
{
	return broken_at(scene_pa(0, page));
}

uint32_t broken_a_host_page(void)
{
	return broken_at(FREE_PAGE);
}
