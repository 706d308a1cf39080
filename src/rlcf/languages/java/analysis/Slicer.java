import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.EmptyStatementTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LabeledStatementTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.tree.UnionTypeTree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCBreak;
import com.sun.tools.javac.tree.JCTree.JCContinue;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCThrow;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which statements of a method its outcome depends on: a backward slice (Weiser, Program Slicing, 1981) from all it
 * returns, throws and changes beyond itself. It knows no order of statements, and in doubt a statement counts.
 */
final class Slicer {
    private final JCMethodDecl method;
    private final boolean returnsValue;
    private final Uses uses;
    private final List<Unit> units = new ArrayList<>();
    /** Those with a value. */
    private final Map<Unit, ReturnTree> returns = new IdentityHashMap<>();
    /** Those that leave the method without a value, or jump to no loop and no switch. */
    private final List<Unit> exits = new ArrayList<>();
    /** Loops and switches, by their trees. */
    private final Map<Tree, Unit> targets = new IdentityHashMap<>();

    private final Map<Object, List<Unit>> writers = new HashMap<>();
    private final Map<Object, List<Unit>> changers = new HashMap<>();
    private final Deque<Unit> open = new ArrayDeque<>();

    /** The innermost {@code try} with a handler whose block is being walked. */
    private Unit guard;

    /** The classes that the handlers around a statement catch. */
    private final Deque<Symbol> caught = new ArrayDeque<>();

    private Slicer(JCMethodDecl method, Set<Tree> counted) {
        this.method = method;
        returnsValue = method.restype != null && !method.restype.type.hasTag(TypeTag.VOID);
        uses = new Uses(counted, !returnsValue);
    }

    /** The slice of a method that the compiler has accepted, before it is translated. */
    static Slice of(JCMethodDecl method, Set<Tree> counted) {
        return new Slicer(method, counted).slice();
    }

    private Slice slice() {
        for (JCVariableDecl parameter : method.params) {
            uses.aliases.locals.add(parameter.sym);
            uses.aliases.link(parameter.sym, List.of(Aliases.OUTSIDE));
        }
        walkAll(method.body.getStatements(), null);
        Object outside = uses.aliases.group(Aliases.OUTSIDE);
        List<Unit> roots = new ArrayList<>();
        for (Unit unit : units) {
            unit.changes.forEach(c -> changers.computeIfAbsent(uses.aliases.group(c), k -> new ArrayList<>()).add(unit));
            unit.writes.forEach(w -> writers.computeIfAbsent(w, k -> new ArrayList<>()).add(unit));
            if (unit.root || unit.changes.stream().anyMatch(c -> uses.aliases.group(c) == outside)) {
                roots.add(unit);
            }
        }
        if (roots.isEmpty() && returnsOneConstant()) {
            return new Slice(1, List.of(), false, returns.keySet().stream().anyMatch(r -> r.computes));
        }
        roots.addAll(returns.keySet());
        if (!roots.isEmpty()) {
            roots.addAll(exits);
        }
        roots.forEach(this::count);
        spread();
        return summary();
    }

    /** Whether it makes no difference which return is reached. */
    private boolean returnsOneConstant() {
        return !returns.isEmpty()
                && returns.keySet().stream().allMatch(Unit::isConstant)
                && returns.values().stream().map(r -> r.getExpression().toString()).distinct().count() == 1;
    }

    private void count(Unit unit) {
        if (unit != null && !unit.live) {
            unit.live = true;
            open.add(unit);
        }
    }

    private void spread() {
        while (!open.isEmpty()) {
            Unit unit = open.remove();
            count(unit.parent);
            unit.followers.forEach(this::count);
            for (Symbol symbol : unit.reads) {
                writers.getOrDefault(symbol, List.of()).forEach(this::count);
                changers.getOrDefault(uses.aliases.group(symbol), List.of()).forEach(this::count);
            }
        }
    }

    private Slice summary() {
        int statements = 0;
        boolean outside = false;
        boolean computes = false;
        Set<Symbol> met = new HashSet<>();
        for (Unit unit : units) {
            if (unit.live) {
                statements += unit.statements;
                outside |= unit.outside;
                computes |= unit.computes;
                met.addAll(unit.reads);
            }
        }
        List<String> parameters =
                method.params.stream().filter(p -> met.contains(p.sym)).map(p -> p.getName().toString()).toList();
        return new Slice(statements, parameters, outside, computes);
    }

    /** Walks statements up to the first that is never completed; tells whether all are. */
    private boolean walkAll(List<? extends StatementTree> statements, Unit parent) {
        for (StatementTree statement : statements) {
            if (!walk(statement, parent)) {
                return false;
            }
        }
        return true;
    }

    /** Makes units of a statement and of those it controls; tells whether what follows it may be run. */
    private boolean walk(Tree statement, Unit parent) {
        if (statement instanceof BlockTree block) {
            return walkAll(block.getStatements(), parent);
        } else if (statement instanceof LabeledStatementTree labelled) {
            walk(labelled.getStatement(), parent);
            return true;
        } else if (statement == null || statement instanceof EmptyStatementTree) {
            return true;
        }
        Unit unit = new Unit(parent);
        units.add(unit);
        targets.put(statement, unit);
        if (guard != null) {
            guard.followers.add(unit);
        }
        if (statement instanceof JCThrow thrown && isCaught(thrown.expr.type.tsym)) {
            uses.jumps.add(statement);
        }
        List<Tree> controlled = controlled(statement);
        uses.elsewhere.addAll(controlled);
        uses.elsewhere.remove(statement);
        uses.scan(statement, unit);
        return switch (statement.getKind()) {
            case IF -> walkIf((IfTree) statement, unit);
            case TRY -> walkTry((TryTree) statement, unit);
            case SYNCHRONIZED -> walkAll(((SynchronizedTree) statement).getBlock().getStatements(), unit);
            case THROW -> {
                unit.computes = false; // whatever is thrown, no answer has been worked out
                yield false;
            }
            case RETURN -> {
                if (((ReturnTree) statement).getExpression() == null) {
                    exits.add(unit);
                } else {
                    returns.put(unit, (ReturnTree) statement);
                }
                yield false;
            }
            case BREAK -> jump(unit, ((JCBreak) statement).target);
            case CONTINUE -> jump(unit, ((JCContinue) statement).target);
            default -> {
                if (!neverEntered(statement)) {
                    controlled.forEach(inner -> walk(inner, unit));
                }
                yield true;
            }
        };
    }

    private boolean jump(Unit unit, Tree target) {
        Tree aim = target instanceof LabeledStatementTree labelled ? labelled.getStatement() : target;
        Unit left = targets.get(aim);
        if (left == null) {
            exits.add(unit);
        } else {
            left.followers.add(unit);
        }
        return false;
    }

    private boolean walkIf(IfTree statement, Unit unit) {
        Boolean known = Conditions.known(statement.getCondition());
        boolean then = !Boolean.FALSE.equals(known) && walk(statement.getThenStatement(), unit);
        boolean otherwise = !Boolean.TRUE.equals(known) && walk(statement.getElseStatement(), unit);
        return then || otherwise;
    }

    private boolean walkTry(TryTree statement, Unit unit) {
        unit.root |= !statement.getResources().isEmpty(); // closing one may do anything
        Unit around = guard;
        guard = statement.getCatches().isEmpty() ? around : unit;
        List<Symbol> handled = caughtBy(statement);
        handled.forEach(caught::push);
        boolean ends = walkAll(statement.getBlock().getStatements(), unit);
        handled.forEach(type -> caught.pop());
        guard = around;
        for (CatchTree handler : statement.getCatches()) {
            ends |= walkAll(handler.getBlock().getStatements(), unit);
        }
        return (statement.getFinallyBlock() == null || walk(statement.getFinallyBlock(), unit)) && ends;
    }

    private static List<Symbol> caughtBy(TryTree statement) {
        List<Symbol> found = new ArrayList<>();
        for (CatchTree handler : statement.getCatches()) {
            Tree type = handler.getParameter().getType();
            List<? extends Tree> types = type instanceof UnionTypeTree union ? union.getTypeAlternatives() : List.of(type);
            types.forEach(each -> found.add(((JCTree) each).type.tsym));
        }
        return found;
    }

    /** Whether a handler of this method is run for all that a variable of the class may hold, but for {@code null}. */
    private boolean isCaught(Symbol thrown) {
        Symbol type = thrown;
        while (type instanceof ClassSymbol known && !caught.contains(type)) {
            type = known.getSuperclass().tsym;
        }
        return type instanceof ClassSymbol;
    }

    private static boolean neverEntered(Tree loop) {
        return loop instanceof WhileLoopTree until && Boolean.FALSE.equals(Conditions.known(until.getCondition()))
                || loop instanceof ForLoopTree times && Boolean.FALSE.equals(Conditions.known(times.getCondition()));
    }

    /** The statements that a statement controls; {@code null} for what may be missing. */
    private static List<Tree> controlled(Tree statement) {
        List<Tree> found = new ArrayList<>();
        if (statement instanceof IfTree branch) {
            found.add(branch.getThenStatement());
            found.add(branch.getElseStatement());
        } else if (statement instanceof ForLoopTree loop) {
            found.add(loop.getStatement());
        } else if (statement instanceof EnhancedForLoopTree loop) {
            found.add(loop.getStatement());
        } else if (statement instanceof WhileLoopTree loop) {
            found.add(loop.getStatement());
        } else if (statement instanceof DoWhileLoopTree loop) {
            found.add(loop.getStatement());
        } else if (statement instanceof SwitchTree choice) {
            for (CaseTree label : choice.getCases()) {
                found.addAll(label.getStatements() == null ? List.of(label.getBody()) : label.getStatements());
            }
        } else if (statement instanceof SynchronizedTree lock) {
            found.add(lock.getBlock());
        } else if (statement instanceof TryTree attempt) {
            found.add(attempt.getBlock());
            attempt.getCatches().forEach(handler -> found.add(handler.getBlock()));
            found.add(attempt.getFinallyBlock());
        }
        return found;
    }
}
