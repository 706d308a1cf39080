"""The SystemVerilog runner: honest programs pass, and no program passes that should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.systemverilog import SystemVerilog
from rlcf.languages.systemverilog.simulator import find_simulator
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox

pytest.importorskip("pyslang")

HEADER = "module TopModule(input a, input b, output q);\n"
REFERENCE = "module RefModule(input a, input b, output q);\n  assign q = a ^ b;\nendmodule\n"
TEST = """
`timescale 1 ps/1 ps
`define OK 12
module stimulus_gen(input clk, output reg a, b);
  initial begin : main
    repeat (20) @(posedge clk, negedge clk) {a, b} <= $random;
    #1 $finish;
  end
endmodule

module tb();
  parameter N = 1;
  typedef struct packed { int errors; int errortime; int clocks; } stats;
  stats stats1;
  reg clk = 0;
  initial forever #5 clk = ~clk;
  wire a, b, q_ref, q_dut, tb_match;
  stimulus_gen stim1(.clk, .* , .a, .b);
  RefModule good1(.a, .b, .q(q_ref));
  TopModule top_module1(.a, .b, .q(q_dut));
  bit strobe = 0;
  task wait_for_end_of_timestep;
    repeat (5) begin strobe <= !strobe; @(strobe); end
  endtask
  final begin
    $display("Hint: %s", stats1.errors ? "mismatches" : "none");
    $display("Mismatches: %1d in %1d samples", stats1.errors, stats1.clocks);
  end
  assign tb_match = ({q_ref} === ({q_ref} ^ {q_dut} ^ {q_ref}));
  always @(posedge clk, negedge clk) begin
    stats1.clocks++;
    if (!tb_match) stats1.errors++;
  end
  initial begin #100000 $display("TIMEOUT"); $finish(); end
endmodule
"""


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    try:
        find_sandbox()
        find_simulator()
    except (SandboxUnavailable, CheckerUnavailable) as error:
        pytest.skip(str(error))
    with SystemVerilog().runner(workers=2, timeout_s=3.0, memory_mib=128) as made:
        yield made


def program(source: str, test: str = TEST + REFERENCE) -> Program:
    return Program(HEADER + source, len(HEADER), len(HEADER) + len(source)).with_test(test)


_PROGRAM = re.compile(r"^#### ([^\n]+): (\w+)\n(.*?)(?=^#### |\Z)", re.MULTILINE | re.DOTALL)
_TEXT = (Path(__file__).parent / "exploits" / "systemverilog.txt").read_text(encoding="utf-8")
PROGRAMS = {name: (source, status) for name, status, source in _PROGRAM.findall(_TEXT)}
HONEST = {name: source for name, (source, status) in PROGRAMS.items() if status == "passed"}
DISHONEST = {name: each for name, each in PROGRAMS.items() if each[1] != "passed"}


def test_there_are_programs() -> None:
    assert len(HONEST) >= 6
    assert len(DISHONEST) >= 30


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_passes(runner: Runner, name: str) -> None:
    (execution,) = runner.run([program(HONEST[name])])
    assert execution.status == "passed", execution


def test_no_dishonest_program_passes_nor_disturbs_another(runner: Runner) -> None:
    right = program(HONEST["a right program"])
    executions = runner.run([each for source, _ in DISHONEST.values() for each in (program(source), right)])
    came = {name: execution.status for name, execution in zip(DISHONEST, executions[::2], strict=True)}
    assert came == {name: status for name, (_, status) in DISHONEST.items()}
    assert {execution.status for execution in executions[1::2]} == {"passed"}


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("", 'the test prints no line "Mismatches: …"'),
        (TEST.replace("RefModule", "TopModule"), "the test has no module RefModule"),
        (
            TEST.replace("TopModule top_module1(.a, .b, .q(q_dut)", "TopModule top_module1(a, b, q_dut") + REFERENCE,
            "by",
        ),
        (TEST.replace("#5 clk = ~clk", "#5 clk = clk") + REFERENCE, "the test's own reference does not pass"),
        (TEST.replace("TopModule top", "RefModule top") + REFERENCE, "instantiates 0 modules that it does not have"),
    ],
)
def test_a_test_that_cannot_tell_is_an_error(runner: Runner, test: str, told: str) -> None:
    (execution,) = runner.run([program(HONEST["a right program"], test)])
    assert execution.status == "error"
    assert told in execution.detail


def test_a_program_that_lacks_a_port_has_an_error(runner: Runner) -> None:
    source = "module TopModule(input a, output q);\n  assign q = a;\nendmodule\n"
    (execution,) = runner.run([Program(source).with_test(TEST + REFERENCE)])
    assert execution.status == "rejected"


def test_a_diagnostic_has_its_place_in_the_program_with_its_test(runner: Runner) -> None:
    mine = program("assign q = c;\nendmodule\n")
    (execution,) = runner.run([mine])
    assert execution.verdict is not None
    first = next(d for d in execution.verdict.diagnostics if d.severity == "error")
    assert mine.source[first.offset :].startswith("c;")
    assert first.line == 2


def test_the_test_of_a_text_begins_with_its_time_scale(runner: Runner) -> None:
    (execution,) = runner.run([HEADER + HONEST["a right program"] + TEST + REFERENCE])
    assert execution.status == "passed"
