#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compile each public header alone, with every compiler there is.

alone.py FOLDER LANGUAGE:COMPILER...

FOLDER holds moat/*.h; LANGUAGE is c or c++. Each header must be self-contained
and freestanding, without a warning as C11 and as C++17: there is no C library
to be found, only the headers that a freestanding compiler brings itself (C11,
4p6). None may depend on a macro that an embedder could set, nor include
anything but stddef.h, stdint.h, stdbool.h and its own kind; so every file of a
program sees one and the same interface.
"""

import os
import re
import shutil
import subprocess
import sys

ALLOWED = {"<stddef.h>", "<stdint.h>", "<stdbool.h>"}
# Set by the compiler, about the language and the machine.
OF_THE_COMPILER = {"__cplusplus", "__GNUC__", "__aarch64__", "defined"}
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wundef -Werror".split()
C_ONLY = "-Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum"
LANGUAGES = {
    "c": ["-std=c11", *C_ONLY.split()],
    "c++": ["-std=c++17"],
}


def includes(folder, name, text):
    for what in re.findall(r'(?m)^\s*#\s*include\s+(["<][^">]*[">])', text):
        if what not in ALLOWED and not re.fullmatch(r'"moat/\w+\.h"', what):
            yield f"{name} includes {what}"
        elif what.startswith('"moat/'):
            if not os.path.exists(os.path.join(folder, what.strip('"'))):
                yield f"{name} includes {what}, which is not installed"


def conditions(name, text):
    guard = f"MOAT_{name.upper().replace('.', '_')}"
    for line in re.findall(r"(?m)^\s*#\s*(?:ifn?def|if|elif)\b(.*)$", text):
        for macro in re.findall(r"[A-Za-z_]\w*", line):
            if macro not in OF_THE_COMPILER and macro != guard:
                yield f"{name} depends on {macro}"


def freestanding(compiler):
    """Only the compiler's own headers are to be found."""
    own = subprocess.run(
        [compiler, "-print-file-name=include"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    return ["-ffreestanding", "-nostdinc", "-isystem", own]


def compiles(folder, name, how):
    language, compiler = how.split(":")
    command = [compiler, "-x", language, *LANGUAGES[language], *WARNINGS]
    command += freestanding(compiler)
    command += ["-I", folder, "-fsyntax-only", "-"]
    # Twice: the guard holds.
    source = f'#include "moat/{name}"\n' * 2 + "extern int after;\n"
    result = subprocess.run(
        command, input=source, capture_output=True, text=True
    )
    if result.returncode != 0:
        what = result.stderr.splitlines()
        first = next((line for line in what if "error" in line), "failed")
        yield f"{name} by {how}: {first}"


def complaints(folder, hows):
    for name in sorted(os.listdir(os.path.join(folder, "moat"))):
        with open(os.path.join(folder, "moat", name), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.DOTALL)
        yield from includes(folder, name, text)
        yield from conditions(name, text)
        for how in hows:
            yield from compiles(folder, name, how)


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    hows = [how for how in wanted if shutil.which(how.split(":")[1])]
    found = [f"{how} is not installed" for how in wanted if how not in hows]
    found += complaints(folder, hows)
    for complaint in found:
        print(complaint)
    count = len(os.listdir(os.path.join(folder, "moat")))
    print(f"{count} headers, {len(hows)} compilers, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
