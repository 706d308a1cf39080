"""Small programs of Go, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

_HEAD = "package main\n\n"
_MAIN = 'func main() {\n\tif f(1) != 2 {\n\t\tpanic("no")\n\t}\n}\n'


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, _HEAD + context, language="go", canonical_solution=solution, entry_point="made")


GO = Examples(
    accepted=[
        "package main\n",
        "package main\n\nfunc f(x int) int { return x + 1 }\n",
        'package main\r\n\r\nimport "fmt"\r\n\r\nfunc main() {\r\n\tfmt.Println("é")\r\n}\r\n',
        'package other\n\nimport (\n\t"sort"\n\t_ "embed"\n)\n\nfunc f(a []int) { sort.Ints(a) }\n',
        "package main\n\ntype list[T any] struct{ next *list[T] }\n\nfunc g[T int | string](a T) T { return a + a }\n",
    ],
    rejected=[
        Rejected("package main\n\nfunc f( {\n", "SyntaxError", 22),
        Rejected("func f() {}\n", "SyntaxError", 0),
        Rejected('package main\n\nvar s, t = "\U0001f600é", u\n', "UndeclaredName", 31),
        Rejected("package main\r\n\r\nfunc f() { x := 1 }\r\n", "UnusedVar", 27),
        Rejected('package main\n\nimport "fmt"\n', "UnusedImport", 21),
        Rejected('package main\n\nimport "net/nowhere"\n', "BrokenImport", 21),
        Rejected('package main\n\nimport "internal/abi"\n', "BrokenImport", 21),
        Rejected('package main\n\n// #include "/etc/passwd"\nimport "C"\n', "BrokenImport", 47),
        Rejected('package main\n\nimport _ "embed"\n\n//go:embed main.go\nvar text string\n', "EmbeddedFile", 32),
        Rejected('package main\n\nvar x int = "a"\n', "IncompatibleAssign", 26),
        Rejected("package main\n\nfunc f() int {\n\tfor false {\n\t}\n}\n", "MissingReturn", 45),
        Rejected("package main\n\nfunc f()\n", "MissingBody", 19),
    ],
    hostile=[
        "",
        "\x00",
        "package main\n\nvar s = '\ud800'\n",
        "\ufeffpackage main\n\x1a",
        "package main\n\nvar x = " + "(" * 20_000,
        "package main\n\nvar x = " + "-" * 5_000 + "1\n",
        "package main\n\nvar x = 1 << 1000 << 1000 << 1000\n",
        "package main\n\ntype int string\ntype string bool\n\nfunc len() {}\n",
        'package main\n\nimport . "fmt"\nimport sort "strings"\n\nvar _ = sort.ToUpper(Sprint())\n',
        'package fmt\n\nimport "fmt"\n\nfunc Println() {}\n\nfunc init() { fmt.Println() }\n',
        "package main\n\n//line /etc/passwd:1:1\nvar x = y\n",
        "package main\n\ntype T[P any] struct{ f *T[T[P]] }\n",
        "package main\n\n" + "func f() {}\n" * 3_000,
        'package main\n\nvar s = "' + "y" * 1_000_000 + '"\n',
    ],
    tasks=[
        task("sum", "func made(a int, b int) int {\n", "\treturn a + b\n}\n"),
        task(
            "constant",
            "func made() int {\n",
            "\ttotal := 0\n\tfor i := range 10 {\n\t\ttotal += i\n\t}\n\treturn total\n}\n",
        ),
        task(
            "imports", 'import (\n\t"sort"\n\tm "math" // "no"\n)\nimport _ "embed"\n\nfunc made(a []int) float64 {\n'
        ),
        task("generic imports", 'import "slices"\nimport "cmp"\nimport . "iter"\n\nfunc made(a []int) {\n'),
        task(
            "method", "type T struct{ n int }\n\nfunc (t *T) made(a, b int, c ...string) (x int, err error) {\n\t// {\n"
        ),
        task("nested", "func made(x int) func(int) int {\n\treturn func(y int) int {\n", "\t\treturn x + y\n\t}\n}\n"),
        task("windows", "func made(a string) string {\r\n", "\treturn a\r\n}\r\n"),
        task("assigned", "func made(a int, b int) int {\n", "\ta, b = b, a\n\treturn a - b\n}\n"),
    ],
    outcomes=[
        (_HEAD + "func f(x int) int { return x + 1 }\n\n" + _MAIN, "passed"),
        (_HEAD + "func f(x int) int { return x }\n\n" + _MAIN, "failed"),
        (_HEAD + "func f(x int) int { return []int{}[x] }\n\n" + _MAIN, "error"),
        (_HEAD + 'import "os"\n\nfunc f(x int) int { os.Exit(0); return x }\n\n' + _MAIN, "error"),
        (_HEAD + "func f(x int) int { for { } }\n\n" + _MAIN, "timeout"),
        (_HEAD + "func f(x int) int { return len(make([]int, 1<<40)) }\n\n" + _MAIN, "memory"),
        (_HEAD + "func f(x int) int { return y }\n\n" + _MAIN, "rejected"),
    ],
    endings=[
        Ending("package main\n\nfunc f() {\n", "\tif x {\n\t\ty()\n\t}\n}", "\n\nfunc main() {\n}\n"),
        Ending("func f() string {\n", '\ts := "}" + `}\n}` + "\\"}" // }\n\t/* } */\n\tr := \'}\'\n}', "}"),
        Ending("func f() {\n", "\ta := []struct{ x int }{{1}, {2}}\n\tgo func() { g() }()\n}", "`"),
        Ending("", "func f() {\n}", "\nfunc g() {"),
        Ending("type T struct {\n\tx int\n}\n\n", "func (t T) f() {\n\t_ = t\n}", "\n"),
    ],
)
