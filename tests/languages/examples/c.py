"""Small programs of C, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

MAIN = "int main(void) { return f(1) != 2; }\n"


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="c", canonical_solution=solution, entry_point="made")


C = Examples(
    accepted=[
        "int f(int x) { return x + 1; }",
        '#include <stdio.h>\r\nint main(void) { printf("%d\\n", 1); }\r\n',
        "#include <stdio.h>\n#include <stdlib.h> // for malloc\n/* so */\nvoid *f(int n) { return malloc(n); }",
        "#include <math.h>\n#include <limits.h>\n#include <stdbool.h>\nbool f(double x) { return sqrt(x) < INT_MAX; }",
        "#include <string.h>\nstruct s { char name[9]; };\nsize_t f(struct s *a) { return strlen(a->name); }",
    ],
    rejected=[
        Rejected("int f(void) { return x; }", "use-of-undeclared-identifier", 21),
        Rejected("int f(void) {\n\treturn 1\n}", "expected-semicolon-after-return-statement", 23),
        Rejected("int f(int a { return a; }", "expected-closing-parenthesis", 12),
        Rejected("int f(void) { return g(1); }", "implicit-function-declaration", 21),
        Rejected("struct s { int a; }; int f(struct s b) { return b.c; }", "no-member-named-in", 50),
        Rejected("int f(char *s) { return s; }", "int-conversion", 24),
        Rejected("int *f(char *s) { int *p = s; return p; }", "incompatible-pointer-types", 23),
        Rejected('char s[] = "\U0001f600"; int f(void) { return x; }', "use-of-undeclared-identifier", 37),
        Rejected("#include <nowhere.h>\n", "file-not-found", 9),
        Rejected('#include "/etc/passwd"\n', "file-not-found", 9),
        Rejected("#error no\n", "user-defined", 1),
    ],
    warned=["int f(int x) { if (x) return 1; }", "#warning careful\n"],
    hostile=[
        "",
        "\x00\x00",
        'char *s = "\ud800"; \udfff',
        "int x = " + "(" * 10_000 + "1" + ")" * 10_000 + ";",
        "int x = " + "-" * 50_000 + "1;",
        "}" * 10_000,
        "#define int float\n#define return while\n#define f g\n",
        "#define A A A\nA" * 100,
        '#include "program.c"\n',
        '#include "../../../../etc/passwd"\n',
        "#include </etc/passwd>\n",
        "#include <stdio.h>\n" * 1_000,
        "#include <stdio.h>\n#undef NULL\n#pragma pack(1)\n#pragma GCC poison printf\n",
        '#pragma GCC diagnostic ignored "-Wreturn-type"\n#pragma GCC system_header\n',
        '# 1 "other.c" 3\nint f(void) { return x; }',
        "/* never closed",
        '"' + "x" * 1_000_000 + '";',
        "int a0;" + " ".join(f"int a{i} = b{i};" for i in range(1, 3_000)),
        '_Static_assert(0, "so");',
        "\ufeff\x1a??/\\",
        "typedef int size_t; int printf; char main;",
    ],
    tasks=[
        task("sum", "#include <stdio.h>\n/* a + b */\nint made(int a, int b) {\n", "    return a + b;\n}\n"),
        task("nothing", "void made(int *a, int n) {\n"),
        task("text", "char *made(const char *s) {\n"),
        task(
            "structure",
            "struct pair { int a, b; };\nstatic inline struct pair made(struct pair p) {\n",
            "    p.a++;\n    return p;\n}",
        ),
        task("defined", "typedef struct { double x; } point;\npoint made(double x)\n{\n"),
        task("size", "#include <stdint.h>\nuint64_t made(void) {  // {\n"),
        task("rows", "unsigned long made(int n, int a[n][n]) {\n"),
        task("windows", "int made(int a) {\r\n", "    return a * 2;\r\n}\r\n"),
        task("call", "int (*made(int a))(int) {\n"),
    ],
    outcomes=[
        (f"int f(int x) {{ return x + 1; }}\n{MAIN}", "passed"),
        (f"int f(int x) {{ return x; }}\n{MAIN}", "failed"),
        (f"#include <stdlib.h>\nint f(int x) {{ exit(0); }}\n{MAIN}", "error"),
        (f"#include <stdlib.h>\nint f(int x) {{ abort(); }}\n{MAIN}", "error"),
        (f"int f(int x) {{ for (volatile int i = 0;;) i = x; }}\n{MAIN}", "timeout"),
        (f"int f(int x) {{ return y; }}\n{MAIN}", "rejected"),
        ("int f(int x) { return x; }", "error"),
    ],
    endings=[
        Ending("int f(int x) {\n", "    return x;\n}", "\nint main(void) { }"),
        Ending("int f(int x) {\n", '  // }\n  /* } */ char c = \'}\'; char *s = "}\\"}"; { }\n}', "}"),
        Ending("int f(int x) {\n", "  int a[] = {1, 2};\n  struct s { int b; } c = {1};\n  return a[0];\n}", ";"),
        Ending("#include <stdio.h>\n", "int f(int x) { return x; }", "\nint g;"),
        Ending("struct s {\n", "  int a;\n};", " int f;"),
        Ending("int a[] = {\n", "  1,\n}\n;", " int f;"),
        Ending("int f(int x) {\n", " while (x) { }\n  return 1;\n", "}\nint g;", suffix="}\n"),
    ],
)
