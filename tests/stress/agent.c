/* SPDX-License-Identifier: BSD-2-Clause */
#include "stress/agent.h"

#include "stress/machine.h"

#define SECRET UINT64_C(0x5ec0000000000000)

enum { RETRY_MAX = 1000 };

/* xorshift64* (Vigna 2016). */
uint64_t agent_random(struct agent *agent, uint64_t count)
{
	uint64_t x = agent->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	agent->random = x;
	return (x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % count;
}

/* ---- Secrets ----------------------------------------------------------- */

uint64_t secret_make(struct agent *agent, uint32_t vm)
{
	return SECRET + ((uint64_t)vm << 32) + agent_random(agent, UINT32_MAX);
}

bool secret_is_one(uint64_t value)
{
	return value >> 48 == SECRET >> 48;
}

bool secret_is_of(uint64_t value, uint32_t vm)
{
	return secret_is_one(value) && (value >> 32 & 0xffff) == vm;
}

/* ---- Accesses ---------------------------------------------------------- */

/* The host runs an access again if it is told to. */
static bool host_access(struct agent *agent, struct access *access)
{
	for (uint32_t i = 0; i < RETRY_MAX; i++) {
		if (machine_access(agent->cpu, access)) {
			return true;
		}
		agent->steps++;
		if (machine_abort(agent->cpu, access->ipa) != MOAT_HOST_RETRY) {
			return false;
		}
	}
	agent->failure = "an access of the host is retried for ever";
	return false;
}

bool agent_access(
	struct agent *agent, uint64_t ipa, uint64_t *value, bool is_write)
{
	struct access access = {ipa, *value, is_write};
	bool is_done = agent->is_guest ? machine_access(agent->cpu, &access)
				       : host_access(agent, &access);

	*value = access.value;
	agent->accesses += is_done;
	return is_done;
}

void agent_act(struct agent *agent)
{
	if (agent->is_guest) {
		guest_act(agent);
	} else {
		host_act(agent);
	}
}
