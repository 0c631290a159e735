/* SPDX-License-Identifier: BSD-2-Clause */
#include "granule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct granule granules[] = {
	{12, 0x1000, 0x200000,
		{0x1000000000000, 0x8000000000, 0x40000000, 0x200000}},
	{14, 0x4000, 0x2000000, {0, 0x800000000000, 0x1000000000, 0x2000000}},
	{16, 0x10000, 0x20000000, {0, 0, 0x40000000000, 0x20000000}},
};

static const char *about_text = "?";
static uint64_t about_number;
static int failures;
static int checks;

const struct granule *granule_of_this_build(void)
{
	const struct granule *granule = granules;

	while (granule->page != MOAT_PAGE_SIZE) {
		granule++;
	}
	return granule;
}

/* One more range of RAM, the last region below @end, and one withheld, from
 * @hole to there. */
static void add_range(struct moat_config *config, uint64_t hole, uint64_t end)
{
	uint64_t region = granule_of_this_build()->region;

	config->ram[config->ram_count].base = end - region;
	config->ram[config->ram_count].size = region;
	config->ram_count++;
	config->withheld[config->withheld_count].base = hole;
	config->withheld[config->withheld_count].size = end - region - hole;
	config->withheld_count++;
}

struct moat_config granule_config(uint32_t bits)
{
	uint64_t hole = UINT64_C(0x100000000);
	struct moat_config config = {.cpu_count = 2,
		.vm_count = 2,
		.ipa_bits = 44,
		.host_ipa_bits = bits,
		.ram_count = 1,
		.ram = {{GRANULE_LOW, 2 * granule_of_this_build()->region}},
		.memory_pa = {GRANULE_MEMORY}};

	if (bits > 47) {
		add_range(&config, hole, UINT64_C(0x800000000000));
		hole = UINT64_C(0x800000000000);
	}
	if (bits > 36) {
		add_range(&config, hole, UINT64_C(1) << bits);
	}
	return config;
}

void about(const char *text, uint64_t number)
{
	about_text = text;
	about_number = number;
}

void expect(const char *what, uint64_t is, uint64_t should_be)
{
	checks++;
	if (is != should_be) {
		failures++;
		printf("%s %" PRIu64 ": %s is 0x%" PRIx64 " and should be "
		       "0x%" PRIx64 "\n",
			about_text, about_number, what, is, should_be);
	}
}

struct moat_regs expect_call(struct host_machine *machine, const char *what,
	struct moat_regs regs, uint64_t answer)
{
	host_machine_call(machine, 0, &regs);
	expect(what, regs.x[0], answer);
	return regs;
}

bool may_write(struct host_machine *machine, uint32_t cpu, uint64_t ipa,
	uint64_t value)
{
	struct host_access access = {ipa, value, MOAT_ACCESS_WRITE};

	return host_cpu_access(machine, cpu, &access);
}

bool may_read(struct host_machine *machine, uint32_t cpu, uint64_t ipa,
	uint64_t *value)
{
	struct host_access access = {ipa, 0, MOAT_ACCESS_READ};
	bool may = host_cpu_access(machine, cpu, &access);

	*value = access.value;
	return may;
}

void end(struct host_machine *machine)
{
	const char *broken = moat_invariant_check(machine->engine);

	if (machine->violation || broken) {
		printf("%s %" PRIu64 ": %s\n", about_text, about_number,
			broken ? broken : machine->violation);
		failures++;
	}
	host_machine_destroy(machine);
}

int main(void)
{
	test_roots();
	test_host();
	printf("granule: pages of %d bytes, %d checks, %d failures\n",
		MOAT_PAGE_SIZE, checks, failures);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
