/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What moat.h asks of a configuration ("Set-up"). Limits and ranges are checked
 * apart, because a trace tells them one after the other.
 */
#include "model/state.h"

enum { HOST_IPA_BITS_MIN = 32, HOST_IPA_BITS_MAX = 48 };

static bool is_between(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}

/* The reasons name what a person can mend in the configuration. */
const char *model_config_check_limits(const struct moat_config *config)
{
	if (!is_between(config->cpu_count, 1, MOAT_CPU_MAX)) {
		return "the number of CPUs is out of range";
	}
	if (!is_between(config->vm_count, 1, MOAT_VM_MAX)) {
		return "the number of VM slots is out of range";
	}
	if (!is_between(
		    config->ipa_bits, MOAT_IPA_BITS_MIN, MOAT_IPA_BITS_MAX)) {
		return "ipa_bits is out of range";
	}
	if (!is_between(config->host_ipa_bits, HOST_IPA_BITS_MIN,
		    HOST_IPA_BITS_MAX)) {
		return "host_ipa_bits is out of range";
	}
	if (config->list_register_count > MOAT_LIST_REGISTER_MAX) {
		return "the number of list registers is out of range";
	}
	return NULL;
}

/* Ranges ascend, neither overlap nor touch, are whole units and end at @limit
 * or below. The subtractions cannot wrap: each follows its comparison. */
static bool ranges_are_valid(const struct moat_range *ranges, uint32_t count,
	uint64_t unit, uint64_t limit)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t base = ranges[i].base;
		uint64_t size = ranges[i].size;

		if ((i != 0 && base <= end) || base > limit ||
			size > limit - base) {
			return false;
		}
		if (size == 0 || base % unit != 0 || size % unit != 0) {
			return false;
		}
		end = base + size;
	}
	return true;
}

/* Pages of RAM have numbers of 32 bits, of which the greatest is none's. The
 * ranges are valid by now, so they do not wrap, nor does their sum. */
static bool pages_are_numbered(const struct moat_config *config)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < config->ram_count; i++) {
		pages += config->ram[i].size / MOAT_PAGE_SIZE;
	}
	return pages < UINT32_MAX;
}

/* The number of ranges first: what stands behind it is not looked at. The
 * limits hold by now, so the shift by host_ipa_bits is defined. */
const char *model_config_check_ranges(const struct moat_config *config)
{
	/* The host's map is an identity: a range above it has no name. */
	uint64_t host_end = (uint64_t)1 << config->host_ipa_bits;

	if (config->ram_count > MOAT_RANGE_MAX ||
		config->withheld_count > MOAT_RANGE_MAX) {
		return "there are too many ranges";
	}
	if (!ranges_are_valid(config->ram, config->ram_count, MODEL_REGION_SIZE,
		    host_end)) {
		return "RAM does not ascend in whole regions";
	}
	if (!pages_are_numbered(config)) {
		return "RAM has more pages than there are numbers";
	}
	if (!ranges_are_valid(config->withheld, config->withheld_count,
		    MOAT_PAGE_SIZE, host_end)) {
		return "withheld ranges do not ascend in whole pages";
	}
	return NULL;
}

/* An engine without RAM could give nothing away, and its first page call would
 * have nothing to refuse for the right reason. */
const char *model_config_check(const struct moat_config *config)
{
	const char *error = model_config_check_limits(config);

	if (error == NULL) {
		error = model_config_check_ranges(config);
	}
	if (error == NULL && config->ram_count == 0) {
		error = "there is no RAM";
	}
	return error;
}
