"""Programs with types in circles, with what is new in later Javas, and with errors that leave something behind."""

from __future__ import annotations

from tests.languages.hostile.program import Hostile

TYPES = [
    Hostile("inheritance_from_itself", "class A extends A { }", "1:1 cyclic.inheritance"),
    Hostile(
        "inheritance_in_a_circle",
        "class A extends B { } class B extends C { } class C extends A { }",
        "1:1 cyclic.inheritance",
    ),
    Hostile(
        "inheritance_in_a_circle_of_500",
        "".join(f"class A{i} extends A{(i + 1) % 500} {{ }} " for i in range(500)),
        "1:1 cyclic.inheritance",
    ),
    Hostile(
        "inheritance_300_deep",
        "class A0 { } " + "".join(f"class A{i} extends A{i - 1} {{ }} " for i in range(1, 300)),
        "accepted",
    ),
    Hostile("inheritance_from_a_nested_class", "class A extends A.B { static class B { } }", "1:1 cyclic.inheritance"),
    Hostile(
        "inheritance_from_the_nested_class_of_another",
        "class A extends B.C { static class D { } } class B extends A.D { static class C { } }",
        "1:44 cyclic.inheritance",
    ),
    Hostile("inheritance_from_a_type_parameter", "class A<T> extends T { }", "1:20 type.found.req"),
    Hostile("type_parameter_bounded_by_itself", "class A<T extends T> { }", "1:9 cyclic.inheritance"),
    Hostile("type_parameters_in_a_circle", "class A<T extends U, U extends T> { }", "1:9 cyclic.inheritance"),
    Hostile(
        "type_parameter_bounded_by_its_own_class",
        "class A<T extends A<T>> { } class B extends A<B> { } class C extends A<B> { } class D extends A<String> { }",
        "1:97 not.within.bounds",
    ),
    Hostile(
        "constructor_that_calls_itself",
        "class A { A() { this(); } }",
        "1:11 recursive.ctor.invocation",
        newer="1:17 recursive.ctor.invocation",
    ),
    Hostile("annotation_of_itself", "@interface A { A value(); }", "1:18 cyclic.annotation.element"),
    Hostile(
        "annotations_in_a_circle",
        "@interface A { B value(); } @interface B { A value(); }",
        "1:18 cyclic.annotation.element",
    ),
    Hostile("annotation_annotated_by_itself", "@A(1) @interface A { int value(); }", "accepted"),
    Hostile(
        "annotation_with_elements_of_all_wrong_kinds",
        "@interface A { Object a(); int[][] b(); void c(); A[] d(); int e(int i); }",
        "1:16 invalid.annotation.member.type",
    ),
    Hostile(
        "annotation_of_an_endless_constant",
        "@A(B.X) class B { static final int X = B.Y; static final int Y = B.X; } @interface A { int value(); }",
        "1:5 attribute.value.must.be.constant",
    ),
    Hostile(
        "annotation_repeated_in_a_circle",
        "import java.lang.annotation.*; @Repeatable(A.class) @interface A { A[] value(); }",
        "1:72 cyclic.annotation.element",
    ),
    Hostile(
        "annotation_processor",
        "import javax.annotation.processing.*; import java.util.*; "
        "import javax.lang.model.element.*; "
        '@SupportedAnnotationTypes("*") public class A extends AbstractProcessor { static { '
        "System.exit(9); } public boolean process(Set<? extends TypeElement> a, "
        "RoundEnvironment r) { System.exit(9); return true; } } @Deprecated class B { }",
        "accepted",
    ),
    Hostile(
        "annotation_processor_named_by_a_comment",
        "// META-INF/services/javax.annotation.processing.Processor\n// A\n@Generated class A { "
        "static { if (true) throw new Error(); } } @interface Generated { }",
        "accepted",
    ),
    Hostile(
        "annotation_on_everything",
        "import java.lang.annotation.*; @Target(ElementType.TYPE_USE) @interface T { } "
        "@T class A<@T X extends @T Object> { "
        "@T int @T [] @T [] f(@T A<@T X> this) throws @T Error { "
        "return (@T int @T [] @T []) null; } }",
        "accepted",
    ),
    Hostile("generics_that_grow", "class A<T> extends B<A<A<T>>> { } class B<T> { A<T> x; }", "accepted"),
    Hostile(
        "inference_of_many_kinds",
        "import java.util.*; class A { Object x = Arrays.asList(1, \"a\", 2.0, 'c', 1L, "
        "new int[0], List.of(), Map.of(), Optional.empty(), new StringBuilder()); }",
        "accepted",
    ),
    Hostile(
        "inference_nested_100",
        "class A { static <T> T id(T t) { return t; } String x = " + "id(" * 100 + '""' + ")" * 100 + "; }",
        "accepted",
    ),
    Hostile(
        "inference_of_diamonds_nested_50",
        "class A<T> { A(T t) { } Object x = " + "new A<>(" * 50 + "1" + ")" * 50 + "; }",
        "accepted",
    ),
    Hostile(
        "inference_of_a_missing_class_in_lambdas",
        "import java.util.function.*; class A { <T> T f(Function<T, T> g) { return null; } "
        "Object x = f(a -> f(b -> f(c -> new Missing(a, b, c)))); }",
        "1:119 cant.resolve.location",
    ),
    Hostile("sealed_without_heirs", "sealed class A { }", "1:8 sealed.class.must.have.subclasses"),
    Hostile("sealed_that_permits_itself", "sealed class A permits A { }", "1:24 invalid.permits.clause"),
    Hostile("non_sealed_as_a_difference", "class A { int non = 2, sealed = 1; int x = non-sealed; }", "accepted"),
    Hostile(
        "switch_over_sealed_types",
        "sealed interface S permits X, Y { } record X(int a) implements S { } "
        "record Y() implements S { } class A { int f(S s) { return switch (s) { "
        "case X x -> x.a(); case Y y -> 2; }; } }",
        "1:146 preview.feature.disabled.plural",
        newer="accepted",
    ),
    Hostile(
        "switch_over_records",
        "record X(int a) { } class A { int f(Object o) { return o instanceof X(int a) ? a : 0; } }",
        "1:70 expected",
        newer="accepted",
    ),
    Hostile(
        "switch_over_nested_records_of_many_kinds",
        "sealed interface S { } record X() implements S { } record Y() implements S { } "
        "record P(S a, S b, S c, S d, S e) { } class A { int f(P p) { return switch (p) { "
        "case P(X a, X b, X c, X d, X e) -> 1; }; } }",
        "1:169 expected",
        newer="1:148 not.exhaustive",
    ),
    Hostile(
        "switch_with_a_dominated_case",
        "class A { int f(Object o) { return switch (o) { case CharSequence c -> 1; "
        "case String s -> 2; default -> 3; }; } }",
        "1:54 preview.feature.disabled.plural",
        newer="1:80 pattern.dominated",
    ),
    Hostile(
        "switch_with_a_null_case",
        "class A { int f(String s) { return switch (s) { case null -> 0; default -> 1; }; } }",
        "1:54 preview.feature.disabled",
        newer="accepted",
    ),
    Hostile(
        "switch_without_cases",
        "class A { int f(int i) { switch (i) { } return switch (i) { }; } }",
        "1:48 switch.expression.empty",
    ),
    Hostile("template_string", 'class A { String f(int i) { return STR."\\{i}"; } }', "1:42 illegal.esc.char"),
    Hostile(
        "unnamed_pattern",
        "class A { void f() { try { } catch (RuntimeException _) { } } }",
        "1:54 underscore.as.identifier",
        newer="accepted",
    ),
    Hostile(
        "statements_before_super",
        "class A { A() { int x = 1; super(); } }",
        "1:33 call.must.be.first.stmt.in.ctor",
        newer="accepted",
    ),
    Hostile("module_import", "import module java.base; class A { List<String> x; }", "1:14 expected", newer="accepted"),
    Hostile("comment_of_markdown", "/// # A\n/// text\nclass A { }", "accepted"),
    Hostile("enum_that_leans_on_itself", "enum A { B(A.C), C(A.B); A(A a) { } }", "1:13 illegal.forward.ref"),
]

RULES = [
    Hostile("native_method", "class A { native int f(); static native void g(int i); }", "accepted"),
    Hostile("native_method_with_a_body", "class A { native int f() { return 1; } }", "1:22 native.meth.cant.have.body"),
    Hostile(
        "all_modifiers_at_once",
        "class A { public private protected static final abstract native synchronized strictfp void f(); }",
        "1:92 illegal.combination.of.modifiers",
    ),
    Hostile("statement_after_return", "class A { int f() { return 1; int x; } }", "1:35 unreachable.stmt"),
    Hostile(
        "statement_after_an_endless_loop", "class A { void f() { while (true) { } int x; } }", "1:43 unreachable.stmt"
    ),
    Hostile(
        "exception_thrown_out_of_a_static_block",
        "class A { static { throw new RuntimeException(); } }",
        "1:11 initializer.must.be.able.to.complete.normally",
    ),
    Hostile(
        "label_that_is_an_address", "class A { void f() { http://example.org\nfor (;;) { break http; } } }", "accepted"
    ),
    Hostile(
        "local_not_assigned",
        "class A { int f(boolean b) { int x; if (b) { x = 1; } return x; } }",
        "1:62 var.might.not.have.been.initialized",
    ),
    Hostile(
        "local_assigned_in_a_loop",
        "class A { void f() { final int x; while (true) { x = 1; } } }",
        "1:50 var.might.be.assigned.in.loop",
    ),
    Hostile("arrays_behind_names", "class A { int f()[] { int a[] = {1}, b[][] = {{2}}; return a; } }", "accepted"),
    Hostile(
        "initializer_that_never_ends",
        "class A { { while (true) { } } }",
        "1:11 initializer.must.be.able.to.complete.normally",
    ),
    Hostile(
        "local_interface_and_enum", "class A { void f() { interface I { } enum E { X } record R() { } } }", "accepted"
    ),
    Hostile("class_in_an_error", "class A { void f() { int x = class B { }; } B b; }", "1:30 illegal.start.of.expr"),
    Hostile(
        "class_in_an_argument",
        "class A { void f() { g(new Missing() { class B { int x = y; } }); } }",
        "1:28 cant.resolve.location",
    ),
    Hostile(
        "error_in_every_phase",
        'class A extends Missing { int x = ""; int f() { } @Override void g() { int y; y++; } }',
        "1:17 cant.resolve",
    ),
    Hostile(
        "deprecated_and_removed", "class A { void f() { new Integer(1); Thread.currentThread().stop(); } }", "accepted"
    ),
    Hostile(
        "unchecked_and_raw",
        "import java.util.*; class A { List f(List l) { l.add(1); return (List<String>) l; } }",
        "accepted",
    ),
]
