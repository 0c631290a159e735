/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of the model and what its files tell each other. Tests include
 * this to break a state on purpose.
 *
 * Addresses are in bytes everywhere; a page is named by its first byte. Each
 * call is written in two halves: x_refusal reads and answers x0, as it will be
 * if it is not MOAT_OK; behind it the maps change and nothing can be refused.
 * Refusals are tested in the order of enum moat_status, so the text of each
 * x_refusal reads like the "Refuses" of the manual.
 */
#ifndef MOAT_MODEL_STATE_H
#define MOAT_MODEL_STATE_H

#include "model/map.h"
#include "model/model.h"

enum {
	MODEL_REGION_SIZE = 2 * 1024 * 1024,
	MODEL_WORD_SIZE = 8,
	MODEL_LEAF_LEVEL = 3,
	MODEL_REGISTER_COUNT = 10 /* x0..x9: those a call writes */
};

/* Sets of VM lives. */
enum {
	MODEL_EMPTY = 1 << MOAT_VM_EMPTY,
	MODEL_BUILDING = 1 << MOAT_VM_BUILDING,
	MODEL_ACTIVE = 1 << MOAT_VM_ACTIVE,
	MODEL_DYING = 1 << MOAT_VM_DYING
};

/* One slot. What a field means while the slot is EMPTY: nothing, it is zero. */
struct model_vm {
	enum moat_vm_life life;
	uint32_t ipa_bits;
	uint32_t vcpu_count;
	struct moat_pa root;
	struct model_map tables; /* model_s2_key -> PA, the root included */
	struct model_map mappings; /* IPA -> PA, of pages */
	struct model_vcpu *vcpus; /* vcpu_count of them */
};

/*
 * All there is. Both maps hold the exception, not the rule: a page without a
 * record is HOST (or ENGINE, by the configuration), a word without an entry is
 * zero. The relation of pages to their places is kept twice, in the records and
 * in the VMs' maps, since the calls need it from both ends; [PAGE-2], [TABLE-1]
 * and [VCPU-1] say that the two agree.
 */
struct model {
	struct moat_config config;
	bool is_open; /* built by a trace: RAM and HIDE may still come */
	struct model_map pages; /* PA -> struct model_page; HOST has none */
	struct model_map words; /* PA -> uint64_t, never zero */
	struct model_vm *vms; /* config.vm_count of them */
	struct model_cpu cpus[MOAT_CPU_MAX];
};

/* ---- state.c ----------------------------------------------------------- */

/* As model_create, but @config is taken as it is. */
struct model *model_make(const struct moat_config *config);

/* Slot @vm, which must exist. */
const struct model_vm *model_vm_slot(const struct model *m, uint32_t vm);

/* Make the slot EMPTY and forget all it held. */
void model_vm_reset(struct model_vm *vm);

/* The vCPU that runs on @cpu, or NULL. */
struct model_vcpu *model_vcpu_current(const struct model *m, uint32_t cpu);

/* The configuration but for its ranges; its ranges but for their number. */
const char *model_config_check_limits(const struct moat_config *config);
const char *model_config_check_ranges(const struct moat_config *config);

static inline bool model_is_aligned(uint64_t address, uint64_t size)
{
	return address % size == 0;
}

static inline uint64_t model_page_base(uint64_t address)
{
	return address - address % MOAT_PAGE_SIZE;
}

/* ---- page.c ------------------------------------------------------------ */

bool model_is_ram(const struct model *m, uint64_t pa);
bool model_is_withheld(const struct model *m, uint64_t pa);
bool model_page_is_host(const struct model *m, uint64_t pa);

/* Change what the HOST page @pa is; its contents stay. */
void model_page_take(
	struct model *m, uint64_t pa, const struct model_page *page);

/* The page @pa becomes HOST and zero [PAGE-4]. */
void model_page_return(struct model *m, uint64_t pa);

void model_page_scrub(struct model *m, uint64_t pa);

/* ---- s2.c -------------------------------------------------------------- */

uint32_t model_s2_start_level(uint32_t ipa_bits);
uint32_t model_s2_root_pages(uint32_t ipa_bits);

/* Bytes that one table of @level translates. */
uint64_t model_s2_span(uint32_t level);

/* The key in model_vm.tables of the table of @level that translates @ipa: by
 * level first, so that the tables of one level are one range of keys. */
uint64_t model_s2_key(uint32_t level, uint64_t ipa);

/* The PA of that table, or NULL. */
const uint64_t *model_s2_table(
	const struct model_vm *vm, uint32_t level, uint64_t ipa);

/* The PA of the page at @ipa, or NULL. */
const uint64_t *model_s2_page(const struct model_vm *vm, uint64_t ipa);

/* ---- call.c ------------------------------------------------------------ */

/* A host call: x[0] is the function, x[1].. the arguments. */
struct model_request {
	uint32_t cpu;
	const uint64_t *x;
};

/* x0..x9 of the answer, not used if the action is GUEST_ENTER. */
struct model_answer {
	enum moat_action action;
	uint64_t x[MODEL_REGISTER_COUNT];
};

/* x0 for @status about argument register x@operand (0: none). */
uint64_t model_x0(enum moat_status status, uint64_t operand);

/* An answer with that x0 and all results zero. */
struct model_answer model_answer_make(uint64_t x0);

/* x0..x9 of @regs become those of the answer; x10..x17 stay. */
void model_answer_write(
	const struct model_answer *answer, struct moat_regs *regs);

/* BAD_VM or BAD_STATE unless slot @vm exists with one of the @lives. */
uint64_t model_vm_refusal(const struct model *m, uint64_t vm, uint32_t lives);

/* One function for each call of moat.h, with the call's name. */
#define MODEL_CALL(constant, name, number, arguments) \
	struct model_answer model_##name( \
		struct model *m, const struct model_request *request);
MOAT_HOST_CALLS(MODEL_CALL)
#undef MODEL_CALL

#endif
