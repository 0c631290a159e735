/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VM's measurement is of. The digests were computed by Python's hashlib
 * from the words of call.h alone:
 *
 *     m = bytes(32); for each step: m = sha256(m + words + contents)
 *
 * with words as eight bytes each, the most significant first. Word k of page n
 * that the host prepares is 0x0123456789abcdef * (512 n + k + 1), in memory the
 * least significant byte first.
 */
#include <criterion/criterion.h>

#include "moat/port.h"
#include "scene.h"
#include "table.h"

#define LEAF UINT64_C(0x8000000000)
#define LENT (IPA_UPPER + LEAF)

enum step_kind {
	END,
	LOAD, /* page n at LEAF + at * 4096, and count - 1 behind it */
	DONATE,
	LEND,
	VCPU, /* number, PC, argument, is_off */
	DESTROY
};

struct step {
	enum step_kind kind;
	uint64_t x[4];
};

struct digest {
	uint64_t word[4];
};

static const struct measure_row {
	const char *name;
	uint64_t ipa_bits, vcpus;
	struct step steps[6];
	struct digest digest;
} rows[] = {
	{"nothing", 43, 4, {{END, {0}}},
		{{0xb247da6771e23118, 0xb245a2729041af62, 0x42956c7b425a859a,
			0x26dc00a9abe40d88}}},
	{"34 bits", 34, 4, {{END, {0}}},
		{{0x821bbb0492251cf9, 0xcc11f4899f802212, 0xbde3c0b0dcf04893,
			0x6c52a72a252386d2}}},
	{"one vCPU number", 43, 1, {{END, {0}}},
		{{0xd9eabda0ea5a8af4, 0xce793cccd47ee432, 0xaac6b15e8158882b,
			0xc4c34241671581e0}}},
	{"a page", 43, 4, {{LOAD, {0, 0, 1}}},
		{{0xe1c7e7cd17e6f5b1, 0xb93337290e17e1ae, 0xd34cdbb7e418f0b2,
			0x71b548cdd2ea9caf}}},
	{"the page elsewhere", 43, 4, {{LOAD, {2, 0, 1}}},
		{{0xbb28d02521c96b71, 0xa41d7908df230c8e, 0x2261f4a5f3155ef2,
			0xe9f2b1e1a3b62649}}},
	{"two pages", 43, 4, {{LOAD, {0, 0, 2}}},
		{{0x420ba5a7c6b04016, 0x391fd12a47297f85, 0x12c2e3cabc69b7ef,
			0x7b46dc103c3b2345}}},
	{"two pages, one by one", 43, 4, {{LOAD, {0, 0, 1}}, {LOAD, {1, 1, 1}}},
		{{0x420ba5a7c6b04016, 0x391fd12a47297f85, 0x12c2e3cabc69b7ef,
			0x7b46dc103c3b2345}}},
	{"two pages in turn", 43, 4, {{LOAD, {1, 1, 1}}, {LOAD, {0, 0, 1}}},
		{{0x894bc2a92e07cd26, 0x7187a33b73d7288a, 0xa5010c9d817c812b,
			0x7491c7f771ace93e}}},
	{"512 pages", 43, 4, {{LOAD, {0, 0, 512}}},
		{{0x37985a4fe66209fe, 0xcfe697ce1b23dc0f, 0xd26758abff883fc0,
			0xb7fb82927afab30a}}},
	{"a vCPU", 43, 4, {{VCPU, {0, 0x80000, 0x1234, 0}}},
		{{0x2b95dadb2367a992, 0x50ddf87886a86c37, 0x54bb6c89cea4456f,
			0x5e021300241e9bff}}},
	{"a vCPU that is off", 43, 4, {{VCPU, {0, 0x80000, 0x1234, 1}}},
		{{0x25d07302543a6659, 0x25d4dfbb0db5fb0d, 0xe8356ee076d5dae6,
			0x7eb687bb380f549d}}},
	{"vCPU 3", 43, 4, {{VCPU, {3, 0x80000, 0x1234, 0}}},
		{{0x3b2b0f4bd6f973e3, 0x51994e0aa0ce1c73, 0x1697f11d1544bd8b,
			0x81db5cec37827bed}}},
	{"another PC", 43, 4, {{VCPU, {0, 0x80004, 0x1234, 0}}},
		{{0x4ef2351ea698e9e2, 0x2b86af75801d011b, 0x349eaba57bfd1dd5,
			0x579c045de653157b}}},
	{"another argument", 43, 4, {{VCPU, {0, 0x80000, UINT64_MAX, 0}}},
		{{0xbe8dda3415178d34, 0x8a9e5a36ef33fc28, 0x661734cd9e03fb9b,
			0xe94cd96824827a1d}}},
	{"all of it", 43, 4,
		{{LOAD, {0, 0, 1}}, {VCPU, {0, 0x80000, 0x1234, 0}},
			{LOAD, {1, 1, 1}}, {VCPU, {1, 0, 0, 1}}},
		{{0x4f26f2e78bbfc9ac, 0xe4725af896a5c3b9, 0x5be44c3c1bcfccd3,
			0x223f286b1ed27b63}}},

	/* What the VM has not from the host, or does not own, is not in it. */
	{"a donated page", 43, 4, {{DONATE, {0, 0, 1}}},
		{{0xb247da6771e23118, 0xb245a2729041af62, 0x42956c7b425a859a,
			0x26dc00a9abe40d88}}},
	{"a lent page", 43, 4, {{LEND, {0, 0, 1}}},
		{{0xb247da6771e23118, 0xb245a2729041af62, 0x42956c7b425a859a,
			0x26dc00a9abe40d88}}},
	{"a page among others", 43, 4,
		{{DONATE, {5, 5, 1}}, {LOAD, {0, 0, 1}}, {LEND, {6, 6, 1}}},
		{{0xe1c7e7cd17e6f5b1, 0xb93337290e17e1ae, 0xd34cdbb7e418f0b2,
			0x71b548cdd2ea9caf}}},
	/* What was there once stays in it. */
	{"a vCPU that went", 43, 4,
		{{VCPU, {0, 0x80000, 0x1234, 0}}, {DESTROY, {0}}},
		{{0x2b95dadb2367a992, 0x50ddf87886a86c37, 0x54bb6c89cea4456f,
			0x5e021300241e9bff}}},
	{"a vCPU that came again", 43, 4,
		{{VCPU, {0, 0x80000, 0x1234, 0}}, {DESTROY, {0}},
			{VCPU, {0, 0x80000, 0x1234, 0}}},
		{{0xe6ab1e338cd4c92a, 0x68b177675eace83c, 0x8b2f8398d0212464,
			0x20cb8d6a21e09c40}}},
};

/* Rows that are used again. */
enum { A_PAGE = 3, A_VCPU = 9, ALL_OF_IT = 14 };

/* ---- Steps ------------------------------------------------------------- */

static void write_page(struct bed *bed, uint64_t n)
{
	for (uint64_t k = 0; k < 512; k++) {
		expect(bed_write(bed, 0, BED_C + n * 0x1000 + k * 8,
			       0x0123456789abcdef * (512 * n + k + 1)),
			"the host writes");
	}
}

static struct moat_regs vcpu_call(struct moat_vm_id vm, const struct step *step)
{
	struct moat_regs regs =
		moat_vcpu_create(vm, (struct moat_vcpu_id){step->x[0]},
			(struct moat_pa){BED_D + step->x[0] * 0x1000},
			step->x[1], step->x[2]);

	regs.x[6] = step->x[3];
	return regs;
}

static struct moat_regs call_of(struct moat_vm_id vm, const struct step *step)
{
	struct moat_pa pa = {BED_C + step->x[1] * 0x1000};
	struct moat_ipa ipa = {LEAF + step->x[0] * 0x1000};
	struct moat_ipa lent = {LENT + step->x[0] * 0x1000};

	switch (step->kind) {
	case DONATE:
		return moat_page_donate(vm, ipa, pa, step->x[2]);
	case LEND:
		return moat_page_lend(vm, lent, pa, step->x[2], 1);
	case VCPU:
		return vcpu_call(vm, step);
	case DESTROY:
		return moat_vcpu_destroy(vm, (struct moat_vcpu_id){step->x[0]});
	case LOAD: /* takes more than one call */
	case END:
	default:
		return moat_version();
	}
}

static void take_step(
	struct bed *bed, struct moat_vm_id vm, const struct step *step)
{
	if (step->kind == LOAD) {
		for (uint64_t i = 0; i < step->x[2]; i++) {
			write_page(bed, step->x[1] + i);
		}
	}
	if (step->kind == LOAD) {
		bed_load(bed, vm, LEAF + step->x[0] * 0x1000,
			BED_C + step->x[1] * 0x1000, step->x[2]);
	} else {
		bed_do(bed, call_of(vm, step));
	}
}

/* Tables are no part of it: a VM of 34 bits needs and gets none here. */
static void build_tables(struct bed *bed, struct moat_vm_id vm)
{
	const struct moat_ipa leaves[] = {{LEAF}, {LENT}};

	for (uint64_t i = 0; i < 2; i++) {
		for (uint64_t level = 2; level <= 3; level++) {
			bed_do(bed, moat_table_create(vm, leaves[i], level,
					    (struct moat_pa){
						    BED_B +
						    (2 * i + level) * 0x1000}));
		}
	}
}

static void build(
	struct bed *bed, struct moat_vm_id vm, const struct measure_row *row)
{
	bed_do(bed, moat_vm_create(vm, (struct moat_pa){BED_A}, row->ipa_bits,
			    row->vcpus));
	if (row->ipa_bits == 43) {
		build_tables(bed, vm);
	}
	for (uint32_t i = 0; i < LENGTH(row->steps); i++) {
		if (row->steps[i].kind != END) {
			take_step(bed, vm, &row->steps[i]);
		}
	}
}

static void expect_digest(
	const char *what, const uint64_t *is, const struct digest *should_be)
{
	for (uint32_t i = 0; i < 4; i++) {
		expect_equal(what, is[i], should_be->word[i]);
	}
}

/* x5..x9 of the seal are zero. */
static void seal(
	struct bed *bed, struct moat_vm_id vm, const struct digest *digest)
{
	struct moat_regs regs = moat_vm_seal(vm);

	expect_equal("the seal", bed_call(bed, 0, &regs), MOAT_OK);
	expect_digest("a word that vm_seal gives", &regs.x[1], digest);
	for (uint32_t i = 5; i < 10; i++) {
		expect_equal("a result that there is not", regs.x[i], 0);
	}
}

Test(measure, a_measurement_is_of_what_the_host_chose)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct bed bed = bed_make();
		struct moat_vm_id vm = {i % BED_VMS}; /* whichever */

		bed_about("a VM with %s", rows[i].name);
		build(&bed, vm, &rows[i]);
		seal(&bed, vm, &rows[i].digest);
		bed_end(&bed);
	}
}

/* ---- The VM asks ------------------------------------------------------- */

static void ask(struct bed *bed, const struct digest *digest)
{
	const struct moat_regs call =
		scene_guest_call(MOAT_GUEST_MEASUREMENT, 5, 6);
	struct bed_answer answer = bed_ask(bed, 1, &call);

	expect_equal("the action", answer.action, MOAT_GUEST_RESUME);
	expect_equal("x0", answer.x[0], MOAT_OK);
	expect_digest("a word that measurement gives", &answer.x[1], digest);
}

/* What comes to the VM when it is sealed changes it no more. */
Test(measure, a_vm_learns_its_measurement_which_is_final)
{
	const struct moat_vm_id vm = {0};
	const struct measure_row *row = &rows[ALL_OF_IT];
	struct bed bed = bed_make();

	bed_about("a VM with %s asks", row->name);
	build(&bed, vm, row);
	seal(&bed, vm, &row->digest);
	scene_run(&bed, 0, 0, 1);
	ask(&bed, &row->digest);
	bed_do(&bed, moat_page_donate(vm, (struct moat_ipa){LEAF + 0x9000},
			     (struct moat_pa){BED_C + 0x9000}, 1));
	ask(&bed, &row->digest);
	bed_end(&bed);
}

Test(measure, a_slot_that_is_used_again_starts_anew)
{
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();
	const struct moat_ipa leaf = {LEAF};

	bed_about("a VM in a used slot");
	build(&bed, vm, &rows[A_PAGE]);
	bed_do(&bed, moat_vm_kill(vm));
	bed_do(&bed, moat_page_reclaim(vm, leaf, 1));
	for (uint64_t level = 3; level >= 2; level--) {
		bed_do(&bed, moat_table_destroy(vm, leaf, level));
		bed_do(&bed,
			moat_table_destroy(vm, (struct moat_ipa){LENT}, level));
	}
	bed_do(&bed, moat_vm_free(vm));
	build(&bed, vm, &rows[A_VCPU]);
	seal(&bed, vm, &rows[A_VCPU].digest);
	bed_end(&bed);
}

/* ---- What a cache may hold --------------------------------------------- */

void __real_moat_port_clean(void *page, size_t size);
void __wrap_moat_port_clean(void *page, size_t size);

static void *cleaned;
static size_t cleaned_bytes;

void __wrap_moat_port_clean(void *page, size_t size)
{
	cleaned = page;
	cleaned_bytes = size;
	__real_moat_port_clean(page, size);
}

/* The VM may read them with its caches off: what the host wrote has to be in
 * memory (port.h). */
Test(measure, pages_that_keep_their_contents_are_cleaned)
{
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();

	bed_about("a VM whose pages are cleaned");
	build(&bed, vm, &rows[A_VCPU]);
	cr_expect_null(cleaned, "nothing was loaded");
	bed_do(&bed, moat_page_load(vm, (struct moat_ipa){LEAF},
			     (struct moat_pa){BED_C + 0x3000}, 2));
	cr_expect_eq(cleaned, host_machine_memory(bed.machine, BED_C + 0x3000));
	cr_expect_eq(cleaned_bytes, 0x2000);
	bed_end(&bed);
}
