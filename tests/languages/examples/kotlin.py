"""Small programs of Kotlin, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="kotlin", canonical_solution=solution, entry_point="made")


KOTLIN = Examples(
    accepted=[
        "",
        "fun f(x: Int): Int { return x + 1 }\n",
        "import java.util.*\r\nfun f(): Deque<Int> = ArrayDeque()\r\n",
        "package a.b\n\nclass A(val x: Int) { fun f() = x.toString() }\n",
        '@file:JvmName("X")\n\ndata class P(val a: Int, val b: String?)\nfun P.g() = b?.length ?: a\n',
        'fun f(x: Any) = when (x) { is String -> x.length; else -> 0 }\nfun main() { println(f("é")) }\n',
    ],
    rejected=[
        Rejected("fun f( {\n}\n", "SYNTAX", 6),
        Rejected("fun f(x: Int): Int { return y }\n", "UNRESOLVED_REFERENCE", 28),
        Rejected('// é \U0001f600\r\nval s = "\U0001f600"; val n: Int = s\n', "INITIALIZER_TYPE_MISMATCH", 32),
        Rejected("fun f(x: Int): String = x\n", "RETURN_TYPE_MISMATCH", 24),
        Rejected("val x = 1\nval x = 2\n", "REDECLARATION", 4),
        Rejected("fun f(x: List<Int>) = 1\nfun f(x: List<String>) = 2\n", "CONFLICTING_JVM_DECLARATIONS", 0),
        Rejected("import nowhere.*\n", "UNRESOLVED_IMPORT", 7),
        Rejected("fun f(s: String?) = s.length\n", "UNSAFE_CALL", 21),
        Rejected("fun f(x: Int): Int { if (x > 0) return 1 }\n", "NO_RETURN_IN_FUNCTION_WITH_BLOCK_BODY", 41),
        Rejected('@Suppress("UNSAFE_CALL")\nfun f(s: String?) = s.length\n', "ERROR_SUPPRESSION", 10),
        Rejected("package a; fun f() = b.c\n", "UNRESOLVED_REFERENCE", 21),
    ],
    warned=["fun f(x: Int): Int { return x!! }\n"],
    hostile=[
        "\x00",
        'val s = "\ud800"',
        "fun f() = " + "(" * 2_000,
        "fun f() = " + "1 + " * 400 + "1",
        "\ufeffval x = 1",
        "#!/usr/bin/env kotlin\nval x = 1\n",
        "package kotlin\nclass String\nfun println(x: Int) = x\n",
        "package kotlin.collections\nfun <T> List<T>.size() = 1\n",
        "class Int\nclass String\nfun listOf(): Int = Int()\n",
        "*/ } ) ] ;",
        '/* " ${',
        '"""',
        '@file:Suppress("UNRESOLVED_REFERENCE")\nval x = y\n',
        '@Suppress("UNRESOLVED_REFERENCE", "SYNTAX")\nfun f() = y\n',
        "import q1.*\nimport rlcf0.f\n",
        "fun f() { System.exit(0) }\nval x = System.exit(1)\n",
        "typealias A = B\ntypealias B = A\n",
        "class A : A()\n",
        "val x get() = x\n",
        "fun f(x: Int) = 1\n" * 40,
        'val s = "' + "y" * 300_000 + '"',
    ],
    tasks=[
        task("sum", "fun made(a: Int, b: Int): Int {\n", "    return a + b\n}\n"),
        task("no parameters", "fun made(): Int {\n", "    val x = listOf(1, 2)\n    return x.size\n}\n"),
        task("imported", "import java.util.*\n\n/** {\n * so\n */\nfun made(a: List<Int>): Int {\n", "return a[0] }"),
        task("method", "class A {\n    fun made(a: Int): String {\n", '        return "$a"\n    }\n}\n'),
        task("nothing", "fun made(a: Int) {\r\n"),
    ],
    endings=[
        Ending("fun f(x: Int): Int {\n", "    return x // }\n}", "\nfun g() { }\n"),
        Ending("fun f(x: Int): String {\n", '    val a = "${ if (x > 0) "}" else "{" }"\n    return a }', "\n"),
        Ending("fun f() {\n", "    /* } */ val c = '}'\n    run { g() }\n}", " // }\n"),
        Ending("class A {\n  fun f() {\n", "  }\n}", "\n\nclass B {}\n"),
        Ending("fun f(x: Int): Int {\n", '    val s = """}"""\n    return 1\n', "}\n", "}\n"),
    ],
)
