"""Small programs of JavaScript, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="javascript", canonical_solution=solution, entry_point="made")


JAVASCRIPT = Examples(
    accepted=[
        "",
        "function f(x) {\n    return x + 1;\n}\n",
        "if (true) {\r\n\tconsole.log(`${[1].at(-1)}`);\r\n}\r\n",
        "class A {\n    constructor() { this.x = 1; }\n    get y() { return this.x; }\n}\nmodule.exports = { A };\n",
        "const counts = {};\nfor (const c of 'abc') counts[c] = (counts[c] || 0) + 1;\n",
    ],
    rejected=[
        Rejected("function f(: ) {}\n", "TS1138", 11),
        Rejected("let x = 1;\r\nlet y = z;\r\n", "TS2304", 20),
        Rejected("const s = '\U0001f600'; print(s)", "TS2304", 15),
        Rejected("[1, 2].get(0);\n", "TS2339", 7),
        Rejected("let x = 1;\nfunction f(number) { return numbr + 1; }\n", "TS2552", 39),
        Rejected("const a = require('nowhere');\n", "TS2307", 18),
        Rejected("import hosts from '/etc/hosts';\n", "TS2307", 18),
        Rejected("interface A {}\n", "TS8006", 10),
        Rejected("// @ts-nocheck\nzz;\n", "TS2304", 15),
        Rejected("zz;\nlet x = (\n", "TS1109", 13),
    ],
    hostile=[
        "\x00",
        "'\ud800'",
        "(" * 2_000,
        "let x = " + "1" * 5_000,
        "\ufeff\x1a",
        "globalThis.zz = 1; console = 1; var Map = 1;\n",
        '/// <reference path="/etc/passwd" />\n/// <reference types="node" />\n/// <reference lib="dom" />\n',
        "/** @typedef {import('/etc/passwd')} A */\n/** @type {A} */ let x;\n",
        "// @ts-nocheck\nlet x = zz;\n",
        "function f() {}\n" * 3_000,
        "const self = require('./program'); require('./tsconfig.json');\nmodule.exports = self;\n",
        "let x = '" + "y" * 1_000_000 + "'",
    ],
    tasks=[
        task("sum", "/** a + b */\nfunction made(a, b) {", "\n    return a + b;\n}\n"),
        task(
            "constant",
            "const made = function () {\n",
            "    const all = [1, 2].map((x) => x + 1);\n    return all[0];\n}",
        ),
        task("patterns", "function made({ a, b }, [c], ...rest) {"),
        task("method", "class A {\n    made(a) { // {\n"),
        task("arrow", "exports.made = (a, b = 1) => {\n", "    return b + a;\n};\n"),
        task("nested", "function outer(x) {\n    function made(y) {\n", "        return x + y;\n    }\n}\n"),
        task("generator", "function* made(a) {\r\n", "    yield a;\r\n}\r\n"),
    ],
    endings=[
        Ending("function f(x) {", " return x; }", "\nconsole.log(f(1));\n"),
        Ending(
            "class A {\n    f() {\n",
            "        if (1) {\n        }\n    }\n    g() { return `${{}}{`; }\n}",
            "\nlet x = {};",
        ),
        Ending("function f() {\n", "    // }\n    return /[}]/;\n}", " x"),
        Ending("function f() {\n", "    return `{}\n}`;\n}", " x"),
        Ending("function f(x) {\n", "    let a = { b: '}' }; ", "}", "\n}\n"),
    ],
    outcomes=[
        ("function f(x) {\n    return x + 1;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "passed"),
        ("function f(x) {\n    return x;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "failed"),
        ("function f(x) {\n    return x.y.z;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "error"),
        ("function f(x) {\n    process.exit(0);\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "error"),
        ("function f(x) {\n    for (;;) {}\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "timeout"),
        (
            "function f(x) {\n    return new Array(3e7).fill(x);\n}\n\nif (f(1) !== 2) throw new Error('no');\n",
            "memory",
        ),
        ("function f(x {\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "rejected"),
    ],
    driven=[
        (task("sum", "/** @param {number} a */\nfunction made(a, n) {\n"), " return a + n; }", " return a - 2 * n; }"),
        (task("put", "/** > made(['a', 'b']) */\nconst made = (a) => {\n"), " a.push('x'); };", " a.length = 0; };"),
        (
            task("method", "class A {\n    constructor(n) { this.n = n; }\n    made(text) {\n"),
            "        this.n += text.length;\n        return text + '1';\n    }\n}\n",
            "        throw new TypeError(text);\n    }\n}\n",
        ),
        (
            task("kinds", "/** @param {Map<string, number[]>} m */\nfunction made(m) {\n"),
            " return new Set([...m.keys(), undefined, NaN, 1n]); }",
            " return { [m.size]: [...m.values()] }; }",
        ),
    ],
)
