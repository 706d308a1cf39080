"""What a discriminator sees of a Java completion, and where completions end that have something after them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rlcf.languages.java import Java
from rlcf.languages.java.judged import judged_code
from rlcf.records import Task

HEADER = "import java.util.*;\n\nclass Made {\n    /** Adds the words { of a text. */\n"
CONTEXT = HEADER + "    public static int made(int number, String text) {\n"
TASK = Task("a", CONTEXT)


def shown(completion: str, context: str = CONTEXT) -> str:
    """What is seen where names that the completion makes up show no word; in one line, parameters by name."""
    text = " ".join(judged_code(Task("a", context), completion, words=0).split())
    return re.sub(r"\bp([01])\b", lambda match: ("number", "text")[int(match[1])], text)


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
        ("for (String words : text.split(words())) { }", "for (String v0 : text.split(m0())) { }"),
        ("words: while (true) { break words; }", "v0: while (true) { break v0; }"),
        ("List<int[]> words = null; words.get(0)[1]++;", "List<int[]> v0 = null; v0.get(0)[1]++;"),
        ("Map<String, List<? super T>> words;", "Map<String, List<? super T0>> v0;"),
        ("var words = new int[2]; int[] adds = words;", "var v0 = new int[2]; int[] v1 = v0;"),
        ("f(words -> words + 1, (adds, up) -> adds);", "m0(v0 -> v0 + 1, (v1, v2) -> v1);"),
        ("f((int words, List<String> adds) -> words);", "m0((int v0, List<String> v1) -> v0);"),
        (
            "try (Scanner words = f()) { } catch (Error | Exception adds) { }",
            "try (Scanner v0 = m0()) { } catch (Error | Exception v1) { }",
        ),
        ("if (o instanceof String words && words.isEmpty()) { }", "if (v0 instanceof String v1 && v1.isEmpty()) { }"),
        ("java.util.List words; final int adds;", "java.util.List v0; final int v1;"),
        ("class Words { int adds; } new Words().adds = 1;", "class T0 { int v0; } new T0().v0 = 1;"),
        ("record Words(int adds) { } return new Words(1).adds();", "record T0(int v0) { } return new T0(1).m0();"),
        ("enum Words { ADDS, UP(1) { }; } return Words.UP;", "enum T0 { T1, T2(1) { }; } return T0.T2;"),
        ("class Words<Adds> { Adds the() { return null; } }", "class T0<T1> { T1 m0() { return null; } }"),
        ("int \u00fcber\u20acwords = 1;", "int v0 = 1;"),
        ("int \\u0061dds = 1; return adds;", "int v0 = 1; return v0;"),
        (
            "f(new Comparator<String>() { @Override public int words(String a, String b) { return 0; } });",
            "m0(new Comparator<String>() { @Override public int m1(String v0, String v1) { return 0; } });",
        ),
    ],
)
def test_names_of_the_program_itself_carry_no_words(completion: str, expected: str) -> None:
    assert bare(shown(completion)) == bare(expected)


@pytest.mark.parametrize(
    "completion",
    [
        "return number + text.length() + Math.max(number, Integer.MAX_VALUE);",
        "return number < 3 ? made(number, text) : number > 3 ? text.length() : Collections.emptyList().size();",
        "switch (number) { case 1: case 2, 3 -> made(number, text); }",
        "return (number) + (number < 3 & 5 > number ? 1 : 2);",
        "text[number]++; text.number = text.number; return;",
        "return number > Integer.MAX_VALUE ? (String) text : text.mapToObj(String::valueOf).toArray(String[]::new);",
        "return new java.util.function.Function<Map.Entry<String, Integer>, List<int[]>>() { };",
        "BiFunction<Integer, Character, Long>[] text = null; System.out.println(Map.Entry.comparingByKey());",
        "try { number++; } catch (ArithmeticException | java.io.IOException text) { throw new Error(); }",
        "new ArrayList<String>(number) { }; assert number > 3 : text;",
    ],
)
def test_names_of_the_context_and_of_the_library_stay(completion: str) -> None:
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
        "int v0 = text.length(); int v1 = Math.max(v0, v2.length);"
    )


SCORES = Task("s", "class A {\n  /** The second largest of all scores. */\n  int runnerUp(int[] scores, int all) {\n")


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("int best = 0, second, third, last;", "int best = 0, second, third, last;"),  # one word each
        ("int a, b, c, d, e, f = a + e;", "int a, b, c, d, v4, v5 = a + v4;"),
        ("int secondLargest, largestscores, one;", "int secondLargest, largestscores, v2;"),  # two words each
        ("int the_second_largest_of_all_scores, best;", "int v0, best;"),
        ("int v1, p0, self, über, best;", "int v0, v1, v2, v3, best;"),
        ("Best b = find(1); find(2);", "Best b = find(1); find(2);"),
        ("return scores[all] + scores.length + this.all;", "return p0[p1] + p0.length + this.all;"),
        ("return runnerUp(scores, all);", "return self(p0, p1);"),
    ],
)
def test_names_that_are_made_up_show_four_words_and_the_methods_own_names_none(completion: str, expected: str) -> None:
    task = replace(SCORES, entry_point="runnerUp")
    assert bare(judged_code(task, completion)) == bare(expected)


def test_the_words_of_the_task_as_names_earn_nothing() -> None:
    plain = "int a = 0; for (int b = 0; b < number; b++) { a += b; } return a; } }"
    talking = "int adds = 0; for (int words = 0; words < number; words++) { adds += words; } return adds; } }"
    assert shown(plain) == shown(talking)


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("int getOrDefault = 0; return getOrDefault;", "int v0 = 0; return v0;"),
        ("int Sum_of_the_scores = 0; Sum_of_the_scores++;", "int T0 = 0; T0++;"),
        ("int List = 3; return List + Math.abs(List);", "int T0 = 3; return T0 + Math.abs(T0);"),
        ("String List = text, Map; Map.length(); List.trim();", "String T0 = text, T1; T1.length(); T0.trim();"),
        ("for (List<String> Map : text) Map.size();", "for (List<String> T0 : text) T0.size();"),
        ("int[] Map = {}, Set = {}; return Map.length;", "int[] T0 = {}, T1 = {}; return T0.length;"),
        ("List<String> Map[] = null; Map[0].size();", "List<String> T0[] = null; T0[0].size();"),
        ("Map: for (;;) { break Map; }", "T0: for (;;) { break T0; }"),
        ("sort: for (;;) { continue sort; }", "v0: for (;;) { continue v0; }"),
        ("text.chars().map(reverse -> reverse + 1);", "text.chars().map(v0 -> v0 + 1);"),
        ("text.map((List<A> Map, Set<B> Deque) -> Map.size());", "text.map((List<T0> T1, Set<T2> T3) -> T1.size());"),
        (
            "if (text instanceof List<?> Map && Map.isEmpty()) { }",
            "if (text instanceof List<?> T0 && T0.isEmpty()) { }",
        ),
        ("enum Max { SECONDS, WORDS { } } return Max.SECONDS;", "enum T0 { T1, T2 { } } return T0.T1;"),
        ("class A { A sort, reverse; } new A().sort.reverse = null;", "class T0 { T0 v0, v1; } new T0().v0.v1 = null;"),
        ("class A { A sort() { } } new A().sort().sort();", "class T0 { T0 m0() { } } new T0().m0().m0();"),
        ("class A<Words, Adds> { Words the(Adds up) { } }", "class T0<T1, T2> { T1 m0(T2 v0) { } }"),
        ("class List { } new List();", "class T0 { } new T0();"),
        ("@Words int adds = 1; return (Adds) adds;", "@T0 int v0 = 1; return (T1) v0;"),
        (
            "return text.words(text.adds, Math.words(), Integer.WORDS);",
            "return text.m0(text.v0, Math.m0(), Integer.T0);",
        ),
        ("return this::addsTheWords;", "return this::m0;"),
        ("return max(addsTheWords(1), 2);", "return m0(m1(1), 2);"),
        ("java.words.Adds up = java.util.words;", "java.v0.T0 v1 = java.util.v0;"),
        ("A stream, regex; util.stream.regex++;", "T0 v0, v1; util.v0.v1++;"),
    ],
)
def test_names_of_the_library_do_not_stay_where_the_program_means_its_own(completion: str, expected: str) -> None:
    assert bare(shown(completion)) == bare(expected)


def test_static_imports_count_in_the_context_and_not_in_the_completion() -> None:
    context = "import static java.lang.Math.max;\nimport made.Words;\n" + CONTEXT
    assert shown("Words w = max(1, 2);", context) == "Words v0 = max(1, 2);"
    assert shown("int max = max(1, 2);", "import static java.lang.Math.*;\n" + CONTEXT) == "int v0 = m0(1, 2);"
    assert "sort" not in shown("import static java.util.Collections.sort; class A { int f() { sort(); } }", "")


def test_fields_types_and_methods_of_the_context_stay_in_their_own_places() -> None:
    context = HEADER + "record Pair(int left) { }\nPair pair;\nint sum() { return 1; }\nint made(int number) {\n"
    same = "return pair.left() + sum() + this.pair.left;"
    assert shown(same, context) == same
    assert shown("int sum = 0, Pair = 1, made = sum;", context) == "int v0 = 0, T0 = 1, v1 = v0;"


def test_variables_named_as_fields_of_the_context_carry_no_words() -> None:
    context = HEADER + "int left, right;\nint made(int number) {\n"
    assert shown("return left + right++ + this.left;", context) == "return left + right++ + this.left;"
    assert shown("int a = 0, left = 1, right = 2;", context) == "int v0 = 0, v1 = 1, v2 = 2;"
    assert shown("text.map(left -> left + right + number);", context) == "v0.map(v1 -> v1 + right + number);"


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
