/* SPDX-License-Identifier: BSD-2-Clause */
/* A small machine, and two VMs on it, for the tests of the model. */
#ifndef MOAT_TESTS_MODEL_WORLD_H
#define MOAT_TESTS_MODEL_WORLD_H

#include "model/model.h"

/*
 * Two CPUs, three VM slots; 16 MiB of RAM, eight regions, the first 64 KiB of
 * it the engine's; one device window withheld, all else below 2^36 devices.
 */
enum {
	RAM = 0x40000000,
	RAM_END = 0x41000000,
	ENGINE_PAGE = RAM,
	WINDOW = 0x09020000, /* withheld */
	DEVICE = 0x09000000,
	ROOT = 0x40200000, /* four pages, of VM 0 */
	LEAF = 0x40204000, /* the level-3 table of IPA 0 */
	CONTEXT = 0x40205000, /* of vCPU 0 */
	DATA = 0x40206000, /* eight pages at IPA 0x10000 */
	DATA_IPA = 0x10000,
	FREE_PAGE = 0x40300000, /* HOST in every world */
	ENTRY = 0x80000 /* the first PC */
};

struct moat_config world_config(void);

/* No VM yet. */
struct model *world_empty(void);

/* VM 0 as drawn above, 32 bits, two vCPU numbers: BUILDING, or ACTIVE. The
 * first word of its data is 0x5ec2e7. */
struct model *world_building(void);
struct model *world_active(void);

/* vCPU 0 of VM 0 runs on CPU 1. */
struct model *world_running(void);

/* Make a call on @cpu; the answer's registers. */
struct moat_regs call_on(struct model *m, uint32_t cpu, struct moat_regs regs);

/* The same on CPU 0, where every invariant and PAGE-4 must hold after it, and
 * a refusal must leave the model as it was. */
struct moat_regs call(struct model *m, struct moat_regs regs);

/* x0 of a refusal of VM 0 and the like, in short. */
uint64_t refused(enum moat_status status, uint64_t operand);

/* Short forms of the types that keep arguments apart. */
struct moat_vm_id vm_id(uint64_t value);
struct moat_vcpu_id vcpu_id(uint64_t value);
struct moat_pa pa_of(uint64_t value);
struct moat_ipa ipa_of(uint64_t value);

#endif
