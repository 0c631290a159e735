/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two machines that one observer must not be able to tell apart, and nothing
 * else need have in common: other VMs, other owners of pages, other places of
 * the observer's own pages, other contents, registers and CPUs. Both were
 * reached by steps of the engine, so all that is different between them obeys
 * the invariants.
 *
 * The models choose what is done. What is judged are the engines: views of the
 * states that abstract_make finds in their memory, and their answers.
 */
#ifndef MOAT_TESTS_VIEWS_PAIR_H
#define MOAT_TESTS_VIEWS_PAIR_H

#include "lockstep/abstract.h"
#include "lockstep/deed.h"
#include "lockstep/random.h"
#include "views/script.h"

struct side {
	struct host_machine *machine;
	struct model *model;
	struct abstract abstract;
	struct model_view view; /* of the observer, of the engine's state */
};

struct pair {
	struct side side[2];
	uint32_t observer; /* DEED_HOST, or DEED_VM + v */
	struct random random;
	struct script *script; /* notes what is done here; or NULL */
};

void pair_begin(
	struct pair *pair, uint32_t shape, uint32_t observer, uint64_t seed);
void pair_end(struct pair *pair);

/* What would come of an operation, by the model. */
struct trial {
	struct op op;
	uint32_t actor;
	struct outcome outcome;
	struct model_view record; /* for the observer, if it is not the actor */
	struct model *after;
};

/* @trial begins as zero, and may be used again. */
void trial_make(const struct pair *pair, uint32_t side, const struct op *op,
	struct trial *trial);
void trial_free(struct trial *trial);

/* Do it: @outcome is what the engine answers. */
void pair_do(struct pair *pair, uint32_t side, struct trial *trial,
	struct outcome *outcome);

/* Do what the observer is not told of, whatever comes of it: to bring about
 * what another operation needs. */
void pair_poke(struct pair *pair, uint32_t side, const struct op *op);

/* Take the view anew; whether it is the one that was taken before. */
bool pair_look(struct pair *pair, uint32_t side);

/* Make random, in the second machine, what else the observer does not see:
 * registers, and contents of pages. */
void pair_resample(struct pair *pair);

/* Parts of it: the word at @pa, if what it is in is not seen; and the registers
 * of vCPU @number % MOAT_VCPU_MAX of VM @number / MOAT_VCPU_MAX. */
void pair_set_word(struct pair *pair, uint64_t pa, uint64_t word);
void pair_set_vcpu(struct pair *pair, uint64_t number);

/* Whether the observer got one answer, if one was for it. */
bool pair_is_answered(
	const struct pair *pair, bool is_own, const struct outcome outcome[2]);

/* Whether both views are the same, as they were last taken; and, of a VM, all
 * of its contexts, what the port keeps there included. */
bool pair_is_alike(const struct pair *pair);

/* How many bits of RAM and of the engine's memory are different. */
uint64_t pair_count_bits(const struct pair *pair);

/* A CPU of @side on which the host runs; if there is none, one is taken from
 * another VM than the observer. False if the observer has them all. */
bool pair_free_cpu(struct pair *pair, uint32_t side, uint32_t *cpu);

/* The word of memory at @pa. */
uint64_t pair_word(const struct pair *pair, uint32_t side, uint64_t pa);

/**
 * Find the operation of the second machine that tells the observer what the
 * @first one tells it: the same record; and make it possible there.
 *
 * Returns false if none was found. @second is its trial.
 */
bool mirror_find(
	struct pair *pair, const struct trial *first, struct trial *second);

#endif
