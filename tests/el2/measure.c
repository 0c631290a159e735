/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measurements. What a VM is made of goes to the console as well, where
 * tests/el2/measurements computes the same by other means.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u

enum { SLOT = 8, OTHER = 9, POOL_USED = 48 };

/* What may differ between two VMs. */
struct recipe {
	const char *name;
	uint64_t slot;
	uint64_t ipa_bits;
	uint64_t vcpus;
	uint64_t secret;
	uint64_t off; /* vCPUs more, which are off */
};

static const struct recipe standard = {"the same", OTHER, 39, 2, SECRET, 1};

static const struct recipe others[] = {
	{"one byte", OTHER, 39, 2, SECRET + 1, 1},
	{"the IPA space", OTHER, 38, 2, SECRET, 1},
	{"a number for a vCPU", OTHER, 39, 3, SECRET, 1},
	{"one vCPU less", OTHER, 39, 2, SECRET, 0},
};

static void say(const char *name, uint64_t value)
{
	console_text(" ");
	console_text(name);
	console_text(" ");
	console_hex(value);
}

/* All that goes into the measurement, and what the engine made of it. */
static void print_recipe(const struct recipe *recipe, const struct vm *vm)
{
	console_text("host: measured");
	say("ipa_bits", recipe->ipa_bits);
	say("vcpus", recipe->vcpus);
	say("page", PAGE);
	say("code", (uint64_t)guest_code);
	say("at", GUEST_CODE);
	say("words", recipe->secret);
	say("argument", GUEST_ARGUMENT);
	say("off", recipe->off);
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		say("is", vm->measurement[i]);
	}
	console_text("\n");
}

static bool is_same(const struct vm *a, const struct vm *b)
{
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		if (a->measurement[i] != b->measurement[i]) {
			return false;
		}
	}
	return true;
}

static uint64_t build(
	struct vm *vm, struct pool *pool, const struct recipe *recipe)
{
	uint64_t refusal = vm_open_for(
		vm, pool, recipe->slot, recipe->ipa_bits, recipe->vcpus);

	refusal += vm_furnish(vm, pool, recipe->secret);
	for (uint64_t vcpu = 1; vcpu <= recipe->off; vcpu++) {
		refusal += vm_add_vcpu(vm, pool, vcpu, 1);
	}
	refusal += vm_seal(vm);
	print_recipe(recipe, vm);
	return refusal;
}

static bool guest_knows(const struct vm *vm)
{
	struct moat_regs exit =
		vm_call(vm, MOAT_FUNCTION(MOAT_GUEST_MEASUREMENT), 0, 0, 0);

	return exit_reports(exit, MOAT_OK) && exit.x[6] == vm->measurement[0] &&
	       exit.x[7] == vm->measurement[1] &&
	       exit.x[8] == vm->measurement[2] &&
	       vm_ask(vm, GUEST_LAST, 0, 0) == vm->measurement[3];
}

/* What comes after the seal, zeroed or in the shared half, is not measured. */
static void does_not_change(struct vm *vm, struct pool *pool)
{
	check_done(vm_donate(vm, GUEST_SPARE, pool_take(pool, 1), 1),
		"a page comes after the seal");
	check(guest_knows(vm), "and the measurement stays");
	check_refused(
		moat_vm_seal(vm->id), MOAT_BAD_STATE, 0, "a VM is sealed once");
}

static void compare(
	const struct vm *vm, struct pool pool, const struct recipe *recipe)
{
	struct vm other;
	bool is_standard = recipe == &standard;

	check(build(&other, &pool, recipe) == MOAT_OK &&
			is_same(vm, &other) == is_standard,
		recipe->name);
}

void test_measurement(void)
{
	struct pool pool = {0, 1};
	struct recipe first = standard;
	struct vm vm;

	first.slot = SLOT;
	check_equal(build(&vm, &pool, &first), MOAT_OK, "a VM is measured");
	vm_run(&vm);
	check(guest_knows(&vm), "it knows its measurement");
	does_not_change(&vm, &pool);
	console_text("host: another VM is measured alike with\n");
	compare(&vm, pool, &standard);
	vm_sweep(POOL_USED);
	console_text("host: and differently if these differ:\n");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		compare(&vm, pool, &others[i]);
		vm_sweep(POOL_USED);
	}
	check(pool_is_host(POOL_USED), "nothing is left of them");
}
