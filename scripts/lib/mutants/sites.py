# SPDX-License-Identifier: BSD-2-Clause
"""Where a C file can be mutated, found with libclang.

A Wrap is a stretch of a function's text with what may stand in its place. The
stretches of one file nest, so that all of them can be written into one source
(schema.py). Offsets are those of the file as it is read; what comes out of the
body of a macro is no text of the file and is left alone, what stands in a
macro's argument is not.
"""

import ctypes
import re
from typing import NamedTuple

from clang import cindex
from clang.cindex import CursorKind as Kind
from clang.cindex import TypeKind

LIBRARY = "/usr/lib/llvm-19/lib/libclang-19.so.1"

# What stands in the place of an operator. A comparison that is a condition is
# forced both ways as well.
OPERATORS = {
    "==": ["!="],
    "!=": ["=="],
    "<": ["<="],
    "<=": ["<"],
    ">": [">="],
    ">=": [">"],
    "&&": ["||"],
    "||": ["&&"],
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["/"],
    "&": ["|"],
    "|": ["&"],
    "^": ["|"],
    "<<": [">>"],
    ">>": ["<<"],
    "+=": ["-="],
    "-=": ["+="],
    "*=": ["/="],
    "/=": ["*="],
    "%=": ["/="],
    "|=": ["&="],
    "&=": ["|="],
    "^=": ["|="],
    "<<=": [">>="],
    ">>=": ["<<="],
}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INTEGERS = {
    TypeKind.BOOL,
    TypeKind.CHAR_U,
    TypeKind.UCHAR,
    TypeKind.USHORT,
    TypeKind.UINT,
    TypeKind.ULONG,
    TypeKind.ULONGLONG,
    TypeKind.CHAR_S,
    TypeKind.SCHAR,
    TypeKind.SHORT,
    TypeKind.INT,
    TypeKind.LONG,
    TypeKind.LONGLONG,
    TypeKind.ENUM,
}
# Nothing in these is evaluated when the function runs, or it may not vary.
CLOSED = {
    Kind.CXX_UNARY_EXPR,  # sizeof
    Kind.ASM_STMT,
    Kind.STATIC_ASSERT,
    Kind.STRING_LITERAL,
    Kind.TYPE_REF,
}
TRANSPARENT = {Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR}
COUNTED = ("_COUNT", "UINT64_C")  # macros with arguments that are constants
ENDS = {Kind.BREAK_STMT, Kind.CONTINUE_STMT}


class Wrap(NamedTuple):
    start: int
    end: int
    is_statement: bool
    operator: str
    text: str  # what stands in its place


class Function(NamedTuple):
    name: str
    start: int  # of the body, its brace included
    end: int
    returns: bool  # something
    wraps: list


class Macro(NamedTuple):
    name: str
    start: int
    end: int
    is_call: bool


_index = None


def index():
    global _index
    if _index is None:
        cindex.Config.set_library_file(LIBRARY)
        _index = cindex.Index.create()
        cindex.conf.lib.clang_getFileLocation.restype = None
    return _index


def file_offset(location):
    """Where it was written: in the argument of a macro, or at its use."""
    handle = ctypes.c_void_p()
    line, column, offset = (ctypes.c_uint() for _ in range(3))
    cindex.conf.lib.clang_getFileLocation(
        location,
        ctypes.byref(handle),
        ctypes.byref(line),
        ctypes.byref(column),
        ctypes.byref(offset),
    )
    return offset.value


def span(node):
    extent = node.extent
    return file_offset(extent.start), file_offset(extent.end)


def children(node):
    return list(node.get_children())


def is_integer(node):
    return node.type.get_canonical().kind in INTEGERS


def is_bool(type_):
    return type_.get_canonical().kind == TypeKind.BOOL


class Visitor:
    """The wraps of one function."""

    def __init__(self, text, macros, function):
        self.text = text
        self.macros = macros
        self.ranges = {(m.start, m.end): m for m in macros}
        self.ends = {m.start: m.end for m in macros}
        self.is_bool = is_bool(function.result_type)
        self.wraps = {}

    # ---- Writing down ------------------------------------------------------

    def span(self, node):
        """What ends in a macro that is in another one's argument is said to
        end where that macro begins."""
        start, end = span(node)
        return start, self.ends.get(end, end)

    def is_written(self, start, end):
        """Whether the stretch is text of the file and not of a macro's body."""
        if start >= end:
            return False
        for macro in self.macros:
            outside = end <= macro.start or start >= macro.end
            around = start <= macro.start and end >= macro.end
            within = start > macro.start and end < macro.end
            if not (outside or around or within):
                return False
        return True

    def add(self, node, operator, text, is_statement=False):
        start, end = self.span(node)
        if self.is_written(start, end):
            wrap = Wrap(start, end, is_statement, operator, text)
            if text != self.text[start:end]:
                self.wraps.setdefault((start, end, text), wrap)

    def source(self, node):
        start, end = self.span(node)
        return self.text[start:end]

    def macro_of(self, node):
        return self.ranges.get(self.span(node))

    # ---- Statements --------------------------------------------------------

    def statement(self, node):
        kind = node.kind
        if kind in ENDS or self.macro_of(node):
            self.add(node, "drop", "", True)
        if self.macro_of(node):
            self.inside_macro(node)
        elif kind.is_expression():
            self.expression_statement(node)
        elif kind == Kind.RETURN_STMT:
            self.return_statement(node)
        elif kind == Kind.DECL_STMT:
            for declared in children(node):
                self.declaration(declared)
        elif kind in self.COMPOUND:
            self.COMPOUND[kind](self, node)

    def block(self, node):
        for child in children(node):
            self.statement(child)

    def expression_statement(self, node):
        while node.kind in TRANSPARENT and len(children(node)) == 1:
            node = children(node)[0]
        if node.kind != Kind.CSTYLE_CAST_EXPR:  # (void)unused
            self.add(node, "drop", "", True)
        self.expression(node)

    def return_statement(self, node):
        value = children(node)
        if not value:
            self.add(node, "drop", "", True)
            return
        if self.is_bool and self.source(value[0]) not in ("true", "false"):
            self.forced(value[0], ("true", "false"))
        self.expression(value[0])

    def declaration(self, node):
        if (
            node.kind != Kind.VAR_DECL
            or node.storage_class == cindex.StorageClass.STATIC
        ):
            return
        start, end = self.span(node)
        name = node.location
        equals = self.text.find("=", file_offset(name), end)
        for child in children(node):
            if equals >= 0 and self.span(child)[0] > equals:
                self.expression(child)

    def if_statement(self, node):
        condition, *branches = children(node)
        self.forced(condition, ("true", "false"))
        self.expression(condition)
        for branch in branches:
            self.statement(branch)

    def while_statement(self, node):
        condition, body = children(node)
        self.forced(condition, ("false",))
        self.expression(condition)
        self.statement(body)

    def do_statement(self, node):
        body, condition = children(node)
        self.forced(condition, ("false",))
        self.expression(condition)
        self.statement(body)

    def for_statement(self, node):
        parts = children(node)
        if len(parts) == 4:
            if parts[0].kind == Kind.DECL_STMT:
                self.statement(parts[0])
            else:
                self.expression(parts[0])
            self.forced(parts[1], ("false",))
            self.expression(parts[1])
        self.statement(parts[-1])

    def switch_statement(self, node):
        value, body = children(node)
        self.expression(value)
        self.statement(body)

    def labelled(self, node):
        """Of a case, the label stays; what follows is a statement."""
        self.statement(children(node)[-1])

    COMPOUND = {
        Kind.COMPOUND_STMT: block,
        Kind.IF_STMT: if_statement,
        Kind.WHILE_STMT: while_statement,
        Kind.DO_STMT: do_statement,
        Kind.FOR_STMT: for_statement,
        Kind.SWITCH_STMT: switch_statement,
        Kind.CASE_STMT: labelled,
        Kind.DEFAULT_STMT: labelled,
    }

    # ---- Expressions -------------------------------------------------------

    def forced(self, node, values):
        for value in values:
            self.add(node, f"force {value}", "1" if value == "true" else "0")

    def inside_macro(self, node):
        """Of what a macro made, the arguments alone."""
        around = self.span(node)
        for child in children(node):
            start, end = self.span(child)
            if (start, end) == around or not self.is_written(start, end):
                self.inside_macro(child)
            else:
                self.expression(child)

    def constant(self, node, downwards):
        text = self.source(node)
        if text in ("true", "false"):
            self.add(node, "constant", f"!{text}")
            return
        self.add(node, "constant", f"{text} + 1")
        if downwards and text != "0":
            self.add(node, "constant", f"{text} - 1")

    def expression(self, node, is_place=False):
        kind = node.kind
        macro = self.macro_of(node)
        if macro is not None:
            if not is_place and is_integer(node):
                if not macro.is_call or macro.name.endswith(COUNTED):
                    self.constant(node, True)
            self.inside_macro(node)
        elif kind in CLOSED:
            return
        elif kind in TRANSPARENT:
            for child in children(node):
                self.expression(child, is_place)
        elif kind in self.EXPRESSIONS:
            self.EXPRESSIONS[kind](self, node)
        else:
            for child in children(node):
                self.expression(child)

    def literal(self, node):
        self.constant(node, True)

    def name(self, node):
        if node.referenced is not None and (
            node.referenced.kind == Kind.ENUM_CONSTANT_DECL
        ):
            self.constant(node, False)

    def between(self, left, right):
        text = self.text[self.span(left)[1] : self.span(right)[0]]
        return COMMENT.sub("", text).strip()

    def binary(self, node):
        left, right = children(node)
        operator = self.between(left, right)
        is_assignment = operator == "="
        if operator in OPERATORS and is_integer(left) and is_integer(right):
            self.replaced(node, operator, left, right)
        self.expression(left, is_assignment)
        self.expression(right)

    def replaced(self, node, operator, left, right):
        a, b = self.source(left), self.source(right)
        for other in OPERATORS[operator]:
            self.add(node, f"{operator} to {other}", f"({a}) {other} ({b})")
        if operator in ("&&", "||"):
            neutral = "true" if operator == "&&" else "false"
            self.forced(left, (neutral,))
            self.forced(right, (neutral,))

    def compound_assignment(self, node):
        left, right = children(node)
        operator = self.between(left, right)
        for other in OPERATORS.get(operator, ()):
            self.add(
                node,
                f"{operator} to {other}",
                f"{self.source(left)} {other} ({self.source(right)})",
            )
        self.expression(left, True)
        self.expression(right)

    def unary(self, node):
        (operand,) = children(node)
        sign = self.text[self.span(node)[0]]
        if sign in "!~-" and not self.text.startswith("--", self.span(node)[0]):
            self.add(node, f"without {sign}", self.source(operand))
        is_place = not is_integer(node) or sign not in "!~-+"
        self.expression(operand, is_place)

    def conditional(self, node):
        condition, first, second = children(node)
        self.forced(condition, ("true", "false"))
        for part in (condition, first, second):
            self.expression(part)

    def call(self, node):
        parts = children(node)
        if not node.spelling.startswith("__"):
            for argument in parts[1:]:
                self.expression(argument)

    def subscript(self, node):
        array, place = children(node)
        self.expression(array, True)
        self.expression(place)

    def initialisers(self, node):
        for child in children(node):
            before = self.text[: self.span(child)[0]].rstrip()
            if not before.endswith("["):  # a designator is a constant
                self.expression(child)

    EXPRESSIONS = {
        Kind.INTEGER_LITERAL: literal,
        Kind.CHARACTER_LITERAL: literal,
        Kind.DECL_REF_EXPR: name,
        Kind.BINARY_OPERATOR: binary,
        Kind.COMPOUND_ASSIGNMENT_OPERATOR: compound_assignment,
        Kind.UNARY_OPERATOR: unary,
        Kind.CONDITIONAL_OPERATOR: conditional,
        Kind.CALL_EXPR: call,
        Kind.ARRAY_SUBSCRIPT_EXPR: subscript,
        Kind.INIT_LIST_EXPR: initialisers,
    }


# ---- Files -----------------------------------------------------------------


def parse(path, arguments, text=None):
    unsaved = [] if text is None else [(path, text)]
    unit = index().parse(
        path,
        args=arguments,
        unsaved_files=unsaved,
        options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD,
    )
    errors = [d for d in unit.diagnostics if d.severity >= 3]
    if errors:
        raise ValueError(f"{path}: {errors[0].spelling}")
    return unit


def macros_of(unit, path, text):
    found = []
    for node in unit.cursor.get_children():
        if node.kind == Kind.MACRO_INSTANTIATION and (
            node.location.file is not None and node.location.file.name == path
        ):
            start, end = node.extent.start.offset, node.extent.end.offset
            is_call = text[start:end].rstrip().endswith(")")
            found.append(Macro(node.spelling, start, end, is_call))
    return found


def functions_of(unit, path):
    for node in unit.cursor.get_children():
        if (
            node.kind == Kind.FUNCTION_DECL
            and node.is_definition()
            and node.location.file is not None
            and node.location.file.name == path
        ):
            yield node


def read(path, arguments, text=None):
    """The functions of a file, with their wraps, and the macros it uses."""
    if text is None:
        with open(path, encoding="ascii") as file:
            text = file.read()
    unit = parse(path, arguments, text)
    macros = macros_of(unit, path, text)
    functions = []
    for node in functions_of(unit, path):
        body = children(node)[-1]
        start, end = span(body)
        inside = [m for m in macros if start <= m.start and m.end <= end]
        visitor = Visitor(text, inside, node)
        visitor.statement(body)
        functions.append(
            Function(
                node.spelling,
                start,
                end,
                node.result_type.get_canonical().kind != TypeKind.VOID,
                sorted(
                    visitor.wraps.values(),
                    key=lambda w: (w.start, -w.end, not w.is_statement),
                ),
            )
        )
    return functions, macros
