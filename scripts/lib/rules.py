# SPDX-License-Identifier: BSD-2-Clause
"""The limits of the house style, each a function that yields findings.

A rule takes a Source and yields (line, rule name, message).
"""

import csource

LENGTH_MAX = 60
PARAMETERS_MAX = 5
NESTING_MAX = 3
FILE_LINES_MAX = 600
COLUMNS_MAX = 80
TAB = 8
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
FORBIDDEN_NOTES = ("TO" + "DO", "FIX" + "ME", "XX" + "X")

ALLOCATION = {"malloc", "calloc", "realloc", "free", "alloca", "aligned_alloc"}
BIT_SIGNS = {"<<", ">>", "<<=", ">>=", "|", "^", "~", "&=", "|=", "^="}
NOT_OPERANDS = {"return", "case", "sizeof", "else", "do"}


RULES = {
    "file-length": f"files have at most {FILE_LINES_MAX} lines",
    "licence": f"the first line says {LICENCE}",
    "columns": f"lines have at most {COLUMNS_MAX} columns",
    "blank-end": "no blanks at the end of a line",
    "last-line": "the last line ends",
    "note": "no notes of work left undone",
    "tabs": "C is indented with tabs",
    "format": "C is as clang-format leaves it",
    "length": f"functions have at most {LENGTH_MAX} lines",
    "median": "functions are short in the median: the tree, what ships",
    "p90": "nine in ten functions of a folder are short",
    "parameters": f"functions take at most {PARAMETERS_MAX} parameters",
    "nesting": f"control nests at most {NESTING_MAX} deep",
    "braces": "what a control statement governs is in braces",
    "conditional": "no #if inside a function",
    "goto": "no goto",
    "comments": "engine and model explain themselves, in measure",
    "function-pointer": "none in the core",
    "recursion": "none in the core",
    "allocation": "none in the core",
    "floating-point": "none in the core",
    "bits": "the core computes with / % * +, not with shifts and masks",
    "orphan-tag": "an invariant has predicates, a model and a test",
}


def columns(line):
    return len(line.expandtabs(TAB))


# ---- Every text file ------------------------------------------------------


def text_rules(source):
    lines = source.lines
    if len(lines) > FILE_LINES_MAX:
        yield 1, "file-length", f"{len(lines)} lines, at most {FILE_LINES_MAX}"
    first = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= first or LICENCE not in lines[first]:
        yield first + 1, "licence", f"begins without {LICENCE}"
    for number, line in enumerate(lines, 1):
        if columns(line) > COLUMNS_MAX:
            yield number, "columns", f"{columns(line)} columns"
        if line != line.rstrip():
            yield number, "blank-end", "blanks at the end of the line"
        for note in FORBIDDEN_NOTES:
            if note in line:
                yield number, "note", f"{note}: do it, or file an issue"
    if source.text and not source.text.endswith("\n"):
        yield len(lines), "last-line", "the last line does not end"


# ---- Every C and C++ file -------------------------------------------------


def c_rules(source):
    for number, line in enumerate(source.lines, 1):
        if line.startswith("  ") and not source.is_in_comment(number):
            yield number, "tabs", "indented with blanks"
    for function in source.functions:
        yield from function_rules(function)


def function_rules(function):
    name = function.name
    if function.length > LENGTH_MAX:
        yield (
            function.line,
            "length",
            f"{name} has {function.length} lines, at most {LENGTH_MAX}",
        )
    if function.parameters > PARAMETERS_MAX:
        yield (
            function.line,
            "parameters",
            f"{name} has {function.parameters} parameters",
        )
    for token in function.body:
        if token.text == "goto":
            yield token.line, "goto", f"{name} uses goto"
        if csource.is_conditional(token):
            yield token.line, "conditional", f"#if inside {name}"
    body = [token for token in function.body if token.kind != "directive"]
    yield from nesting_rule(name, body)
    yield from braces_rule(name, body)


def control_heads(body):
    """The index of each control keyword, and of what it governs."""
    for i, token in enumerate(body):
        if token.kind != "name" or i + 1 >= len(body):
            continue
        if token.text in csource.CONTROL and body[i + 1].text == "(":
            yield i, csource.match_forward(body, i + 1) + 1
        elif token.text in {"else", "do"}:
            yield i, i + 1


def do_tails(body):
    """The index of each `while` that ends a do."""
    tails = set()
    for i, governed in control_heads(body):
        if body[i].text == "do" and body[governed].text == "{":
            tails.add(csource.match_forward(body, governed) + 1)
    return tails


def nesting_rule(name, body):
    """Depth counts braces of if, else, for, while, do and switch."""
    opens = {governed for _, governed in control_heads(body)}
    stack = []
    for i, token in enumerate(body):
        if token.text == "{":
            stack.append(i in opens)
            if i in opens and sum(stack) == NESTING_MAX + 1:
                yield token.line, "nesting", f"{name} nests {sum(stack)} deep"
        elif token.text == "}" and stack:
            stack.pop()


def braces_rule(name, body):
    tails = do_tails(body)
    for i, governed in control_heads(body):
        after = body[governed].text if governed < len(body) else ""
        if after == "{" or i in tails:
            continue
        if body[i].text == "else" and after == "if":
            continue
        yield body[i].line, "braces", f"{name}: {body[i].text} without braces"


# ---- src/core only --------------------------------------------------------


def core_rules(source):
    """What keeps the core provable."""
    tokens = []
    for token in source.code:
        if token.kind == "directive":
            tokens.extend(csource.directive_body(token))
        else:
            tokens.append(token)
    for i, token in enumerate(tokens):
        if token.text in ALLOCATION and i + 1 < len(tokens):
            if tokens[i + 1].text == "(":
                yield token.line, "allocation", f"{token.text} in the core"
        if token.text in {"float", "double"}:
            yield token.line, "floating-point", f"{token.text} in the core"
        if token.text in BIT_SIGNS or is_binary_and(tokens, i):
            yield (
                token.line,
                "bits",
                f"'{token.text}' in the core: use / % * + by powers of two",
            )
        if is_function_pointer(tokens, i):
            yield token.line, "function-pointer", "declared in the core"


def is_binary_and(tokens, i):
    if tokens[i].text != "&" or i == 0:
        return False
    before = tokens[i - 1]
    if before.text == ")":
        return not is_cast(tokens, i - 1)
    if before.kind == "name":
        return before.text not in NOT_OPERANDS
    return before.kind == "number" or before.text == "]"


def is_cast(tokens, close):
    """Whether the parentheses that end at @close hold a pointer type."""
    return tokens[close - 1].text == "*"


def is_function_pointer(tokens, i):
    """( * name ) ( and ( * name [...] ) ( and ( * ) (."""
    if tokens[i].text != "(" or i + 2 >= len(tokens):
        return False
    if tokens[i + 1].text != "*":
        return False
    close = csource.match_forward(tokens, i)
    if close + 1 >= len(tokens) or tokens[close + 1].text != "(":
        return False
    inner = tokens[i + 2 : close]
    return not inner or (inner[0].kind == "name" and len(inner) != 2)


def named_functions(sources):
    """The core's functions whose name is used as a value, not called."""
    names = {f.name for source in sources for f in source.functions}
    for source in sources:
        for function in source.functions:
            body = function.body
            for i, token in enumerate(body[:-1]):
                if token.text not in names or token.kind != "name":
                    continue
                is_member = i > 0 and body[i - 1].text in {".", "->"}
                if body[i + 1].text != "(" and not is_member:
                    yield (
                        source,
                        token.line,
                        "function-pointer",
                        f"{function.name} uses {token.text} as a value",
                    )


def recursions(sources):
    """Functions of the core that can reach themselves."""
    calls, places = call_graph(sources)
    for key in calls:
        pending, reached = list(calls[key]), set()
        while pending:
            other = pending.pop()
            if other not in reached:
                reached.add(other)
                pending.extend(calls.get(other, ()))
        if key in reached:
            source, line = places[key]
            yield source, line, "recursion", f"{key} can reach itself"


def call_graph(sources):
    calls, places = {}, {}
    for source in sources:
        for function in source.functions:
            body = function.body
            called = {
                body[i].text
                for i in range(len(body) - 1)
                if body[i].kind == "name" and body[i + 1].text == "("
            }
            calls.setdefault(function.name, set()).update(called)
            places[function.name] = (source, function.line)
    return calls, places
