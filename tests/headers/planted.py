#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Plant every fault that a public header can have, and see it refused.

planted.py ALONE FOLDER LANGUAGE:COMPILER
"""

import os
import shutil
import subprocess
import sys
import tempfile

GUARD = (
    "#ifndef MOAT_PLANTED_H\n#define MOAT_PLANTED_H\n"
    "#include <stdint.h>\n{}\n#endif\n"
)

# What stands in the header, and what the check must say about it.
PLANTED = [
    ("static inline int moat_ok(void)\n{{\n\treturn 0;\n}}", None),
    ("struct moat_planted {{ size_t size; }};", "planted.h by "),
    ("int moat_planted();", "planted.h by c:"),
    ("#ifdef CONFIG_MOAT_BIG\n#endif", "depends on CONFIG_MOAT_BIG"),
    ("#if NDEBUG\n#endif", "depends on NDEBUG"),
    ("#include <string.h>", "includes <string.h>"),
    ('#include "core/state.h"', 'includes "core/state.h"'),
    ('#include "moat/private.h"', "which is not installed"),
    (
        "static inline int moat_planted(uint64_t a)\n{{\n\treturn a;\n}}",
        "planted.h by ",
    ),
]


def verdict(alone, folder, text, how):
    with tempfile.TemporaryDirectory() as root:
        into = os.path.join(root, "moat")
        shutil.copytree(os.path.join(folder, "moat"), into)
        path = os.path.join(into, "planted.h")
        with open(path, "w", encoding="utf-8") as file:
            file.write(GUARD.format(text.replace("{{", "{").replace("}}", "}")))
        result = subprocess.run(
            [alone, root, how], capture_output=True, text=True
        )
    return result


def main():
    alone, folder, how = sys.argv[1:]
    failed = 0
    for text, says in PLANTED:
        result = verdict(alone, folder, text, how)
        if says is None:
            good = result.returncode == 0
        else:
            good = result.returncode != 0 and says in result.stdout
        if not good:
            print(f"not seen: {text}: {result.stdout}{result.stderr}")
            failed += 1
    print(f"{len(PLANTED)} planted headers, {failed} misjudged")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
