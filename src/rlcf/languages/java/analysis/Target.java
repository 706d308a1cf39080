import com.sun.tools.javac.code.Symbol.MethodSymbol;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.code.Types;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.Context;
import java.util.ArrayList;
import java.util.List;

/**
 * The method of a program that is to be driven: the one whose body opens at an offset, or else the first of a name. The
 * completion stands between that offset and another.
 */
final class Target extends TreeScanner {
    /** A class that the completion declares, or a field that it adds to another. */
    private record Added(JCClassDecl type, JCVariableDecl field) {}

    private final int opening;
    private final int closing;
    private final String name;
    private final List<JCMethodDecl> before = new ArrayList<>();
    private final List<Added> additions = new ArrayList<>();
    private JCMethodDecl opened;
    private JCMethodDecl named;
    private Context context;
    private String key;
    private final List<String> known = new ArrayList<>();
    private final List<String> added = new ArrayList<>();

    Target(int opening, int closing, String name) {
        this.opening = opening;
        this.closing = closing;
        this.name = name;
    }

    /** Takes the program as it is parsed. */
    void collect(JCCompilationUnit unit, Context compilerContext) {
        context = compilerContext;
        before.clear();
        additions.clear();
        opened = null;
        named = null;
        try {
            scan(unit);
        } catch (StackOverflowError tooDeep) {
            opened = null; // nested too deeply
            named = null;
        }
    }

    @Override
    public void visitClassDef(JCClassDecl type) {
        boolean isAdded = isAdded(type);
        if (isAdded) {
            additions.add(new Added(type, null));
        }
        for (JCTree member : type.defs) { // the compiler takes fields out later
            if (!isAdded && member instanceof JCVariableDecl field && isAdded(field)) {
                additions.add(new Added(type, field));
            }
        }
        super.visitClassDef(type);
    }

    @Override
    public void visitMethodDef(JCMethodDecl method) {
        if (opened == null) {
            before.add(method);
        }
        if (method.body != null && method.body.pos == opening) {
            opened = method;
        } else if (named == null && method.name.contentEquals(name)) {
            named = method;
        }
        super.visitMethodDef(method);
    }

    private JCMethodDecl found() {
        return opened == null ? named : opened;
    }

    /** The binary name of the method's class, for a program that is accepted; {@code null}: there is no such method. */
    String owner() {
        if (found() == null || found().sym == null) {
            return null;
        }
        Types types = Types.instance(context);
        known.clear();
        for (JCMethodDecl method : before) {
            if (method.sym != null && method.pos <= found().pos) {
                known.add(key(method.sym, types));
            }
        }
        added.clear();
        for (Added addition : additions) {
            if (addition.type.sym != null) {
                added.add(addition.type.sym.flatName() + (addition.field == null ? "" : "#" + addition.field.name));
            }
        }
        key = key(found().sym, types);
        return found().sym.owner.flatName().toString();
    }

    /** The method's class, name and parameters, such as {@code A.f(I[J)}. */
    String key() {
        return key;
    }

    /** As {@link #key}, of all methods and constructors that are declared up to the method. */
    List<String> known() {
        return known;
    }

    /** The binary names of the classes that the completion declares, and the fields that it adds to others: {@code A#x}. */
    List<String> added() {
        return added;
    }

    private boolean isAdded(JCTree declaration) {
        return declaration.pos > opening && declaration.pos < closing;
    }

    private static String key(MethodSymbol method, Types types) {
        StringBuilder key = new StringBuilder(method.owner.flatName()).append('.').append(method.name).append('(');
        for (Type parameter : method.externalType(types).getParameterTypes()) {
            append(key, types.erasure(parameter), types);
        }
        return key.append(')').toString();
    }

    private static void append(StringBuilder key, Type type, Types types) {
        if (type.hasTag(TypeTag.ARRAY)) {
            append(key.append('['), types.elemtype(type), types);
        } else if (type.isPrimitive()) {
            key.append(switch (type.getTag()) {
                case BOOLEAN -> 'Z';
                case LONG -> 'J';
                default -> type.getTag().name().charAt(0);
            });
        } else {
            key.append('L').append(type.tsym.flatName().toString().replace('.', '/')).append(';');
        }
    }
}
