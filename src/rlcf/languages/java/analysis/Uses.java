import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssertTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Kinds.Kind;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.Symbol.VarSymbol;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import com.sun.tools.javac.tree.TreeInfo;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds what a unit reads and changes, and which variables may lead to the same object. */
final class Uses extends TreeScanner<Void, Unit> {
    final Aliases aliases = new Aliases();

    /** The statements that a unit controls, which are units of their own. */
    final Set<Tree> elsewhere = Collections.newSetFromMap(new IdentityHashMap<>());

    /** The {@code throw} statements that only lead to a handler of the same method. */
    final Set<Tree> jumps = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Set<Tree> counted;
    private final boolean printingCounts;

    /** {@code counted}: the trees that count as statements. */
    Uses(Set<Tree> counted, boolean printingCounts) {
        this.counted = counted;
        this.printingCounts = printingCounts;
    }

    @Override
    public Void scan(Tree tree, Unit unit) {
        if (tree == null || elsewhere.contains(tree)) {
            return null;
        }
        unit.statements += counted.contains(tree) ? 1 : 0;
        unit.computes |= !handsOn(tree);
        return super.scan(tree, unit);
    }

    /** Whether a piece of a statement computes nothing by itself. */
    private static boolean handsOn(Tree tree) {
        if (tree instanceof ConditionalExpressionTree conditional) {
            return Conditions.known(conditional.getCondition()) != null;
        }
        return switch (tree.getKind()) {
            case INT_LITERAL, LONG_LITERAL, FLOAT_LITERAL, DOUBLE_LITERAL, CHAR_LITERAL, STRING_LITERAL, BOOLEAN_LITERAL,
                    NULL_LITERAL, IDENTIFIER, MEMBER_SELECT, PARENTHESIZED, UNARY_MINUS, UNARY_PLUS, TYPE_CAST, VARIABLE,
                    ASSIGNMENT, EXPRESSION_STATEMENT, RETURN, MODIFIERS, PRIMITIVE_TYPE, PARAMETERIZED_TYPE, ARRAY_TYPE,
                    BREAK, CONTINUE, YIELD ->
                true;
            default -> false;
        };
    }

    @Override
    public Void visitIdentifier(IdentifierTree identifier, Unit unit) {
        Symbol symbol = TreeInfo.symbol((JCTree) identifier);
        if (symbol instanceof VarSymbol variable) {
            if (aliases.locals.contains(symbol)) {
                unit.reads.add(symbol);
            } else {
                unit.outside |= variable.getConstValue() == null; // a field, or a variable of the method around
            }
        } else if (symbol instanceof ClassSymbol && symbol.owner.kind == Kind.MTH) {
            unit.reads.add(symbol);
        }
        return null;
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree select, Unit unit) {
        boolean ofClass = TreeInfo.symbol((JCTree) select) instanceof VarSymbol field
                && (field.flags() & Flags.STATIC) != 0
                && field.getConstValue() == null
                && !field.packge().fullname.toString().startsWith("java.");
        unit.outside |= ofClass;
        return super.visitMemberSelect(select, unit);
    }

    @Override
    public Void visitVariable(VariableTree declaration, Unit unit) {
        super.visitVariable(declaration, unit);
        VarSymbol variable = ((JCVariableDecl) declaration).sym;
        if (variable == null) {
            unit.root = true; // not understood
        } else {
            aliases.locals.add(variable);
            unit.writes.add(variable);
            aliases.link(variable, aliases.roots(declaration.getInitializer()));
        }
        return null;
    }

    @Override
    public Void visitEnhancedForLoop(EnhancedForLoopTree loop, Unit unit) {
        super.visitEnhancedForLoop(loop, unit);
        aliases.link(((JCVariableDecl) loop.getVariable()).sym, aliases.roots(loop.getExpression()));
        return null;
    }

    @Override
    public Void visitBindingPattern(BindingPatternTree pattern, Unit unit) {
        super.visitBindingPattern(pattern, unit);
        aliases.link(((JCVariableDecl) pattern.getVariable()).sym, List.copyOf(unit.reads));
        return null;
    }

    @Override
    public Void visitLambdaExpression(LambdaExpressionTree lambda, Unit unit) {
        List<Symbol> given = List.copyOf(unit.reads);
        super.visitLambdaExpression(lambda, unit);
        for (VariableTree parameter : lambda.getParameters()) {
            aliases.link(((JCVariableDecl) parameter).sym, given);
        }
        return null;
    }

    @Override
    public Void visitClass(ClassTree type, Unit unit) {
        unit.writes.add(((JCClassDecl) type).sym);
        return super.visitClass(type, unit);
    }

    @Override
    public Void visitAssignment(AssignmentTree assignment, Unit unit) {
        assign(assignment.getVariable(), unit, false);
        Set<Object> values = aliases.roots(assignment.getExpression());
        aliases.linkAll(aliases.roots(assignment.getVariable()), values);
        return scan(assignment.getExpression(), unit);
    }

    @Override
    public Void visitCompoundAssignment(CompoundAssignmentTree assignment, Unit unit) {
        assign(assignment.getVariable(), unit, true);
        return scan(assignment.getExpression(), unit);
    }

    @Override
    public Void visitUnary(UnaryTree unary, Unit unit) {
        switch (unary.getKind()) {
            case PREFIX_INCREMENT, PREFIX_DECREMENT, POSTFIX_INCREMENT, POSTFIX_DECREMENT ->
                assign(unary.getExpression(), unit, true);
            default -> scan(unary.getExpression(), unit);
        }
        return null;
    }

    private void assign(ExpressionTree left, Unit unit, boolean reads) {
        ExpressionTree target = left;
        while (target instanceof ParenthesizedTree parenthesized) {
            target = parenthesized.getExpression();
        }
        Symbol symbol = TreeInfo.symbol((JCTree) target);
        if (target instanceof IdentifierTree && aliases.locals.contains(symbol)) {
            unit.writes.add(symbol);
            if (reads) {
                scan(target, unit);
            }
            return;
        }
        if (target instanceof ArrayAccessTree access) {
            unit.changes.addAll(aliases.roots(access.getExpression()));
        } else if (target instanceof MemberSelectTree select && (symbol.flags() & Flags.STATIC) == 0) {
            unit.changes.addAll(aliases.roots(select.getExpression()));
        } else {
            unit.root = true;
            unit.outside = true;
        }
        scan(target, unit);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Unit unit) {
        ExpressionTree receiver = null;
        if (call.getMethodSelect() instanceof MemberSelectTree select) {
            receiver = select.getExpression();
            scan(receiver, unit);
        }
        scan(call.getArguments(), unit);
        apply(TreeInfo.symbol((JCTree) call.getMethodSelect()), receiver, call.getArguments(), unit);
        return null;
    }

    @Override
    public Void visitMemberReference(MemberReferenceTree reference, Unit unit) {
        super.visitMemberReference(reference, unit);
        apply(((JCMemberReference) reference).sym, reference.getQualifierExpression(), List.of(), unit);
        return null;
    }

    private void apply(Symbol method, ExpressionTree receiver, List<? extends ExpressionTree> given, Unit unit) {
        if (method != null && method.isConstructor() && Library.constructs(method.owner.type)) {
            return;
        }
        Set<Object> receivers = aliases.roots(receiver);
        Set<Object> arguments = new LinkedHashSet<>();
        for (ExpressionTree argument : given) {
            if (!(argument instanceof LambdaExpressionTree)) { // what a lambda changes is found in its body
                arguments.addAll(aliases.roots(argument));
            }
        }
        Library.Changes changes = Library.of(method, (JCExpression) receiver);
        switch (changes) {
            case NOTHING -> {}
            case PRINTS -> {
                unit.root |= printingCounts;
                unit.outside |= printingCounts;
            }
            case ANYTHING -> {
                unit.root = true;
                unit.outside = true;
            }
            case RECEIVER -> unit.changes.addAll(receivers);
            case ARGUMENTS -> unit.changes.addAll(arguments);
            case BOTH -> {
                unit.changes.addAll(receivers);
                unit.changes.addAll(arguments);
            }
        }
        if (changes != Library.Changes.NOTHING && changes != Library.Changes.PRINTS) {
            receivers.addAll(arguments);
            aliases.linkAll(receivers.stream().limit(1).toList(), receivers);
        }
    }

    @Override
    public Void visitNewClass(NewClassTree creation, Unit unit) {
        super.visitNewClass(creation, unit);
        if (!Library.constructs(((JCExpression) creation.getIdentifier()).type)) {
            unit.root = true;
            unit.outside = true;
        }
        return null;
    }

    @Override
    public Void visitConditionalExpression(ConditionalExpressionTree conditional, Unit unit) {
        Boolean known = Conditions.known(conditional.getCondition());
        if (known == null) {
            return super.visitConditionalExpression(conditional, unit);
        }
        return scan(known ? conditional.getTrueExpression() : conditional.getFalseExpression(), unit);
    }

    @Override
    public Void visitThrow(ThrowTree statement, Unit unit) {
        unit.root |= !jumps.contains(statement);
        return super.visitThrow(statement, unit);
    }

    @Override
    public Void visitAssert(AssertTree statement, Unit unit) {
        unit.root = true;
        return super.visitAssert(statement, unit);
    }
}
