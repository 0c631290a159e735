/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * On the port of the EL2 image, in that image: booted and configured as always,
 * with its engine made and its other CPUs waiting, it runs the suite in place
 * of its first host.
 */
#include "arch-aarch64/console.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/firmware.h"
#include "el2.h"

static void print(const char *text)
{
	size_t length = 0;

	while (text[length + 1] != 0) {
		length++;
	}
	console_write(text, length); /* which adds the line end */
}

static void install(const struct moat_stage2 *stage2)
{
	const struct cpu_translation translation = cpu_translation(stage2);

	cpu_translation_load(&translation);
}

/* The linker puts this in the place of cpu_start_host (--wrap). */
__attribute__((noreturn)) void __wrap_cpu_start_host(
	uint64_t pc, uint64_t argument);
void __wrap_cpu_start_host(uint64_t pc, uint64_t argument)
{
	const struct el2_means means = {print, install};

	(void)pc;
	(void)argument;
	el2_contract(&means);
	firmware_exit(0);
}
