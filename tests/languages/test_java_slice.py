"""What the outcome of a Java method depends on: what only looks busy does not count, what only looks idle does."""

from __future__ import annotations

import pytest

from rlcf.languages.java.checker import JavaChecker
from rlcf.records import MethodFacts, Slice

_SOURCE = """
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
class A {
    static final boolean DEBUG = false;
    int field;
    static List<Integer> kept = new ArrayList<>();
    int helper(int n) { return n; }
    %s { %s }
}
"""
_INT = "int f(int n, String s, int[] a, List<Integer> l)"
_VOID = "void f(int n, String s, int[] a, List<List<Integer>> l)"


def facts(checker: JavaChecker, header: str, body: str) -> MethodFacts:
    """What is said of a method that is accepted."""
    (verdict,) = checker.check([_SOURCE % (header, body)])
    assert verdict.accepted, verdict.diagnostics
    (method,) = (m for m in verdict.methods if m.name == "f")
    return method


@pytest.mark.parametrize(
    "body",
    [
        # never run
        "if (false) { n++; return n; } return 0;",
        "if (DEBUG) { return n; } return 0;",
        "if (1 > 2) { return n; } return 0;",
        "final boolean on = false; if (on) { return n; } return 0;",
        "if (n > 0 && false) { return n; } return 0;",
        "if (!(n > 0 || true)) return n; else return 0;",
        "while (n > 0 && false) { return n; } return 0;",
        "for (int i = 0; false && i < n; i++) { return n; } return 0;",
        "if (true) { return 0; } n++; return n;",
        "if (true) return 0; else return n;",
        "{ if (true) { if (n > 0) return 0; else return 0; } } return n;",
        "while (true) { if (true) break; return n; } return 0;",
        "return false ? n : 0;",
        # run for nothing
        "int total = 0; for (int x : a) { total += x; } int mean = total / n; return 0;",
        "int i = 0; while (i < n) { i++; if (i == 7) break; } return 0;",
        "n = 3; s = null; a = null; return 0;",
        "List<Integer> copy = new ArrayList<>(l); copy.add(l.get(0)); Collections.sort(copy); return 0;",
        "int[] copy = a.clone(); Arrays.sort(copy); copy[0]++; return 0;",
        "int[] copy = Arrays.copyOf(a, n); for (int i = 0; i < n; i++) { copy[i] = a[i] * 2; } return 0;",
        "Map<String, Integer> m = new TreeMap<>(); for (String w : s.split(s)) m.merge(w, 1, Integer::sum); return 0;",
        "StringBuilder b = new StringBuilder(); for (char c : s.toCharArray()) { b.append(c); } return 0;",
        "String t = s.trim().toLowerCase(); boolean same = t.equals(s); return 0;",
        "List<Integer> even = l.stream().filter(x -> x % 2 == 0).collect(Collectors.toList()); return 0;",
        "int[] sum = {0}; l.forEach(x -> sum[0] += x); return 0;",
        "Comparator<Integer> order = (x, y) -> y - x; List<Integer> m = new ArrayList<>(); m.sort(order); return 0;",
        "int x = 0; switch (n) { case 1: x = 1; break; default: x = n; } return 0;",
        "int x = switch (n) { case 1 -> 5; default -> { int y = n; yield y; } }; return 0;",
        "int x = 0; try { x = Integer.parseInt(s); } catch (NumberFormatException e) { x = 1; } return 0;",
        'Object o = n; if (o instanceof Integer i && i > 3) { s = ""; } return 0;',
        "outer: for (int i = 0; i < n; i++) { for (int j = 0; j < i; j++) { if (j == 3) continue outer; } } return 0;",
        "do { n--; } while (n > 0); return 0;",
        "System.out.println(n + s); return 0;",
        "Runnable r = new Runnable() { public void run() { int k = a[0]; } }; return 0;",
        # whichever way
        "if (n > 0) { return 0; } return 0;",
        "for (int x : a) { if (x < 0) { return 0; } } return 0;",
        "try { if (n > 0) return 0; n++; return 0; } catch (RuntimeException e) { return 0; }",
        "int result = 0; return 0;",
        "try { for (int x : a) n += x; throw new IllegalStateException(); } catch (RuntimeException e) { return 0; }",
        "try { if (n < 0) throw new Error(); } catch (IllegalStateException | Error e) { } return 0;",
        "try { try { n++; throw new Error(); } catch (RuntimeException e) { } } catch (Error e) { } return 0;",
    ],
)
def test_code_for_show_does_not_count(java_checker: JavaChecker, body: str) -> None:
    method = facts(java_checker, _INT, body)
    assert method.slice == Slice(1, (), outside=False, computes=False)
    assert method.trivial


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        ("return n;", 1),
        ("n = n + 1; return n;", 2),
        ("int x; if (n > 0) x = 1; else x = 2; return x;", 5),
        ("int x = 0; while (true) { if (n-- < 0) break; x++; } return x;", 6),
        ("int x = 0; for (int y : a) { if (y < 0) continue; x++; } return x;", 6),
        ("int x = 0; out: { if (n > 3) break out; x = 1; } return x;", 5),
        ("int c = 0; out: for (int y : a) { for (int z : a) { if (y == z) continue out; } c++; } return c;", 7),
        ("for (int x : a) { if (x < 0) { return 1; } } return 0;", 4),
        ("int i = 0; while (i < n) { i++; } return i > 3 ? 1 : 0;", 4),
        ("int x = 0; switch (n) { case 1: x = 1; break; default: x = 2; } return x;", 6),
        ("switch (s) { case \"a\": return 1; default: return 0; }", 3),
        ("int x = switch (n) { case 1 -> 5; default -> { int y = n; yield y; } }; return x;", 4),
        # a change through another name, or by a call
        ("int[] b = a; b[0] = 1; return 0;", 3),
        ("int[] c = new int[1]; int[] b = c; b[0] = n; return c[0];", 4),
        ("int[] c = new int[1]; int[] b = c; b[0]++; Arrays.fill(c, n); return b[0];", 5),
        ("int[] c = {0}; l.forEach(x -> c[0] += x); return c[0];", 3),
        ("int[] c = {0}; Consumer<Integer> f = x -> c[0] += x; l.forEach(f); return c[0];", 4),
        ("List<Integer> r = new ArrayList<>(); l.forEach(r::add); return r.size();", 3),
        ("List<Integer> r = new ArrayList<>(); for (int x : a) r.add(x); return r.get(0);", 4),
        ("List<int[]> r = new ArrayList<>(); int[] p = {0}; r.add(p); p[0] = n; return r.get(0)[0];", 5),
        ("List<int[]> r = new ArrayList<>(); r.add(new int[1]); for (int[] p : r) p[0] = n; return r.get(0)[0];", 5),
        ("Map<Integer, List<Integer>> m = new HashMap<>(); m.computeIfAbsent(1, k -> new ArrayList<>()).add(n);"
         " return m.get(1).get(0);", 3),
        ("Integer[] r = new Integer[n]; l.toArray(r); return r[0];", 3),
        ("char[] r = new char[n]; s.getChars(0, n, r, 0); return r[0];", 3),
        ("int[] r = new int[n]; System.arraycopy(a, 0, r, 0, n); return r[0];", 3),
        ("Iterator<Integer> i = l.iterator(); int c = 0; while (i.hasNext()) { i.next(); c++; } return c;", 6),
        ("Deque<Integer> d = new ArrayDeque<>(l); int c = 0; while (!d.isEmpty()) { d.pop(); c += 1; } return c;", 6),
        ("class P { int v; } P p = new P(); p.v = n; return p.v;", 4),
        ("Object o = n; if (o instanceof Integer i && i > 3) { return i; } return 0;", 4),
        # what may happen on the way
        ("try { Integer.parseInt(s); return 1; } catch (NumberFormatException e) { return 0; }", 4),
        ("boolean ok = true; try { Integer.parseInt(s); } catch (NumberFormatException e) { ok = false; }"
         " return ok ? 1 : 0;", 5),
        ("int c = 0; try { Integer.parseInt(s); c = 1; } catch (NumberFormatException e) { } return c;", 5),
        ("if (n < 0) throw new IllegalArgumentException(); return 0;", 3),
        ("Objects.requireNonNull(s); return 0;", 2),
        ("assert n > 0; return 0;", 2),
        ("l.forEach(x -> { if (x < n) throw new IllegalStateException(); }); return 0;", 4),
        ("try { if (n < 0) throw new Error(); } catch (RuntimeException e) { return 0; } return 0;", 5),
        ("try { if (n < 0) throw new Error(); } catch (Error e) { throw e; } return 0;", 5),
        ("try { if (n < 0) throw new Error(); return 1; } catch (Error e) { return 0; }", 5),
        ("try { n++; } finally { if (n < 0) throw new Error(); } return 0;", 5),
        ("try { l.forEach(x -> { throw new Error(); }); } catch (Error e) { } return 0;", 4),
        # effects
        ("a[0] = n; return 0;", 2),
        ("Collections.sort(l); return 0;", 2),
        ("l.removeIf(x -> x > n); return 0;", 2),
        ("field = n; return 0;", 2),
        ("this.field += n; return 0;", 2),
        ("A.kept.add(n); return 0;", 2),
        ("List<Integer> mine = kept; mine.add(n); return 0;", 3),
        ("helper(n); return 0;", 2),
        ("if (n > 0) { f(n - 1, s, a, l); } return 0;", 3),
    ],
)  # fmt: skip
def test_what_the_outcome_depends_on_counts(java_checker: JavaChecker, body: str, statements: int) -> None:
    method = facts(java_checker, _INT, body)
    assert method.slice is not None
    assert method.slice.statements == method.statements == statements
    assert not method.trivial


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        ("for (List<Integer> row : l) row.clear();", 2),
        ("for (List<Integer> row : new ArrayList<>(l)) row.add(n);", 2),
        ("List<List<Integer>> copy = new ArrayList<>(l); copy.get(0).add(n);", 2),
        ("l.stream().forEach(row -> row.add(n));", 1),
        ("l.get(0).set(0, n);", 1),
        ("if (n == 0) return; a[0] = 1;", 3),
        ("for (int i = 0; i < n; i++) System.out.println(i);", 2),
        ("int[] b = n > 0 ? a : null; b[0] = 1;", 2),
        ("int i = 0, j = a.length - 1; while (i < j) { int t = a[i]; a[i++] = a[j]; a[j--] = t; }", 6),
    ],
)
def test_what_a_method_without_a_value_changes_or_prints_counts(
    java_checker: JavaChecker, body: str, statements: int
) -> None:
    method = facts(java_checker, _VOID, body)
    assert method.slice is not None
    assert method.slice.statements == method.statements == statements
    assert not method.trivial


@pytest.mark.parametrize(
    "body", ["int x = n;", "if (n > 0) return; n++;", "List<Integer> r = new ArrayList<>(); r.add(n);"]
)
def test_a_method_without_a_value_that_changes_nothing_has_nothing_that_counts(
    java_checker: JavaChecker, body: str
) -> None:
    method = facts(java_checker, _VOID, body)
    assert method.slice == Slice(0, (), outside=False, computes=False)
    assert method.trivial


def test_what_counts_is_told_from_what_stands_beside_it(java_checker: JavaChecker) -> None:
    body = "int sum = 0; int waste = n; for (int x : a) { sum += x; waste++; } return sum;"
    method = facts(java_checker, _INT, body)
    assert (method.statements, method.slice) == (6, Slice(4, ("a",), outside=False, computes=True))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("int f(int n)", "int total = field; total++; return total;"),
        ("int f(int n)", "int one = helper(1); return one;"),
        ("void f(String[] arguments)", "int x = 1; System.out.println(x);"),
        ("int f()", "int x = 2; int y = x * 3; return y;"),
    ],
)
def test_who_reads_no_parameter_may_still_be_earnest(java_checker: JavaChecker, header: str, body: str) -> None:
    assert not facts(java_checker, header, body).trivial


def test_a_program_that_is_refused_has_no_outcomes(java_checker: JavaChecker) -> None:
    (verdict,) = java_checker.check(["class A { int f(int n) { return n; } int g() { return x; } }"])
    assert [m.slice for m in verdict.methods] == [None, None]


def test_methods_of_all_classes_have_outcomes_and_variables_around_them_are_outside(java_checker: JavaChecker) -> None:
    source = """
        class B extends A { int f(int n) { return n; } }
        class A {
            Object g(int n) { return new Object() { int h(int m) { int x = n; x++; return x; } }; }
            enum E { X { int k(int n) { return 1; } } }
        }
    """
    (verdict,) = java_checker.check([source])
    assert verdict.accepted
    assert {m.name: m.slice for m in verdict.methods} == {
        "f": Slice(1, ("n",), outside=False, computes=False),
        "g": Slice(4, ("n",), outside=False, computes=True),
        "h": Slice(3, (), outside=True, computes=True),
        "k": Slice(1, (), outside=False, computes=False),
    }
