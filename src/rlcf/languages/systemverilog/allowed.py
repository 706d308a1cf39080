"""What a program may contain that is simulated beside its test.

A simulation has one process for both, so what a program may do there is told by its text: only the system functions
below. No other one is there under another name, for macros are expanded before, and comments are left out.
"""

from __future__ import annotations

import re

from rlcf.languages.systemverilog.tokens import tokens

_FUNCTIONS = frozenset(
    """
    display displayb displayh displayo write writeb writeh writeo strobe strobeb strobeh strobeo monitor monitorb
    monitorh monitoro sformat sformatf swrite time stime realtime signed unsigned clog2 bits size left right high low
    increment dimensions unpacked_dimensions countones countbits onehot onehot0 isunknown rtoi itor realtobits
    bitstoreal
    shortrealtobits bitstoshortreal ln log10 exp sqrt pow floor ceil sin cos tan asin acos atan atan2 hypot sinh cosh
    tanh asinh acosh atanh cast typename error warning info rose fell stable past sampled
    """.split()  # noqa: SIM905
)
"""They compute, or print. What a program prints is nobody's verdict: that has a number which it cannot know."""
_DIRECTIVES = frozenset(
    {"timescale", "default_nettype", "resetall", "celldefine", "endcelldefine", "unconnected_drive"}
)
_WORDS = frozenset({"program", "bind", "config", "library"})
_SYSTEM = re.compile(r"\$([A-Za-z0-9_$]+)")
_DIRECTIVE = re.compile(r"`(\w*)")


def has_macros(text: str) -> bool:
    """Whether a preprocessor has something to do."""
    return any(name not in _DIRECTIVES for name in _DIRECTIVE.findall(text))


def without_comments(text: str) -> str:
    """Each token as it stands, with a space or a line break where something stood between two."""
    pieces, end = [], 0
    for token in tokens(text):
        pieces += ["\n" if "\n" in text[end : token.start] else " " if token.start > end else "", token.text]
        end = token.end
    return "".join([*pieces, "\n"])


def forbidden(text: str) -> str | None:
    """What a text has in it that a program must not have, be it in a string; `None` where there is nothing."""
    for name in _SYSTEM.findall(text):
        if name not in _FUNCTIONS:
            return f"${name}"
    for name in _DIRECTIVE.findall(text):
        if name not in _DIRECTIVES:
            return f"`{name}"
    return next((token.text for token in tokens(text) if token.kind == "word" and token.text in _WORDS), None)
