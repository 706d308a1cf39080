"""Programs of strange characters, escapes, comments, strings and numbers, and text that is no Java."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.languages.hostile.program import Hostile, body

WORDS = (
    "abstract boolean break case catch class default do else enum extends final finally for if implements import "
    "instanceof int interface new null package private public record return sealed static super switch this throw "
    "throws try var void while yield A b 1 1.0 \"s\" 'c' ( ) [ ] { } < > , ; . -> :: = + - @ ? :"
)
PUNCTUATION = "(){}[]<>,;.:?!+-*/%&|^~=@\"'\\ \n"


def drawn(count: int, choices: Sequence[str], between: str = "") -> str:
    """So many of `choices`, drawn at random, the same each time."""
    return between.join(random.Random(0).choices(choices, k=count))


CHARACTERS = [
    Hostile("nothing", "", "accepted"),
    Hostile("only_a_comment", "// nothing", "accepted"),
    Hostile("only_comments", "/* a */ /** b */\n// c", "accepted"),
    Hostile("only_a_semicolon", ";", "accepted"),
    Hostile("only_an_import", "import java.util.*;", "accepted"),
    Hostile("only_an_at_sign", "@", "1:2 premature.eof"),
    Hostile("only_a_byte_order_mark", "\ufeff", "1:1 illegal.char"),
    Hostile("only_a_control_z", "\x1a", "accepted"),
    Hostile("only_a_quote", '"', "1:1 unclosed.str.lit"),
    Hostile("only_a_backslash", "\\", "1:1 illegal.char"),
    Hostile("only_an_escape", "\\u", "1:3 illegal.unicode.esc"),
    Hostile("nul_in_code", "class A { int\0 x; }", "accepted"),
    Hostile("nul_between_members", "class A { int x;\0int y; }", "1:17 illegal.char"),
    Hostile("nul_in_a_name", "class A { int a\0b; int a; }", "accepted"),
    Hostile("nul_in_a_string", body('String x = "a\0b";'), "accepted"),
    Hostile("nul_in_a_character", body("char x = '\0';"), "accepted"),
    Hostile("nul_in_a_comment", "/* \0 */ class A { } // \0", "accepted"),
    Hostile("nul_at_the_end", "class A { }\0", "1:12 illegal.char"),
    Hostile("nul_between_all_letters", "\0".join("class A { }"), "1:12 illegal.char"),
    Hostile("surrogate_alone_in_a_string", body('String x = "\ud800";'), "accepted"),
    Hostile("surrogate_alone_in_a_comment", "/* \udfff */ class A { } // \ud800", "accepted"),
    Hostile("surrogate_alone_in_code", "class A { \ud800 }", "1:11 illegal.char"),
    Hostile("surrogate_alone_in_a_name", "class A { int a\udc00b; }", "1:16 illegal.char"),
    Hostile("surrogate_alone_at_the_end", "class A { }\ud83d", "1:12 illegal.char"),
    Hostile(
        "surrogates_in_the_wrong_order",
        body('String x = "\ude00\ud83d"; int y = z;'),
        "1:36 cant.resolve.location",
        unlike_javac="a file holds them as escapes, which are longer",
    ),
    Hostile("surrogate_pair_in_a_name", "class A { int \U0001d465 = 1; int f() { return \U0001d465; } }", "accepted"),
    Hostile(
        "surrogate_pair_as_a_character",
        body("char x = '\U0001f600';"),
        "accepted",
        newer="1:20 illegal.char.literal.multiple.surrogates",
    ),
    Hostile(
        "surrogate_pair_escaped_in_a_name",
        "class A { int \\ud835\\udc65 = 1; int f() { return \U0001d465; } }",
        "accepted",
    ),
    Hostile(
        "surrogate_pairs_before_an_error",
        "/* \U0001f600\U0001f600 */ class A { int x = y; }",
        "1:28 cant.resolve.location",
    ),
    Hostile(
        "surrogate_pair_before_ten_thousand_methods",
        "/* \U0001f600 */" + body("".join(f"void f{i}() {{ }} " for i in range(10_000))),
        "accepted",
    ),
    Hostile("escape_that_closes_a_comment", "/* \\u002a/ class A { int x = y; } /* */", "1:30 cant.resolve.location"),
    Hostile("escapes_that_close_a_comment", "/* \\u002a\\u002f class A { }", "accepted"),
    Hostile("escape_that_opens_a_comment", "class A { } \\u002f* int x = y;", "1:13 unclosed.comment"),
    Hostile("escape_that_ends_a_line_comment", "// \\u000a class A { int x = y; }", "1:29 cant.resolve.location"),
    Hostile("escape_that_closes_a_string", body('String x = "a\\u0022;'), "accepted"),
    Hostile("escape_that_closes_a_string_too_early", body('String x = "\\u0022";'), "1:30 illegal.text.block.open"),
    Hostile("escape_of_a_line_end_in_a_string", body('String x = "\\u000a";'), "1:22 unclosed.str.lit"),
    Hostile("escape_of_a_line_end_in_a_character", body("char x = '\\u000a';"), "1:20 illegal.line.end.in.char.lit"),
    Hostile("escape_of_a_quote_in_a_character", body("char x = '\\u0027';"), "1:20 empty.char.lit"),
    Hostile("escape_of_a_backslash_in_a_string", body('String x = "\\u005c"; int y;'), "1:22 unclosed.str.lit"),
    Hostile("escape_of_a_backslash_and_a_quote", body('String x = "\\u005c""; int y;'), "accepted"),
    Hostile("escape_of_an_escape", body('String x = "\\u005cu0041";'), "1:29 illegal.esc.char"),
    Hostile(
        "escapes_that_close_a_text_block",
        body('String x = """\n \\u0022\\u0022\\u0022; int y = z;'),
        "2:30 cant.resolve.location",
    ),
    Hostile("escape_with_many_us", "cl\\uuuuuuu0061ss A { }", "accepted"),
    Hostile("escape_with_a_hundred_thousand_us", "cl\\" + "u" * 100_000 + "0061ss A { }", "accepted"),
    Hostile("escape_behind_two_backslashes", body('String x = "\\\\u00zz";'), "accepted"),
    Hostile("escape_that_is_no_number", "class A { } \\u00zz", "1:17 illegal.unicode.esc"),
    Hostile("escape_that_is_no_number_in_a_comment", "/* \\users */ class A { }", "1:6 illegal.unicode.esc"),
    Hostile("escape_cut_short", "class A { } // \\u00", "1:20 illegal.unicode.esc"),
    Hostile("escape_of_the_end_of_input", "class A { } \\u001a int x = y;", "accepted"),
    Hostile("all_in_escapes", "".join(f"\\u{ord(c):04x}" for c in "class A { int x = 1; }"), "accepted"),
    Hostile(
        "all_in_escapes_and_wrong",
        "".join(f"\\u{ord(c):04x}" for c in "class A { int x = y; }"),
        "1:109 cant.resolve.location",
    ),
    Hostile("full_width_escape", "class A { } \\u00\uff11\uff11", "1:13 illegal.char"),
    Hostile("byte_order_mark_first", "\ufeffclass A { }", "1:1 illegal.char"),
    Hostile("byte_order_mark_in_a_name", "class A { int a\ufeffb = 1; int c = ab; }", "accepted"),
    Hostile("byte_order_mark_in_a_comment", "/* \ufeff */ class A { }", "accepted"),
    Hostile("bidirectional_override_in_a_comment", "class A { /* \u202e } \u2066 if (x) \u2069 */ }", "accepted"),
    Hostile("bidirectional_override_in_a_string", body('String x = "\u202e";'), "accepted"),
    Hostile("bidirectional_override_in_code", "class A { \u202e int x; }", "1:11 illegal.char"),
    Hostile(
        "zero_width_space_between_words",
        "class\u200bA { }",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile("zero_width_space_first_in_a_name", "class A { int \u200bx; }", "1:15 illegal.char"),
    Hostile("zero_width_joiner_in_a_name", "class A { int a\u200db = 1; int c = ab; }", "accepted"),
    Hostile("no_break_space", "class\u00a0A { }", "1:6 illegal.char"),
    Hostile("ideographic_space", "class A\u3000{ }", "1:8 illegal.char"),
    Hostile("line_separator_as_a_line_end", "class A { // \u2028 int x = y;\n}", "accepted"),
    Hostile("vertical_tab", "class\x0bA { }", "1:6 illegal.char"),
    Hostile("form_feed", "class\x0cA\x0c{ }", "accepted"),
    Hostile("escape_character", "\x1b[31mclass A { }\x1b[0m", "1:1 illegal.char"),
    Hostile("control_z_last", "class A { }\x1a", "accepted"),
    Hostile("control_z_in_the_middle", "class A { } \x1a class B { int x = y; }", "accepted"),
    Hostile("control_z_in_a_comment", "/* \x1a */ class A { } // \x1a", "accepted"),
    Hostile("control_z_in_a_string", body('String x = "\x1a";'), "accepted"),
    Hostile("carriage_returns_alone", "class A {\r int x = 1;\r // comment\r}", "accepted"),
    Hostile("carriage_returns_alone_before_an_error", "class A {\r // a\r int x = y;\r}", "3:10 cant.resolve.location"),
    Hostile(
        "line_ends_of_all_kinds_before_an_error", "class A {\r\n\n\r\r int x = y;\r}", "5:10 cant.resolve.location"
    ),
    Hostile("carriage_return_in_a_string", body('String x = "a\rb";'), "1:22 unclosed.str.lit"),
    Hostile("carriage_returns_in_a_text_block", body('String x = """\r a\r b""";'), "accepted"),
    Hostile("tabs_before_an_error", "class A {\n\t\tint x\t= y;\n}", "2:11 cant.resolve.location"),
    Hostile("cyrillic_twin", "class A { } class \u0410 { A a; \u0410 b; }", "accepted"),
    Hostile("emoji_as_a_name", "class A { int \U0001f600; }", "1:15 illegal.char"),
    Hostile("roman_number_as_a_name", "class A { int \u2167 = 1; }", "accepted"),
    Hostile(
        "full_width_class",
        "\uff43\uff4c\uff41\uff53\uff53 A { }",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile("full_width_digits_as_a_number", body("int x = \uff11\uff12;"), "1:19 illegal.nonascii.digit"),
    Hostile("arabic_digits_in_a_number", body("int x = 1\u0661;"), "1:20 illegal.nonascii.digit"),
    Hostile(
        "underscore_as_a_name",
        "class A { int _ = 1; }",
        "1:15 underscore.as.identifier",
        newer="1:15 use.of.underscore.not.allowed.non.variable",
    ),
    Hostile("two_underscores_as_a_name", "class A { int __ = 1; }", "accepted"),
    Hostile("typographic_quotes", body("String x = \u201ctext\u201d;"), "1:22 illegal.char"),
    Hostile("private_use_as_a_name", "class A { int \ue000; }", "1:15 illegal.char"),
    Hostile("noncharacters", "class A { int \uffff\ufffe; }", "1:15 illegal.char"),
    Hostile(
        "name_of_supplementary_characters_of_5000",
        "class A { int x = a" + "\U0001d465" * 5000 + "; }",
        "1:19 cant.resolve.location",
    ),
    Hostile("unclosed_comment", "class A { } /* and so on", "1:13 unclosed.comment"),
    Hostile("unclosed_comment_of_a_slash", "class A { } /*/", "1:13 unclosed.comment"),
    Hostile(
        "comment_in_a_comment", "/* /* */ */ class A { }", "1:10 expected4", newer="1:10 class.method.or.field.expected"
    ),
    Hostile("unclosed_string", body('String x = "text;'), "1:22 unclosed.str.lit"),
    Hostile("unclosed_text_block", body('String x = """\n text;'), "1:22 unclosed.text.block"),
    Hostile("text_block_on_one_line", body('String x = """text""";'), "1:25 illegal.text.block.open"),
    Hostile("text_block_of_four_quotes", body('String x = """\n"""";'), "2:4 unclosed.str.lit"),
    Hostile("text_block_with_all_escapes", body('String x = """\n \\"""\\s\\t\\\n \\0 \\377 """;'), "accepted"),
    Hostile("unclosed_character", body("char x = 'a;"), "1:20 unclosed.char.lit"),
    Hostile("empty_character", body("char x = '';"), "1:20 empty.char.lit"),
    Hostile("unclosed_character_at_the_end", "class A { char x = '", "1:20 unclosed.char.lit"),
    Hostile("unclosed_method", "class A { void f() {", "1:21 premature.eof"),
    Hostile("unclosed_annotation", "@Deprecated( class A { }", "1:14 illegal.start.of.expr"),
    Hostile("unclosed_generics", body("java.util.List<String x;"), "1:33 expected", newer="1:33 expected2"),
    Hostile("escape_unknown_in_a_string", body('String x = "\\q";'), "1:24 illegal.esc.char"),
    Hostile("backslash_at_the_end_of_a_line", body('String x = "a\\\nb";'), "1:25 illegal.esc.char"),
    Hostile("hash_bang", "#!/usr/bin/java\nclass A { }", "1:1 illegal.char"),
    Hostile("backquotes", body("String x = `text`;"), "1:22 illegal.char"),
    Hostile("int_too_large", body("int x = 2147483648;"), "1:19 int.number.too.large"),
    Hostile("int_smallest", body("int x = -2147483648;"), "accepted"),
    Hostile("int_hexadecimal_too_large", body("int x = 0x1_0000_0000;"), "1:19 int.number.too.large"),
    Hostile(
        "octal_of_decimal_digits", body("int x = 089;"), "1:20 expected", newer="1:20 illegal.digit.in.octal.literal"
    ),
    Hostile("octal_looking_float", body("double x = 089.5e1;"), "accepted"),
    Hostile("underscore_last_in_a_number", body("int x = 1_;"), "1:20 illegal.underscore"),
    Hostile("underscore_after_the_prefix", body("int x = 0x_1;"), "1:21 illegal.underscore"),
    Hostile("float_too_large", body("double x = 1e999;"), "1:22 fp.number.too.large"),
    Hostile("float_too_small", body("double x = 1e-999;"), "1:22 fp.number.too.small"),
    Hostile("float_zero_of_a_great_exponent", body("double x = 0e999999999999;"), "accepted"),
    Hostile("float_of_a_million_digits", body("double x = 0." + "3" * 1_000_000 + ";"), "accepted"),
]

NO_JAVA = [
    Hostile(
        "html",
        "<!DOCTYPE html>\n<html><body><p>class A { }</p></body></html>\n",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile("python", "def f(x):\n    return x + 1\n\nprint(f(1))\n", "1:1 expected4", newer="1:8 expected"),
    Hostile(
        "json", '{"class": "A", "members": [1, 2, null]}', "1:1 expected4", newer="1:1 class.method.or.field.expected"
    ),
    Hostile("markdown_around_java", "```java\nclass A { }\n```\n", "1:1 illegal.char"),
    Hostile("c_plus_plus", "#include <vector>\nint main() { std::vector<int> v; return 0; }\n", "1:1 illegal.char"),
    Hostile(
        "sql",
        "SELECT * FROM a WHERE b = 'c'; DROP TABLE a; --",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile(
        "a_difference",
        "--- a/A.java\n+++ b/A.java\n@@ -1 +1 @@\n-class A { }\n+class B { }\n",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile(
        "prose",
        "Sure! Here is the class that you asked for. I hope it helps.\n",
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile(
        "prose_before_java", "Here it is:\n\nclass A { }\n", "1:1 expected4", newer="1:1 class.method.or.field.expected"
    ),
    Hostile(
        "stack_trace",
        'Exception in thread "main" java.lang.Error\n\tat A.main(A.java:1)\n',
        "1:1 expected4",
        newer="1:1 class.method.or.field.expected",
    ),
    Hostile("class_file", "\xca\xfe\xba\xbe\x00\x00\x00\x3d\x00\x0d\x0a\x00\x02\x00\x03", "1:4 illegal.char"),
    Hostile("noise_of_bytes", drawn(20_000, [chr(c) for c in range(256)]), "1:1 expected4", newer="1:24 illegal.char"),
    Hostile("noise_of_all_characters", drawn(20_000, [chr(c) for c in range(0x110000)]), "1:1 illegal.char"),
    Hostile(
        "noise_of_java_words",
        drawn(5000, WORDS.split(), " "),
        "1:3 expected4",
        newer="1:3 class.method.or.field.expected",
    ),
    Hostile("noise_of_punctuation", drawn(20_000, PUNCTUATION), "1:12 illegal.esc.char"),
    Hostile(
        "statements_alone",
        "int x = 1; System.out.println(x);",
        "1:1 expected4",
        newer="1:12 class.method.or.field.expected",
    ),
    Hostile("method_alone", "void f() { }", "1:1 expected4", newer="1:1 implicit.class.does.not.have.main.method"),
    Hostile("main_alone", "void main() { System.out.println(); }", "1:1 expected4", newer="accepted"),
    Hostile("closing_brace_first", "} class A { }", "1:1 expected4", newer="1:1 class.method.or.field.expected"),
    Hostile("class_without_a_name", "class { }", "1:6 expected"),
    Hostile("class_without_a_body", "class A", "1:8 premature.eof"),
    Hostile("class_named_goto", "class goto { }", "1:6 expected"),
    Hostile("const_as_a_modifier", body("const int x = 1;"), "1:11 illegal.start.of.type"),
    Hostile(
        "import_last",
        "class A { } import java.util.List;",
        "1:13 expected4",
        newer="1:13 class.method.or.field.expected",
    ),
    Hostile("package_last", "class A { } package p;", "1:13 expected4", newer="1:13 class.method.or.field.expected"),
    Hostile("package_twice", "package p; package q; class A { }", "1:12 expected4"),
]
