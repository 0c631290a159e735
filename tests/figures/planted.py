#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Plant in a core of one file each thing that must not be in it.

planted.py FIGURES TREE
"""

import os
import shutil
import subprocess
import sys
import tempfile

GOOD = "int planted(int a);\nint planted(int a)\n{\n\treturn a + 1;\n}\n"

# The file, and what must be said of it (None: none of the others).
PLANTED = [
    (GOOD, None),
    (
        "int f(int a);\nint g(int a);\nint f(int a)\n{\n\treturn g(a) + 1;\n}\n"
        "__attribute__((noinline)) int g(int a)\n"
        "{\n\treturn a ? f(a - 1) * 3 : 0;\n}\n",
        "recursion",
    ),
    (
        "int f(int (*g)(int));\n"
        "int f(int (*g)(int))\n{\n\treturn g(1) + 1;\n}\n",
        "calls through a pointer",
    ),
    (
        "int f(int a);\n__attribute__((noinline)) int f(int a)\n"
        '{\n\t__asm__(".inst 0x9e6703e0"); /* fmov d0, xzr */\n'
        "\treturn a;\n}\n",
        "uses a floating-point register",
    ),
    (
        "int puts(const char *s);\nint f(void);\n"
        'int f(void)\n{\n\treturn puts("x") + 1;\n}\n',
        "the core needs puts",
    ),
    (
        "int f(void);\nint f(void)\n{\n\tstatic int a;\n\treturn a++;\n}\n",
        "has variables",
    ),
    (
        "void g(char *a);\nsize_t moat_size(const struct moat_config *c)\n"
        "{\n\tvolatile char a[4000];\n\ta[(size_t)c % 4000] = 1;\n"
        "\treturn (size_t)a[0];\n}\n",
        "stack by clang is above",
    ),
    (
        "const char f[70000] = {1};\n",
        "code by gcc is above",
    ),
    (
        "int f(int n);\nint f(int n)\n"
        "{\n\tvolatile char a[n];\n\ta[0] = 1;\n\treturn a[0];\n}\n",
        "has no fixed frame",
    ),
]
HEAD = '#include "moat/moat.h"\n'


def main():
    figures, source = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="moat-figures-") as tree:
        for name in ("include", "src", "docs"):
            shutil.copytree(
                os.path.join(source, name), os.path.join(tree, name)
            )
        core = os.path.join(tree, "src/core")
        for name in os.listdir(core):
            if name.endswith(".c"):
                os.remove(os.path.join(core, name))
        for text, says in PLANTED:
            path = os.path.join(core, "planted.c")
            with open(path, "w", encoding="utf-8") as file:
                file.write(HEAD + text)
            result = subprocess.run(
                [figures, tree, "--check"], capture_output=True, text=True
            )
            said = result.stdout + result.stderr
            others = [s for _, s in PLANTED if s is not None and s in said]
            if others != ([] if says is None else [says]):
                print(f"misjudged: {says}: {said}")
                failed += 1
            if "published" not in said and says is None:
                print(f"a figure that is off is not seen: {said}")
                failed += 1
    print(f"{len(PLANTED)} planted files, {failed} misjudged")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
