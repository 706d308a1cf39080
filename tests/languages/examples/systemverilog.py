"""Small programs of SystemVerilog, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Program, Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="systemverilog", canonical_solution=solution, entry_point="Top")


INVERTER = "module Top(input a, output b);\n"

TEST = """
`timescale 1 ps/1 ps
module RefModule(input a, output b); assign b = ~a; endmodule
module tb();
  reg a = 0; wire b_ref, b_dut; int errors = 0, clocks = 0;
  RefModule good(.a, .b(b_ref));
  Top top1(.a, .b(b_dut));
  initial begin repeat (9) begin #5 a = ~a; #5 clocks++; if (b_ref !== b_dut) errors++; end $finish; end
  final $display("Mismatches: %1d in %1d samples", errors, clocks);
endmodule
"""


def run(source: str) -> Program:
    return Program(INVERTER + source + "endmodule\n").with_test(TEST)


SYSTEMVERILOG = Examples(
    accepted=[
        "",
        "module m; endmodule\n",
        INVERTER + "  assign b = ~a;\nendmodule\n",
        "module m(input logic clk, d, output logic q);\r\n  always_ff @(posedge clk) q <= d;\r\nendmodule\r\n",
        "package p; typedef enum logic [1:0] {A, B} t; endpackage\n"
        "module m(output p::t x); assign x = p::A; endmodule\n",
        "module m #(parameter N = 4)(input [N-1:0] a, output y);\n  assign y = ^a;\nendmodule\n"
        "module n(input [7:0] a, output y);\n  m #(8) m1(.*);\nendmodule\n",
        "`define W 8\nmodule m(output [`W-1:0] y); assign y = `W'd3; endmodule // é\n",
    ],
    rejected=[
        Rejected("module m\nendmodule\n", "ExpectedToken", 8),
        Rejected(INVERTER + "  assign b = c;\nendmodule\n", "UndeclaredIdentifier", 44),
        Rejected(INVERTER + "  assign c = a;\nendmodule\n", "ImplicitNet", 40),
        Rejected("// é \U0001f600\r\nmodule m; foo f(); endmodule\n", "UnknownModule", 18),
        Rejected("module é; endmodule\n", "UTF8Char", 7),
        Rejected("`define X c\nmodule m(output b);\n  assign b = `X;\nendmodule\n", "UndeclaredIdentifier", 45),
        Rejected("module m(output logic q); assign q = 1; assign q = 0; endmodule\n", "MultipleContAssigns", 47),
        Rejected("module m; int x; int x; endmodule\n", "Redefinition", 21),
        Rejected('module m;\n`include "/etc/passwd"\nendmodule\n', "CouldNotOpenIncludeFile", 19),
        Rejected("module m;\n`include </etc/passwd>\nendmodule\n", "CouldNotOpenIncludeFile", 19),
        Rejected("module m; initial $no_such_task; endmodule\n", "UnknownSystemName", 18),
    ],
    warned=["module m(output [3:0] b);\n  assign b = 4'd20;\nendmodule\n"],
    hostile=[
        "\x00",
        "module \ud800; endmodule",
        "module m(output y); assign y = " + "(" * 3_000 + "1" + ")" * 3_000 + "; endmodule\n",
        "\ufeff\x1a",
        "`default_nettype wire\n`define endmodule\n",
        '`pragma diagnostic ignore="-Wimplicit-net"\nmodule m(output b); assign c = 1; endmodule\n',
        '`timescale 1ns/1ps\n`celldefine\n`line 7 "/etc/passwd" 0\nmodule m; assert; endmodule\n',
        '`begin_keywords "1364-1995"\nmodule logic; endmodule\n',
        "`define A `B `B\n`define B `A `A\n`A\n",
        '`include "program.sv"\n',
        "module m; m m1(); endmodule\n",
        "module m; for (genvar i = 0; i < 2000000000; i++) wire w; endmodule\n",
        "module m; localparam x = f(); function int f(); while (1); endfunction endmodule\n",
        "module m; logic [999999999:0] x; assign x = {999999999{1'b1}}; endmodule\n",
        "module Top(input a, output b); endmodule\nmodule n; Top t(); endmodule\n",
        "package std; endpackage\nclass process; endclass\n",
        "bind m n x();\nconfig c; design m; endconfig\n",
        'module m; initial $display("' + "y" * 1_000_000 + '"); endmodule\n',
        "module m; wire w; endmodule\n" * 2_000,
    ],
    outcomes=[
        (run("  assign b = ~a;\n"), "passed"),
        (run("  assign b = a;\n"), "failed"),
        (run('  assign b = a;\n  final $display("Mismatches: 0 in 9 samples");\n'), "failed"),
        (run("  initial $finish;\n"), "error"),
        (run("  reg x = 0;\n  always @(a) while (1) x = ~x;\n"), "timeout"),
        (run("  assign b = c;\n").source + "error", "rejected"),
    ],
    tasks=[
        task("inverter", INVERTER, "  assign b = ~a;\nendmodule\n"),
        task("comment", "// an inverter\n" + INVERTER + "  // module {\n", "  not n(b, a);\nendmodule\n"),
        task(
            "register",
            "module Top(input clk, input d, output reg q);\n",
            "  always @(posedge clk) q <= d;\nendmodule\n",
        ),
        task(
            "parameters",
            "module Top #(parameter N = 2)\n(input [N-1:0] a, b, output y);\r\n",
            "assign y = a < b;endmodule",
        ),
        task("old ports", "module Top(a, b);\n  input a;\n  output b;\n", "  buf g(b, a);\nendmodule\n"),
        task(
            "block",
            "module Top(input a, output logic b);\nalways_comb begin\n",
            "  if (a) b = 0; else b = 1;\nend\nendmodule\n",
        ),
    ],
    same_code=[
        (task("inverter", INVERTER), "  assign b = ~a; // so\nendmodule\n", "  assign b = ~a;\nendmodule\nmodule n;\n"),
        (task("text", INVERTER), 'initial $display("a");\nendmodule', 'initial/* so */ $display("b");\nendmodule'),
    ],
    endings=[
        Ending(INVERTER, '  assign b = ~a; // endmodule "\nendmodule', "\nmodule other;\nendmodule\n"),
        Ending("", 'module m; initial begin if (1) begin $display("endmodule"); end end endmodule', " // x\n"),
        Ending(
            INVERTER + "always_comb begin\n", " case (a) 1: begin end endcase\n", "end\nendmodule", " end endmodule\n"
        ),
        Ending(INVERTER + "function f(input x);\n", " f = x; endfunction assign b = f(a); endmodule", "\n"),
        Ending(
            INVERTER, " initial fork join_none\n initial begin disable fork; end endmodule", "\n`define X endmodule\n"
        ),
    ],
)
