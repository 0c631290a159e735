#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""image.py ELF ASM...: which lines of the image's C its boots executed.

A line counts that has an instruction; it is executed if one of those is. The
logs are what QEMU prints with -d in_asm.
"""

import collections
import os
import re
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
SHARE_MIN = 80
EXECUTED = re.compile(r"^0x([0-9a-f]{8,16}):", re.MULTILINE)
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s", re.MULTILINE)


def addresses(elf):
    done = subprocess.run(
        ["llvm-objdump-19", "-d", "-j", ".text", elf],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(a, 16) for a in INSTRUCTION.findall(done.stdout)]


def places(elf, wanted):
    """(file, line) of each address."""
    done = subprocess.run(
        ["llvm-symbolizer-19", "--obj=" + elf, "--output-style=GNU"]
        + ["--no-inlines", "--functions=none"],
        input="".join(f"0x{a:x}\n" for a in wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    for text in done.stdout.split("\n"):
        path, _, line = text.partition(" ")[0].rpartition(":")
        if line.isdigit():
            yield os.path.relpath(path, ROOT), int(line)
        elif text:
            yield "", 0


def main():
    elf, *logs = sys.argv[1:]
    executed = set()
    for log in logs:
        with open(log, encoding="ascii", errors="replace") as file:
            executed.update(int(a, 16) for a in EXECUTED.findall(file.read()))
    wanted = addresses(elf)
    lines = collections.defaultdict(dict)
    for address, (path, line) in zip(wanted, places(elf, wanted)):
        if path.endswith((".c", ".h")) and line:
            known = lines[path].get(line, False)
            lines[path][line] = known or address in executed
    for path in sorted(lines):
        reached = lines[path].values()
        print(f"coverage: {path}: {sum(reached)} of {len(reached)} lines")
        missing = [str(n) for n, hit in sorted(lines[path].items()) if not hit]
        if missing:
            print(f"coverage:   not: {' '.join(missing)}")
    every = [hit for of_file in lines.values() for hit in of_file.values()]
    share = 100 * sum(every) / max(1, len(every))
    print(
        f"coverage: the image's C: {sum(every)} of {len(every)} lines,"
        f" {share:.1f} %; at least {SHARE_MIN} % are wanted"
    )
    return 0 if share >= SHARE_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
