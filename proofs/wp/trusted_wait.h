/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is trusted of atomic accesses, in the place of core/atomic.h, and of the
 * port's part in waiting. An access is one of a single CPU: no other comes in
 * between, but where a CPU waits, which is where it loads to acquire: there any
 * number of them may have been. What many CPUs do at once is explored by
 * tests/weak, under all that C11 permits, and by proofs/spin.
 */
#ifndef MOAT_PROOF_TRUSTED_WAIT_H
#define MOAT_PROOF_TRUSTED_WAIT_H
#define MOAT_CORE_ATOMIC_H

#include "core/lock.h"
#include "moat/port.h"

/*@ requires \valid_read(at);
    assigns \nothing; exits \false;
    ensures \result == *at; */
uint32_t atomic_load_relaxed(const uint32_t *at);

/* Other CPUs have written it by now, as the pointer need not say. */
/*@ requires \valid_read(at);
    assigns *at; exits \false;
    ensures \result == *at; */
uint32_t atomic_load_acquire(const uint32_t *at);

/*@ requires \valid(at);
    assigns *at; exits \false;
    ensures *at == value; */
void atomic_store_relaxed(uint32_t *at, uint32_t value);

/*@ requires \valid(at);
    assigns *at; exits \false;
    ensures *at == value; */
void atomic_store_release(uint32_t *at, uint32_t value);

/*@ requires \valid(at);
    assigns *at; exits \false;
    ensures *at == (\old(*at) + value) % 0x100000000;
    ensures \result == \old(*at); */
uint32_t atomic_add_relaxed(uint32_t *at, uint32_t value);

/*@ requires \valid(at);
    assigns *at; exits \false;
    ensures *at == (\old(*at) + value) % 0x100000000;
    ensures \result == \old(*at); */
uint32_t atomic_add_acquire_release(uint32_t *at, uint32_t value);

/*@ assigns \nothing; exits \false; */
void moat_port_wait(void);

/*@ assigns \nothing; exits \false; */
void moat_port_wake(void);

/* Never called; where that is tested, not proved, a unit says so before. */
#ifdef PROOF_MAY_PANIC
#define PROOF_PANICS 1
#else
#define PROOF_PANICS 0
#endif
/*@ requires unreachable: PROOF_PANICS == 1;
    assigns \nothing; exits \false;
    ensures \false; */
void moat_port_panic(const char *reason);

#endif
