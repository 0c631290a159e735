# SPDX-License-Identifier: BSD-2-Clause
"""docs/moat.3: the headers as a manual page, in man(7)."""

import re

import headers

TITLES = {
    "moat.h": "Set-up and steps",
    "call.h": "Calls of the host",
    "port.h": "What an embedder defines",
    "trace.h": "The trace",
    "version.h": "Versions",
    "host.h": "The host's side",
}

HEAD = r""".\" SPDX-License-Identifier: BSD-2-Clause
.\" Written by ./dev docs from include/moat: change it there.
.TH MOAT 3 "{day}" "Moat {version}" "Library Functions Manual"
.SH NAME
moat \- an isolation engine beneath a de-privileged hypervisor
.SH SYNOPSIS
.nf
.B #include <moat/moat.h>
.B #include <moat/port.h>
.B #include <moat/trace.h>
.B #include <moat/host.h>
.PP
.B cc ... $(pkg\-config \-\-cflags \-\-libs moat)
.fi
"""


def escape(text):
    """As it stands: no line a request, no character a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = re.sub(r"(?m)^\.", r"\\&.", text)
    return text.replace("\t", "    ")


def verbatim(text):
    """As it is laid out; an empty line would be a paragraph's end."""
    lines = [line if line else ".sp" for line in escape(text).split("\n")]
    return ".nf\n" + "\n".join(lines) + "\n.fi\n"


def first_comment(root, header):
    text = headers.read(root, header)
    match = re.search(r"\*/\n(/\*.*?\*/)", text, re.DOTALL)
    return headers.comment_text(match.group(1))


def prototype(root, header, name):
    code = headers.without_comments(headers.read(root, header))
    code = re.sub(r"(?m)^#.*(?:\\\n.*)*", "", code)
    match = re.search(rf"(?m)^[a-zA-Z][^;{{}}()]*\b{name}\([^)]*\)", code)
    text = headers.one_line(match.group())
    for word in ("static inline ", "MOAT_MUST_CHECK "):
        text = text.replace(word, "")
    return re.sub(r"__attribute__\(\(\w+\)\) ?", "", text)


def function(root, header, name, comment):
    text = escape(prototype(root, header, name))
    return f".TP\n.B {text};\n{verbatim(comment)}"


def page(root, day):
    version = re.search(
        r'MOAT_VERSION_STRING "(.*)"', headers.read(root, "version.h")
    ).group(1)
    parts = [HEAD.format(version=version, day=day), ".SH DESCRIPTION\n"]
    parts.append(verbatim(first_comment(root, "moat.h")))
    for header, title in TITLES.items():
        parts.append(f".SS {escape(title)}\n")
        if header != "moat.h":
            parts.append(verbatim(first_comment(root, header)))
        for name, comment in headers.documented(root, header):
            parts.append(function(root, header, name, comment))
    parts.append(".SH SEE ALSO\n")
    parts.append(escape("The headers, and the pages in share/doc/moat.") + "\n")
    return "".join(parts)
