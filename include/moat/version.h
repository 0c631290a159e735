/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which Moat this is, and what stays as it is.
 *
 * Two things have a version, so that each can be relied on by itself:
 *
 * The library: MOAT_VERSION_*, by semantic versioning. While the major number
 * is 0, a new minor number may change these headers, a new patch number never
 * does. From 1.0 on only a new major number may: until then a program compiles
 * and means the same. Names beginning with moat_ or MOAT_ are Moat's.
 *
 * The calls of the host and of VMs: MOAT_ABI_VERSION, which the calls `version`
 * return at run time, major << 16 | minor. A host or a VM that was written for
 * M.n runs on every engine that answers M.k with k >= n. A new minor number
 * only adds: calls, exit reasons, results in registers that were zero. What a
 * call refuses and in which order, its number and its registers change with a
 * new major number only.
 *
 * Nobody may rely on: the layout of the engine's memory, the bytes that
 * moat_size returns, the names inside the archive, the contents of a context
 * beyond its named fields, the text of a trace of another release, the time a
 * call takes.
 */
#ifndef MOAT_VERSION_H
#define MOAT_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define MOAT_VERSION_MAJOR 0
#define MOAT_VERSION_MINOR 1
#define MOAT_VERSION_PATCH 0
#define MOAT_VERSION_STRING "0.1.0"

/**
 * The version of the library that is linked, as MOAT_VERSION_STRING was when it
 * was compiled. (moat_version makes the call `version`, see call.h.)
 */
const char *moat_library_version(void);

#ifdef __cplusplus
}
#endif

#endif
