# SPDX-License-Identifier: BSD-2-Clause
"""All mutants of a tree in one build.

Each stretch that a mutant changes becomes a choice between what stands there
and what would stand there, by the mutant's number; a patch by hand becomes a
second body of each function that it changes. So a mutant costs a run and not a
build. A patch that changes more than bodies cannot be had this way: Unfit.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from typing import NamedTuple

import sites

NUMBER_MAX = 1 << 16  # as runtime.c has it
BLANK = re.compile(r"\s+")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STATEMENT, REQUIRED, EXPRESSION, BODY = range(4)  # from the outside in


class Mutant(NamedTuple):
    number: int
    key: str  # what the list of arguments and the reports name it by
    path: str
    function: str
    operator: str  # "patch" for one by hand
    line: int


class Edit(NamedTuple):
    start: int
    end: int
    rank: int
    choices: list  # (number, text)


class Unfit(Exception):
    """A patch that has to be built by itself."""


def squeeze(text):
    return BLANK.sub(" ", COMMENT.sub("", text)).strip()


def key_of(path, function, text, wrap):
    """The lines it is on, the change in brackets: stays when lines move."""
    first = text.rfind("\n", 0, wrap.start) + 1
    last = text.find("\n", wrap.end)
    before = squeeze(text[first : wrap.start])
    after = squeeze(text[wrap.end : last])
    old, new = squeeze(text[wrap.start : wrap.end]), squeeze(wrap.text)
    if wrap.operator.startswith("force"):
        new = wrap.operator.split()[1]
    change = f"{before} [{old} => {new}] {after}".strip()
    return f"{path}: {function}: {change}"


class File:
    """One source, what is mutated in it, and the text that has it all."""

    def __init__(self, path, text, functions):
        self.path = path
        self.text = text
        self.functions = functions
        self.edits = {}
        self.numbers = {}  # function -> its first and its last
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:16]

    def add(self, start, end, rank, choice):
        edit = self.edits.setdefault(
            (start, end, rank), Edit(start, end, rank, [])
        )
        if choice is not None:
            edit.choices.append(choice)

    def require(self, macro):
        self.add(macro.start, macro.end, REQUIRED, None)

    def written(self):
        ordered = sorted(
            self.edits.values(), key=lambda e: (e.start, -e.end, e.rank)
        )
        text, rest = self.stretch(0, len(self.text), ordered)
        assert not rest, f"{self.path}: stretches that do not nest"
        return text

    def stretch(self, start, end, edits):
        """The text from @start to @end, and the edits that begin later."""
        parts, at = [], start
        while edits and edits[0].start < end:
            edit, edits = edits[0], edits[1:]
            assert edit.start >= at and edit.end <= end, (self.path, edit)
            parts.append(self.text[at : edit.start])
            inner, edits = self.stretch(edit.start, edit.end, edits)
            parts.append(self.chosen(edit, inner))
            at = edit.end
        parts.append(self.text[at:end])
        return "".join(parts), edits

    def chosen(self, edit, inner):
        if edit.rank == STATEMENT:
            numbers = " && ".join(f"!mutant({n})" for n, _ in edit.choices)
            return f"if ({numbers}) {inner}"
        if edit.rank == REQUIRED:
            opening = self.text.index("(", edit.start)
            said = squeeze(self.text[opening + 1 : edit.end - 1])
            condition = inner[inner.index("(") + 1 : -1]
            said = said.replace("\\", "\\\\").replace('"', '\\"')
            return f'MUTANT_REQUIRE("{said}", {condition})'
        if edit.rank == BODY:
            return self.body(edit, inner)
        choices = "".join(
            f"mutant({n}) ? ({text}) : " for n, text in edit.choices
        )
        return f"({choices}({inner}))"

    def body(self, edit, inner):
        """The function as it is; before it, with what its mutants are in."""
        (function,) = [f for f in self.functions if f.start == edit.start]
        ends = "" if function.returns else " return;"
        choices = "".join(
            f" if (mutant({number})) {{ {text}{ends} }}"
            for number, text in edit.choices
        )
        if function.name in self.numbers:
            first, last = self.numbers[function.name]
            choices += f" if (mutant_here({first}, {last})) {{ {inner}{ends} }}"
        plain = self.text[edit.start + 1 : edit.end]
        line = self.text.count("\n", 0, edit.start) + 1
        path = self.path
        return f"{{{choices}\n#line {line} \"{path}\"\n{plain}"


class Schema:
    """The mutated files of a tree."""

    def __init__(self, root, arguments):
        self.root = root
        self.arguments = arguments
        self.files = {}
        self.mutants = []
        self.keys = set()

    def file(self, path):
        if path not in self.files:
            absolute = os.path.join(self.root, path)
            with open(absolute, encoding="ascii") as file:
                text = file.read()
            functions, macros = sites.read(absolute, self.arguments, text)
            self.files[path] = File(path, text, functions)
            for macro in macros:
                if macro.name == "REQUIRE":
                    self.files[path].require(macro)
        return self.files[path]

    def named(self, key, place, operator):
        """Its number; a @place is a path, a function and a line."""
        path, function, line = place
        unique, count = key, 1
        while unique in self.keys:
            count += 1
            unique = f"{key} #{count}"
        self.keys.add(unique)
        number = len(self.mutants) + 1
        assert number < NUMBER_MAX
        self.mutants.append(
            Mutant(number, unique, path, function, operator, line)
        )
        return number

    def generate(self, path, is_wanted=lambda mutant: True):
        """All get a number; those that are wanted, a place in the text."""
        file = self.file(path)
        for function in file.functions:
            first = len(self.mutants) + 1
            for wrap in function.wraps:
                line = file.text.count("\n", 0, wrap.start) + 1
                number = self.named(
                    key_of(path, function.name, file.text, wrap),
                    (path, function.name, line),
                    wrap.operator,
                )
                if is_wanted(self.mutants[-1]):
                    self.plant(file, function, wrap, number)
                    file.numbers[function.name] = first, len(self.mutants)

    def plant(self, file, function, wrap, number):
        rank = STATEMENT if wrap.is_statement else EXPRESSION
        file.add(wrap.start, wrap.end, rank, (number, wrap.text))
        file.add(function.start, function.end, BODY, None)

    def patch(self, patch, name):
        """A bug by hand; Unfit if it changes more than bodies."""
        changes = []
        for path, text in patched(self.root, patch):
            changes += self.changed_bodies(path, text)
        if not changes:
            raise Unfit("it changes no body")
        path, function, _ = changes[0]
        line = self.file(path).text.count("\n", 0, function.start) + 1
        number = self.named(name, (path, function.name, line), "patch")
        for path, function, body in changes:
            self.file(path).add(
                function.start, function.end, BODY, (number, body)
            )

    def changed_bodies(self, path, text):
        file = self.file(path)
        absolute = os.path.join(self.root, path)
        functions, _ = sites.read(absolute, self.arguments, text)
        if skeleton(file.text, file.functions) != skeleton(text, functions):
            raise Unfit(f"it changes more of {path} than bodies")
        found = []
        for old, new in zip(file.functions, functions):
            body = text[new.start : new.end]
            if squeeze(file.text[old.start : old.end]) != squeeze(body):
                found.append((path, old, body))
        return found

    def write(self, folder):
        for path, file in self.files.items():
            write_changed(os.path.join(folder, path), file.written())


def skeleton(text, functions):
    parts, at = [], 0
    for function in functions:
        parts.append(text[at : function.start])
        at = function.end
    parts.append(text[at:])
    return squeeze("{}".join(parts))


def patch_paths(patch):
    with open(patch, encoding="ascii") as file:
        return re.findall(r"^\+\+\+ b/(\S+)", file.read(), re.MULTILINE)


def patched(root, patch):
    """The files that a patch changes, as it leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        for path in patch_paths(patch):
            copy = os.path.join(folder, path)
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copy(os.path.join(root, path), copy)
        with open(patch, "rb") as change:
            done = subprocess.run(
                ["patch", "-d", folder, "-p1", "-s"],
                stdin=change,
                capture_output=True,
                text=True,
            )
        if done.returncode != 0:
            raise ValueError(f"{patch}: the patch does not apply")
        for path in patch_paths(patch):
            with open(os.path.join(folder, path), encoding="ascii") as file:
                yield path, file.read()


def write_changed(path, text):
    """Leave a file alone that has this text: what it makes need not be made."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
