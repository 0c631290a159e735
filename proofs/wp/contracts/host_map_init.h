/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_HOST_MAP_INIT_H
#define MOAT_PROOF_HOST_MAP_INIT_H

#include "range.h"
#include "s2.h"
#include "theory_space.h"
#include "core/host_map.h"

/* The root, two for each withheld range, each region of RAM, the levels above:
 * what the sum stays below, not what a machine has. */
#define HOST_TABLES_MAX \
	(MOAT_ROOT_PAGES_MAX + 2 * MOAT_RANGE_MAX + \
		MOAT_RANGE_MAX * 0x8000000 + 2 * 0x40000)

/*@
  // The lists of a configuration that init has found good.
  predicate lists_good{L}(struct moat_config *c) =
    \valid_read(c) && c->ram_count <= MOAT_RANGE_MAX &&
    c->withheld_count <= MOAT_RANGE_MAX &&
    ends_ok(&c->ram[0], c->ram_count) &&
    ends_ok(&c->withheld[0], c->withheld_count);

  predicate all_withheld{L}(struct moat_config *c, integer base,
      integer size) =
    \exists integer i; 0 <= i < c->withheld_count &&
      holds(&c->withheld[i], base, size);
  predicate some_withheld{L}(struct moat_config *c, integer base,
      integer size) =
    \exists integer i; 0 <= i < c->withheld_count &&
      touches(&c->withheld[i], base, size);
  predicate some_ram{L}(struct moat_config *c, integer base, integer size) =
    \exists integer i; 0 <= i < c->ram_count &&
      touches(&c->ram[i], base, size);
*/

/*@ requires lists_good(config) && base + size <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result <==> all_withheld(config, base, size); */
static bool is_withheld(
	const struct moat_config *config, uint64_t base, uint64_t size);

/*@ requires lists_good(config) && base + size <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result <==> some_ram(config, base, size) ||
      (some_withheld(config, base, size) &&
        !all_withheld(config, base, size)); */
static bool is_mixed(
	const struct moat_config *config, uint64_t base, uint64_t size);

/*@ requires lists_good(config) && base <= 0x1000000000000;
    requires level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures ram: some_ram(config, base, entry_bytes(level)) ==> \result;
    ensures hidden: all_withheld(config, base, entry_bytes(level)) &&
      !some_ram(config, base, entry_bytes(level)) ==> !\result; */
static bool needs_table(
	const struct moat_config *config, uint64_t base, uint32_t level);

/*@ requires \valid_read(config);
    requires config->host_ipa_bits <= MOAT_HOST_IPA_BITS_MAX;
    assigns \nothing; exits \false;
    ensures \result.start_level <= MOAT_BLOCK_LEVEL_MIN;
    ensures 1 <= \result.page_count <= MOAT_ROOT_PAGES_MAX; */
struct s2_root host_map_root(const struct moat_config *config);

/* ---- How many tables --------------------------------------------------- */

/* At most one for each entry of 2^48 bytes. */
/*@ requires lists_good(config) && level < REGION_LEVEL;
    requires MOAT_IPA_BITS_MIN <= config->host_ipa_bits <=
      MOAT_HOST_IPA_BITS_MAX;
    assigns \nothing; exits \false;
    ensures \result <= 0x40000; */
static uint32_t count_below(const struct moat_config *config, uint32_t level);

/*@ requires lists_good(config);
    requires MOAT_IPA_BITS_MIN <= config->host_ipa_bits <=
      MOAT_HOST_IPA_BITS_MAX;
    assigns \nothing; exits \false;
    ensures 1 <= \result <= HOST_TABLES_MAX; */
uint32_t host_map_table_count(const struct moat_config *config);

#endif
