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
	MODEL_REGION_SIZE = MOAT_TABLE_ENTRIES * MOAT_PAGE_SIZE,
	MODEL_WORD_SIZE = 8,
	MODEL_INSTRUCTION_SIZE = 4,
	MODEL_LEAF_LEVEL = 3,
	MODEL_BLOCK_LEVEL = 2,
	MODEL_BLOCK_PAGES = MOAT_TABLE_ENTRIES,
	MODEL_REGISTER_COUNT = MOAT_RESULT_COUNT + 1, /* x0..x9 of a call */
	MODEL_RUN_COUNT = MOAT_RUN_RESULT_COUNT + 1, /* x0..x14 of vcpu_run */
	MODEL_LIST_REGISTER = 10, /* x10.. of an entry, and of an exit */
	MODEL_MAINTENANCE = 14 /* x14 of an exit */
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
	uint64_t measurement[MOAT_MEASUREMENT_WORDS];
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

/* The vCPU that runs on @cpu, or NULL; and its VM, if there is one. */
struct model_vcpu *model_vcpu_current(const struct model *m, uint32_t cpu);
struct model_vm *model_vm_current(const struct model *m, uint32_t cpu);

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

/* The record of a page that has one. */
const struct model_page *model_page_record(const struct model *m, uint64_t pa);

/* The page @pa is @page from now on; its contents stay. */
void model_page_set(
	struct model *m, uint64_t pa, const struct model_page *page);

/* The page @pa becomes HOST: as it is, or zero [PAGE-4]. */
void model_page_release(struct model *m, uint64_t pa);
void model_page_return(struct model *m, uint64_t pa);

void model_page_scrub(struct model *m, uint64_t pa);

/* ---- memory.c ---------------------------------------------------------- */

/* The bytes of a page, as an agent would read them: words little-endian. */
void model_page_bytes(
	const struct model *m, uint64_t pa, uint8_t bytes[MOAT_PAGE_SIZE]);

/* ---- range.c ----------------------------------------------------------- */

/* A range of pages in the IPA space of a VM, as a call names it. */
struct model_range {
	uint64_t ipa;
	uint64_t count; /* pages */
	bool is_shared; /* it is to lie in the shared half, not the protected */
	uint32_t ipa_operand; /* the argument registers, for a refusal */
	uint32_t count_operand;
};

/* BAD_IPA unless all of @range lies in its half. */
uint64_t model_range_refusal(
	const struct model_vm *vm, const struct model_range *range);

/* How many pages of @range are in the leaf table of its first page: never above
 * MOAT_RANGE_PAGES_MAX, which is what a leaf table holds. */
uint64_t model_range_within_table(const struct model_range *range);

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

/* Does a block map @ipa? */
bool model_s2_is_block(const struct model_vm *vm, uint64_t ipa);

/* Is there neither table nor page where an entry of @level would map @ipa? */
bool model_s2_is_free(const struct model_vm *vm, uint32_t level, uint64_t ipa);

/* Is there no table below the table of @level for @ipa, and no page? */
bool model_s2_is_empty(const struct model_vm *vm, uint32_t level, uint64_t ipa);

/* May the VM make this access, by what is mapped at @ipa? */
bool model_s2_permits(const struct model *m, uint32_t vm, uint64_t ipa,
	enum moat_access access);

/* ---- measure.c --------------------------------------------------------- */

/* Extend the measurement of @vm by the words, and by a page if not NULL. */
void model_measure(struct model_vm *vm, const uint64_t *word, size_t word_count,
	const uint8_t *page);

/* ---- vcpu.c ------------------------------------------------------------ */

/* BAD_VCPU unless vCPU x2 of VM x1, which exists, has been created. */
uint64_t model_vcpu_refusal(const struct model *m, const uint64_t *x);

/* What a vCPU is that never ran: all registers zero, but for these two. State
 * and context page stay. */
void model_vcpu_restart(
	struct model_vcpu *vcpu, uint64_t pc, uint64_t argument);

/* The PC goes on behind the instruction it is at, if it is known. */
void model_vcpu_step(struct model_vcpu *vcpu);

/* ---- call.c ------------------------------------------------------------ */

/* A host call: x[0] is the function, x[1].. the arguments. */
struct model_request {
	uint32_t cpu;
	const uint64_t *x;
};

/* What a step answers to the host: x0..x9, or x0..x14 if a run ended
 * (HOST_RETURN); not used if a guest runs on. */
struct model_answer {
	enum moat_action action;
	uint64_t x[MODEL_RUN_COUNT];
};

/* x0 for @status about argument register x@operand (0: none). */
uint64_t model_x0(enum moat_status status, uint64_t operand);

/* An answer with that x0 and all results zero. */
struct model_answer model_answer_make(uint64_t x0);

/* The registers of @regs that the action writes become those of the answer. */
void model_answer_write(
	const struct model_answer *answer, struct moat_regs *regs);

/* BAD_VM or BAD_STATE unless slot @vm exists with one of the @lives. */
uint64_t model_vm_refusal(const struct model *m, uint64_t vm, uint32_t lives);

/* One function for each call of call.h, with the call's name. */
#define MODEL_CALL(constant, name, number, arguments) \
	struct model_answer model_##name( \
		struct model *m, const struct model_request *request);
MOAT_HOST_CALLS(MODEL_CALL)
#undef MODEL_CALL

/* ---- interrupt.c ------------------------------------------------------- */

/* How many list registers vcpu_run takes. */
uint32_t model_list_register_count(const struct model *m);

/* An entry: take those of the host, from x10 on, made harmless. */
void model_interrupts_enter(
	const struct model *m, struct model_vcpu *vcpu, const uint64_t *x);

/* An exit: write list registers and maintenance state to the answer. */
void model_interrupts_leave(const struct model *m,
	const struct model_vcpu *vcpu, struct model_answer *answer);

/* ---- guest.c ----------------------------------------------------------- */

/* The guest goes on; the run ended, for that reason. */
struct model_answer model_resume(void);
struct model_answer model_exit(enum moat_exit_reason reason);

/* The answer to a call of a guest: x0, the first result, and x2..x4 zero. */
void model_guest_answer(struct model_vcpu *vcpu, uint64_t x0, uint64_t x1);

/* One function for each call of guest.h that the vCPU on @cpu makes; it has
 * written the guest's answer, unless that comes with the next entry. */
#define MODEL_GUEST_CALL(constant, name, number, arguments) \
	struct model_answer model_guest_##name(struct model *m, uint32_t cpu);
MOAT_GUEST_CALLS(MODEL_GUEST_CALL)
#undef MODEL_GUEST_CALL

/* ---- psci.c ------------------------------------------------------------ */

/* The same for PSCI and SMCCC, and for functions that nobody has. */
struct model_answer model_psci(struct model *m, uint32_t cpu);

#endif
