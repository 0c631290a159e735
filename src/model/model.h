/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference model: what the engine means, as a program.
 *
 * It has no page tables, no descriptors, no locks, no caches and no memory of
 * its own to protect: its state is finite maps, and each call is one function
 * that first decides and then changes the maps. It knows include/moat and
 * nothing of the engine, so that a mistake would have to be made twice. Where
 * engine and model differ, moat.h decides.
 *
 * All functions are deterministic. A misuse (a CPU that does not exist, a step
 * of the host where a vCPU runs) is a message on stderr and abort().
 */
#ifndef MOAT_MODEL_H
#define MOAT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"
#include "moat/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct model;

/* ---- Life of a model --------------------------------------------------- */

/**
 * A model of the state that moat_init leaves: every RAM page HOST or ENGINE,
 * every VM EMPTY, all memory zero. ram_window and memory_pa are not used.
 * Returns NULL if @config breaks a rule that moat.h states.
 */
struct model *model_create(const struct moat_config *config);

/* The copy shares nothing with @m. Cost: proportional to what is not HOST. */
struct model *model_copy(const struct model *m);
void model_destroy(struct model *m); /* NULL is allowed */

/* @to, a model of the same configuration, becomes a copy of @from. It keeps the
 * memory that it has: for who goes back and forth between states. */
void model_assign(struct model *to, const struct model *from);

/* No query can tell the two apart (their configurations included). */
bool model_is_equal(const struct model *a, const struct model *b);

/* Why @config is no configuration, or NULL. */
const char *model_config_check(const struct moat_config *config);

/* ---- Steps: the same three as the engine's ----------------------------- */

/*
 * Given equal states and equal arguments, actions and registers are those of
 * moat_host_call, moat_host_abort and moat_guest_exit: that is what lockstep
 * tests, and what a proof of refinement would show. @cpu is below cpu_count,
 * and what the step says runs on it, runs there.
 */

enum moat_action model_host_call(
	struct model *m, uint32_t cpu, struct moat_regs *regs);
enum moat_action model_host_abort(
	struct model *m, uint32_t cpu, struct moat_ipa ipa);

/**
 * Before: a vCPU runs on @cpu, and its registers in the model are those of the
 *         guest at the trap (write them through model_guest_registers).
 */
enum moat_action model_guest_exit(struct model *m, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs);

/* ---- What a guest does by itself ---------------------------------------- */

/*
 * The harness plays the guest and the hardware under it: what happens between
 * an entry and the next trap, it writes here.
 */

/* What the GIC and the virtual timer have of a vCPU. An entry writes the list
 * registers, an exit shows them; all of it stays between two runs. */
struct model_hardware {
	uint64_t list_register[MOAT_LIST_REGISTER_MAX];
	uint64_t wants_maintenance; /* MOAT_ENTRY_UNDERFLOW: 0 or 1 */
	uint64_t maintenance; /* ICH_MISR_EL2 */
	uint64_t deadline; /* of the virtual timer, ~0 if it is not armed */
};

/* x0..x30, and the hardware, of the vCPU that runs on @cpu, or NULL if the host
 * runs there. */
uint64_t *model_guest_registers(struct model *m, uint32_t cpu);
struct model_hardware *model_guest_hardware(struct model *m, uint32_t cpu);

/**
 * The vCPU that runs on @cpu goes on at @pc, which is then known. It is not
 * after MOAT_ENTRY_ABORT: where an abort leads depends on the guest's system
 * registers, which the model does not have.
 */
void model_guest_jump(struct model *m, uint32_t cpu, uint64_t pc);

/* ---- Memory accesses of the agents ------------------------------------- */

enum model_access {
	MODEL_ACCESS_DONE,
	MODEL_ACCESS_FAULT /* stage 2 refuses it; nothing changed */
};

/**
 * The host on @cpu reads or writes the 8-byte word at @pa, which is also its
 * IPA, 8-byte aligned. Device space that is not withheld reads as zero and
 * stores nothing. On a fault a read leaves @value alone.
 */
enum model_access model_host_read(const struct model *m, uint32_t cpu,
	struct moat_pa pa, uint64_t *value);
enum model_access model_host_write(
	struct model *m, uint32_t cpu, struct moat_pa pa, uint64_t value);

/* The same for the vCPU that runs on @cpu. A page that is lent may be closed to
 * its writes. */
enum model_access model_guest_read(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, uint64_t *value);
enum model_access model_guest_write(
	struct model *m, uint32_t cpu, struct moat_ipa ipa, uint64_t value);

/* Whether stage 2 lets that vCPU make this access; FETCH included. */
bool model_guest_permits(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, enum moat_access access);

/* ---- Questions --------------------------------------------------------- */

/* What a page is. Fields that a state does not use are zero. */
struct model_page {
	enum moat_page_state state;
	uint32_t vm; /* all but HOST and ENGINE */
	uint32_t level; /* of the entries: data: 3, or 2 of a block; TABLE */
	uint32_t vcpu; /* VCPU: whose context */
	uint64_t ipa; /* data: where it is mapped; TABLE: what it translates */
	uint64_t permission; /* LENT: a set of enum moat_permission */
};

struct model_vm_info {
	enum moat_vm_life life;
	uint32_t ipa_bits; /* 0 if EMPTY, as all that follows */
	uint32_t vcpu_count;
	struct moat_pa root;
	uint64_t measurement[MOAT_MEASUREMENT_WORDS];
};

/* The access that an MMIO exit told, as its trap had it. */
struct model_mmio {
	uint32_t access; /* enum moat_access: READ or WRITE */
	uint32_t size;
	uint32_t register_index;
	uint32_t is_signed; /* 0 or 1 */
	uint32_t is_wide; /* 0 or 1 */
};

struct model_vcpu {
	enum moat_vcpu_state state;
	uint32_t cpu; /* RUNNING: where */
	uint32_t exit; /* READY: why it last left (enum moat_exit_reason), or
			* 0; this is what the next entry answers */
	uint32_t host_call_count; /* exit is HOST_CALL: registers declared */
	struct model_mmio mmio; /* exit is MMIO */
	uint32_t pc_is_known; /* 0: after an abort given to the guest */
	uint64_t context; /* the PA of its context page */
	uint64_t pc; /* 0 while it is not known */
	uint64_t x[31];
	struct model_hardware hardware;
};

struct model_cpu {
	uint32_t is_guest; /* 0: the host runs here, the rest is zero */
	uint32_t vm;
	uint32_t vcpu;
};

struct model_mapping {
	struct moat_ipa ipa;
	struct moat_pa pa;
};

struct model_table {
	uint32_t level;
	struct moat_ipa ipa;
	struct moat_pa pa;
};

struct model_word {
	struct moat_pa pa;
	uint64_t value;
};

const struct moat_config *model_config(const struct model *m);

/* What the page that holds @pa is; false if @pa is not RAM. */
bool model_page_at(
	const struct model *m, struct moat_pa pa, struct model_page *page);

/* The same, for pages that are asked for one after another: @next is an index,
 * at first 0, and then where the next one is expected. */
bool model_page_next(const struct model *m, size_t *next, struct moat_pa pa,
	struct model_page *page);

/* May the host use @pa? True for device space that is not withheld. */
bool model_host_reaches(const struct model *m, uint64_t pa);

/* @vm is below the configured count. */
struct model_vm_info model_vm_at(const struct model *m, uint32_t vm);

/* NULL if the VM has no such vCPU number. It lives until the next step. */
const struct model_vcpu *model_vcpu_at(
	const struct model *m, uint32_t vm, uint32_t vcpu);

struct model_cpu model_cpu_at(const struct model *m, uint32_t cpu);

/* The RAM pages that are neither HOST nor withheld, in ascending order. */
size_t model_page_count(const struct model *m);
struct moat_pa model_page_pa(const struct model *m, size_t index);
struct model_page model_page_number(const struct model *m, size_t index);

/* The data pages of a VM by IPA, a block being 512 of them; its tables, the
 * pages of the root among them, by level and IPA; all words that are not zero
 * by PA. */
size_t model_mapping_count(const struct model *m, uint32_t vm);
struct model_mapping model_mapping_at(
	const struct model *m, uint32_t vm, size_t index);
size_t model_table_count(const struct model *m, uint32_t vm);
struct model_table model_table_at(
	const struct model *m, uint32_t vm, size_t index);
size_t model_word_count(const struct model *m);
struct model_word model_word_at(const struct model *m, size_t index);

/* Where @ipa of @vm leads, whatever the access; false if nowhere. */
bool model_translate(const struct model *m, uint32_t vm, struct moat_ipa ipa,
	struct moat_pa *pa);

/* ---- Invariants -------------------------------------------------------- */

/* The tag of the first invariant that does not hold, or NULL. */
const char *model_invariant_check(const struct model *m);

/* The same for what must hold between the states around one step. */
const char *model_step_check(
	const struct model *before, const struct model *after);

/* ---- Names, "unknown" for what has none -------------------------------- */

const char *model_status_name(uint64_t status);
const char *model_page_state_name(uint64_t state);
const char *model_vm_life_name(uint64_t life);
const char *model_vcpu_state_name(uint64_t state);
const char *model_action_name(uint64_t action);
const char *model_exit_name(uint64_t reason);
const char *model_trap_name(uint64_t kind);
/* @function is x0 of the call; its low 32 bits count. Guests have PSCI too. */
const char *model_host_call_name(uint64_t function);
const char *model_guest_call_name(uint64_t function);

/* ---- Replay of a trace ------------------------------------------------- */

enum model_replay {
	MODEL_REPLAY_AGREES,
	MODEL_REPLAY_DIFFERS, /* the engine did what the model does not */
	MODEL_REPLAY_MALFORMED /* no engine emits this event here */
};

enum { MODEL_DIFFERENCE_TEXT = 1024 }; /* is always enough */

/**
 * Let *@m, which may be NULL before the first event, take the step of @event.
 *
 * INIT makes a new model in *@m (and ends the one before); RAM and HIDE
 * complete it; the others step it. If the answer is not AGREES, @difference is
 * one line, without its end, that says why, and the model is not to be stepped
 * further.
 *
 * A trace has the guest's registers only where the engine looked at them: in
 * between the model's are stale, and no exit shows them to the host. Nor has it
 * the contents of memory, so the measurement that vm_seal answers is taken as
 * it is, as are the guest's list registers as far as they are such.
 */
enum model_replay model_event(struct model **m, const struct moat_event *event,
	char *difference, size_t size);

enum model_parse {
	MODEL_PARSE_EVENT,
	MODEL_PARSE_OTHER, /* not a line of a trace */
	MODEL_PARSE_MALFORMED
};

struct model_parse_error {
	size_t column; /* of the line, from 1 */
	const char *reason;
};

/**
 * Read the event in a line of a console, which ends at NUL, CR or LF.
 *
 * The event starts wherever "moat", a space, a hexadecimal number and a space
 * stand, so the console may have left something before it. From there on the
 * line is exactly what moat_event_format wrote, or it is malformed: a number
 * has no leading zero, a list of words no zero at its end. The caller checks
 * that @sequence counts without a gap.
 */
enum model_parse model_event_parse(const char *line, struct moat_event *event,
	uint64_t *sequence, struct model_parse_error *error);

#ifdef __cplusplus
}
#endif

#endif
