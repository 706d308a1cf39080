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
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
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
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.TreeInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;

/**
 * What the syntax tree says of a program: facts of each method with a body, and the names of its types.
 *
 * <p>Collected when the parser is done, before the compiler adds members of its own. Parameters are told by name: a
 * local variable of a class inside the body that hides one counts as the parameter. Slices are added when the compiler
 * knows all names and types.
 */
final class Facts extends TreeScanner<Void, Void> {
    /** In source order. */
    final List<Method> methods = new ArrayList<>();

    /** Of the package that the program names, or empty. */
    String packageName = "";

    /**
     * Whether code was being generated. The generator keeps what it has half written when it refuses a class (a string
     * too long is still there for the next), so its context must go.
     */
    boolean generating;

    /** Names of the types declared, in source order; anonymous ones have none. */
    final List<String> types = new ArrayList<>();

    private final SourceText source;
    private final Regions regions;

    /**
     * Offset of the body's opening brace in characters; calls by name, each once, in the order of the first; the slice is
     * {@code null} where the compiler did not come to know all names and types.
     */
    record Method(
            String name,
            int offset,
            int statements,
            List<String> parameters,
            List<String> parametersRead,
            boolean returnsLiteral,
            List<String> calls,
            int nesting,
            Slice slice) {
        Method with(Slice found) {
            return new Method(
                    name, offset, statements, parameters, parametersRead, returnsLiteral, calls, nesting, found);
        }
    }

    /** What the analysis of a method needs, and its place in {@link #methods}. */
    private record Parsed(int index, JCMethodDecl tree, Set<Tree> counted) {}

    private final Map<JCClassDecl, List<Parsed>> parsed = new IdentityHashMap<>();
    private final Map<Element, List<Parsed>> outermost = new HashMap<>();
    private List<Parsed> current = new ArrayList<>();

    /** Only of the methods that have to do with the completion, where it is known. */
    Facts(SourceText source, Regions regions) {
        this.source = source;
        this.regions = regions;
    }

    void collect(CompilationUnitTree unit) {
        try {
            packageName = unit.getPackage() == null ? "" : unit.getPackage().getPackageName().toString();
            source.nameAfter(unit);
            for (Tree type : unit.getTypeDecls()) {
                current = new ArrayList<>();
                scan(type, null);
                if (type instanceof JCClassDecl declared) {
                    parsed.put(declared, current);
                }
            }
        } catch (StackOverflowError tooDeep) {
            methods.clear();
            types.clear();
            parsed.clear();
        }
    }

    /** Adds the slices of the methods of a class that the compiler has found no error in. */
    void analysed(Element type) {
        if (outermost.isEmpty()) {
            parsed.forEach((tree, inside) -> outermost.put(tree.sym, inside));
        }
        for (Parsed method : outermost.getOrDefault(type, List.of())) {
            try {
                methods.set(method.index, methods.get(method.index).with(Slicer.of(method.tree, method.counted)));
            } catch (RuntimeException | StackOverflowError notAnalysed) {
                // no slice: then all of its statements count
            }
        }
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
        if (!type.getSimpleName().isEmpty()) {
            types.add(type.getSimpleName().toString());
        }
        return super.visitClass(type, nothing);
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
        BlockTree body = method.getBody();
        if (body != null && regions.meetCompletion(((JCTree) body).pos, TreeInfo.endPos((JCTree) body))) {
            Body facts = new Body(method);
            facts.scan(body, null);
            int offset = source.characters(((JCTree) body).pos);
            current.add(new Parsed(methods.size(), (JCMethodDecl) method, facts.counted));
            methods.add(new Method(
                    method.getName().toString(),
                    offset,
                    facts.counted.size(),
                    List.copyOf(facts.parameters),
                    facts.parameters.stream().filter(facts.read::contains).toList(),
                    returnsLiteral(body),
                    List.copyOf(facts.calls),
                    facts.nesting,
                    null));
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

    /** Counts the statements of one body, and finds the parameters it reads and the methods it calls. */
    private static final class Body extends TreeScanner<Void, Void> {
        final Set<String> parameters = new LinkedHashSet<>();
        final Set<String> read = new HashSet<>();
        final Set<String> calls = new LinkedHashSet<>();
        /** The statements. */
        final Set<Tree> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        /** The greatest number of control statements that one statement stands in. */
        int nesting;

        private int depth;
        /** Declarations and expressions that the tree has as statements, but which are parts of another. */
        private final Set<Tree> parts = Collections.newSetFromMap(new IdentityHashMap<>());

        private final Set<Tree> elseIfs = Collections.newSetFromMap(new IdentityHashMap<>());

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
                    default -> {
                        counted.add(tree);
                        nesting = Math.max(nesting, depth);
                    }
                }
            }
            if (!opensLevel(tree)) {
                return super.scan(tree, nothing);
            }
            depth++;
            super.scan(tree, nothing);
            depth--;
            return null;
        }

        /** Whether what stands in this counts as one level deeper; an {@code else if} stands beside its {@code if}. */
        private boolean opensLevel(Tree tree) {
            if (tree == null || elseIfs.contains(tree)) {
                return false;
            }
            return switch (tree.getKind()) {
                case IF, FOR_LOOP, ENHANCED_FOR_LOOP, WHILE_LOOP, DO_WHILE_LOOP, SWITCH, TRY, SYNCHRONIZED -> true;
                default -> false;
            };
        }

        @Override
        public Void visitIf(IfTree statement, Void nothing) {
            if (statement.getElseStatement() instanceof IfTree next) {
                elseIfs.add(next);
            }
            return super.visitIf(statement, nothing);
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
            if (call.getMethodSelect() instanceof MemberSelectTree member) {
                calls.add(member.getIdentifier().toString());
            }
            if (!(call.getMethodSelect() instanceof IdentifierTree name)) {
                return super.visitMethodInvocation(call, nothing);
            }
            calls.add(name.getName().toString());
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
