"""What a discriminator sees of a Java completion, and where completions end that have something after them."""

from __future__ import annotations

import pytest

from rlcf.languages.java import Java
from rlcf.languages.java.judged import judged_code
from rlcf.records import Task

HEADER = "import java.util.*;\n\nclass Made {\n    /** Adds the words { of a text. */\n"
CONTEXT = HEADER + "    public static int made(int number, String text) {\n"
TASK = Task("a", CONTEXT)


def shown(completion: str, context: str = CONTEXT) -> str:
    """What is seen, in one line."""
    return " ".join(judged_code(Task("a", context), completion).split())


def bare(text: str) -> str:
    """A text without white space."""
    return "".join(text.split())


@pytest.mark.parametrize(
    "completion",
    [
        "return number; // adds the words\n}}",
        "return /* adds the words */ number;\n}}",
        "return /* adds\nthe words */number;\n}}",
        "return \\u002f\\u002a adds the words \\u002a\\u002fnumber;\n}}",
        "return number; \\u002f/ adds the words\n}}",
        "/** adds the words */ return number;}}",
        "return number; } /* adds the words */ }",
        "return \\u006eumber; } static int addsTheWords(int words) { return words; } } class Words { }",
        "return num\u200bber;}",
        "return num\x00ber;}",
    ],
)
def test_comments_and_what_follows_the_method_are_not_seen(completion: str) -> None:
    assert shown(completion) == "return number; }"


@pytest.mark.parametrize(
    "completion",
    [
        'String s = "the words";',
        'String s = "a \\" the words";',
        'String s = """\n the "words" \\""" {\n""";',
        'String s = "\\u0022; String words = "x";'.replace("; String words = ", " "),
        'String s = \\u0022the words";',
        'String s = "the words"',
        'String s = "the words',
    ],
)
def test_strings_are_empty(completion: str) -> None:
    assert shown(completion).startswith('String v0 = ""')
    assert "words" not in shown(completion)


def test_characters_are_empty_and_brackets_in_them_close_nothing() -> None:
    assert shown("char c = '}'; char d = '\\''; return 1; } int words; }") == (
        "char v0 = ''; char v1 = ''; return 1; }"
    )


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("int sum = 0, words[] = {1, 2}, i; return sum;", "int v0 = 0, v1[] = {1, 2}, v2; return v0;"),
        ("for (int adds = 0; adds < number; adds++) { }", "for (int v0 = 0; v0 < number; v0++) { }"),
        ("for (String words : text.split(words())) { }", "for (String v0 : text.split(words())) { }"),
        ("words: while (true) { break words; }", "v0: while (true) { break v0; }"),
        ("List<int[]> words = null; words.get(0)[1]++;", "List<int[]> v0 = null; v0.get(0)[1]++;"),
        ("Map<String, List<? super T>> words;", "Map<String, List<? super T>> v0;"),
        ("var words = new int[2]; int[] adds = words;", "var v0 = new int[2]; int[] v1 = v0;"),
        ("f(words -> words + 1, (adds, up) -> adds);", "f(v0 -> v0 + 1, (v1, v2) -> v1);"),
        ("f((int words, List<String> adds) -> words);", "f((int v0, List<String> v1) -> v0);"),
        (
            "try (Scanner words = f()) { } catch (Error | Exception adds) { }",
            "try (Scanner v0 = f()) { } catch (Error | Exception v1) { }",
        ),
        ("if (o instanceof String words && words.isEmpty()) { }", "if (o instanceof String v0 && v0.isEmpty()) { }"),
        ("java.util.List words; final int adds;", "java.util.List v0; final int v1;"),
        ("class Words { int adds; } new Words().adds = 1;", "class T0 { int v0; } new T0().v0 = 1;"),
        ("record Words(int adds) { } return new Words(1).adds();", "record T0(int v0) { } return new T0(1).m0();"),
        ("enum Words { ADDS, UP(1) { }; } return Words.UP;", "enum T0 { v0, v1(1) { }; } return T0.v1;"),
        ("class Words<Adds> { Adds the() { return null; } }", "class T0<T1> { T1 m0() { return null; } }"),
        ("int \u00fcber\u20acwords = 1;", "int v0 = 1;"),
        ("int \\u0061dds = 1; return adds;", "int v0 = 1; return v0;"),
        (
            "f(new Comparator<String>() { @Override public int words(String a, String b) { return 0; } });",
            "f(new Comparator<String>() { @Override public int words(String v0, String v1) { return 0; } });",
        ),
    ],
)
def test_names_that_the_method_declares_carry_no_words(completion: str, expected: str) -> None:
    assert bare(shown(completion)) == bare(expected)


@pytest.mark.parametrize(
    "completion",
    [
        "return number + text.length() + Math.max(number, Integer.MAX_VALUE);",
        "return number < 3 ? made(number, text) : number > 3 ? text.length() : Collections.<String>emptyList().size();",
        "switch (number) { case 1: case A, B -> made(number, text); }",
        "return (number) + (a < b & c > number ? 1 : 2);",
        "x[number]++; y.number = text.number; return;",
        "new ArrayList<String>(number) { }; assert number > 3 : text;",
    ],
)
def test_parameters_and_names_declared_elsewhere_stay(completion: str) -> None:
    assert bare(shown(completion)) == bare(completion)


def test_methods_and_fields_that_the_completion_adds_carry_no_words_where_they_are_used() -> None:
    completion = "Words w = new Words(); return w.adds + Words.up(number) + Made.the + the() + Math.max(1, 2); }"
    rest = "static int the; static int the() { return 1; } static int max(int a, int b) { return a; } }"
    more = "class Words { int adds; static int up(int i) { return i; } }"
    assert shown(completion + rest + more) == (
        "T0 v0 = new T0(); return v0.v1 + T0.m0(number) + Made.v2 + m1() + Math.max(1, 2); }"
    )


def test_a_variable_named_as_a_method_of_the_library_is_told_from_it() -> None:
    assert shown("int length = text.length(); int max = Math.max(length, a.length);") == (
        "int v0 = text.length(); int v1 = Math.max(v0, a.length);"
    )


def test_the_words_of_the_task_as_names_earn_nothing() -> None:
    plain = "int a = 0; for (int b = 0; b < number; b++) { a += b; } return a; } }"
    talking = "int adds = 0; for (int words = 0; words < number; words++) { adds += words; } return adds; } }"
    assert shown(plain) == shown(talking)


def test_layout_is_not_seen() -> None:
    plain = "for (int i = 0; i < text.length(); i++) {\n    f(new int[] {1}, i);\n}\nreturn number;\n}"
    for layout in (bare(plain).replace("newint", "new int").replace("inti", "int i"), plain.replace(" ", "\n\t  ")):
        layout = layout.replace("returnn", "return n")
        assert judged_code(TASK, layout) == judged_code(TASK, plain)


def test_where_the_context_opens_no_method_the_whole_completion_is_shown() -> None:
    completion = "class A { int f(int words) { return words; } } // the words\nclass B { }"
    for context in ("", "import java.util.*;\n", "class Made {\n", "class Made { int x = 1; static {\n"):
        assert shown(completion, context) == "class T0 { int m0(int v0) { return v0; } } class T1 { }"


@pytest.mark.parametrize(
    "context",
    [
        CONTEXT,
        HEADER + "    <T extends Comparable<T>> T[] made(final int number, String... text) throws Exception {",
        HEADER + '    @SuppressWarnings("{(") @a.B(c = {1}) int made(int number, Map<String, int[]> text) [] {',
        HEADER + "    Made(int number, String text) { if (number > 3) { for (;;) {",
    ],
)
def test_the_method_is_the_one_that_the_context_opens(context: str) -> None:
    closing = Java().closing(context)
    assert bare(shown("number = text;" + closing + " class Words { }", context)) == "number=text;" + closing[:-1]


def test_text_that_is_no_java_is_shown_too() -> None:
    long = [piece * 2_000 for piece in ("int a ", "a, ", "<", "a<", ">", "enum A {", "record A(", "((", "a -> ", "@A ")]
    for text in (
        *long,
        "",
        "}",
        "{{{",
        '"""',
        "'",
        "\ud800 x",
        "\\u",
        "<<<>>>",
        "->",
        "a -> (",
        "enum",
        "record R(",
        "\x1a",
    ):
        assert shown(text) == shown(text)


@pytest.mark.parametrize(
    ("context", "completion", "suffix", "end"),
    [
        ("class A { int f() {", " return 1; } int g() { } }", "\n}", len(" return 1; }")),
        ("class A { int f() {", " if (x) { y(); } return 1; } }", " }\n}", len(" if (x) { y(); } return 1; ")),
        ("class A { int f() {", " if (x) { y(); }", " }\n}", None),
        ("class A { int f() {", " return 1; // }\n", " }\n}", None),
        ("class A { int f() {", " return 1; } }", "\nclass B { }", len(" return 1; } }")),
        ("class A { int f() {", " return '}'; }", "/* } */ void g() { } }", len(" return '}'; }")),
        ("class A { int f() {", " return 1; \\u007d }", "}", len(" return 1; \\u007d")),
        ("class A { int f() {", " return 1; \\u007d }", "} }", len(" return 1; ")),
        ("class A {", "int f() { return 1; } }", "void g() { } }", len("int f() { return 1; } ")),
    ],
)
def test_with_a_suffix_a_completion_ends_at_the_depth_that_the_suffix_closes(
    context: str, completion: str, suffix: str, end: int | None
) -> None:
    assert Java().program_end(context, completion, suffix) == end


@pytest.mark.parametrize(
    "completion", ["\\u002f\\u002a } } \\u002a\\u002f }", "String s = \\u0022 } \\u0022; }", 'String s = "\\\\"; }']
)
def test_escapes_are_read_before_comments_and_strings(completion: str) -> None:
    assert Java().program_end("class A {", completion + " class B { }") == len(completion)


def test_a_stub_closes_what_the_suffix_leaves_open() -> None:
    task = Task("a", "a prompt", prefix="class A { int f(int x) {\n", suffix="\n}")
    assert Java().stub(task) == "        return 0;\n    }\n".replace("    }", "}")
