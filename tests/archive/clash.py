#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write a C file that defines every name of the library's inside.

clash.py NM OPEN_ARCHIVE

A program may call its own things as it likes: page_pa, s2_is_empty or
lock_acquire. The file has one function for each global name of the open archive
that is not moat_*, and a table of them for clash.c.
"""

import subprocess
import sys


def inside(nm, archive):
    result = subprocess.run(
        [nm, "--extern-only", "--defined-only", "--format=posix", archive],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in result.stdout.splitlines()]
    names = {line[0] for line in lines if len(line) >= 2}
    return sorted(name for name in names if not name.startswith("moat_"))


def main():
    names = inside(*sys.argv[1:])
    print('#include "clash.h"')
    for number, name in enumerate(names):
        print(f"unsigned int {name}(void);")
        print(f"unsigned int {name}(void)\n{{")
        print(f"\tclash_calls++;\n\treturn {number};\n}}")
    print("const struct clash clash_names[] = {")
    for name in names:
        print(f'\t{{"{name}", {name}}},')
    print("};")
    print(f"const unsigned int clash_count = {len(names)};")
    return 0


if __name__ == "__main__":
    sys.exit(main())
