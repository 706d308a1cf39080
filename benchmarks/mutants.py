"""Broken variants of Java programs, as people and language models break them: one change each, or two.

Nothing here knows whether a variant still compiles; a good part does, and that is a case worth having too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\r\n]*|/\*.*?(?:\*/|\Z))
    | (?P<string>\"\"\"(?:[^\\"]|\\.|"(?!""))*(?:\"\"\"|\Z)|"(?:[^"\\\r\n]|\\[^\r\n])*"?)
    | (?P<character>'(?:[^'\\\r\n]|\\[^\r\n])*'?)
    | (?P<number>(?:0[xXbB][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)[lLfFdD]?)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<operator>>>>=?|<<=|>>=|->|::|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|[-+*/%&|^<>=!~?:@])
    | (?P<mark>\.\.\.|[(){}\[\];,.])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_IMPORTS = re.compile(r"(?:\s*import\b[^;]*;)+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_KEYWORDS = frozenset(
    _words(
        """abstract assert boolean break byte case catch char class const continue default do double else enum extends
        false final finally float for goto if implements import instanceof int interface long native new null package
        private protected public return short static strictfp super switch synchronized this throw throws transient true
        try void volatile while"""
    )
)
_TYPES = {
    "int": _words("String long boolean double char void Integer int[] var"),
    "long": _words("int String boolean Long float"),
    "double": _words("int float String Double boolean"),
    "float": _words("double int String"),
    "char": _words("int String byte Character"),
    "boolean": _words("int String Boolean void"),
    "void": _words("int Object String"),
    "String": _words("int Object char[] StringBuilder List<String> Strin"),
    "Integer": _words("String Long int Object Number"),
    "Object": _words("String Integer T int"),
    "List": _words("Set Map Collection ArrayList int Lst"),
    "ArrayList": _words("HashSet LinkedList List HashMap"),
    "Set": _words("List Map Iterable"),
    "HashSet": _words("ArrayList TreeSet HashMap"),
    "Map": _words("List Set TreeMap Optional"),
    "HashMap": _words("ArrayList TreeMap Map HashSet"),
    "StringBuilder": _words("String StringBuffer List"),
}
_LITERALS: tuple[str, ...] = (
    *_words(
        "0 1 -1 07 08 2147483648 99999999999 9223372036854775808L 0x 0xFFFFFFFFF 0b2 1_ 1.5 1.5f 1e400 1e-400 1.0e"
    ),
    *_words("""'a' '' 'ab' '\\q' '\\u00' 'é' '😀' "text" "" "\\q" "\\u00e9" "😀" null true"""),
    '"""\n  block"""',
    '"""x"""',
)
_INSERTED: tuple[str, ...] = (
    *sorted(_KEYWORDS),
    *_words("+ - * / % = == < > <= >= && || ! ? : -> :: ++ -- @ ... . , ; ( ) { } [ ] # ` \\"),
    *_words('var record yield sealed @Override @Missing x String 0 /* */ // \' " """'),
)
_CHARACTERS: tuple[str, ...] = (
    *"#`@$\\\"'~^%&?:;,.(){}[]<>=!+-*/_09azAZ \t\r\n\f\0", "\x1a", "\x7f", "\x85", "\xa0", "\u200b", "\u2028", "\ufeff",
    "é", "ß", "中", "٣", "−", "“", "’", "；", "（", "😀", "𝒙", "\\u0041", "\\u000a", "\\u00zz", "\\u",
)  # fmt: skip
_OPERATORS = _words("+ - * / % = == != < > <= >= && || & | ^ << >> >>> += -= ! ~ ++ -- ? : -> :: === ** <> :=")
_MODIFIERS = _words("static public private protected final abstract synchronized native default")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a source; the pieces of a source, joined, are the source."""

    kind: str
    """`space`, `comment`, `string`, `character`, `number`, `word`, `operator`, `mark` or `other`."""
    text: str
    start: int
    """Characters of the source before it."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


Mutation = Callable[[str, random.Random], "str | None"]
"""A changed source; `None` where there is nothing of the kind to change."""


def tokens(source: str) -> list[Token]:
    """All of `source`, in pieces, with spaces and comments."""
    return [Token(match.lastgroup or "other", match[0], match.start()) for match in _TOKEN.finditer(source)]


def mutant(source: str, kind: str, rng: random.Random) -> str | None:
    """A variant of `source` by a mutation of `MUTATIONS`; `None` where the source offers nothing to it."""
    imports = _IMPORTS.match(source)
    # One place in the imports is like another, so they are mostly left alone.
    start = imports.end() if imports and rng.random() < 0.9 else 0
    changed = MUTATIONS[kind](source[start:], rng)
    return None if changed is None or changed == source[start:] else source[:start] + changed


def _code(source: str, *kinds: str, texts: frozenset[str] | None = None) -> list[Token]:
    """The tokens that the compiler sees, of some kinds and with some texts only, if given."""
    return [
        token
        for token in tokens(source)
        if token.kind not in ("space", "comment")
        and (not kinds or token.kind in kinds)
        and (texts is None or token.text in texts)
    ]


def _put(source: str, token: Token, text: str) -> str:
    return source[: token.start] + text + source[token.end :]


def _place(source: str, rng: random.Random) -> int:
    """Anywhere, seldom within a comment: an offset from 0 to the source's length."""
    found = _code(source)
    if not found or rng.random() < 0.2:
        return rng.randint(0, len(source))
    token = rng.choice(found)
    return rng.randint(token.start, token.end)


def _with_one(source: str, choices: Sequence[Token], rng: random.Random, new: Callable[[Token], str]) -> str | None:
    """`source` with something new for one of the tokens; `None` where there is none to choose."""
    if not choices:
        return None
    token = rng.choice(choices)
    return _put(source, token, new(token))


def _token_deleted(source: str, rng: random.Random) -> str | None:
    return _with_one(source, _code(source), rng, lambda _: "")


def _token_inserted(source: str, rng: random.Random) -> str | None:
    found = _code(source)
    own = [token.text for token in found] if rng.random() < 0.3 else _INSERTED
    return _with_one(source, found, rng, lambda token: f"{rng.choice(own)} {token.text}")


def _tokens_swapped(source: str, rng: random.Random) -> str | None:
    found = _code(source)
    if len(found) < 2:
        return None
    at = rng.randrange(len(found) - 1)
    first, second = found[at], found[at + 1]
    return source[: first.start] + second.text + source[first.end : second.start] + first.text + source[second.end :]


def _token_duplicated(source: str, rng: random.Random) -> str | None:
    return _with_one(source, _code(source), rng, lambda token: f"{token.text} {token.text}")


def _identifier_renamed(source: str, rng: random.Random) -> str | None:
    names = [token for token in _code(source, "word") if token.text not in _KEYWORDS]
    others = sorted({name.text for name in names})

    def new(token: Token) -> str:
        slip = token.text[:-1] + ("x" if len(token.text) > 1 else token.text * 2)
        choices = [*others, slip, token.text.swapcase(), "missing", "i", "n", "x"]
        return rng.choice(choices)

    return _with_one(source, names, rng, new)


def _mark_dropped(source: str, rng: random.Random) -> str | None:
    return _with_one(source, _code(source, "mark", texts=frozenset("(){}[];")), rng, lambda _: "")


def _text_cut(source: str, rng: random.Random) -> str | None:
    return source[: _place(source, rng)]


def _type_changed(source: str, rng: random.Random) -> str | None:
    found = _code(source, "word", texts=frozenset(_TYPES))
    return _with_one(source, found, rng, lambda token: rng.choice(_TYPES[token.text]))


def _literal_changed(source: str, rng: random.Random) -> str | None:
    names = _code(source, "word", texts=frozenset({"true", "false", "null"}))
    found = [*_code(source, "number", "string", "character"), *names]
    return _with_one(source, found, rng, lambda _: rng.choice(_LITERALS))


def _line_deleted(source: str, rng: random.Random) -> str | None:
    lines = source.splitlines(keepends=True)
    full = [at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("*")]
    if not full:
        return None
    at = rng.choice(full)
    return "".join(lines[:at] + lines[at + 1 :])


def _quote_dropped(source: str, rng: random.Random) -> str | None:
    at_start = rng.random() < 0.5
    found = _code(source, "string", "character")
    return _with_one(source, found, rng, lambda token: token.text[1:] if at_start else token.text[:-1])


def _character_inserted(source: str, rng: random.Random) -> str | None:
    at = rng.choice((0, len(source))) if rng.random() < 0.1 else _place(source, rng)
    return source[:at] + rng.choice(_CHARACTERS) + source[at:]


def _operator_replaced(source: str, rng: random.Random) -> str | None:
    return _with_one(source, _code(source, "operator"), rng, lambda _: rng.choice(_OPERATORS))


def _return_removed(source: str, rng: random.Random) -> str | None:
    """The word, or the whole statement."""
    found = _code(source, "word", texts=frozenset({"return"}))
    if not found:
        return None
    token = rng.choice(found)
    end = source.find(";", token.end)
    whole = rng.random() < 0.6 and end >= 0
    return source[: token.start] + source[end + 1 if whole else token.end :]


def _statement_duplicated(source: str, rng: random.Random) -> str | None:
    found = _code(source)
    ends = [at for at, token in enumerate(found) if token.text == ";"]
    if not ends:
        return None
    last = rng.choice(ends)
    first = next((at + 1 for at in range(last - 1, -1, -1) if found[at].text in (";", "{", "}")), 0)
    text = source[found[first].start : found[last].end]
    return source[: found[last].end] + "\n" + text + source[found[last].end :]


def _modifier_changed(source: str, rng: random.Random) -> str | None:
    """One more, one less, or another."""

    def new(token: Token) -> str:
        other = rng.choice(_MODIFIERS)
        if token.text == "class" or rng.random() < 0.3:
            return f"{other} {token.text}"
        return rng.choice(("", other))

    return _with_one(source, _code(source, "word", texts=frozenset((*_MODIFIERS, "class"))), rng, new)


def _laid_out(source: str, rng: random.Random) -> str | None:
    """Other line ends, tabs or characters of two units, then a fault: what lines and columns have to withstand."""
    layout = rng.randrange(4)
    if layout == 0:
        changed = re.sub(r"(?<![^\n\t]) {4}| {8}", "\t", source)
        changed = re.sub(r"\t {4}", "\t\t", changed.replace(" = ", "\t=\t"))
    elif layout == 1:
        changed = source.replace("\n", "\r\n")
    elif layout == 2:
        changed = re.sub("\n", lambda _: rng.choice(("\n", "\r\n", "\r", "\r\r\n")), source)
    else:
        changed = re.sub(r"^( +)(?=\w)", "\\1/* 😀 é\t𝒙 */ ", source, flags=re.MULTILINE)
    return MUTATIONS[rng.choice(_FAULTS)](changed, rng)


def _twice(source: str, rng: random.Random) -> str | None:
    """Two faults: which error comes first matters."""
    first = MUTATIONS[rng.choice(_FAULTS)](source, rng)
    return first and MUTATIONS[rng.choice(_FAULTS)](first, rng)


MUTATIONS: dict[str, Mutation] = {
    "token deleted": _token_deleted,
    "token inserted": _token_inserted,
    "tokens swapped": _tokens_swapped,
    "token duplicated": _token_duplicated,
    "identifier renamed": _identifier_renamed,
    "bracket or semicolon dropped": _mark_dropped,
    "text cut": _text_cut,
    "type changed": _type_changed,
    "literal changed": _literal_changed,
    "line deleted": _line_deleted,
    "quote dropped": _quote_dropped,
    "character inserted": _character_inserted,
    "operator replaced": _operator_replaced,
    "return removed": _return_removed,
    "statement duplicated": _statement_duplicated,
    "modifier changed": _modifier_changed,
    "laid out otherwise": _laid_out,
    "two faults": _twice,
}
"""Every kind of change, by the name that tables show."""

_FAULTS = tuple(kind for kind in MUTATIONS if kind not in ("laid out otherwise", "two faults"))
