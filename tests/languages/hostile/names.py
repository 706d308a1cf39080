"""Programs with packages, modules, imports, and names that belong to others."""

from __future__ import annotations

from tests.languages.hostile.program import Hostile, method

NAMES = [
    Hostile("package_java_lang", "package java.lang; class A { }", "1:1 package.in.other.module"),
    Hostile(
        "package_java_lang_with_its_own_string",
        "package java.lang; public final class String { }",
        "1:1 package.in.other.module",
    ),
    Hostile(
        "package_java_lang_with_its_own_object",
        "package java.lang; public class Object { }",
        "1:1 package.in.other.module",
    ),
    Hostile(
        "package_named_like_a_class", "package java.lang.String; class A { }", "1:1 pkg.clashes.with.class.of.same.name"
    ),
    Hostile(
        "package_annotated",
        "@Deprecated package p; class A { }",
        "1:1 pkg.annotations.sb.in.package-info.java",
        unlike_javac="javac is asked again under the name package-info, where it may stand",
    ),
    Hostile("package_information", "package p;", "accepted"),
    Hostile("package_information_annotated", "@Deprecated package p;", "accepted"),
    Hostile("package_with_a_class_of_its_name", "package p; class p { p p; }", "accepted"),
    Hostile("package_information_of_java_lang", "package java.lang;", "1:1 package.in.other.module"),
    Hostile("module", "module m { }", "accepted"),
    Hostile(
        "module_behind_imports_and_comments",
        "// a { b\n/* c */\nimport java.util.*;\nmodule m { requires java.base; }",
        "accepted",
    ),
    Hostile("module_on_the_line_of_an_import", "import java.util.*; module m { }", "accepted"),
    Hostile("module_annotated", "@Deprecated module m { }", "accepted"),
    Hostile("module_annotated_with_braces", '@SuppressWarnings({"a"}) module m { }', "accepted"),
    Hostile("module_in_escapes", "modul\\u0065 m { }", "accepted"),
    Hostile(
        "module_that_needs_what_is_there", "module m { requires java.sql; requires transitive java.xml; }", "accepted"
    ),
    Hostile("module_that_needs_what_is_not_there", "module m { requires not.there; }", "1:24 module.not.found"),
    Hostile("module_named_java_base", "module java.base { }", "crashed", newer="0:0 no.java.lang"),
    Hostile("module_named_java_sql", "module java.sql { }", "accepted"),
    Hostile("module_named_java_sql_behind_a_comment", "/* c */ module java.sql { }", "accepted"),
    Hostile("module_named_java_sql_in_escapes", "modul\\u0065 java.sql { }", "accepted"),
    Hostile(
        "module_that_exports_what_is_not_there", "module m { exports p; opens q; }", "1:20 package.empty.or.not.found"
    ),
    Hostile(
        "module_that_provides_an_annotation_processor",
        "module m { requires java.compiler; provides javax.annotation.processing.Processor with p.Evil; }",
        "1:89 doesnt.exist",
    ),
    Hostile("module_that_uses_what_is_there", "module m { uses java.lang.Runnable; }", "accepted"),
    Hostile(
        "module_that_provides_a_class_beside_it",
        "module m { provides java.lang.Runnable with A; } class A { }",
        "1:49 expected",
    ),
    Hostile("module_and_a_class", "module m { } class A { }", "1:13 expected"),
    Hostile(
        "class_and_a_module", "class A { } module m { }", "1:13 expected4", newer="1:13 class.method.or.field.expected"
    ),
    Hostile("modules_two", "module m { } module n { }", "1:13 expected"),
    Hostile("module_in_a_comment", "/*\nmodule m {\n*/ class A { }", "accepted"),
    Hostile("module_in_a_comment_before_a_public_class", "/*\n module m { }\n*/\npublic class A { }", "accepted"),
    Hostile("module_in_a_text_block", 'class A { String x = """\nmodule m { }\n"""; }', "accepted"),
    Hostile("module_in_a_comment_before_nothing", "/*\nmodule m { }\n*/", "accepted"),
    Hostile("module_in_a_comment_before_a_package", "/*\nmodule m { }\n*/ package p;", "accepted"),
    Hostile("module_as_a_name", "class module { module module; void open(module requires) { } }", "accepted"),
    Hostile("module_with_a_wrong_body", "module m { int x; }", "1:11 expected"),
    Hostile("class_named_string", 'class String { } class A { String x = "text"; }', "1:39 prob.found.req"),
    Hostile(
        "class_named_string_that_is_main",
        'class String { public static void main(String[] a) { System.out.println("a" + 1); } }',
        "accepted",
    ),
    Hostile(
        "class_named_object",
        "class Object { } class A extends Object { java.lang.Object x = new Object(); }",
        "accepted",
    ),
    Hostile("class_named_object_that_is_its_own", "class Object extends Object { }", "1:1 cyclic.inheritance"),
    Hostile(
        "class_named_main",
        "public class Main { public static void main(String[] args) { System.out.println(1); } }",
        "accepted",
    ),
    Hostile(
        "class_named_system",
        "class System { } class A { void f() { System.out.println(1); } }",
        "1:45 cant.resolve.location",
    ),
    Hostile(
        "class_named_iterable",
        "class Iterable<T> { } class A { void f(Iterable<String> i) { for (String s : i) { } } }",
        "1:78 foreach.not.applicable.to.type",
    ),
    Hostile("class_named_record", "class Record { } record A(int x) { }", "accepted"),
    Hostile("class_named_java", "class java { } class A { java.lang.String x; }", "1:30 cant.resolve.location"),
    Hostile(
        "class_named_java_with_lang",
        'class java { static class lang { static class String { } } } class A { java.lang.String x = ""; }',
        "1:93 prob.found.req",
    ),
    Hostile("class_named_var", "class var { }", "1:7 restricted.type.not.allowed"),
    Hostile("class_named_like_a_dollar", "class $ { class $ { } }", "1:11 already.defined"),
    Hostile("class_named_like_its_outer", "class A { class A { } }", "1:11 already.defined"),
    Hostile("class_named_like_a_nested_one", "class A { class B { } } class A$B { }", "1:25 duplicate.class"),
    Hostile("class_named_like_its_anonymous_one", "class A { Object x = new Object() { }; } class A$1 { }", "accepted"),
    Hostile("class_named_like_its_letters_differ", "class A { } class a { }", "accepted"),
    Hostile("class_twice", "class A { } class A { }", "1:13 duplicate.class"),
    Hostile("class_a_thousand_times", "class A { } " * 1000, "1:13 duplicate.class"),
    Hostile("classes_public_two", "public class A { } public class B { }", "1:27 class.public.should.be.in.file"),
    Hostile("class_public_of_a_strange_name", "public class \u00dc\U0001d465$_ { }", "accepted"),
    Hostile(
        "names_that_are_soft_keywords",
        "class A { int var, yield, record, sealed, permits, module, open, with, to, when; "
        "void record() { this.yield(); } void yield() { } }",
        "accepted",
    ),
    Hostile("yield_called_without_this", "class A { void yield() { } void f() { yield(); } }", "1:39 invalid.yield"),
    Hostile("yield_assigned", method("int yield = 0; yield = 1;"), "accepted"),
    Hostile("var_of_itself", method("var x = x + 1;"), "1:26 cant.infer.local.var.type"),
    Hostile("import_of_a_missing_class", "import not.there.Thing; class A { }", "1:17 doesnt.exist"),
    Hostile(
        "import_of_a_missing_package", "import not.there.*; class A { }", "1:1 doesnt.exist", newer="1:11 doesnt.exist"
    ),
    Hostile("import_of_the_own_class", "import static A.*; class A { }", "1:15 cant.resolve"),
    Hostile(
        "import_static_of_a_missing_member",
        "import static java.lang.Math.sine; class A { }",
        "1:1 cant.resolve.location",
    ),
    Hostile("import_static_of_all", "import static java.lang.Math.*; class A { double x = sin(PI); }", "accepted"),
    Hostile(
        "import_of_a_name_that_is_declared", "import java.util.List; class List { }", "1:1 already.defined.this.unit"
    ),
    Hostile("import_of_two_lists", "import java.util.*; import java.awt.*; class A { List x; }", "1:50 ref.ambiguous"),
    Hostile(
        "import_of_the_compiler",
        "import com.sun.tools.javac.main.JavaCompiler; class A { JavaCompiler x; }",
        "1:27 package.not.visible",
    ),
    Hostile("import_of_the_public_compiler", "import com.sun.source.tree.Tree; class A { Tree x; }", "accepted"),
    Hostile(
        "import_of_internals", "import jdk.internal.misc.Unsafe; class A { Unsafe x; }", "1:20 package.not.visible"
    ),
    Hostile("import_of_unsafe", "import sun.misc.Unsafe; class A { Unsafe x; }", "accepted"),
    Hostile(
        "import_with_a_comment_inside", "import java . /* a */ util // b\n . List ; class A { List<A> x; }", "accepted"
    ),
    Hostile(
        "classes_of_the_server",
        "class A { CompileServer a; Compiler b; Facts c; Reply d; }",
        "1:11 cant.resolve.location",
    ),
    Hostile("classes_of_the_test_harness", "class A { RunHarness a; }", "1:11 cant.resolve.location"),
]
