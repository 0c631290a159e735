/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host of a thread. It looks at a VM and does something that suits the life
 * the VM is in, so that much succeeds: by the time it acts, another thread may
 * have changed it.
 */
#include "stress/agent.h"
#include "stress/machine.h"
#include "stress/places.h"

/* ---- Calls ------------------------------------------------------------- */

static struct moat_regs call(struct agent *agent, struct moat_regs regs)
{
	enum moat_action action = machine_call(agent->cpu, &regs);

	agent->steps++;
	if (action == MOAT_GUEST_ENTER) {
		agent->is_guest = true;
		agent->accepted++;
	} else if (regs.x[0] == MOAT_OK) {
		agent->accepted++;
	}
	return regs;
}

static struct moat_pa any_page(struct agent *agent)
{
	const struct moat_pa pa = {place_page(agent_random(agent, PAGES))};

	return pa;
}

static struct moat_ipa protected_ipa(struct agent *agent)
{
	const struct moat_ipa ipa = {
		agent_random(agent, SLOTS) * MOAT_PAGE_SIZE};

	return ipa;
}

static struct moat_ipa shared_ipa(struct agent *agent)
{
	struct moat_ipa ipa = protected_ipa(agent);

	ipa.value += IPA_HALF;
	return ipa;
}

static struct moat_ipa ipa_of(uint64_t value)
{
	const struct moat_ipa ipa = {value};

	return ipa;
}

static struct moat_pa pa_of(uint64_t value)
{
	const struct moat_pa pa = {value};

	return pa;
}

/* ---- Memory ------------------------------------------------------------ */

/* Read a page, or scribble on it. */
static void touch_memory(struct agent *agent)
{
	uint64_t ipa = any_page(agent).value + agent_random(agent, 512) * 8;
	uint64_t value = agent_random(agent, UINT32_MAX);
	bool is_write = agent_random(agent, 2) == 0;

	if (agent_access(agent, ipa, &value, is_write) && !is_write &&
		secret_is_one(value)) {
		agent->failure = "the host reads a secret";
	}
}

/* ---- What suits each life ---------------------------------------------- */

static void create(struct agent *agent, struct moat_vm_id vm)
{
	struct moat_pa root = pa_of(place_root(agent_random(agent, ROOTS)));

	call(agent, moat_vm_create(vm, root, IPA_BITS, 2));
}

/* Tables of both halves, and of the block. */
static void add_table(struct agent *agent, struct moat_vm_id vm)
{
	static const uint64_t ipa[3] = {0, IPA_HALF, BLOCK_IPA};

	call(agent, moat_table_create(vm, ipa_of(ipa[agent_random(agent, 3)]),
			    3, any_page(agent)));
}

static void remove_table(struct agent *agent, struct moat_vm_id vm)
{
	static const uint64_t ipa[3] = {0, IPA_HALF, BLOCK_IPA};

	call(agent,
		moat_table_destroy(vm, ipa_of(ipa[agent_random(agent, 3)]), 3));
}

static void change_block(struct agent *agent, struct moat_vm_id vm)
{
	struct moat_ipa ipa = ipa_of(BLOCK_IPA);

	switch (agent_random(agent, 3)) {
	case 0:
		call(agent, moat_block_donate(vm, ipa, pa_of(BLOCK_PA)));
		break;
	case 1:
		call(agent, moat_table_split(vm, ipa, 3, any_page(agent)));
		break;
	default:
		call(agent, moat_table_fold(vm, ipa, 3));
		break;
	}
}

/* Pages to a VM, or lent to it, or back. */
static void change_pages(struct agent *agent, struct moat_vm_id vm)
{
	uint64_t count = 1 + agent_random(agent, 4);
	uint64_t permission = MOAT_READ + MOAT_WRITE * agent_random(agent, 2);

	switch (agent_random(agent, 4)) {
	case 0:
		call(agent, moat_page_donate(vm, protected_ipa(agent),
				    any_page(agent), count));
		break;
	case 1:
		call(agent, moat_page_load(vm, protected_ipa(agent),
				    any_page(agent), count));
		break;
	case 2:
		call(agent, moat_page_lend(vm, shared_ipa(agent),
				    any_page(agent), count, permission));
		break;
	default:
		call(agent, moat_page_recall(vm, shared_ipa(agent), count));
		break;
	}
}

static struct moat_vcpu_id any_vcpu(struct agent *agent)
{
	const struct moat_vcpu_id vcpu = {agent_random(agent, 2)};

	return vcpu;
}

static void build(struct agent *agent, struct moat_vm_id vm)
{
	uint64_t chance = agent_random(agent, 32);

	if (chance == 0) {
		call(agent, moat_vm_seal(vm));
	} else if (chance < 10) {
		add_table(agent, vm);
	} else if (chance < 16) {
		call(agent, moat_vcpu_create(vm, any_vcpu(agent),
				    any_page(agent), 0, 0));
	} else if (chance < 18) {
		change_block(agent, vm);
	} else {
		change_pages(agent, vm);
	}
}

/* With an answer to whatever the last exit was, and a virtual interrupt. */
static void run(struct agent *agent, struct moat_vm_id vm)
{
	struct moat_regs regs = moat_vcpu_run(vm, any_vcpu(agent));

	regs.x[3] = agent_random(agent, 8) == 0 ? MOAT_ENTRY_ABORT : 0;
	regs.x[4] = agent_random(agent, UINT32_MAX);
	agent->vm = (uint32_t)vm.value;
	call(agent, regs);
}

static void drive(struct agent *agent, struct moat_vm_id vm)
{
	uint64_t chance = agent_random(agent, 64);

	if (chance == 0) {
		call(agent, moat_vm_kill(vm));
	} else if (chance == 1) {
		remove_table(agent, vm);
	} else if (chance < 6) {
		add_table(agent, vm);
	} else if (chance < 10) {
		change_block(agent, vm);
	} else if (chance < 32) {
		change_pages(agent, vm);
	} else {
		run(agent, vm);
	}
}

/* Ranges begin at any slot that a range of four may have come to. */
static struct moat_ipa clear_ipa(struct agent *agent, uint64_t half)
{
	return ipa_of(half + agent_random(agent, SLOTS + 3) * MOAT_PAGE_SIZE);
}

static void clear(struct agent *agent, struct moat_vm_id vm)
{
	switch (agent_random(agent, 6)) {
	case 0:
		call(agent, moat_page_reclaim(vm, clear_ipa(agent, 0), 4));
		break;
	case 1:
		call(agent, moat_page_reclaim(vm, ipa_of(BLOCK_IPA), 512));
		break;
	case 2:
		call(agent,
			moat_page_recall(vm, clear_ipa(agent, IPA_HALF), 4));
		break;
	case 3:
		call(agent, moat_vcpu_destroy(vm, any_vcpu(agent)));
		break;
	case 4:
		remove_table(agent, vm);
		break;
	default:
		call(agent, moat_vm_free(vm));
		break;
	}
}

static void act_on_vm(struct agent *agent, struct moat_vm_id vm)
{
	struct moat_regs info = call(agent, moat_vm_info(vm));

	switch (info.x[1]) {
	case MOAT_VM_EMPTY:
		create(agent, vm);
		break;
	case MOAT_VM_BUILDING:
		build(agent, vm);
		break;
	case MOAT_VM_ACTIVE:
		drive(agent, vm);
		break;
	default:
		clear(agent, vm);
		break;
	}
}

void host_act(struct agent *agent)
{
	struct moat_vm_id vm = {
		agent->first_vm + agent_random(agent, agent->vms)};

	switch (agent_random(agent, 16)) {
	case 0:
	case 1:
	case 2:
		touch_memory(agent);
		break;
	case 3:
		call(agent, moat_page_info(any_page(agent)));
		break;
	default:
		act_on_vm(agent, vm);
		break;
	}
}
