"""Small programs of C++, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task

ALL = "#include <bits/stdc++.h>\nusing namespace std;\n"


MAIN = "int main() { if (f(1) != 2) throw 1; }\n"


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="cpp", canonical_solution=solution, entry_point="made")


CPP = Examples(
    accepted=[
        "int f(int x) { return x + 1; }",
        "#include <vector>\r\nint f(std::vector<int> v) { return v.size(); }\r\n",
        "/* so */\n#include <string>\n// and\n#include <algorithm> // for sort\n"
        "std::string f(std::string s) { std::sort(s.begin(), s.end()); return s; }",
        f"{ALL}int f(vector<int> a) {{ map<int, int> m; for (auto x : a) m[x]++; return m.rbegin()->second; }}",
        f"{ALL}auto f(int n) {{ int a[n]; a[0] = 1; return [=](auto x) {{ return x + n; }}(a[0]); }}",
    ],
    rejected=[
        Rejected("int f() { return x; }", "use-of-undeclared-identifier", 17),
        Rejected("int f() {\n\treturn 1\n}", "expected-semicolon-after-return-statement", 19),
        Rejected(f"{ALL}int f(vector<int> v) {{ return v.length(); }}", "no-member-named-in", 78),
        Rejected(
            f'{ALL}int f() {{ return "a"; }}', "cannot-initialize-return-object-of-type-with-an-lvalue-of-type", 63
        ),
        Rejected(f'{ALL}string s = "\U0001f600"; int x = y;', "use-of-undeclared-identifier", 70),
        Rejected(
            f"{ALL}struct S {{ }};\nvoid f(vector<S> v) {{ sort(v.begin(), v.end()); }}",
            "invalid-operands-to-binary-expression-and",
            82,
        ),
        Rejected(
            "template <class T> void f(T x) { x.g(); }\nvoid h() { f(1); }",
            "member-reference-base-type-is-not-a-structure-or-union",
            34,
        ),
        Rejected("int f(int a, int b) { return a; }\nint g() { return f(1); }", "no-matching-function-for-call-to", 51),
        Rejected("class A { int a; }\nint f() { return 1; }", "expected-semicolon-after-class", 18),
        Rejected("#include <nowhere>\n", "file-not-found", 9),
        Rejected('#include "/etc/passwd"\n', "file-not-found", 9),
        Rejected('static_assert(false, "so");', "static-assertion-failed", 14),
    ],
    warned=["int f(int x) { if (x) return 1; }", "#warning careful\n"],
    hostile=[
        "",
        "\x00\x00",
        'auto s = "\ud800"; \udfff',
        "int x = " + "(" * 10_000 + "1" + ")" * 10_000 + ";",
        "int x = " + "-" * 50_000 + "1;",
        "}" * 10_000,
        "#define int float\n#define return while\n#define vector list\n",
        f"#define private public\n{ALL}int f() {{ }}",
        '#include "program.cpp"\n',
        '#include "../../../../etc/passwd"\n',
        "#include </etc/passwd>\n",
        "#include <vector>\n" * 1_000,
        "#include <cassert>\n#undef assert\n#pragma pack(1)\n#pragma GCC poison vector\n",
        "template <int N> struct F { enum { v = F<N - 1>::v }; }; int x = F<1000000>::v;",
        "constexpr int f(int n) { while (true) n++; return n; } static_assert(f(1) == 1);",
        f"{ALL}namespace std {{ using nowhere = int; template <> struct hash<vector<int>> {{ }}; }}",
        "/* never closed",
        'auto s = "' + "x" * 1_000_000 + '";',
        "int a0;" + " ".join(f"int a{i} = b{i};" for i in range(1, 3_000)),
        'auto s = R"(' + "}" * 100,
        "\ufeff\x1a??/\\",
        'namespace std { class string { }; } int printf; extern "C" {',
    ],
    tasks=[
        task("sum", f"{ALL}/** a + b */\nint made(int a, int b) {{\n", "    return a + b;\n}\n"),
        task("nothing", f"{ALL}void made(vector<int> &a) {{\n"),
        task("text", f"{ALL}static const string made(const string &s) {{\n", "    return s + s;\n}"),
        task("reference", f"{ALL}string &made(string &s)\n{{\n"),
        task("pairs", f"{ALL}vector<pair<int, string>> made(map<int, int> m) {{  // {{\n"),
        task("any type", "template <typename T> T made(T a) {\n"),
        task("method", "class A {\n  int n = 1;\npublic:\n  int made(int a) const {\n", "    return a + n;\n  }\n};\n"),
        task("space", "namespace a { namespace b {\nbool made(double x) {\n"),
        task("constructor", "struct A {\n  int n;\n  A(int a) : n(a) {\n"),
        task("pointer", "int *made(int *a, int n) {\n"),
        task("windows", "int made(int a) {\r\n", "    return a * 2;\r\n}\r\n"),
    ],
    outcomes=[
        (f"int f(int x) {{ return x + 1; }}\n{MAIN}", "passed"),
        (f"int f(int x) {{ return x; }}\n{MAIN}", "failed"),
        (f"#include <cstdlib>\nint f(int x) {{ std::exit(0); }}\n{MAIN}", "error"),
        (f"int f(int x) {{ throw x; }}\n{MAIN}", "error"),
        (f"int f(int x) {{ for (volatile int i = 0;;) i = x; }}\n{MAIN}", "timeout"),
        (
            f"#include <vector>\nint f(int x) {{ std::vector<long> a; for (;;) a.resize(a.size() + 9999); }}\n{MAIN}",
            "memory",
        ),
        (f"int f(int x) {{ return y; }}\n{MAIN}", "rejected"),
        ("int f(int x) { return x; }", "error"),
    ],
    endings=[
        Ending("int f(int x) {\n", "    return x;\n}", "\nint main() { }"),
        Ending("int f(int x) {\n", '  // }\n  /* } */ char c = \'}\'; auto s = "}\\"}"; { }\n}', "}"),
        Ending(
            "int f(int x) {\n",
            "  std::vector<int> a{1, 2};\n  auto g = [&](int y) { return y; };\n  return g(x);\n}",
            ";",
        ),
        Ending("int f(int x) {\n", '  auto s = R"(})";\n  return 1;\n}', "\n"),
        Ending("#include <vector>\n", "int f(int x) { return x; }", "\nint g;"),
        Ending("class A {\npublic:\n  int f() {\n", "    return 1;\n  }\n};", " int f;"),
        Ending("enum class E : int {\n", "  a, b\n}\n;", " int f;"),
        Ending("int f(int x) {\n", " while (x) { }\n  return 1;\n", "}\nint g;", suffix="}\n"),
    ],
)
