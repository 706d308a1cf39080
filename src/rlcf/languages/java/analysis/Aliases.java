import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.util.TreeScanner;
import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.VarSymbol;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCMethodInvocation;
import com.sun.tools.javac.tree.JCTree.JCNewClass;
import com.sun.tools.javac.tree.TreeInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which local variables may lead to the same object, wherever in the method they do: a change through one may be seen
 * through all of its group. What can be reached from beyond the method is in the group of {@link #OUTSIDE}.
 */
final class Aliases {
    static final Object OUTSIDE = new Object();

    /** The variables declared in the method so far, its parameters among them. */
    final Set<Symbol> locals = new HashSet<>();

    private final Map<Object, Object> parents = new HashMap<>();

    /** What stands for the group of a variable. */
    Object group(Object member) {
        Object found = member;
        for (Object next = parents.get(found); next != null; next = parents.get(found)) {
            Object beyond = parents.get(next);
            if (beyond != null) {
                parents.put(found, beyond);
            }
            found = next;
        }
        return found;
    }

    void link(Symbol variable, Iterable<?> others) {
        if (Library.isMutable(variable.type)) {
            linkAll(List.of(variable), others);
        }
    }

    /** Joins the groups of the first ones with those of the others. */
    void linkAll(Iterable<?> some, Iterable<?> others) {
        for (Object one : some) {
            for (Object other : others) {
                if (group(one) != group(other)) {
                    parents.put(group(one), group(other));
                }
            }
        }
    }

    /** The variables through which the value of an expression may be changed; none where it cannot change. */
    Set<Object> roots(Tree expression) {
        Set<Object> found = new LinkedHashSet<>();
        collect(expression, found);
        return found;
    }

    private void collect(Tree tree, Set<Object> found) {
        if (!(tree instanceof JCExpression expression) || !Library.isMutable(expression.type)) {
            return;
        }
        if (tree instanceof IdentifierTree) {
            add(TreeInfo.symbol(expression), found);
        } else if (tree instanceof MemberSelectTree select) {
            Symbol field = TreeInfo.symbol(expression);
            if (field instanceof VarSymbol && (field.flags() & Flags.STATIC) != 0) {
                found.add(OUTSIDE);
            } else {
                collect(select.getExpression(), found);
            }
        } else if (tree instanceof ArrayAccessTree access) {
            collect(access.getExpression(), found);
        } else if (tree instanceof ParenthesizedTree parenthesized) {
            collect(parenthesized.getExpression(), found);
        } else if (tree instanceof TypeCastTree cast) {
            collect(cast.getExpression(), found);
        } else if (tree instanceof AssignmentTree assignment) {
            collect(assignment.getExpression(), found);
        } else if (tree instanceof ConditionalExpressionTree conditional) {
            collect(conditional.getTrueExpression(), found);
            collect(conditional.getFalseExpression(), found);
        } else if (tree instanceof NewArrayTree array && array.getInitializers() != null) {
            array.getInitializers().forEach(element -> collect(element, found));
        } else if (tree instanceof JCMethodInvocation call) {
            collectResult(call, found);
        } else if (tree instanceof JCNewClass creation && creation.def == null) {
            if (!(Library.constructs(creation.type) && Library.holdsValues(creation.type))) {
                creation.args.forEach(argument -> collect(argument, found));
            }
        } else if (!(tree instanceof NewArrayTree)) {
            collectAll(tree, found); // lambdas, references to methods, classes without a name, …
        }
    }

    private void collectResult(JCMethodInvocation call, Set<Object> found) {
        Symbol method = TreeInfo.symbol(call.meth);
        JCExpression receiver = call.meth instanceof MemberSelectTree select ? (JCExpression) select.getExpression() : null;
        if (Library.of(method, receiver) == Library.Changes.ANYTHING) {
            found.add(OUTSIDE);
        } else if (Library.copies(method) && Library.holdsValues(call.type)) {
            return;
        }
        collect(receiver, found);
        call.args.forEach(argument -> collect(argument, found));
    }

    private void collectAll(Tree tree, Set<Object> found) {
        new TreeScanner<Void, Void>() {
            @Override
            public Void visitIdentifier(IdentifierTree identifier, Void nothing) {
                Symbol symbol = TreeInfo.symbol((JCExpression) identifier);
                if (symbol instanceof VarSymbol && Library.isMutable(symbol.type)) {
                    add(symbol, found);
                }
                return null;
            }
        }.scan(tree, null);
    }

    private void add(Symbol symbol, Set<Object> found) {
        if (locals.contains(symbol)) {
            found.add(symbol);
        } else if (symbol instanceof VarSymbol) {
            found.add(OUTSIDE);
        }
    }
}
