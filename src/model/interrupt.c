/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interrupts: the list registers that the host gives with an entry and
 * gets back with the exit (ICH_LR<n>_EL2: Arm GIC, 12.4.6).
 *
 *     bits    field      at an entry
 *     63:62   State      zero: the register is empty
 *     61      HW         one: the register is empty
 *     60      Group      taken
 *     55:48   Priority   taken
 *     41      EOI        taken
 *     31:0    vINTID     taken, if it is one that the host may give
 *
 * All other bits are zero. A hardware-backed interrupt would let the guest end
 * one of the machine's. Two registers with one identifier are unpredictable, as
 * are identifiers without a meaning; so the first counts, and those are none.
 */
#include "model/state.h"

static const uint64_t STATE = (uint64_t)3 << 62;
static const uint64_t HW = (uint64_t)1 << 61;
static const uint64_t GROUP = (uint64_t)1 << 60;
static const uint64_t PRIORITY = (uint64_t)0xff << 48;
static const uint64_t EOI = (uint64_t)1 << 41;
static const uint64_t VINTID = 0xffffffff;

enum {
	VINTID_TIMER = 27, /* the virtual timer's, a PPI: the engine gives it */
	VINTID_SPECIAL =
		1020, /* from here on: no interrupts of SGI, PPI, SPI */
	MAINTENANCE = 256 /* ICH_MISR_EL2 has eight bits */
};

/* One is the engine's own, for the virtual timer. */
uint32_t model_list_register_count(const struct model *m)
{
	uint32_t count = m->config.list_register_count;

	return count == 0 ? 0 : count - 1;
}

/* What the host may give and see. */
static uint64_t fields(uint64_t value)
{
	return value & (STATE | GROUP | PRIORITY | EOI | VINTID);
}

/* Does one of the first @count registers hold the interrupt of @value? An empty
 * one holds none. */
static bool is_held(
	const uint64_t *list_register, uint32_t count, uint64_t value)
{
	for (uint32_t i = 0; i < count; i++) {
		if (list_register[i] != 0 &&
			(list_register[i] & VINTID) == (value & VINTID)) {
			return true;
		}
	}
	return false;
}

/* Is @value an interrupt that the host may give? */
static bool is_given(uint64_t value)
{
	uint64_t vintid = value & VINTID;

	return (value & STATE) != 0 && (value & HW) == 0 &&
	       vintid < VINTID_SPECIAL && vintid != VINTID_TIMER;
}

/* Those that are not the host's to give are empty, so nothing is left in them
 * of what an earlier run had there. */
void model_interrupts_enter(
	const struct model *m, struct model_vcpu *vcpu, const uint64_t *x)
{
	uint64_t *list_register = vcpu->hardware.list_register;
	uint32_t count = model_list_register_count(m);

	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		list_register[i] = 0;
		if (i < count && is_given(x[i]) &&
			!is_held(list_register, i, x[i])) {
			list_register[i] = fields(x[i]);
		}
	}
}

/* Whatever the hardware made of them, and no bit that is not a field. */
void model_interrupts_leave(const struct model *m,
	const struct model_vcpu *vcpu, struct model_answer *answer)
{
	const struct model_hardware *hardware = &vcpu->hardware;

	for (uint32_t i = 0; i < model_list_register_count(m); i++) {
		answer->x[MODEL_LIST_REGISTER + i] =
			fields(hardware->list_register[i]);
	}
	answer->x[MODEL_MAINTENANCE] = hardware->maintenance % MAINTENANCE;
}
