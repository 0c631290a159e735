/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages that both use: lent by the host, shared by the guest. */
#include "rows.h"

#include "base.h"

#define MEASURED __attribute__((noinline)) static

/* The shared half of IPA_BITS. */
#define SHARED_HALF (UINT64_C(1) << (IPA_BITS - 1))

static const struct moat_vm_id vm = {VM_MAIN};
static const struct moat_vcpu_id vcpu = {0};

/* ---- Loans ------------------------------------------------------------- */

static void lend_all(struct world *world)
{
	for (uint64_t done = 0; done < world->page_count; done += 512) {
		uint64_t offset = done * MOAT_PAGE_SIZE;
		struct moat_ipa ipa = {SHARED_HALF + offset};
		struct moat_pa pa = {world->data + offset};

		world_call(world, moat_page_lend(vm, ipa, pa, 512,
					  MOAT_READ + MOAT_WRITE));
	}
}

static void recall_all(struct world *world)
{
	for (uint64_t done = 0; done < world->page_count; done += 512) {
		struct moat_ipa ipa = {SHARED_HALF + done * MOAT_PAGE_SIZE};

		world_call(world, moat_page_recall(vm, ipa, 512));
	}
}

MEASURED void measure_lend_range(struct world *world)
{
	lend_all(world);
}

MEASURED void measure_recall_range(struct world *world)
{
	recall_all(world);
}

static void make_shared_tables(struct world *world)
{
	world_vm_make_bare(world);
	world_tables_make(world, SHARED_HALF);
}

static void make_lent(struct world *world)
{
	make_shared_tables(world);
	lend_all(world);
}

static void end_shared_tables(struct world *world)
{
	world_call(world, moat_vm_kill(vm));
	world_tables_end(world, SHARED_HALF);
	world_call(world, moat_vm_free(vm));
}

static void end_lent(struct world *world)
{
	recall_all(world);
	end_shared_tables(world);
}

/* One page a call: the whole price of one mapping with an owner. */
MEASURED void measure_lend(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		struct moat_ipa ipa = {SHARED_HALF + i * MOAT_PAGE_SIZE};
		struct moat_pa pa = {world->data + i * MOAT_PAGE_SIZE};

		world_call(world,
			moat_page_lend(vm, ipa, pa, 1, MOAT_READ + MOAT_WRITE));
	}
}

MEASURED void measure_recall(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		struct moat_ipa ipa = {SHARED_HALF + i * MOAT_PAGE_SIZE};

		world_call(world, moat_page_recall(vm, ipa, 1));
	}
}

/* ---- What the guest shares --------------------------------------------- */

static void enter(struct world *world)
{
	struct moat_regs regs = moat_vcpu_run(vm, vcpu);

	if (moat_host_call(world->engine, 0, &regs) != MOAT_GUEST_ENTER) {
		base_fail("the vCPU does not run", regs.x[0]);
	}
}

/* The guest calls for all its pages; each call is an exit, and an entry. */
static void guest_calls(struct world *world, uint64_t number, uint64_t reason)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *context = moat_cpu_context(world->engine, 0);

	for (uint64_t done = 0; done < world->page_count; done += 512) {
		struct moat_regs regs = {{0}};

		context->x[0] = MOAT_FUNCTION(number);
		context->x[1] = done * MOAT_PAGE_SIZE;
		context->x[2] = 512;
		moat_guest_exit(world->engine, 0, &trap, &regs);
		if (regs.x[1] != reason || regs.x[3] != 512) {
			base_fail("a guest is refused", regs.x[1]);
		}
		enter(world);
	}
}

MEASURED void measure_share_range(struct world *world)
{
	guest_calls(world, MOAT_GUEST_SHARE, MOAT_EXIT_SHARE);
}

MEASURED void measure_unshare_range(struct world *world)
{
	guest_calls(world, MOAT_GUEST_UNSHARE, MOAT_EXIT_UNSHARE);
}

static void make_running(struct world *world)
{
	struct moat_pa pa = {world->contexts + MOAT_PAGE_SIZE};

	world_vm_make(world);
	world_donate_all(world);
	world_call(world, moat_vcpu_create(vm, vcpu, pa, 0, 0));
	world_call(world, moat_vm_seal(vm));
	enter(world);
}

static void make_shared(struct world *world)
{
	make_running(world);
	guest_calls(world, MOAT_GUEST_SHARE, MOAT_EXIT_SHARE);
}

static void end_running(struct world *world)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};

	moat_guest_exit(world->engine, 0, &trap, &regs);
	world_call(world, moat_vm_kill(vm));
	world_call(world, moat_vcpu_destroy(vm, vcpu));
	world_reclaim_all(world);
	world_vm_end(world);
}

const struct row rows_share[] = {
	{"lend", 1, 1, make_shared_tables, measure_lend, end_lent},
	{"recall", 1, 1, make_lent, measure_recall, end_shared_tables},
	{"lend-range", 1, 1, make_shared_tables, measure_lend_range, end_lent},
	{"recall-range", 1, 1, make_lent, measure_recall_range,
		end_shared_tables},
	{"share-range", 1, 1, make_running, measure_share_range, end_running},
	{"unshare-range", 1, 1, make_shared, measure_unshare_range,
		end_running},
	{0},
};
