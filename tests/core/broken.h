/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A state that calls reached, for tests that break it on purpose: one field is
 * another, the predicate must refuse, and the field is put back.
 */
#ifndef MOAT_TESTS_CORE_BROKEN_H
#define MOAT_TESTS_CORE_BROKEN_H

#include <criterion/criterion.h>
#include <string.h>

#include "core/host_map.h"
#include "core/invariant.h"
#include "core/page.h"
#include "core/s2.h"
#include "pte.h"
#include "scene.h"

/* @predicate refuses @value in @field, and admits what is there otherwise. */
#define IS_BROKEN(predicate, field, value) \
	do { \
		__typeof__(field) kept = (field); \
		expect(predicate, #predicate " before"); \
		(field) = (__typeof__(field))(value); \
		expect(!(predicate), #predicate " sees " #field " " #value); \
		(field) = kept; \
		expect(predicate, #predicate " after"); \
	} while (0)

/* @predicate admits it: the boundary of a clause. */
#define IS_GOOD(predicate, field, value) \
	do { \
		__typeof__(field) kept = (field); \
		(field) = (__typeof__(field))(value); \
		expect(predicate, #predicate " admits " #field " " #value); \
		(field) = kept; \
	} while (0)

enum { EMPTY_VM = BED_VMS - 1 };

/* VM 0 has everything, and vCPU 0 runs on CPU 1; VM 1 is BUILDING. */
extern struct bed bed;
extern struct moat *m;

void broken_setup(void);
void broken_teardown(void);

/* Put back all of the engine's memory as it was after the calls. */
void broken_put_back(void);

/* The index of the page at @pa, of one of VM 0, and of a page of the host. */
uint32_t broken_at(uint64_t pa);
uint32_t broken_of_vm(enum scene_page page);
uint32_t broken_a_host_page(void);

#define HOST_PAGE PAGE(m, broken_a_host_page())
#define VM_PAGE PAGE(m, broken_of_vm(SCENE_VM_PAGE))
#define LENT_PAGE PAGE(m, broken_of_vm(SCENE_LENT_PAGE))
#define ROOT_PAGE PAGE(m, broken_of_vm(SCENE_ROOT))
#define CONTEXT_PAGE PAGE(m, broken_of_vm(SCENE_CONTEXT))
/* The leaf table of the VM page. */
#define LEAF_PAGE PAGE(m, VM_PAGE.parent)

#endif
