#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Plant in a document each thing that must not stand there, and see it refused.

planted.py DOCCHECK TREE BUILD
"""

import os
import shutil
import subprocess
import sys
import tempfile

# What stands in the document, and what must be said of it (None: nothing).
PLANTED = [
    ("[here](GOOD.md#a-heading) and `include/moat/moat.h`, `./dev test`", None),
    ("```c\nint x;\n```", None),
    ("```c fragment\nmoat_host_abort(m, 0, (struct moat_ipa){0});\n```", None),
    ("```sh\ntest -f README.md\n```", None),
    ("```sh elsewhere\n./dev test --ctest-last # all\n```", None),
    ("```cmake\nfind_package(moat 0.1 REQUIRED)\n```", None),
    ("[gone](nowhere.md)", "leads nowhere: nowhere.md"),
    ("[gone](GOOD.md#no-heading)", "there is no heading"),
    ("see `src/core/nothing.c`", "there is no src/core/nothing.c"),
    ("use `./dev nothing`", "there is no scripts/nothing"),
    ("the rows `core.*` and `el2-gcc.*`", None),
    ("the rows `nothing.*`", "there are no rows nothing.*"),
    ("```\ntext\n```", "a block that is ''"),
    ("```bash\ntrue\n```", "a block that is 'bash'"),
    ("```c\nint x", "never closed"),
    ("```c\nint x = y;\n```", "undeclared"),
    ("```c aarch64\nint x = y;\n```", "undeclared"),
    ("```c fragment\nmoat_nothing(m);\n```", "implicit"),
    ("```sh\nfalse\n```", "failed"),
    ("```sh elsewhere\n./dev nothing\n```", "there is no scripts/nothing"),
    ("```sh elsewhere\n./dev run --no\n```", "scripts/run knows no --no"),
    ("use `./dev style --no`", "scripts/style knows no --no"),
    ("use `moat-model replay FILE`", None),
    ("use `moat-model nothing`", "there is no moat-model nothing"),
    ("```sh elsewhere\nno-such-program\n```", "there is no no-such-program"),
    ("```cmake\nfind_package(moat 9 REQUIRED)\n```", "rror"),
    ("para\n\n    ./dev test\n", "an indented block"),
]


def verdict(doccheck, tree, build, text):
    path = os.path.join(tree, "planted.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# Planted\n\n{text}\n")
    return subprocess.run(
        [doccheck, tree, "planted.md", "--build", build],
        capture_output=True,
        text=True,
    )


def small_tree(source, target):
    """Enough of a tree for a document to point into."""
    os.makedirs(os.path.join(target, "tests/core"))
    presets = "CMakePresets.json"
    shutil.copy(os.path.join(source, presets), os.path.join(target, presets))
    for name in ("include", "examples", "scripts", "src/lockstep"):
        shutil.copytree(
            os.path.join(source, name), os.path.join(target, name)
        )
    for name in ("README.md", "GOOD.md"):
        with open(os.path.join(target, name), "w", encoding="utf-8") as file:
            file.write("# A heading\n")


def main():
    doccheck, source, build = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="moat-planted-") as tree:
        small_tree(source, tree)
        for text, says in PLANTED:
            result = verdict(doccheck, tree, build, text)
            said = result.stdout + result.stderr
            seen = result.returncode != 0 and says is not None and says in said
            if not seen and not (says is None and result.returncode == 0):
                print(f"misjudged: {text!r}: {said}")
                failed += 1
    print(f"{len(PLANTED)} planted documents, {failed} misjudged")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
