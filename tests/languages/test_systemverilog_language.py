"""SystemVerilog's checker: its options, and what a program cannot reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.config.languages import SystemVerilogOptions
from rlcf.errors import UserError
from rlcf.languages.systemverilog import SystemVerilog
from rlcf.languages.systemverilog.facts import facts
from rlcf.records import Verdict

pytest.importorskip("pyslang")


def checked(source: str, **options: object) -> Verdict:
    with SystemVerilog().checker(workers=1, options=SystemVerilogOptions.model_validate(options)) as checker:
        return checker.check([source])[0]


def first_error(verdict: Verdict) -> tuple[str, int | None]:
    return next((d.code, d.offset) for d in verdict.diagnostics if d.severity == "error")


def test_headers_of_the_include_path_are_seen_and_no_other_files(tmp_path: Path) -> None:
    (tmp_path / "inc" / "sub").mkdir(parents=True)
    (tmp_path / "inc" / "a.svh").write_text('`include "sub/b.svh"\n', encoding="utf-8")
    (tmp_path / "inc" / "sub" / "b.svh").write_text("wire w;\n", encoding="utf-8")
    (tmp_path / "secret.svh").write_text("wire secret;\n", encoding="utf-8")
    path = [str(tmp_path / "inc")]
    assert checked('module m;\n`include "a.svh"\nassign w = 1;\nendmodule\n', include_path=path).accepted
    for name in ("../secret.svh", str(tmp_path / "secret.svh"), "secret.svh", "/etc/passwd", "/dev/stdin", "nowhere"):
        verdict = checked(f'module m;\n`include "{name}"\nendmodule\n', include_path=path)
        assert first_error(verdict) == ("CouldNotOpenIncludeFile", 19)
        assert verdict.diagnostics[0].message == f"'{name}': not on the include path"


def test_an_error_in_a_header_stands_where_the_header_is_included(tmp_path: Path) -> None:
    (tmp_path / "a.svh").write_text("wire w = no;\n", encoding="utf-8")
    verdict = checked('module m; // é\n`include "a.svh"\nendmodule\n', include_path=[str(tmp_path)])
    assert first_error(verdict) == ("UndeclaredIdentifier", 15)


def test_macros_can_be_defined() -> None:
    source = "`ifdef ON\nmodule m(output [`W-1:0] y); assign y = 0; endmodule\n`else\nerror\n`endif\n"
    assert checked(source, defines=["ON", "W=8"]).accepted
    assert not checked(source).accepted


def test_the_top_module_must_be_there() -> None:
    assert checked("module Top; endmodule\n", top="Top").accepted
    assert first_error(checked("module Tob; endmodule\n", top="Top"))[0] == "InvalidTopModule"


def test_an_undeclared_name_is_a_wire_only_on_demand() -> None:
    source = "module m(input a, output b); assign c = a; assign b = c; endmodule\n"
    assert first_error(checked(source)) == ("ImplicitNet", 36)
    assert checked(source, implicit_nets=True).accepted
    allowed = '`pragma diagnostic ignore="-Wimplicit-net"\n`default_nettype wire\n' + source
    assert first_error(checked(allowed))[0] == "ImplicitNet"


def test_options_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder on the include path"):
        checked("", include_path=[str(tmp_path / "nowhere")])
    with pytest.raises(ValueError, match="defines"):
        SystemVerilogOptions(defines=("1x",))


def test_facts_of_modules() -> None:
    found = facts(
        "module a(input [3:0] x, y, output reg z, input clk); // input q\n"
        "  wire w = x[0];\n  wire v;\n"
        "  always @(posedge clk) begin\n    if (w) z <= 1; else if (v) case (w) 1: z <= 0; endcase\n  end\n"
        "  m u(.y(v), .x);\nendmodule\n"
        "module b(p, q);\n  input p;\n  output q;\nendmodule\n"
        "module c(input i, output o); sub s(.*); endmodule\n"
        "module d(input i, output o); assign o = 1'b0; endmodule\n"
    )
    assert found is not None
    assert [(m.name, m.parameters, m.parameters_read, m.statements, m.nesting, m.trivial) for m in found] == [
        ("a", ("x", "y", "clk"), ("x", "clk"), 7, 2, False),
        ("b", ("p",), (), 0, 0, True),
        ("c", ("i",), ("i",), 1, 0, False),
        ("d", ("i",), (), 1, 0, True),
    ]
