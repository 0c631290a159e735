#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check that an archive shows exactly what headers declare.

shows.py NM ARCHIVE HEADER...
"""

import re
import sys

sys.dont_write_bytecode = True

import closed  # noqa: E402


def declared(path):
    """Every function that the header declares."""
    with open(path, encoding="utf-8") as file:
        code = closed.headers.without_comments(file.read())
    code = re.sub(r"(?m)^\s*#.*$", "", code)
    return set(re.findall(r"(?m)^[a-z][^;{}()]*\b(\w+)\([^;{}]*\);", code))


def main():
    nm, archive = sys.argv[1:3]
    wanted = set().union(*(declared(path) for path in sys.argv[3:]))
    shown = closed.names(nm, archive, "--defined-only")
    for name in sorted(shown - wanted):
        print(f"{archive} shows {name}")
    for name in sorted(wanted - shown):
        print(f"{archive} lacks {name}")
    return 1 if shown != wanted or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
