"""Testbenches that a program cannot reach into.

A test is a testbench in the manner of VerilogEval: a module `RefModule`, a module that instantiates it beside the
program's own, and a last line `Mismatches: M in N samples`. Here each name that a test declares gets another one, drawn
for each run, so that no hierarchical name of the program's leads into it; and what goes into the program's ports
passes through an expression, so that nothing comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlcf.languages.systemverilog.facts import facts
from rlcf.languages.systemverilog.tokens import Token, tokens

REFERENCE = "RefModule"
_RESULT = "Mismatches: "
_NONCE, _VERDICT, _PROGRAM, _OF_PORTS = "RLCF_NONCE", "RLCF_VERDICT", "RLCF_PROGRAM", "RLCF_PORT"
_PLACE = re.compile("|".join((_NONCE, _VERDICT, _PROGRAM, _OF_PORTS)))
_KEYWORDS = frozenset(
    """
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before begin bind bins
    binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking cmos config const
    constraint context continue cover covergroup coverpoint cross deassign default defparam design disable dist do edge
    else end endcase endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule
    endpackage endprimitive endprogram endproperty endspecify endsequence endtable endtask enum event eventually expect
    export extends extern final first_match for force foreach forever fork forkjoin function generate genvar global
    highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include initial inout input
    inside instance int integer interconnect interface intersect join join_any join_none large let liblist library local
    localparam logic longint macromodule matches medium modport module nand negedge nettype new nexttime nmos nor
    noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge primitive priority program
    property protected pull0 pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase
    randsequence rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0
    rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled
    signed small soft solve specify specparam static string strong strong0 strong1 struct super supply0 supply1
    sync_accept_on sync_reject_on table tagged task this throughout time timeprecision timeunit tran tranif0 tranif1 tri
    tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until until_with untyped use uwire var
    vectored virtual void wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor
    """.split()  # noqa: SIM905
)


_DIRECTIVES = frozenset({"`timescale", "`default_nettype", "`resetall", "`celldefine", "`endcelldefine"})


class NotATest(Exception):
    """A text that is no such testbench; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Testbench:
    """A test with places for the names of a run."""

    _text: str
    _program: str
    """The module that the program has to supply."""
    _top: str

    def for_run(self, nonce: str, verdict: str) -> str:
        """The text for a run: with the program's module."""
        return self._filled(nonce, verdict, self._program, "")

    def for_reference(self, nonce: str, verdict: str) -> str:
        """The text in which the reference takes the program's place."""
        return self._filled(nonce, verdict, f"{REFERENCE}_{nonce}", f"_{nonce}")

    def top(self, nonce: str) -> str:
        """The name of the module at the top in a run."""
        return f"{self._top}_{nonce}"

    def _filled(self, nonce: str, verdict: str, module: str, of_ports: str) -> str:
        places = {_PROGRAM: module, _OF_PORTS: of_ports, _NONCE: nonce, _VERDICT: verdict}
        return _PLACE.sub(lambda place: places[place[0]], self._text)


def testbench(text: str) -> Testbench:
    """The testbench in a text without macros.

    Raises:
        NotATest: it has no reference, no line with the result, or does not instantiate exactly one other module.
    """
    if f'"{_RESULT}' not in text:
        raise NotATest(f'the test prints no line "{_RESULT}…"')
    reference = next((module for module in facts(text) or () if module.name == REFERENCE), None)
    if reference is None:
        raise NotATest(f"the test has no module {REFERENCE}")
    words = list(tokens(text))
    if any(token.text.startswith("\\") for token in words if token.kind == "name"):
        raise NotATest("the test has escaped names")
    foreign = _foreign(words)
    names = {words[i].text for i in foreign}
    if len(names) != 1:
        raise NotATest(f"the test instantiates {len(names)} modules that it does not have, not one")
    top = next((name for name in _modules(words) if name not in _instantiated(words)), None)
    if top is None:
        raise NotATest("the test has no module at the top")
    return Testbench("".join(_rewritten(text, words, foreign, frozenset(reference.parameters))), names.pop(), top)


def _modules(words: Sequence[Token]) -> Iterator[str]:
    for i, token in enumerate(words[:-1]):
        if token.text in ("module", "macromodule"):
            yield next((w.text for w in words[i + 1 :] if w.text not in ("automatic", "static")), "")


def _instances(words: Sequence[Token]) -> Iterator[int]:
    """Where a statement begins that may instantiate something: a name, parameters, another name, a bracket."""
    before = ";"
    for i, token in enumerate(words):
        starts = before in (";", "end", "endtask", "endfunction", "begin", "generate", "endgenerate", "else")
        if starts and token.kind == "word" and token.text not in _KEYWORDS:
            at = _after_brackets(words, i + 2) if words[i + 1 : i + 2] and words[i + 1].text == "#" else i + 1
            named = at + 1 < len(words) and words[at].kind == "word" and words[at].text not in _KEYWORDS
            if named and words[at + 1].text == "(":
                yield i
        before = token.text


def _instantiated(words: Sequence[Token]) -> set[str]:
    return {words[i].text for i in _instances(words)}


def _foreign(words: Sequence[Token]) -> list[int]:
    """The places of instances of modules that the text does not have."""
    own = set(_modules(words))
    return [i for i in _instances(words) if words[i].text not in own]


def _after_brackets(words: Sequence[Token], at: int) -> int:
    """The index behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(words)):
        if words[i].kind == "mark":
            depth += (words[i].text in "([{") - (words[i].text in ")]}")
        if depth == 0:
            return i + 1
    return len(words)


def _rewritten(text: str, words: Sequence[Token], foreign: Sequence[int], inputs: frozenset[str]) -> Iterator[str]:
    """The text in pieces, comments left out."""
    ports: dict[int, str] = {}
    for start in foreign:
        ports |= _ports(words, start, inputs, _PROGRAM, _OF_PORTS)
    for start in _instances(words):
        if words[start].text == REFERENCE:  # what comes later in the one must come later in the other, too
            ports |= _ports(words, start, inputs, f"{REFERENCE}_{_NONCE}", f"_{_NONCE}")
    end, directive = 0, False
    for i, token in enumerate(words):
        between = text[end : token.start]
        directive = token.text in _DIRECTIVES or (directive and "\n" not in between)
        is_unit = i > 0 and words[i - 1].kind == "number" and not between
        yield "\n" if "\n" in between else " " if between else ""
        yield ports[i] if i in ports else token.text if directive or is_unit else _renamed(token)
        end = token.end
    yield "\n"


def _renamed(token: Token) -> str:
    if token.kind == "text":
        return token.text.replace(f'"{_RESULT}', f'"{_VERDICT} {_RESULT}')
    if token.kind == "word" and token.text not in _KEYWORDS:
        return f"{token.text}_{_NONCE}"
    return token.text


def _ports(words: Sequence[Token], start: int, inputs: frozenset[str], module: str, of_ports: str) -> dict[int, str]:
    """What stands in place of the tokens of an instance: its module, its ports, and expressions for inputs.

    Raises:
        NotATest: its ports are not connected by name.
    """
    pieces = {start: module}
    if words[start + 1].text == "#":
        end = _after_brackets(words, start + 2)
        pieces |= {i: words[i].text + of_ports for i in range(start + 1, end) if words[i - 1].text == "."}
        opening = end + 1
    else:
        opening = start + 2
    end, i = _after_brackets(words, opening), opening + 1
    while i < end - 1:
        if words[i].text != "." or words[i + 1].kind != "word":
            raise NotATest("the test does not connect each port of the modules it compares by its name")
        port = words[i + 1].text
        left, right = ("~(~(", "))") if port in inputs else ("", "")
        if words[i + 2].text == "(":
            after = _after_brackets(words, i + 2)
            pieces |= {i + 1: port + of_ports, i + 2: f"({left}", after - 1: f"{right})"}
        else:
            after = i + 2
            pieces[i + 1] = f"{port}{of_ports}({left}{port}_{_NONCE}{right})"
        i = after + (words[after].text == ",")
    return pieces
