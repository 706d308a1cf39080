"""Small programs of TypeScript, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="typescript", canonical_solution=solution, entry_point="made")


TYPESCRIPT = Examples(
    accepted=[
        "",
        "function f(x: number): number {\n    return x + 1;\n}\n",
        "if (true) {\r\n\tconsole.log(`${[1].at(-1)}`);\r\n}\r\n",
        "export class A<T> {\n    constructor(private all: T[] = []) {}\n    get n() { return this.all.length; }\n}\n",
        "const counts = new Map<string, number>();\nfor (const c of 'abc') counts.set(c, (counts.get(c) ?? 0) + 1);\n",
        "declare global { var shared: number }\nshared = 1;\nexport {};\n",
    ],
    rejected=[
        Rejected("function f(: number) {}\n", "TS1138", 11),
        Rejected("let x = 1;\r\nlet y: string = x;\r\n", "TS2322", 16),
        Rejected("const s = '\U0001f600'; print(s)", "TS2304", 15),
        Rejected("function f(a) { return a; }\n", "TS7006", 11),
        Rejected("const a = [1, 2];\na.push('3');\n", "TS2345", 25),
        Rejected("import x from 'nowhere';\n", "TS2307", 14),
        Rejected("import hosts from '/etc/hosts';\n", "TS2307", 18),
        Rejected("let x: string | null = null as string | null;\nx.length;\n", "TS18047", 46),
        Rejected("// @ts-ignore\nlet x: string = 1;\n", "TS2322", 18),
        Rejected("shared = 1;\n", "TS2304", 0),
        Rejected("zz;\nlet x = (\n", "TS1109", 13),
    ],
    hostile=[
        "\x00",
        "'\ud800'",
        "(" * 2_000,
        "let x = " + "1" * 5_000,
        "\ufeff\x1a",
        "declare global { interface Array<T> { foo: T } var console: number }\nexport {};\n",
        "interface Array<T> { length: string }\ndeclare var Map: number;\n",
        "declare module 'nowhere' { const x: number; export default x; }\n",
        '/// <reference path="/etc/passwd" />\n/// <reference types="node" />\n/// <reference lib="dom" />\n',
        "// @ts-nocheck\nlet x: string = 1;\n",
        "function f() {}\n" * 3_000,
        "import * as self from './program';\nimport './tsconfig.json';\nexport const x = self;\n",
        "type A<T extends any[]> = T['length'] extends 500 ? T : A<[...T, 1]>;\nlet x: A<[]>;\n",
        "let x = '" + "y" * 1_000_000 + "'",
    ],
    tasks=[
        task("sum", "/** a + b */\nfunction made(a: number, b: number): number {", "\n    return a + b;\n}\n"),
        task(
            "constant",
            "const made = function (): number {\n",
            "    const all = [1, 2].map((x) => x + 1);\n    return all[0]!;\n}",
        ),
        task("generic", "function made<T>(a: T[], ...rest: T[]): Map<T, number> {"),
        task("method", "class A {\n    made(a: string): void { // {\n"),
        task(
            "arrow", "export const made = (a: number, { b }: { b: string }): string => {\n", "    return b + a;\n};\n"
        ),
        task(
            "nested",
            "function outer(x: number) {\n    function made(y: number): number {\n",
            "        return x + y;\n    }\n}\n",
        ),
        task("windows", "function made(a: number): number {\r\n", "    return a;\r\n}\r\n"),
    ],
    endings=[
        Ending("function f(x: number) {", " return x; }", "\nconsole.log(f(1));\n"),
        Ending(
            "class A {\n    f() {\n",
            "        if (1) {\n        }\n    }\n    g(): string { return `${{}}{`; }\n}",
            "\nlet x = {};",
        ),
        Ending("function f(): RegExp {\n", "    // }\n    return /[}]/;\n}", " x"),
        Ending("function f() {\n", "    return `{}\n}`;\n}", " x"),
        Ending("function f(x: number) {\n", "    let a = { b: '}' }; ", "}", "\n}\n"),
    ],
    outcomes=[
        ("function f(x: number) {\n    return x + 1;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "passed"),
        ("function f(x: number) {\n    return x;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "failed"),
        ("function f(x: any) {\n    return x.y.z;\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "error"),
        ("function f(x: any) {\n    process.exit(0);\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "error"),
        ("function f(x: any) {\n    for (;;) {}\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "timeout"),
        (
            "function f(x: any) {\n    return new Array(3e7).fill(x);\n}\n\nif (f(1) !== 2) throw new Error('no');\n",
            "memory",
        ),
        ("function f(x {\n}\n\nif (f(1) !== 2) throw new Error('no');\n", "rejected"),
    ],
    driven=[
        (task("sum", "function made(a: number, n: number): number {\n"), " return a + n; }", " return a - 2 * n; }"),
        (task("put", "const made = (a: Array<string>): void => {\n"), " a.push('x'); };", " a.length = 0; };"),
        (
            task("method", "class A {\n    constructor(private n: number) {}\n    made(text: string): string {\n"),
            "        this.n += text.length;\n        return text + '1';\n    }\n}\n",
            "        throw new TypeError(text);\n    }\n}\n",
        ),
        (
            task(
                "types",
                "enum Size { Small, Big = 'big' }\n"
                "interface Item<T> { name: string; sizes?: T; at: [number, T | null] }\n"
                "type Way = 'in' | 'out';\n"
                "function made<T>(item: Item<T>, all: Record<string, Set<T>>, m: Map<T, boolean>, "
                "way: Way, size: Size): string {\n",
            ),
            " return [item.name, ...item.at, way, size, m.size, ...Object.keys(all)].join(); }",
            " return way; }",
        ),
    ],
)
