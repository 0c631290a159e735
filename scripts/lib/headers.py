# SPDX-License-Identifier: BSD-2-Clause
"""The public headers, read as the manual that they are.

Everything that is derived from them (the description of the ABI, the manual
page, the list of names an archive may show) comes through here, so that there
is one reader of their form, and one place that complains about it.
"""

import os
import re

FOLDER = "include/moat"


def names(root):
    """The public headers, in the order of the alphabet."""
    return sorted(os.listdir(os.path.join(root, FOLDER)))


def read(root, name):
    with open(os.path.join(root, FOLDER, name), encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """The same lines, with blanks where the comments were."""
    return re.sub(
        r"/\*.*?\*/",
        lambda match: re.sub(r"[^\n]", " ", match.group()),
        text,
        flags=re.DOTALL,
    )


def declared(root, name):
    """The functions that a header declares and does not define."""
    code = without_comments(read(root, name))
    return re.findall(
        r"(?m)^[a-z][\w \t\n*]*?\b(moat_\w+)\s*\([^{};()]*\)\s*;", code
    )


def comment_text(comment):
    """The lines of a comment, without its frame."""
    body = re.sub(r"^/\*+|\*/$", "", comment.strip())
    lines = [re.sub(r"^\s*\* ?", "", line) for line in body.split("\n")]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def documented(root, name):
    """(function, comment) for each function that has a /** comment."""
    pattern = re.compile(
        r"(?P<comment>/\*\*(?:(?!\*/).)*\*/)\s*(?:#[^\n]*\n)*"
        r"(?:__attribute__\(\(\w+\)\)\s*#endif\s*)?"
        r"(?P<head>[\w\s*]+?)\b(?P<name>moat_\w+)\s*\(",
        re.DOTALL,
    )
    found = pattern.finditer(read(root, name))
    return [(m.group("name"), comment_text(m.group("comment"))) for m in found]


def macro_rows(root, name, macro):
    """The rows X(A, b, 1, 2) of a list macro, each a list of strings."""
    text = read(root, name).replace("\\\n", " ")
    line = re.search(rf"(?m)^#define {macro}\(X\)(.*)$", text)
    rows = re.findall(r"X\(([^)]*)\)", line.group(1))
    return [[cell.strip() for cell in row.split(",")] for row in rows]


def enum_members(root, name, enum):
    """(constant, value or None, comment) of each member, in order."""
    text = read(root, name)
    match = re.search(rf"enum {enum} \{{(.*?)\}};", text, re.DOTALL)
    pattern = re.compile(
        r"(?P<constant>MOAT_\w+)\s*(?:=\s*(?P<value>[^,/}]*?))?\s*(?:,|$|(?=/))"
        r"\s*(?P<comment>/\*.*?\*/)?",
        re.DOTALL,
    )
    found = []
    for member in pattern.finditer(match.group(1).strip()):
        comment = comment_text(member.group("comment") or "")
        found.append((member["constant"], member["value"], one_line(comment)))
    return found


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()
