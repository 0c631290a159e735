/* SPDX-License-Identifier: BSD-2-Clause */
/* A vCPU that runs on the CPU of a thread, until the host has it back. */
#include "stress/agent.h"
#include "stress/machine.h"
#include "stress/places.h"

static void trap(struct agent *agent, const struct moat_trap *trap)
{
	struct moat_regs regs = {{0}};

	agent->steps++;
	if (machine_exit(agent->cpu, trap, &regs) == MOAT_HOST_RETURN) {
		agent->is_guest = false;
	}
}

static void trap_of(struct agent *agent, enum moat_trap_kind kind)
{
	const struct moat_trap what = {.kind = kind};

	trap(agent, &what);
}

static void fault(struct agent *agent, uint64_t ipa, bool is_write)
{
	const struct moat_trap what = {.kind = MOAT_TRAP_ABORT,
		.access = is_write ? MOAT_ACCESS_WRITE : MOAT_ACCESS_READ,
		.ipa = {ipa},
		.has_syndrome = 1,
		.size = 8,
		.register_index = 5,
		.is_wide = 1};

	trap(agent, &what);
}

/* A call with two arguments. */
static void call(
	struct agent *agent, uint64_t function, uint64_t x1, uint64_t x2)
{
	struct moat_context *context =
		moat_cpu_context(machine.engine, agent->cpu);

	context->x[0] = function;
	context->x[1] = x1;
	context->x[2] = x2;
	context->x[3] = 0;
	trap_of(agent, MOAT_TRAP_CALL);
}

/* ---- Memory ------------------------------------------------------------ */

/* What a guest finds in a page that it never shares: what it wrote, what the
 * host loaded, or zero. */
static void use_secret(struct agent *agent)
{
	uint64_t ipa = agent_random(agent, SECRET_SLOTS) * MOAT_PAGE_SIZE +
		       agent_random(agent, 512) * 8;
	bool is_write = agent_random(agent, 2) == 0;
	uint64_t value = secret_make(agent, agent->vm);

	if (!agent_access(agent, ipa, &value, is_write)) {
		fault(agent, ipa, is_write);
	} else if (secret_is_one(value) && !secret_is_of(value, agent->vm)) {
		agent->failure = "a guest reads a secret of another";
	}
}

/* Pages that it shares, and pages that it was lent: no secrets there. */
static void use_open(struct agent *agent)
{
	uint64_t slot =
		SECRET_SLOTS + agent_random(agent, SLOTS - SECRET_SLOTS);
	uint64_t half = agent_random(agent, 2) * IPA_HALF;
	uint64_t ipa = half + slot * MOAT_PAGE_SIZE;
	bool is_write = agent_random(agent, 2) == 0;
	uint64_t value = 1;

	if (!agent_access(agent, ipa, &value, is_write)) {
		fault(agent, ipa, is_write);
	} else if (secret_is_one(value)) {
		agent->failure = "a secret is in a page that has none";
	}
}

/* ---- Calls ------------------------------------------------------------- */

static void change_page(struct agent *agent)
{
	static const uint32_t function[3] = {
		MOAT_GUEST_SHARE, MOAT_GUEST_UNSHARE, MOAT_GUEST_RELINQUISH};
	uint64_t kind = agent_random(agent, 3);
	uint64_t first = kind == 2 ? 0 : SECRET_SLOTS;
	uint64_t slot = first + agent_random(agent, SLOTS - first);

	/* Never beyond the slots: sharing must not reach the secret ones. */
	call(agent, MOAT_FUNCTION(function[kind]), slot * MOAT_PAGE_SIZE,
		1 + agent_random(agent, 2));
}

static void power(struct agent *agent)
{
	uint64_t target = agent_random(agent, 2);

	switch (agent_random(agent, 8)) {
	case 0:
		call(agent, MOAT_PSCI_CPU_OFF, 0, 0);
		break;
	case 1:
		call(agent, MOAT_PSCI_AFFINITY_INFO, target, 0);
		break;
	default:
		call(agent, MOAT_PSCI_CPU_ON, target, 0);
		break;
	}
}

static void call_something(struct agent *agent)
{
	switch (agent_random(agent, 4)) {
	case 0:
		call(agent, MOAT_FUNCTION(MOAT_GUEST_HOST_CALL),
			agent_random(agent, 8), 77);
		break;
	case 1:
		call(agent, MOAT_FUNCTION(MOAT_GUEST_MEASUREMENT), 0, 0);
		break;
	case 2:
		power(agent);
		break;
	default:
		change_page(agent);
		break;
	}
}

void guest_act(struct agent *agent)
{
	uint64_t chance = agent_random(agent, 16);

	if (chance == 0) {
		trap_of(agent, MOAT_TRAP_IRQ);
	} else if (chance == 1) {
		trap_of(agent, MOAT_TRAP_WFI);
	} else if (chance < 5) {
		call_something(agent);
	} else if (chance < 8) {
		use_open(agent);
	} else {
		use_secret(agent);
	}
}
