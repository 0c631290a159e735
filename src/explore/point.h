/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One pair of engine and model that can be put into any state it was in.
 *
 * Saving is cheap because only lines that some step changed are kept (lines.h).
 * A pair of states that was compared before is not compared again; that a step
 * led to it by a line that is not known yet shows when all steps of the state
 * are done, and then they are done once more, carefully: all lines are looked
 * at after each.
 *
 * The CPUs hold all they may, and make each access in every way that this opens
 * to them: before a state's steps, every CPU caches each
 * translation there is of the host and of each VM that can have run.
 */
#ifndef MOAT_EXPLORE_POINT_H
#define MOAT_EXPLORE_POINT_H

#include "arch-host/machine.h"
#include "explore/key.h"
#include "explore/lines.h"
#include "lockstep/abstract.h"
#include "lockstep/outcome.h"

enum { SEEN_SLOTS = 1 << 16 };

/* A state that was saved. */
struct frame {
	struct model *model;
	unsigned char *image; /* of the lines */
	uint64_t sum; /* of them */
	struct key key; /* of engine and model */
	struct host_cpu *cpu;
	void *monitor; /* what it keeps */
};

struct point {
	const struct scope *scope;
	struct host_machine *machine;
	struct model *model;
	struct abstract abstract;
	struct lines lines;
	struct key *seen; /* pairs of states that agree, by key */
	bool is_careful; /* nothing is known from before */
	/* Engine and model need not agree: for who looks at answers and views
	 * alone, and so shows that these show a leak by themselves. */
	bool is_lenient;
	struct outcome told; /* the model's, of the last point_step */
	char difference[ABSTRACT_TEXT]; /* what point_step found */
};

/* Ends the process if memory runs out. */
struct point *point_create(const struct scope *scope);
void point_destroy(struct point *point);

struct frame frame_make(const struct point *point);
void frame_free(struct frame *frame);

/* Keep the state of @point in @frame; be in that state again. */
void point_save(const struct point *point, struct frame *frame);
void point_restore(struct point *point, const struct frame *frame);

/* All CPUs translate ahead whatever they may. */
void point_warm(struct point *point);

enum point_result {
	POINT_SAME, /* the state is the one it was */
	POINT_KNOWN, /* it is another one, that a step led to before */
	POINT_CHANGED,
	POINT_DIFFERS /* engine and model do not agree, or a rule is broken */
};

/**
 * Do @op, from the state of @before, and compare answers, states and rules.
 *
 * Before:  @point is in the state of @before.
 * After:   it is settled: what no later step depends on is the same in all
 *          states. These are the measurements, which have no bound, and of
 *          vCPUs what the guest could set by itself before it goes on.
 */
enum point_result point_step(struct point *point, const struct frame *before,
	const struct op *op, struct outcome *outcome);

/* Do @op again, which went well before. */
void point_redo(struct point *point, const struct op *op);

/* The engine's own state, for the key of a state: where the two need not agree
 * the model's does not stand for it. */
void point_add_lines(const struct point *point, struct key *key);

/* What CPUs have cached and the tables no longer say. By the rules that is
 * nothing; where none are asked for, it makes another state. */
void point_add_stale(const struct point *point, struct key *key);

/* Whether steps that left the state as it was have changed nothing else: to be
 * asked when all of a state are done. */
bool point_is_clean(struct point *point);

/* Whether the invariants of both hold; if not, which does not. */
bool point_is_sound(struct point *point);

#endif
