#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check that an archive of the engine is closed.

closed.py [--needs-only] NM ARCHIVE

It must define exactly the functions that the public headers declare, but for
those of port.h, which it needs, and of host.h, which a host defines; and need
nothing else but what any C compiler may call in a freestanding program (C11, 4;
the GCC manual, "Standards").
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "scripts/lib"))

import headers  # noqa: E402

DEFINES = {
    name
    for header in headers.names(ROOT)
    if header not in ("port.h", "host.h")
    for name in headers.declared(ROOT, header)
}
PORT = set(headers.declared(ROOT, "port.h"))
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
