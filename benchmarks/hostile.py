"""Programs that would spoil a compiler for those who come next, if anything could."""

from __future__ import annotations

_DEEP = 1_500
_TOO_DEEP = 100_000
_LONG_STRING = 70_000
_MANY = 12_000


def hostile_programs() -> dict[str, str]:
    """By what is wicked about them."""
    return {
        "a class called String": "class String { int length; static String valueOf(int i) { return null; } }",
        "a class called Object": "class Object { } class Integer extends Object { } class List<T> { T first; }",
        "classes called Main and System": (
            "public class Main { static class System { static int out; }\n"
            "  public static void main(String[] a) { System.out.println(1); } }"
        ),
        "the package java.lang": "package java.lang; public class String { public int foo; }",
        "the package java.util": "package java.util; public class ArrayList<E> { } class Map { }",
        "a package of its own": "package a.b; public class C { static int one() { return 1; } } class Solution { }",
        "a package called as a class": "package java.util.List; class ArrayList { }",
        "cyclic inheritance": "class A extends B { } class B extends A { } interface I extends I { }",
        "bounds in a circle": "class A<T extends U, U extends T> { } class B<T extends B<? super B<T>>> { }",
        "deep brackets": f"class A {{ int x = {'(' * _DEEP}1{')' * _DEEP}; }}",
        "deep blocks": f"class A {{ void f() {{ {'{' * _DEEP}int x = y;{'}' * _DEEP} }} }}",
        "more than any stack holds": f"class A {{ int x = {'y+' * _TOO_DEEP}y; }}",
        "a giant string": f'class A {{ String s = "{"x" * _LONG_STRING}"; int i = 1; }}',
        "a giant method": f"class A {{ int f(int i) {{ {'i = i * 31 + 7;' * _MANY} return i; }} }}",
        "giant numbers": f"class A {{ int i = {'9' * 5_000}; double d = 1e{'9' * 500}; long l = 0x{'f' * 99}L; }}",
        "a hundred and fifty errors": "class A { " + " ".join(f"int f{i} = missing{i};" for i in range(150)) + " }",
        "an unclosed comment": "class A { } /* class String { ",
        "an unclosed text block": 'class A { String s = """\n  class Object { }',
        "no Java": "\0\x1a\ufeff “#” \\u000a \\uuuu }{ \U0001f600",
        "a module of the platform": "module java.sql { }",
        "a module that lacks one": "module java.base { exports java.lang; requires missing; }",
        "a module and a class": "open module a.b { } class String { }",
        "a package's annotations": "@Deprecated package java.lang;",
        "imports of all kinds": (
            "import static java.lang.Math.*; import java.util.*; import java.awt.*; import missing.*; import String;\n"
            "class A { List l = abs(-1); }"
        ),
        "annotations of themselves": "@A(@A) @interface A { A value(); Class<? extends A>[] c() default { }; }",
        "sealed, records, enums": (
            "sealed interface S permits R, E { } record R(R r, int... i) implements S { R { r = r; } }\n"
            "enum E implements S { A { }, B; E() { this(A); } }"
        ),
        "a block that throws": "class A { static { if (true) throw new Error(); } static final int X = A.X + 1; }",
        "a lambda within lambdas": "class A { java.util.function.Function f = " + "x -> " * 40 + "y; }",
    }
