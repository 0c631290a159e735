/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread does: at random, it is the host on its CPU, and once it has
 * entered a VM that VM's vCPU. It also writes and reads memory: a guest keeps
 * secrets, in pages that it does not share, and nobody else may ever read one.
 */
#ifndef STRESS_AGENT_H
#define STRESS_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"

struct agent {
	uint32_t cpu;
	uint32_t vms; /* of VMs only [first_vm, first_vm + vms) are its own */
	uint32_t first_vm;
	uint64_t random; /* state of its generator */
	bool is_guest;
	uint32_t vm; /* the guest's */
	uint64_t steps; /* it has taken */
	uint64_t accepted; /* host calls that were not refused */
	uint64_t accesses; /* of memory, done */
	const char *failure; /* a secret came out, or NULL */
};

/* Take one step, or make a few accesses of memory. */
void agent_act(struct agent *agent);

/* A number below @count. */
uint64_t agent_random(struct agent *agent, uint64_t count);

/* What it does as the host, and as a guest. */
void host_act(struct agent *agent);
void guest_act(struct agent *agent);

/* Read or write a word; false if it is refused for good. */
bool agent_access(
	struct agent *agent, uint64_t ipa, uint64_t *value, bool is_write);

/* Secrets of @vm: recognisable, and not zero. */
uint64_t secret_make(struct agent *agent, uint32_t vm);
bool secret_is_one(uint64_t value);
bool secret_is_of(uint64_t value, uint32_t vm);

#endif
