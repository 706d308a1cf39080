"""What silences ty, and the text without it."""

from __future__ import annotations

import re

_SUPPRESSIONS = {
    re.compile(r"(#[^\r\n]*?\bt(?:y|ype)[ \t]*:[ \t]*)i(?=gnore)"): r"\1_",
    re.compile(r"(^#[ \t]*//)/", re.MULTILINE): r"\1_",  # a script's own settings, ty's among them
    re.compile(r"\bno_type_check\b"): "no_type_chec_",  # is then a name that does not exist
}


def without_suppressions(source: str) -> str:
    """The same text, of the same length, in which nothing silences ty: no comment, no decorator, no settings."""
    for pattern, instead in _SUPPRESSIONS.items():
        source = pattern.sub(instead, source)
    return source
