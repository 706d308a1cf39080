import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCAnnotation;
import com.sun.tools.javac.tree.JCTree.JCAssign;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCExpressionStatement;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCIdent;
import com.sun.tools.javac.tree.JCTree.JCLiteral;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCMethodInvocation;
import com.sun.tools.javac.tree.JCTree.JCModifiers;
import com.sun.tools.javac.tree.JCTree.JCNewClass;
import com.sun.tools.javac.tree.JCTree.JCParens;
import com.sun.tools.javac.tree.JCTree.JCReturn;
import com.sun.tools.javac.tree.JCTree.JCStatement;
import com.sun.tools.javac.tree.JCTree.JCThrow;
import com.sun.tools.javac.tree.JCTree.JCUnary;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.List;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The classes and methods of a file, as the parser gives them:
 *
 * <pre>
 * classes: {"name", "owner", "start": of its modifiers, "opening": of its body}
 * methods: {"name", "owner": names of the classes around it, "signature": name and types of parameters, "start": of its
 *           modifiers, "opening": of its body, "closing": of its body, "statements", "shape", "marks": […]}
 * </pre>
 *
 * A method's shape is that of a body not worth asking for: "empty", "throw", "literal", "getter", "setter", "delegate" (one
 * call that hands on what it is given), or "" for any other. Its marks: "constructor", "static", "deprecated",
 * "generated", "local" (in a class inside a method or an expression).
 */
final class Members extends TreeScanner {
    private record Type(String name, String owner, int start, int opening) {}

    private record Method(
            String name,
            String owner,
            String signature,
            int start,
            int opening,
            int closing,
            String shape,
            java.util.List<String> marks) {}

    private final java.util.List<Type> types = new ArrayList<>();
    private final java.util.List<Method> methods = new ArrayList<>();
    private final Deque<JCClassDecl> around = new ArrayDeque<>();
    private static final Pattern TOKEN =
            Pattern.compile("//[^\\r\\n]*+|/\\*(?s:.*?)\\*/|\"(?:[^\"\\\\\\r\\n]|\\\\.)*+\"|'(?:[^'\\\\]|\\\\.)*+'|[(){]");

    private final String text;
    private final Facts facts;
    private final String seen;
    private int inBodies;

    Members(JCCompilationUnit unit, String text) {
        this.text = text;
        facts = new Facts(new SourceText(text), new Regions(-1, -1, -1));
        facts.collect(unit);
        scan(unit);
        seen = new Interface(unit).digest();
    }

    @Override
    public void visitClassDef(JCClassDecl type) {
        if (!type.name.isEmpty()) {
            types.add(new Type(type.name.toString(), owner(), TreeInfo.getStartPos(type), opening(type.pos)));
        }
        boolean inside = type.name.isEmpty();
        inBodies += inside ? 1 : 0;
        around.push(type);
        super.visitClassDef(type);
        around.pop();
        inBodies -= inside ? 1 : 0;
    }

    @Override
    public void visitVarDef(JCVariableDecl variable) {
        inBodies++;
        super.visitVarDef(variable);
        inBodies--;
    }

    @Override
    public void visitMethodDef(JCMethodDecl method) {
        if (method.body != null && (method.mods.flags & Flags.GENERATEDCONSTR) == 0) {
            methods.add(new Method(
                    method.name.toString(),
                    owner(),
                    signature(method),
                    TreeInfo.getStartPos(method),
                    method.body.pos,
                    TreeInfo.endPos(method.body),
                    shape(method.body.stats),
                    marks(method)));
        }
        inBodies++;
        super.visitMethodDef(method);
        inBodies--;
    }

    private String owner() {
        StringJoiner names = new StringJoiner(".");
        around.descendingIterator().forEachRemaining(type -> names.add(type.name));
        return names.toString();
    }

    /** The first brace after a place that is in no comment, text or parentheses; the place itself where there is none. */
    private int opening(int from) {
        Matcher token = TOKEN.matcher(text);
        int depth = 0;
        for (int at = from; token.find(at); at = token.end()) {
            switch (token.group()) {
                case "(" -> depth++;
                case ")" -> depth--;
                case "{" -> {
                    if (depth == 0) {
                        return token.start();
                    }
                }
                default -> {}
            }
        }
        return from;
    }

    private static String signature(JCMethodDecl method) {
        String variables = method.typarams.isEmpty() ? "" : "<" + method.typarams + ">";
        StringJoiner types = new StringJoiner(",", method.name + variables + "(", ")");
        method.params.forEach(parameter -> types.add(String.valueOf(parameter.vartype)));
        return types.toString();
    }

    private java.util.List<String> marks(JCMethodDecl method) {
        java.util.List<String> marks = new ArrayList<>();
        if (TreeInfo.isConstructor(method)) {
            marks.add("constructor");
        }
        if ((method.mods.flags & Flags.STATIC) != 0) {
            marks.add("static");
        }
        if (inBodies > 0) {
            marks.add("local");
        }
        boolean deprecated = isMarked(method.mods, "Deprecated");
        boolean generated = isMarked(method.mods, "Generated");
        for (JCClassDecl type : around) {
            deprecated |= isMarked(type.mods, "Deprecated");
            generated |= isMarked(type.mods, "Generated");
        }
        if (deprecated) {
            marks.add("deprecated");
        }
        if (generated) {
            marks.add("generated");
        }
        return marks;
    }

    /** By annotation; a deprecation in the comment is a flag. */
    private static boolean isMarked(JCModifiers modifiers, String annotation) {
        boolean marked = annotation.equals("Deprecated") && (modifiers.flags & Flags.DEPRECATED) != 0;
        for (JCAnnotation each : modifiers.annotations) {
            marked |= TreeInfo.name(each.annotationType).contentEquals(annotation);
        }
        return marked;
    }

    private static String shape(List<JCStatement> body) {
        if (body.isEmpty()) {
            return "empty";
        }
        JCStatement first = body.head;
        boolean fluent = body.size() == 2 && body.last() instanceof JCReturn last && isThis(last.expr);
        if (body.size() > 1 && !fluent) {
            return "";
        }
        if (first instanceof JCThrow) {
            return "throw";
        }
        if (first instanceof JCExpressionStatement statement) {
            if (statement.expr instanceof JCAssign assign && isField(assign.lhs) && isPlain(assign.rhs)) {
                return "setter";
            }
            return !fluent && isDelegate(statement.expr) ? "delegate" : "";
        }
        if (!fluent && first instanceof JCReturn returned) {
            JCExpression value = bare(returned.expr);
            if (value == null) {
                return "empty";
            }
            if (value instanceof JCLiteral || value instanceof JCUnary unary && bare(unary.arg) instanceof JCLiteral) {
                return "literal";
            }
            if (isField(value)) {
                return "getter";
            }
            return isDelegate(value) ? "delegate" : "";
        }
        return "";
    }

    private static JCExpression bare(JCExpression expression) {
        return expression instanceof JCParens parens ? bare(parens.expr) : expression;
    }

    private static boolean isThis(JCExpression expression) {
        return expression instanceof JCIdent name && name.name.contentEquals("this");
    }

    private static boolean isField(JCExpression expression) {
        return expression instanceof JCIdent || expression instanceof JCFieldAccess access && isField(access.selected);
    }

    private static boolean isPlain(JCExpression expression) {
        return expression == null || isField(bare(expression)) || bare(expression) instanceof JCLiteral;
    }

    private static boolean isDelegate(JCExpression expression) {
        if (expression instanceof JCMethodInvocation call) {
            boolean plainTarget = call.meth instanceof JCIdent
                    || call.meth instanceof JCFieldAccess access && isPlain(access.selected);
            return plainTarget && call.args.stream().allMatch(Members::isPlain);
        }
        return expression instanceof JCNewClass created
                && created.def == null
                && created.args.stream().allMatch(Members::isPlain);
    }

    void write(Json json, SourceText source) {
        json.name("interface").value(seen).name("classes").open('[');
        for (Type type : types) {
            json.open('{').name("name").value(type.name);
            json.name("owner").value(type.owner).name("start").value(source.characters(type.start));
            json.name("opening").value(source.characters(type.opening)).close('}');
        }
        Map<Integer, Integer> statements = new HashMap<>();
        facts.methods.forEach(method -> statements.put(method.offset(), method.statements()));
        json.close(']').name("methods").open('[');
        for (Method method : methods) {
            json.open('{').name("name").value(method.name).name("owner").value(method.owner);
            json.name("signature").value(method.signature).name("start").value(source.characters(method.start));
            int opening = source.characters(method.opening);
            json.name("opening").value(opening).name("closing").value(source.characters(method.closing));
            json.name("statements").value(statements.getOrDefault(opening, 0)).name("shape").value(method.shape);
            json.name("marks").value(method.marks).close('}');
        }
        json.close(']');
    }

}
