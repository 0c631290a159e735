#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the documents that are derived from something, or check them.

docs.py TREE [--check]
"""

import os
import re
import sys

sys.dont_write_bytecode = True

import abi  # noqa: E402
import abi_page  # noqa: E402
import bench_page  # noqa: E402
import manual  # noqa: E402
import pictures  # noqa: E402


def last_day(root):
    with open(os.path.join(root, "CHANGELOG.md"), encoding="utf-8") as file:
        return re.search(r"(?m)^## \S+ - (\S+)$", file.read()).group(1)


def documents(root):
    """path -> what must be there."""
    figures = bench_page.read(os.path.join(root, bench_page.KEPT))
    return {
        "docs/abi.md": abi_page.page(root),
        "docs/measured.md": bench_page.page(figures),
        f"{pictures.FOLDER}/range.svg": bench_page.plot(figures),
        "docs/moat.3": manual.page(root, last_day(root)),
        **pictures.pictures(root),
    }


def is_same(path, old, new):
    if path.endswith(".svg"):
        return pictures.shows(old) == pictures.shows(new)
    return old == new


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    root = os.path.realpath(sys.argv[1])
    checks = "--check" in sys.argv[2:]
    wrong = [f"abi: {complaint}" for complaint in abi.complaints(root)]
    made = documents(root)
    for path, text in made.items():
        whole = os.path.join(root, path)
        if is_same(path, read(whole), text):
            continue
        if checks:
            wrong.append(f"{path} is not what ./dev docs writes")
        else:
            with open(whole, "w", encoding="utf-8") as file:
                file.write(text)
            print(f"docs: {path}")
    for complaint in wrong:
        print(complaint)
    print(f"docs: {len(made)} documents, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
