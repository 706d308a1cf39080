"""Programs that are deep, long or many, up to the limits of class files and beyond."""

from __future__ import annotations

from tests.languages.hostile.program import Hostile, body, method


def parameters(kind: str, count: int) -> str:
    """`count` parameters of type `kind`."""
    return ", ".join(f"{kind} a{i}" for i in range(count))


def doubled(times: int) -> str:
    """A class with a constant string, one of twice its length, one of twice that, and so on."""
    longer = "".join(f", a{i} = a{i - 1} + a{i - 1}" for i in range(1, times))
    return body('static final String a0 = "xxxxxxxxxx"' + longer + ";")


def diamonds(depth: int) -> str:
    """Interfaces that are reached from the last by 2 ** depth ways, all of which a cast goes."""
    heirs = "".join(
        f"interface I{i} extends I{i - 1}, J{i - 1} {{ }} interface J{i} extends I{i - 1}, J{i - 1} {{ }} "
        for i in range(1, depth)
    )
    last = f"I{depth - 1}, J{depth - 1}"
    return f"interface I0 {{ }} interface J0 {{ }} {heirs}class A implements {last} {{ Object x = (Runnable) this; }}"


NESTING = [
    Hostile("parentheses_nested_100000", body("int x = " + "(" * 100_000 + "1" + ")" * 100_000 + ";"), "crashed"),
    Hostile("parentheses_nested_200", body("int x = " + "(" * 200 + "1" + ")" * 200 + ";"), "accepted"),
    Hostile("blocks_nested_3000", method("{" * 3000 + "}" * 3000), "accepted"),
    Hostile("generics_nested_100", body("java.util.List" + "<java.util.List" * 100 + ">" * 100 + " x;"), "accepted"),
    Hostile(
        "lambdas_nested_200",
        method("Runnable r = " + "() -> { Runnable r = " * 200 + "null" + "; }" * 200 + ";"),
        "1:52 already.defined",
    ),
    Hostile("negations_5000", body("boolean x = " + "!" * 5000 + "true;"), "accepted"),
    Hostile("conditionals_nested_5000", body("int x = " + "true ? 1 : " * 5000 + "2;"), "accepted"),
    Hostile("else_ifs_2000", method("if (true) ; " + "else if (true) ; " * 2000), "accepted"),
    Hostile(
        "calls_chained_1000", body("String x = new StringBuilder()" + ".append(1)" * 1000 + ".toString();"), "accepted"
    ),
    Hostile("strings_added_100000", body("String x = " + '"a" + ' * 100_000 + '"";'), "1:22 limit.string"),
    Hostile("strings_added_2000", body("String x = " + '"a" + ' * 2000 + '"";'), "accepted"),
    Hostile("values_concatenated_300", "class A { String f(int i) { return " + "i + " * 300 + '""; } }', "accepted"),
    Hostile("classes_nested_50", "".join(f"class C{i} {{" for i in range(50)) + "}" * 50, "accepted"),
    Hostile("annotations_nested_2000", "@A(" * 2000 + ")" * 2000 + " class A { }", "1:2 prob.found.req"),
    Hostile("switches_nested_500", method("switch (1) { case 1: " * 500 + "}" * 500), "accepted"),
    Hostile(
        "finally_blocks_nested_8", method("int i = 0; " + "try { i++; } finally { " * 8 + "i++;" + " }" * 8), "accepted"
    ),
    Hostile("array_of_255_dimensions", body("int" + "[]" * 255 + " x;"), "accepted"),
    Hostile("array_of_256_dimensions", body("int" + "[]" * 256 + " x;"), "1:527 limit.dimensions"),
    Hostile(
        "array_initializers_nested_5000",
        body("int" + "[]" * 5 + " x = " + "{" * 5000 + "}" * 5000 + ";"),
        "1:34 illegal.initializer.for.type",
    ),
    Hostile("labels_2000", method("".join(f"a{i}: " for i in range(2000)) + ";"), "accepted"),
    Hostile("ten_megabytes_of_line_ends", "\n" * 10_000_000 + "class A { }", "accepted"),
    Hostile("ten_megabytes_of_comment", "/*" + "*" * 10_000_000 + "*/ class A { }", "accepted"),
    Hostile(
        "ten_megabytes_of_strings",
        "".join(f'class A{i} {{ String x = "{"x" * 50_000}"; }} ' for i in range(200)),
        "accepted",
    ),
    Hostile("ten_megabytes_of_one_name", "class A { int " + "x" * 10_000_000 + "; }", "1:1 limit.string.overflow"),
    Hostile(
        "ten_megabytes_of_words", "lorem ipsum " * 833_333, "1:1 expected4", newer="1:1 class.method.or.field.expected"
    ),
    Hostile("nul_a_hundred_thousand_times", "\0" * 100_000, "1:1 illegal.char"),
    Hostile(
        "error_at_the_end_of_a_line_of_a_megabyte",
        "class A {" + " " * 1_000_000 + "int x = y; }",
        "1:1000018 cant.resolve.location",
    ),
    Hostile(
        "error_after_a_hundred_thousand_lines",
        "class A {" + "\n" * 100_000 + "int x = y; }",
        "100001:9 cant.resolve.location",
    ),
    Hostile("errors_2000", body("".join(f"int a{i} = b{i}; " for i in range(2000))), "1:20 cant.resolve.location"),
    Hostile("syntax_errors_5000", body("int = ; " * 5000), "1:14 expected"),
]

LIMITS = [
    Hostile("string_of_65534_bytes", body('String x = "' + "x" * 65_534 + '";'), "accepted"),
    Hostile("string_of_65535_bytes", body('String x = "' + "x" * 65_535 + '";'), "1:22 limit.string"),
    Hostile(
        "string_of_30000_characters_of_three_bytes",
        body('String x = "' + "€" * 30_000 + '";'),
        "1:1 limit.string.overflow",
    ),
    Hostile(
        "string_folded_to_80000_bytes",
        body('String x = "' + "x" * 40_000 + '" + "' + "y" * 40_000 + '";'),
        "1:22 limit.string",
    ),
    Hostile("text_block_of_70000_bytes", body('String x = """\n' + "x" * 70_000 + '""";'), "1:22 limit.string"),
    Hostile(
        "string_too_long_that_is_never_used", method('if (false) { String x = "' + "x" * 70_000 + '"; }'), "accepted"
    ),
    Hostile("name_of_65535_bytes", "class A { void " + "x" * 65_535 + "() { } }", "accepted"),
    Hostile("name_of_65536_bytes", "class A { void " + "x" * 65_536 + "() { } }", "1:1 limit.string.overflow"),
    Hostile("name_of_a_local_of_100000_bytes", method("int " + "x" * 100_000 + ";"), "accepted"),
    Hostile(
        "class_name_of_300_characters",
        "class " + "A" * 300 + " { }",
        "accepted",
        unlike_javac="no file may have a name so long, and the checker writes none",
    ),
    Hostile(
        "method_of_64_kilobytes",
        "class A { int f(int i) { " + "i = i * 12345; " * 12_000 + "return i; } }",
        "1:15 limit.code",
    ),
    Hostile("array_constant_of_12000_numbers", body("int[] x = {" + "1234567, " * 12_000 + "};"), "1:1 limit.code"),
    Hostile(
        "lambda_of_64_kilobytes",
        body("Runnable r = () -> { int i = 1; " + "i = i * 12345; " * 12_000 + "};"),
        "1:1 limit.code",
    ),
    Hostile(
        "loop_over_more_code_than_a_jump_can_span",
        "class A { int f(int i) { while (i > 0) { " + "i = i * 12345; " * 6000 + "} return i; } }",
        "accepted",
    ),
    Hostile("parameters_255_static", "class A { static void f(" + parameters("int", 255) + ") { } }", "accepted"),
    Hostile(
        "parameters_255_and_this", "class A { void f(" + parameters("int", 255) + ") { } }", "1:16 limit.parameters"
    ),
    Hostile(
        "parameters_256_static",
        "class A { static void f(" + parameters("int", 256) + ") { } }",
        "1:23 limit.parameters",
    ),
    Hostile(
        "parameters_128_long", "class A { static void f(" + parameters("long", 128) + ") { } }", "1:23 limit.parameters"
    ),
    Hostile("parameters_256_of_a_record", "record A(" + parameters("int", 256) + ") { }", "1:1 limit.parameters"),
    Hostile("locals_66000", method("".join(f"int a{i}; " for i in range(66_000))), "1:16 limit.locals"),
    Hostile("fields_66000", body("".join(f"int a{i}; " for i in range(66_000))), "1:1 limit.pool"),
    Hostile("enum_of_5000", "enum A { " + ", ".join(f"C{i}" for i in range(5000)) + " }", "1:10 limit.code"),
    Hostile("enum_of_200_classes", "enum A { " + ", ".join(f"C{i} {{ }}" for i in range(200)) + " }", "accepted"),
    Hostile(
        "switch_of_10000_cases",
        "class A { int f(int i) { switch (i) { "
        + "".join(f"case {i * 7}: " for i in range(10_000))
        + "return 1; } return 0; } }",
        "1:15 limit.code",
    ),
    Hostile(
        "switch_of_5000_strings",
        "class A { int f(String s) { switch (s) { "
        + "".join(f'case "{i}": ' for i in range(5000))
        + "return 1; } return 0; } }",
        "1:15 limit.code",
    ),
    Hostile(
        "switch_of_all_the_range",
        "class A { int f(int i) { switch (i) { case -2147483648: case 2147483647: return 1; default: return 0; } } }",
        "accepted",
    ),
    Hostile(
        "switch_of_5000_same",
        "class A { int f(int i) { switch (i) { " + "case 1: " * 5000 + "return 1; } return 0; } }",
        "1:47 duplicate.case.label",
    ),
    Hostile(
        "switch_of_strings_of_one_hash",
        'class A { int f(String s) { switch (s) { case "Aa": case "BB": case "AaAa": '
        'case "BBBB": return 1; } return 0; } }',
        "accepted",
    ),
    Hostile(
        "constants_that_lean_on_each_other_5000",
        body("static final int a0 = 1" + "".join(f", a{i} = a{i - 1} + 1" for i in range(1, 5000)) + ";"),
        "accepted",
    ),
    Hostile(
        "constants_that_lean_backwards_500",
        body(
            "static final int a0 = 1; "
            + "".join(f"static final int b{i} = A.b{i + 1} + 1; " for i in range(500))
            + "static final int b500 = 1;"
        ),
        "accepted",
    ),
    Hostile("constant_that_is_itself", body("static final int x = A.x + 1;"), "accepted"),
    Hostile("constant_string_doubled_20_times", doubled(20), "1:235 limit.string"),
    Hostile("constant_string_doubled_40_times", doubled(40), "crashed"),
    Hostile(
        "division_by_zero_in_a_constant",
        body("static final int x = 1 / 0; int f(int i) { switch (i) { case 1 / 0: return 1; } return 0; }"),
        "1:74 const.expr.req",
    ),
    Hostile(
        "type_parameters_300",
        "class A<" + ", ".join(f"T{i} extends Comparable<T{(i + 1) % 300}>" for i in range(300)) + "> { }",
        "accepted",
    ),
    Hostile(
        "bounds_100",
        "".join(f"interface I{i} {{ }} " for i in range(100))
        + "class A<T extends "
        + " & ".join(f"I{i}" for i in range(100))
        + "> { }",
        "accepted",
    ),
    Hostile(
        "overloads_200",
        body("".join(f"void f(C{i} c) {{ }} static class C{i} {{ }} " for i in range(200)) + "{ f(null); }"),
        "1:7993 ref.ambiguous",
    ),
    Hostile(
        "imports_of_500_missing_packages",
        "".join(f"import p{i}.q.*;\n" for i in range(500)) + "class A { }",
        "1:1 doesnt.exist",
        newer="1:10 doesnt.exist",
    ),
]

# javac needs time that grows exponentially with their size: years.
ENDLESS = {
    "copies of finally blocks": method("int i = 0; " + "try { i++; } finally { " * 60 + "i++;" + " }" * 60),
    "overloads of lambdas": (
        "import java.util.function.*; class A { static <T> T m(Function<Integer, T> f, Object o) { return null; } "
        "static <T> T m(Function<Integer, T> f, String s) { return null; } Object x = "
        + "".join(f"m(a{i} -> {{ return " for i in range(30))
        + "1"
        + '; }, "")' * 30
        + "; }"
    ),
    "inference through conditionals": (
        "class A { static <T> T m(T a, T b) { return a; } Object x = "
        + "m(true ? 1 : " * 40
        + "'c'"
        + ', "a")' * 40
        + "; }"
    ),
    "ways through interfaces": diamonds(60),
}
