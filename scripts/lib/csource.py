# SPDX-License-Identifier: BSD-2-Clause
"""A small reader of C: tokens, and where the functions are.

It does not preprocess. A directive is one token, so a function is what the
reader of the file sees, and macros count as the calls they look like.
"""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<string>L?"(?:\\.|[^"\\\n])*")
  | (?P<char>L?'(?:\\.|[^'\\\n])*')
  | (?P<number>\.?[0-9](?:[eEpP][+-]|'[0-9]|[\w.])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<sign>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||::|[-+*/%&|^]=|\S)
    """,
    re.VERBOSE | re.DOTALL,
)

CONTROL = {"if", "for", "while", "switch"}
# What may stand between the parentheses of a function and its body.
AFTER_PARAMETERS = {"const", "noexcept", "override", "final"}
OPEN = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    kind: str
    text: str
    line: int


class Function(NamedTuple):
    name: str
    line: int  # of the first token of the declaration
    length: int  # lines, declaration and braces included
    parameters: int
    body: list  # tokens between the braces


def tokenize(text, line=1):
    """All tokens but comments, then all comments."""
    code, comments = [], []
    position = 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        token = Token(match.lastgroup, match.group(), line)
        (comments if token.kind == "comment" else code).append(token)
    return code, comments


def match_forward(tokens, start):
    """The index of the bracket that closes the one at @start."""
    close, depth = OPEN[tokens[start].text], 0
    for i in range(start, len(tokens)):
        if tokens[i].text == tokens[start].text:
            depth += 1
        elif tokens[i].text == close:
            depth -= 1
            if depth == 0:
                return i
    return len(tokens) - 1


def match_backward(tokens, end):
    """The index of the parenthesis that opens the one closed at @end."""
    depth = 0
    for i in range(end, -1, -1):
        if tokens[i].text == ")":
            depth += 1
        elif tokens[i].text == "(":
            depth -= 1
            if depth == 0:
                return i
    return 0


def parameter_count(tokens):
    """How many parameters the tokens between two parentheses declare."""
    if not tokens or [token.text for token in tokens] == ["void"]:
        return 0
    depth, count = 0, 1
    for token in tokens:
        if token.text in OPEN:
            depth += 1
        elif token.text in OPEN.values():
            depth -= 1
        elif token.text == "," and depth == 0:
            count += 1
    return count


def _parameters_before(tokens, brace):
    """(open, close) of the parameter list before @brace, or None."""
    close = brace - 1
    while close > 0 and tokens[close].text in AFTER_PARAMETERS:
        close -= 1
    if close <= 0 or tokens[close].text != ")":
        return None
    opening = match_backward(tokens, close)
    before = tokens[opening - 1] if opening > 0 else None
    if before is None or before.kind != "name" or before.text in CONTROL:
        return None
    if before.text == "__attribute__":
        return _parameters_before(tokens, opening - 1)
    return opening, close


def _declaration_start(tokens, name):
    """The index of the first token of the declaration that names @name."""
    start = name
    while start > 0:
        before = tokens[start - 1]
        if before.kind == "directive" or before.text in {";", "{", "}"}:
            break
        start -= 1
    return start


def functions(code):
    """The functions that are defined in a list of tokens."""
    found, i = [], 0
    while i < len(code):
        if code[i].text != "{":
            i += 1
            continue
        parameters = _parameters_before(code, i)
        end = match_forward(code, i)
        if parameters is not None:
            opening, close = parameters
            first = code[_declaration_start(code, opening - 1)].line
            found.append(
                Function(
                    code[opening - 1].text,
                    first,
                    code[end].line - first + 1,
                    parameter_count(code[opening + 1 : close]),
                    code[i + 1 : end],
                )
            )
            i = end
        elif not _is_transparent(code, i):
            i = end
        i += 1
    return found


def _is_transparent(code, brace):
    """Whether functions may be defined between this brace and its end."""
    start = _declaration_start(code, brace)
    heading = {token.text for token in code[start:brace]}
    return "=" not in heading and bool(
        heading & {"extern", "namespace", "class", "struct"}
    )


def directive_body(token):
    """The tokens that a #define puts in a program."""
    head = re.match(
        r"\s*#\s*define\s+\w+(\([^)]*\))?", token.text.replace("\\\n", "  ")
    )
    if head is None:
        return []
    code, _ = tokenize(token.text[head.end() :], token.line)
    return [Token(part.kind, part.text, token.line) for part in code]


def is_conditional(token):
    return token.kind == "directive" and bool(
        re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else)\b", token.text)
    )
