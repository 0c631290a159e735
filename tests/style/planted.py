#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Plant every violation of the house style, and see it refused.

planted.py STYLE: STYLE is the measurer. Each row below is one small file, the
rule that must speak about it, and where the file stands. The clean file must
pass, and every rule that the measurer has must be in the table.
"""

import os
import re
import subprocess
import sys
import tempfile

SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */\n"
CORE = "src/core/planted.c"
OTHER = "src/lockstep/planted.c"

CLEAN = SPDX + (
    "/*\n * Why this is here.\n */\n"
    "static int clean(int a, const int *b)\n"
    "{\n"
    "\tdo {\n"
    "\t\ta = a > 1 && *b ? a / 2 : a % 2;\n"
    "\t} while (a > 1);\n"
    "\tif (a) {\n"
    "\t\ta++;\n"
    "\t} else if (b) {\n"
    "\t\ta--;\n"
    "\t}\n"
    "\treturn a;\n"
    "}\n"
)


def function(body, parameters="int a"):
    lines = "".join(f"\t{line}\n" for line in body.split("\n"))
    return SPDX + f"/* Why. */\nint f({parameters})\n{{\n{lines}}}\n"


NESTED = (
    "if (a) {\n\tif (a) {\n\t\tif (a) {\n\t\t\tif (a) {\n"
    "\t\t\t\ta++;\n\t\t\t}\n\t\t}\n\t}\n}\nreturn a;"
)
LONG = "\n".join(["a++;"] * 60) + "\nreturn a;"
MANY = "".join(
    f"/* {n} */\nint f{n}(int a)\n{{\n" + "\ta++;\n" * 12 + "\treturn a;\n}\n"
    for n in range(10)
)
FEW_LONG = "".join(
    f"/* {n} */\nint f{n}(int a)\n{{\n"
    + "\ta++;\n" * (40 if n > 7 else 1)
    + "\treturn a;\n}\n"
    for n in range(10)
)
MUTUAL = SPDX + (
    "/* Why. */\nint f(int a);\n"
    "/* Why. */\nint g(int a)\n{\n\treturn f(a);\n}\n"
    "int f(int a)\n{\n\treturn g(a);\n}\n"
)
BY_NAME = SPDX + (
    "/* Why. */\nint g(int a)\n{\n\treturn a;\n}\n"
    "int f(int a)\n{\n\tvoid *p = g;\n\n\treturn p ? a : 0;\n}\n"
)

# rule, path, text
PLANTED = [
    ("length", OTHER, function(LONG)),
    ("median", OTHER, SPDX + MANY),
    ("p90", OTHER, SPDX + FEW_LONG),
    ("file-length", OTHER, SPDX + "/* one */\n" * 600),
    ("parameters", OTHER, function("return a;", ", ".join(["int"] * 6))),
    ("nesting", OTHER, function(NESTED)),
    ("conditional", OTHER, SPDX + "int f(void)\n{\n#if A\n#endif\n}\n"),
    ("goto", OTHER, function("goto end;\nend:\nreturn a;")),
    ("braces", OTHER, function("if (a)\n\ta++;\nreturn a;")),
    ("braces", OTHER, function("while (a--)\n\t;\nreturn a;")),
    ("braces", OTHER, function("for (;;)\n\ta++;")),
    ("braces", OTHER, function("if (a) {\n\ta++;\n} else\n\ta--;")),
    ("columns", OTHER, SPDX + "/* " + "x" * 76 + " */\n"),
    ("columns", OTHER, function("\t" * 9 + "a++;")),
    ("tabs", OTHER, SPDX + "int f(void)\n{\n        return 0;\n}\n"),
    ("blank-end", OTHER, SPDX + "int a; \n"),
    ("last-line", OTHER, SPDX + "int a;"),
    ("licence", OTHER, "int a;\n"),
    ("licence", "scripts/planted", "#!/bin/sh\necho\n"),
    ("note", OTHER, SPDX + "/* TO" + "DO: later */\n"),
    ("format", OTHER, SPDX + "int  a;\n"),
    ("comments", CORE, SPDX + "int a;\n" * 20),
    ("comments", CORE, SPDX + "/* Why. */\n" * 9 + "int a;\n"),
    ("function-pointer", CORE, function("int (*p)(int) = 0;\nreturn a;")),
    ("function-pointer", CORE, function("return a;", "int (*)(int)")),
    ("function-pointer", CORE, function("int (*p[2])(int);\nreturn a;")),
    ("function-pointer", CORE, BY_NAME),
    ("recursion", CORE, function("return f(a);")),
    ("recursion", CORE, MUTUAL),
    ("allocation", CORE, function("return malloc(a) != 0;")),
    ("floating-point", CORE, function("double b = 1;\nreturn a;")),
    ("bits", CORE, function("return a << 1;")),
    ("bits", CORE, function("return a >> 1;")),
    ("bits", CORE, function("return a & 1;")),
    ("bits", CORE, function("return (a) & 1;")),
    ("bits", CORE, function("return a | 1;")),
    ("bits", CORE, function("return ~a;")),
    ("bits", CORE, function("a &= 1;\nreturn a;")),
    ("bits", CORE, SPDX + "/* Why. */\n#define A(x) ((x) >> 1)\n"),
    ("length", "scripts/planted.py", None),
    ("parameters", "scripts/planted.py", None),
]

PYTHON = (
    "# SPDX-License-Identifier: BSD-2-Clause\n"
    "def f(a, b, c, d, e, g):\n" + "    a += 1\n" * 60
)

# An invariant, as the four places tell of it; leaving one out is an orphan.
TOLD = {
    "include/moat/planted.h": SPDX + "/* As [ZERO-1] says. */\n",
    "src/core/invariant.c": SPDX
    + '/* [ZERO-1] */\nconst char *a = "ZERO-1";\nint b;\nint c;\nint d;\n',
    "src/model/invariant.c": SPDX
    + '/* [ZERO-1] */\nconst char *a = "ZERO-1";\nint b;\nint c;\nint d;\n',
    "tests/planted.c": SPDX + '/* Why. */\nconst char *a = "ZERO-1";\n',
}


def findings(style, files):
    """The rules that speak about a tree of these files, and its status."""
    with tempfile.TemporaryDirectory() as root:
        with open(os.path.join(root, ".clang-format"), "w") as file:
            file.write(read_format(style))
        for path, text in files.items():
            place = os.path.join(root, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w") as file:
                file.write(text)
        result = subprocess.run(
            [style, "--root", root], capture_output=True, text=True
        )
    spoken = re.findall(r"(?m)^\S+:\d+: \[([a-z0-9-]+)\] ", result.stdout)
    return set(spoken), result.returncode


def read_format(style):
    root = os.path.join(os.path.dirname(style), "../..")
    with open(os.path.join(root, ".clang-format")) as file:
        return file.read()


def rules_known(style):
    result = subprocess.run(
        [style, "--rules"], capture_output=True, text=True, check=True
    )
    return {line.split(":")[0] for line in result.stdout.splitlines()}


def check(ok, what):
    if not ok:
        print(f"planted: {what}")
    return 0 if ok else 1


def check_told(style):
    """The whole passes; without any one of the places, a tag is an orphan."""
    failures = check(findings(style, TOLD) == (set(), 0), "a told tag")
    for path in TOLD:
        if path.startswith("include/"):
            continue
        silent = {**TOLD, path: SPDX + "int a;\nint b;\nint c;\n"}
        rules, status = findings(style, silent)
        failures += check(
            rules == {"orphan-tag"} and status == 1, f"tag not in {path}"
        )
    return failures


def main():
    style = sys.argv[1]
    failures = check(
        findings(style, {CORE: CLEAN}) == (set(), 0), "the clean file"
    )
    for number, (rule, path, text) in enumerate(PLANTED):
        rules, status = findings(style, {path: text or PYTHON})
        failures += check(
            rule in rules and status == 1, f"row {number}: {rule} not seen"
        )
    failures += check_told(style)
    covered = {rule for rule, _, _ in PLANTED} | {"orphan-tag"}
    missing = covered ^ rules_known(style)
    failures += check(not missing, f"rules and rows differ: {missing}")
    print(f"planted: {what}")
    return 0 if ok else 1


def check_told(style):
    """The whole passes; without any one of the places, a tag is an orphan."""
    failures = check(findings(style, TOLD) == (set(), 0), "a told tag")
    for path in TOLD:
        if path.startswith("include/"):
            continue
        silent = {**TOLD, path: SPDX + "int a;\nint b;\nint c;\n"}
        rules, status = findings(style, silent)
        failures += check(
            rules == {"orphan-tag"} and status == 1, f"tag not in {path}"
        )
    return failures


def main():
    style = sys.argv[1]
    failures = check(
        findings(style, {CORE: CLEAN}) == (set(), 0), "the clean file"
    )
    for number, (rule, path, text) in enumerate(PLANTED):
        rules, status = findings(style, {path: text or PYTHON})
        failures += check(
            rule in rules and status == 1, f"row {number}: {rule} not seen"
        )
    failures += check_told(style)
    covered = {rule for rule, _, _ in PLANTED} | {"orphan-tag"}
    missing = rules_known(style) - covered
    failures += check(not missing, f"rules without a row: {missing}")
    failures += check(
        rules_known(style) >= covered, f"rows {covered - rules_known(style)}"
    )
    print(f"planted: {len(PLANTED) + 4} rows, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
