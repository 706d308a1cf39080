"""Small programs of Java, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def java_main(body: str) -> str:
    return "class Main { public static void main(String[] a) throws Throwable { " + body + " } }"


def java_task(name: str, signature: str, before: str = "", solution: str | None = None) -> Task:
    prompt = "import java.util.*;\n\nclass Made {\n" + before + "    " + signature + " {\n"
    return Task(task_id=name, prompt=prompt, canonical_solution=solution, entry_point="made")


JAVA = Examples(
    accepted=[
        "class A { int f(int x) { return x + 1; } }",
        "public class Named { }",
        "import java.util.*; class A { List<String> f() { return new ArrayList<>(); } }",
        "record P(int x, int y) { } sealed interface S permits T { } final class T implements S { }",
    ],
    rejected=[
        Rejected("class A { int f() { return x; } }", "compiler.err.cant.resolve.location", 27),
        Rejected("class A {\n\tint f() { }\n}", "compiler.err.missing.ret.stmt", 21),
        Rejected('class A { int f() { return "a"; } }', "compiler.err.prob.found.req", 27),
        Rejected("class A { void f() { int i = 1 } }", "compiler.err.expected", 30),
        Rejected("class A { void f() { return; f(); } }", "compiler.err.unreachable.stmt", 29),
        Rejected("/* \U0001f600 */ class A { B b; }", "compiler.err.cant.resolve.location", 18),
    ],
    hostile=[
        "",
        "\x00\x00\x00",
        'class A { String s = "\ud800"; } \udfff',
        "class String { } class Object { }",
        "package java.lang; public class Object { }",
        "package a.b; public class C { }",
        "module m { requires java.base; }",
        "class A { int x = " + "(" * 10_000 + "1" + ")" * 10_000 + "; }",
        'class A { String s = "' + "x" * 1_000_000 + '"; }',
        "class A { " + " ".join(f"int a{i} = b{i};" for i in range(3_000)) + " }",
        "}" * 10_000,
        "\x1a\ufeff\\u007b",
        "class Main { } class Made { } class Ping { }",
    ],
    outcomes=[
        (java_main(""), "passed"),
        (java_main('throw new java.lang.Exception("Exception -- test case 0 did not pass.");'), "failed"),
        (java_main("assert 1 > 2;"), "failed"),
        (java_main("String s = null; s.length();"), "error"),
        (java_main("main(a);"), "error"),
        (java_main("System.exit(0);"), "error"),
        (java_main("Runtime.getRuntime().halt(0);"), "error"),
        (java_main('System.out.println("passed"); System.exit(0);'), "error"),
        (java_main("while (true) { }"), "timeout"),
        (
            java_main("long[][] all = new long[9999][]; for (int i = 0; ; i++) all[i] = new long[99999];"),
            "memory",
        ),
        (java_main("return 1;"), "rejected"),
        ("class Main { }", "error"),
    ],
    driven=[
        (java_task("sum", "static int made(int a, int b)"), "return a + b; } }", "return a - 2 * b - 1; } }"),
        (java_task("put", "void made(List<String> a)"), 'a.add("x"); } }', "a.clear(); } }"),
    ],
    endings=[
        Ending("class A {\n  int f() {\n", "    return 1;\n  }\n}", "\nclass B { }"),
        Ending("class A {\n  void f() {\n", '  // }\n /* }} */ char c = \'}\'; String s = "}\\"}"; } }', "}"),
        Ending('class A { String s = "{"; /* { */ // {\n', "}", ""),
        Ending("class A { void f() {\n", 'String s = """\n } "} \\""" }\n"""; }\n}', "\n"),
        Ending("class A { void f() {\n", "}\\u007d", " int x;"),
        Ending("class A { void f() {\n", "char a = '\\'', b = '\"', c = '}'; String s = \"\\\\\"; }}", "}"),
        Ending("import java.util.*;\n", "class A { void f() { } }", "\nclass B { }"),
        Ending("class A { }\n", "class B { }", "class C { }"),
        Ending("class A { void f() {\n", " while (x) { } }", "\n void g() { } }", suffix="\n}\n"),
        Ending("class A { int f() {\n", "if (x) { }\nreturn 1;\n", "}\n}", suffix="}\n}"),
    ],
    same_code=[
        (java_task("same", "int made(int a)"), "return a; } }", one)
        for one in ("return /* so */ a; // {\n} }", "return\n\ta;\n}\nint helper() { return 1; } }\nclass B { }")
    ]
    + [(java_task("same", "String made()"), 'String s = ""; return s;}}', 'String s = "}\\""; return s;}} // {')],
    tasks=[
        java_task("sum", "public static int made(int a, int b)", solution="        return a + b;\n    }\n}\n"),
        Task(
            "in the middle", "a prompt", prefix="class Made {\n int made(int a) {\n", suffix="\n}", entry_point="made"
        ),
        *(
            java_task(signature, signature, before)
            for signature, before in [
                ("public static int made(int a, List<Map<String, Integer>> b)", "    /** > made((1), {2}) */\n"),
                ("static double made()", ""),
                ("float made(char c) throws java.io.IOException, RuntimeException", ""),
                ("boolean made(final int... all)", "    // {\n"),
                ("char made()", ""),
                ("void made()", ""),
                ("String made(Map<String, List<Integer>> m)", '    String brace = "{";\n'),
                ("<T extends Comparable<T>> T[] made(T[] a)", ""),
                ("int made(int a) []", ""),
                ('@SuppressWarnings("{(") public int[][] made()', ""),
                ("Made(int a)", "    void made() { }\n"),
            ]
        ),
    ],
)
