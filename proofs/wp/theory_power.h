/* SPDX-License-Identifier: BSD-2-Clause */
/* Powers of two, and the root that an IPA space of a VM has. */
#ifndef MOAT_PROOF_POWER_H
#define MOAT_PROOF_POWER_H

/*@
  // 2^n, as far as anything here doubles.
  axiomatic Power {
    logic integer power_of_two(integer n);
    axiom power_of_zero: power_of_two(0) == 1;
    axiom power_doubles: \forall integer n; 0 <= n ==>
      power_of_two(n + 1) == 2 * power_of_two(n);
    axiom power_of_four: power_of_two(4) == 16;
    axiom power_of_32: power_of_two(32) == 0x100000000;
    axiom power_of_63: power_of_two(63) == 0x8000000000000000;
    axiom power_grows: \forall integer a, b; 0 <= a <= b ==>
      1 <= power_of_two(a) <= power_of_two(b);
  }

  // Arm ARM, D8.2.2, of a start level not below 2: one table of level 2, 1 and
  // 0 translates 30, 39 and 48 bits, and at most 16 tables go together.
  logic integer vm_root_level(integer bits) =
    bits <= 34 ? 2 : (bits <= 43 ? 1 : 0);
  logic integer vm_root_pages(integer bits) =
    bits == 32 ? 4 : (bits == 33 ? 8 : (bits == 34 ? 16 :
    (bits == 40 ? 2 : (bits == 41 ? 4 : (bits == 42 ? 8 :
    (bits == 43 ? 16 : 1))))));
  logic integer vm_root_bytes(integer bits) = vm_root_pages(bits) *
    (bits <= 34 ? 0x40000000 : (bits <= 43 ? 0x8000000000 : 0x1000000000000));

  lemma root_covers: \forall integer bits; 32 <= bits <= 44 ==>
    0x100000000 <= power_of_two(bits) <= 0x100000000000 &&
    power_of_two(bits) <= vm_root_bytes(bits);
  // That a root may start there.
  predicate is_root_aligned(integer pa, integer bits) =
    pa % (vm_root_pages(bits) * 0x1000) == 0;
  lemma root_is_aligned: \forall integer bits, pa;
    32 <= bits <= 44 && 0 <= pa && is_root_aligned(pa, bits) ==>
      pa % 0x1000 == 0;
*/

#endif
