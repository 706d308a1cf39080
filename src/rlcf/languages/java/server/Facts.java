import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import com.sun.tools.javac.tree.JCTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What the syntax tree says of a program: facts of each method with a body, and whether the program leaves traces.
 *
 * <p>Collected when the parser is done, before the compiler adds members of its own. Parameters are told by name: a
 * local variable of a class inside the body that hides one counts as the parameter.
 */
final class Facts extends TreeScanner<Void, Void> {
    /** In source order. */
    final List<Method> methods = new ArrayList<>();

    /** Packages and modules outlive the program in a pooled context, and would be there for the next. */
    boolean leavesTraces;

    /**
     * Whether code was being generated. The generator keeps what it has half written when it refuses a class (a string
     * too long is still there for the next), so its context must go.
     */
    boolean generating;

    private final SourceText source;

    record Method(String name, int offset, int statements, int parameters, int parametersRead, boolean returnsLiteral) {}

    Facts(SourceText source) {
        this.source = source;
    }

    void collect(CompilationUnitTree unit) {
        try {
            leavesTraces = unit.getPackage() != null || unit.getModule() != null;
            source.nameAfter(unit);
            scan(unit.getTypeDecls(), null);
        } catch (StackOverflowError tooDeep) {
            methods.clear();
        }
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
        BlockTree body = method.getBody();
        if (body != null) {
            Body facts = new Body(method);
            facts.scan(body, null);
            int offset = source.characters(((JCTree) body).pos);
            methods.add(new Method(
                    method.getName().toString(),
                    offset,
                    facts.statements,
                    method.getParameters().size(),
                    facts.read.size(),
                    returnsLiteral(body)));
        }
        return super.visitMethod(method, nothing);
    }

    private static boolean returnsLiteral(BlockTree body) {
        return body.getStatements().size() == 1
                && body.getStatements().get(0) instanceof ReturnTree statement
                && statement.getExpression() != null
                && isLiteral(statement.getExpression());
    }

    private static boolean isLiteral(ExpressionTree expression) {
        ExpressionTree inner = expression;
        while (true) {
            if (inner instanceof ParenthesizedTree parenthesized) {
                inner = parenthesized.getExpression();
            } else if (inner instanceof UnaryTree unary) {
                inner = unary.getExpression();
            } else {
                return inner instanceof LiteralTree;
            }
        }
    }

    /** Counts the statements of one body and the parameters it reads. */
    private static final class Body extends TreeScanner<Void, Void> {
        final Set<String> read = new HashSet<>();
        int statements;

        private final Set<String> parameters = new HashSet<>();
        /** Declarations and expressions that the tree has as statements, but which are parts of another. */
        private final Set<Tree> parts = Collections.newSetFromMap(new IdentityHashMap<>());

        Body(MethodTree method) {
            for (VariableTree parameter : method.getParameters()) {
                parameters.add(parameter.getName().toString());
            }
        }

        @Override
        public Void scan(Tree tree, Void nothing) {
            if (tree instanceof StatementTree && !parts.contains(tree)) {
                switch (tree.getKind()) {
                    case BLOCK, EMPTY_STATEMENT, LABELED_STATEMENT, CASE -> {}
                    default -> statements++;
                }
            }
            return super.scan(tree, nothing);
        }

        @Override
        public Void visitForLoop(ForLoopTree loop, Void nothing) {
            parts.addAll(loop.getInitializer());
            parts.addAll(loop.getUpdate());
            return super.visitForLoop(loop, nothing);
        }

        @Override
        public Void visitEnhancedForLoop(EnhancedForLoopTree loop, Void nothing) {
            parts.add(loop.getVariable());
            return super.visitEnhancedForLoop(loop, nothing);
        }

        @Override
        public Void visitTry(TryTree statement, Void nothing) {
            parts.addAll(statement.getResources());
            return super.visitTry(statement, nothing);
        }

        @Override
        public Void visitCatch(CatchTree clause, Void nothing) {
            parts.add(clause.getParameter());
            return super.visitCatch(clause, nothing);
        }

        @Override
        public Void visitLambdaExpression(LambdaExpressionTree lambda, Void nothing) {
            parts.addAll(lambda.getParameters());
            return super.visitLambdaExpression(lambda, nothing);
        }

        @Override
        public Void visitBindingPattern(BindingPatternTree pattern, Void nothing) {
            parts.add(pattern.getVariable());
            return super.visitBindingPattern(pattern, nothing);
        }

        @Override
        public Void visitNewClass(NewClassTree creation, Void nothing) {
            parts.add(creation.getClassBody());
            return super.visitNewClass(creation, nothing);
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            parts.addAll(type.getMembers());
            return super.visitClass(type, nothing);
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            parts.addAll(method.getParameters());
            return super.visitMethod(method, nothing);
        }

        @Override
        public Void visitAssignment(AssignmentTree assignment, Void nothing) {
            ExpressionTree target = assignment.getVariable();
            while (target instanceof ParenthesizedTree parenthesized) {
                target = parenthesized.getExpression();
            }
            return target instanceof IdentifierTree
                    ? scan(assignment.getExpression(), nothing)
                    : super.visitAssignment(assignment, nothing);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            if (!(call.getMethodSelect() instanceof IdentifierTree)) {
                return super.visitMethodInvocation(call, nothing);
            }
            scan(call.getTypeArguments(), nothing); // a method of a parameter's name is not the parameter
            return scan(call.getArguments(), nothing);
        }

        @Override
        public Void visitIdentifier(IdentifierTree identifier, Void nothing) {
            String name = identifier.getName().toString();
            if (parameters.contains(name)) {
                read.add(name);
            }
            return null;
        }
    }
}
