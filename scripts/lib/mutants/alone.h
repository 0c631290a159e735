/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In place of runtime.h, a build with one mutant and no choice: the compiler
 * knows MOAT_MUTANT, and leaves out whatever belongs to the others.
 */
#ifndef MOAT_MUTANT_ALONE_H
#define MOAT_MUTANT_ALONE_H

#include "require.h"

#define mutant(number) ((number) == MOAT_MUTANT)
/* Without a mutant the same body is taken as with one: one text, one code. */
#define mutant_here(first, last) 1

#endif
