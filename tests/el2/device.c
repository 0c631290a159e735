/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that the host emulates: a VM touches its shared half where nothing
 * is mapped, and the host learns of that access and of nothing else.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
/* What a register holds before: no byte of it is any of what is answered. */
#define BEFORE 0x5152535455565758u
#define ANSWER 0xf1f2f3f4f5f6f7f8u

enum { SLOT = 6, POOL_USED = 32, DEVICE = 0x9000010 };

/* A load, the size told to the host, and the register if ANSWER is given. */
static const struct load {
	const char *name;
	enum guest_order order;
	uint64_t size;
	uint64_t becomes;
} loads[] = {
	{"LDRB", GUEST_LOAD_1, 1, 0xf8},
	{"LDRH", GUEST_LOAD_2, 2, 0xf7f8},
	{"LDR of a W register", GUEST_LOAD_4, 4, 0xf5f6f7f8},
	{"LDR", GUEST_READ, 8, ANSWER},
	{"LDRSB of a W register", GUEST_LOAD_SIGNED_1, 1, 0xfffffff8},
	{"LDRSB", GUEST_LOAD_SIGNED_1_WIDE, 1, 0xfffffffffffffff8},
	{"LDRSH of a W register", GUEST_LOAD_SIGNED_2, 2, 0xfffff7f8},
	{"LDRSH", GUEST_LOAD_SIGNED_2_WIDE, 2, 0xfffffffffffff7f8},
	{"LDRSW", GUEST_LOAD_SIGNED_4_WIDE, 4, 0xfffffffff5f6f7f8},
	{"LDR of the zero register", GUEST_LOAD_NOWHERE, 8, BEFORE},
	{"LDR of its own base", GUEST_LOAD_SELF, 8, ANSWER},
	{"LDR of x18", GUEST_LOAD_FAR, 8, ANSWER},
};

static const struct store {
	const char *name;
	enum guest_order order;
	uint64_t size;
	uint64_t tells;
} stores[] = {
	{"STRB", GUEST_STORE_1, 1, 0x58},
	{"STRH", GUEST_STORE_2, 2, 0x5758},
	{"STR of a W register", GUEST_STORE_4, 4, 0x55565758},
	{"STR", GUEST_STORE_8, 8, BEFORE},
	{"STR of the zero register", GUEST_STORE_ZERO, 8, 0},
};

/* Accesses without a syndrome. */
static const struct opaque {
	const char *name;
	enum guest_order order;
	enum moat_access access;
} opaques[] = {
	{"LDP", GUEST_LOAD_PAIR, MOAT_ACCESS_READ},
	{"STP", GUEST_STORE_PAIR, MOAT_ACCESS_WRITE},
	{"LDR with write-back", GUEST_LOAD_STEP, MOAT_ACCESS_READ},
	{"LDR of a vector", GUEST_LOAD_VECTOR, MOAT_ACCESS_READ},
	{"a fetch", GUEST_JUMP, MOAT_ACCESS_FETCH},
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* An MMIO exit that says this and nothing else. */
static bool exit_is_access(struct moat_regs exit, uint64_t address,
	uint64_t size, enum moat_access access, uint64_t value)
{
	uint64_t rest = 0;

	for (size_t i = 6; i <= MOAT_RUN_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	return exit.x[0] == MOAT_OK && exit.x[1] == MOAT_EXIT_MMIO &&
	       exit.x[2] == address && exit.x[3] == size &&
	       exit.x[4] == access && exit.x[5] == value && rest == 0;
}

static void test_load(const struct vm *vm, const struct load *load)
{
	uint64_t address = vm_shared(vm) + DEVICE;
	struct moat_regs exit = vm_order(vm, load->order, address, BEFORE);

	if (!exit_is_access(exit, address, load->size, MOAT_ACCESS_READ, 0)) {
		check(false, load->name);
	}
	exit = vm_answer(vm, ANSWER);
	check(exit_reports(exit, load->becomes), load->name);
}

/* The answer to a write is none, whatever the host puts there. */
static void test_store(const struct vm *vm, const struct store *store)
{
	uint64_t address = vm_shared(vm) + DEVICE;
	struct moat_regs exit = vm_order(vm, store->order, address, BEFORE);

	if (!exit_is_access(exit, address, store->size, MOAT_ACCESS_WRITE,
		    store->tells)) {
		check(false, store->name);
	}
	exit = vm_answer(vm, ANSWER);
	check(exit_reports(exit, BEFORE) && exit.x[6] == 0, store->name);
}

static void test_opaque(const struct vm *vm, const struct opaque *opaque)
{
	uint64_t address = vm_shared(vm) + DEVICE;
	struct moat_regs exit = vm_order(vm, opaque->order, address, BEFORE);

	check(exit_is_fault(exit, address, opaque->access) &&
			vm_takes_abort(vm, address, opaque->access),
		opaque->name);
}

/* ---- What may answer what ------------------------------------------------ */

static void aborted(const struct vm *vm)
{
	uint64_t address = vm_shared(vm) + DEVICE;
	struct moat_regs entry = vm_request(vm);

	entry.x[3] = MOAT_ENTRY_ABORT;
	check_refused(entry, MOAT_BAD_ENTRY, 3,
		"where no access is pending there is none to abort");
	entry.x[3] = MOAT_ENTRY_FLAGS_END;
	check_refused(entry, MOAT_BAD_ARG, 3, "there are no more flags");
	vm_order(vm, GUEST_READ, address, BEFORE);
	check(vm_takes_abort(vm, address, MOAT_ACCESS_READ),
		"a device's read is aborted");
	vm_order(vm, GUEST_STORE_1, address, BEFORE);
	check(vm_takes_abort(vm, address, MOAT_ACCESS_WRITE),
		"and a device's write");
}

/* With its syndrome as good as any, an access in the protected half is a fault:
 * the host learns the page, and what it answers is lost. */
static void protected_half(const struct vm *vm, struct pool *pool)
{
	check(exit_is_fault(vm_order(vm, GUEST_STORE_1, GUEST_SPARE + 24, 1),
		      GUEST_SPARE + 24, MOAT_ACCESS_WRITE),
		"the protected half has no devices");
	check_exit(
		vm_answer(vm, ANSWER), MOAT_EXIT_FAULT, "the VM tries again");
	check_done(vm_donate(vm, GUEST_SPARE, pool_take(pool, 1), 1),
		"until there is a page");
	check(exit_reports(vm_answer(vm, ANSWER), 1), "and then goes on");
	check_equal(vm_ask(vm, GUEST_READ, GUEST_SPARE + 24, 0), 1,
		"having written it");
}

/* Both halves together are all that the VM has. */
static void outside(const struct vm *vm)
{
	uint64_t address = 2 * vm_shared(vm);

	check(exit_is_fault(vm_order(vm, GUEST_READ, address + 8, 0),
		      address + 8, MOAT_ACCESS_READ),
		"behind its IPA space a VM has no device");
	check(vm_takes_abort(vm, address + 8, MOAT_ACCESS_READ),
		"but an abort");
}

void test_devices(void)
{
	struct pool pool = {0, 1};
	struct vm vm;

	check_equal(vm_build(&vm, &pool, SLOT, 36, SECRET), MOAT_OK,
		"a VM for devices is built");
	vm_run(&vm);
	for (size_t i = 0; i < COUNT(loads); i++) {
		test_load(&vm, &loads[i]);
	}
	for (size_t i = 0; i < COUNT(stores); i++) {
		test_store(&vm, &stores[i]);
	}
	for (size_t i = 0; i < COUNT(opaques); i++) {
		test_opaque(&vm, &opaques[i]);
	}
	aborted(&vm);
	protected_half(&vm, &pool);
	outside(&vm);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
