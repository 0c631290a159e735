#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check that an archive of the engine is closed.

closed.py [--needs-only] NM ARCHIVE

It must define exactly the functions that moat.h and trace.h declare, and need
nothing but the functions of port.h and what any C compiler may call in a
freestanding program (C11, 4; the GCC manual, "Standards").
"""

import subprocess
import sys

DEFINES = {
    "moat_context",
    "moat_cpu_stage2",
    "moat_event_format",
    "moat_guest_exit",
    "moat_host_abort",
    "moat_host_call",
    "moat_host_stage2",
    "moat_init",
    "moat_invariant_check",
    "moat_size",
}
PORT = {
    "moat_port_clean",
    "moat_port_context_reset",
    "moat_port_descriptor_write",
    "moat_port_event",
    "moat_port_invalidate",
    "moat_port_panic",
    "moat_port_publish",
    "moat_port_scrub",
    "moat_port_wait",
    "moat_port_wake",
}
COMPILER = {"memcpy", "memset", "memmove", "memcmp"}


def names(nm, archive, which):
    result = subprocess.run(
        [nm, "--extern-only", which, "--format=posix", archive],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in result.stdout.splitlines()]
    return {line[0] for line in lines if len(line) >= 2}


def complaints(nm, archive, needs_only):
    defined = names(nm, archive, "--defined-only")
    needed = names(nm, archive, "--undefined-only") - defined
    for name in sorted(needed - PORT - COMPILER):
        yield f"needs {name}"
    if needs_only:
        return
    for name in sorted(PORT - needed):
        yield f"never calls {name}, which every port must define"
    for name in sorted(defined - DEFINES):
        yield f"shows {name}"
    for name in sorted(DEFINES - defined):
        yield f"lacks {name}"


def main():
    options = sys.argv[1:]
    needs_only = options[0] == "--needs-only"
    nm, archive = options[-2:]
    found = list(complaints(nm, archive, needs_only))
    for complaint in found:
        print(f"{archive} {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
