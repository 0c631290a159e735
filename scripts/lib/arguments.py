# SPDX-License-Identifier: BSD-2-Clause
"""Lists of what is argued: names, a line each, then a line that begins with a
tab and says why, for all of them. A line that begins with # is for readers.

A line "every NAME" stands for all names that fit, where a star fits anything:
it argues what lives, and does not say that all of them do.
"""

import re

EVERY = "every "


class Reasons(dict):
    """name -> why; what a name fits is found by get alone."""

    def __init__(self):
        super().__init__()
        self.rules = []  # (expression, why)

    def add(self, line, why):
        if line.startswith(EVERY):
            parts = line[len(EVERY) :].split("*")
            expression = re.compile(".*".join(map(re.escape, parts)))
            self.rules.append((expression, why))
        else:
            self[line] = why

    def get(self, name, default=None):
        if name in self:
            return self[name]
        for expression, why in self.rules:
            if expression.fullmatch(name):
                return why
        return default


def read(path):
    reasons, lines = Reasons(), []
    with open(path, encoding="ascii") as file:
        text = file.read().splitlines()
    for line in text:
        if not line or line.startswith("#"):
            continue
        if line.startswith("\t"):
            if not lines:
                raise ValueError(f"{path}: argues nothing: {line.strip()}")
            for name in lines:
                reasons.add(name, line.strip())
            lines = []
        elif line in reasons or line in lines:
            raise ValueError(f"{path}: twice: {line}")
        else:
            lines.append(line)
    if lines:
        raise ValueError(f"{path}: nothing argues {lines[0]}")
    return reasons
