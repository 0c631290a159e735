/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_RANGE_H
#define MOAT_PROOF_RANGE_H

#include "theory.h"
#include "core/range.h"

/*@
  predicate list_ok{L}(struct moat_range *range, integer count) =
    \valid_read(range + (0 .. count - 1));

  // No end wraps.
  predicate ends_ok{L}(struct moat_range *range, integer count) =
    \forall integer i; 0 <= i < count ==>
      range[i].base + range[i].size <= 0x1000000000000;

  predicate is_good{L}(struct moat_range *r, integer unit, integer limit) =
    r->base % unit == 0 && r->size % unit == 0 && r->size > 0 &&
    r->base + r->size <= limit;

  predicate touches{L}(struct moat_range *r, integer base, integer size) =
    base < r->base + r->size && r->base < base + size;

  predicate holds{L}(struct moat_range *r, integer base, integer size) =
    r->base <= base && base + size <= r->base + r->size;
*/

/*@ requires unit > 0;
    assigns \nothing; exits \false;
    ensures \result <==>
      r.base % unit == 0 && r.size % unit == 0 && r.size > 0 &&
      floor <= r.base && r.base + r.size <= limit; */
static bool range_is_good(
	struct moat_range r, uint64_t unit, uint64_t floor, uint64_t limit);

/*@ requires list_ok(range, count) && unit > 0;
    requires limit <= 0x1000000000000;
    assigns \nothing; exits \false;
    ensures \result <==>
      (\forall integer i; 0 <= i < count ==>
        is_good(range + i, unit, limit)) &&
      (\forall integer i; 0 <= i && i + 1 < count ==>
        range[i].base + range[i].size < range[i + 1].base); */
bool range_list_is_good(const struct moat_range *range, uint32_t count,
	uint64_t unit, uint64_t limit);

/*@ requires list_ok(range, count) && ends_ok(range, count);
    requires base + size <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result <==> \exists integer i; 0 <= i < count &&
      touches(range + i, base, size); */
bool range_list_touches(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size);

/*@ requires list_ok(range, count) && ends_ok(range, count);
    requires base + size <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result <==> \exists integer i; 0 <= i < count &&
      holds(range + i, base, size); */
bool range_list_holds(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size);

#endif
