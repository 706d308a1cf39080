"""Small programs of Rust, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

_TEST = "#[test]\nfn one() {\n    assert_eq!(f(1), 2);\n}\n"


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="rust", canonical_solution=solution, entry_point="made")


RUST = Examples(
    accepted=[
        "",
        "#![deny(warnings)]\nfn f(x: i32) {}\r\n",
        "use std::collections::HashMap;\n\nfn main() {\n    let m: HashMap<&str, i32> = HashMap::new();\n}\n",
    ],
    rejected=[
        Rejected("fn f( {", "this-file-contains-an-unclosed-delimiter", 7),
        Rejected('fn f() -> i32 {\r\n    "\U0001f600é"; x\r\n}\r\n', "E0425", 27),
        Rejected('fn f() -> i32 { "a" }', "E0308", 16),
        Rejected("fn f() { let s = String::new(); let t = s; s.len(); }", "E0382", 43),
        Rejected('const X: &str = include_str!("/etc/passwd");', "couldn-t-read", 16),
        Rejected('fn f() { println!("{}"); }', "positional-argument-in-format-string", 19),
    ],
    hostile=[
        "\x00",
        'const X: &str = "\ud800";',
        "fn f() {" + "(" * 20_000,
        '#![crate_type = "proc-macro"]\n#![crate_name = "core"]\n',
        'mod main;\n#[path = "/etc/passwd"]\nmod other;\n',
        "macro_rules! m { ($($x:tt)*) => { m!($($x)* $($x)*) } }\nm!(a);\n",
        'const X: &str = "' + "y" * 1_000_000 + '";',
    ],
    tasks=[
        task("sum", "fn made(a: i32, b: i32) -> i32 {\n", "    a + b\n}\n"),
        task("constant", "fn made() -> i32 {\n", "    let x = 3;\n    x * x\n}\n"),
        task("text", "fn made(a: i32) -> String {\n", '    format!("{a:>5}")\n}\n'),
        task(
            "method", "struct T;\n\nimpl T {\n    fn made<'a>(&'a self, (a, b): (i32, i32)) -> &'a T {\n        // {\n"
        ),
        task("generic", "fn made<T: Clone>(x: &[T], n: usize) -> Vec<T> {\r\n", "    x[..n].to_vec()\r\n}\r\n"),
    ],
    outcomes=[
        ("fn f(x: i32) -> i32 { x + 1 }\n" + _TEST, "passed"),
        ("fn f(x: i32) -> i32 { x }\n" + _TEST, "failed"),
        ("fn f(x: usize) -> i32 { [1][x] }\n" + _TEST, "error"),
        ("fn f(x: i32) -> i32 { std::process::exit(0) }\n" + _TEST, "error"),
        ("fn f(x: i32) -> i32 { loop {} }\n" + _TEST, "timeout"),
        ("fn f(x: i32) -> i32 { vec![1u8; 1 << 40].len() as i32 }\n" + _TEST, "memory"),
        ("fn f(x: i32) -> i32 { y }\n" + _TEST, "rejected"),
    ],
    endings=[
        Ending("fn f() {\n", "    if x { y() } else { z() }\n}", "\n\nfn main() {}\n"),
        Ending(
            "fn f() {\n",
            '    let s = "}\\"}"; // }\n    /* } /* } */ } */\n    let r = r#"}"}"#;\n    let c = \'}\';\n}',
            "}",
        ),
        Ending("fn f<'a>(x: &'a str) {\n", '    println!("{} {x}", x);\n    let v = vec![T { a: 1 }];\n}', '"'),
        Ending("impl T {\n    fn f() {\n", "        match x { Some(y) => { y } None => {} }\n    }\n}", "\n"),
    ],
)
