"""Small programs of OCaml, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

OCAML = Examples(
    accepted=[
        "",
        "let f x = x + 1\n",
        "type t = A | B of int\r\nlet f = function A -> 0 | B n -> n\r\n",
        'let s = "é😀" ^ {|"}|}\n(* let (* nested *) y = *)\n',
    ],
    warned=["let f x = match x with 0 -> 1\n"],
    rejected=[
        Rejected("let f x = y\n", "unbound", 10),
        Rejected('let s = "é😀" ^ 1\n', "wrong-type", 15),
        Rejected("let f x = (x +\n", "syntax-error", 15),
        Rejected('let f x =\r\n  x + "1"\r\n', "wrong-type", 17),
        Rejected('let s = "abc', "syntax-error", 8),
        Rejected("let f x = x + 1\nlet y = f 1 2\n", "too-many-arguments", 24),
        Rejected("module M : sig val x : int end = struct end\n", "missing-member", 33),
        Rejected('# 7 "other.ml"\nlet x = y\n', "unbound", None),
    ],
    hostile=[
        "\x00",
        '"\ud800"',
        "(" * 2_000,
        "let x = " + "1 + " * 20_000 + "1",
        "\ufeff\x1a",
        '#use "/etc/passwd"\n',
        'let () = print_string "File \\"main.ml\\", line 1, characters 0-1:\\nError: no"',
        "let x = " + "[" * 3_000,
        'external f : int -> int = "%identity"\nlet rec x = x + 1',
    ],
    tasks=[
        Task("add", "let add a b =\n", language="ocaml", canonical_solution="  a + b\n", entry_point="add"),
        Task("typed", "let made (a : int list) : int =", language="ocaml", entry_point="made"),
        Task("second", "open List\nlet made f =\n", language="ocaml", canonical_solution="  map f []\n"),
    ],
    endings=[
        Ending("let f x =\n", "  let y = x in\n  y + 1\n\n", "let g = 1\n"),
        Ending("let f x =\n", "  match x with\n  | 0 -> 1\n  | _ -> 2\n", "type t = int\n"),
        Ending("let f x =\n", "  x\n", ";;\n"),
    ],
)
