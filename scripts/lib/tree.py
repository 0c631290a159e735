# SPDX-License-Identifier: BSD-2-Clause
"""The files of the tree, read once."""

import ast
import functools
import os

import csource

SKIPPED_FOLDERS = {"build", ".git", "__pycache__"}
C_ENDINGS = (".c", ".h", ".cpp", ".hpp", ".cc", ".S")
TEXT_ENDINGS = C_ENDINGS + (".py", ".sh", ".cmake", ".ld", ".lds")
TEXT_NAMES = {"CMakeLists.txt"}


class Source:
    """One file: its lines and, if it is C, its tokens and functions."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8") as file:
            self.text = file.read()
        self.lines = self.text.splitlines()
        self.is_c = path.endswith(C_ENDINGS) and not path.endswith(".S")
        shebang = self.lines[0] if self.text.startswith("#!") else ""
        self.is_python = path.endswith(".py") or "python" in shebang

    @functools.cached_property
    def tokens(self):
        return csource.tokenize(self.text)

    @property
    def code(self):
        return self.tokens[0]

    @functools.cached_property
    def functions(self):
        return csource.functions(self.code) if self.is_c else []

    @functools.cached_property
    def syntax(self):
        return ast.parse(self.text, self.path)

    @functools.cached_property
    def comment_lines(self):
        """The numbers of the lines that hold a comment."""
        numbers = set()
        for comment in self.tokens[1]:
            count = comment.text.count("\n") + 1
            numbers.update(range(comment.line, comment.line + count))
        return numbers

    def is_in_comment(self, number):
        return number in self.comment_lines

    def used_lines(self):
        return sum(1 for line in self.lines if line.strip())


def is_text(root, path):
    """Whether the style of this file is ours to measure."""
    name = os.path.basename(path)
    if name.endswith(TEXT_ENDINGS) or name in TEXT_NAMES:
        return True
    if "." in name:
        return False
    with open(os.path.join(root, path), "rb") as file:
        return file.read(2) == b"#!"


def paths(root):
    """All files below @root that are not built, sorted."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.append(os.path.relpath(path, root))
    return sorted(found)


def sources(root):
    return [Source(root, p) for p in paths(root) if is_text(root, p)]
