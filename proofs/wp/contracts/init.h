/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_INIT_H
#define MOAT_PROOF_INIT_H

#include "core/state.h"

/*@ requires \valid_read(c);
    assigns \nothing; exits \false;
    ensures \result <==> 1 <= c->cpu_count <= MOAT_CPU_MAX &&
      1 <= c->vm_count <= MOAT_VM_MAX &&
      1 <= c->ram_count <= MOAT_RANGE_MAX &&
      c->withheld_count <= MOAT_RANGE_MAX &&
      c->list_register_count <= MOAT_LIST_REGISTER_MAX; */
static bool counts_are_good(const struct moat_config *c);

/*@ requires \valid_read(c);
    assigns \nothing; exits \false;
    ensures \result <==>
      MOAT_IPA_BITS_MIN <= c->ipa_bits <= MOAT_IPA_BITS_MAX &&
      MOAT_IPA_BITS_MIN <= c->host_ipa_bits <= MOAT_HOST_IPA_BITS_MAX; */
static bool widths_are_good(const struct moat_config *c);

/*@ requires \valid_read(config) && config->ram_count <= MOAT_RANGE_MAX;
    requires small: \forall integer i; 0 <= i < config->ram_count ==>
      config->ram[i].size <= 0x1000000000000;
    assigns \nothing; exits \false;
    ensures \result <= MOAT_RANGE_MAX * (0x1000000000000 / MOAT_PAGE_SIZE); */
static uint64_t config_page_count(const struct moat_config *config);

/*@ requires \valid(end) && *end + size + 63 <= 0xffffffffffffffff;
    assigns *end; exits \false;
    ensures \result == \old(*end);
    ensures room: \old(*end) + size <= *end < \old(*end) + size + 64; */
static uint64_t reserve(uint64_t *end, uint64_t size);

#endif
