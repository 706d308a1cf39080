import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Kinds.Kind;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.Symbol.MethodSymbol;
import com.sun.tools.javac.code.Symtab;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.Types;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCIdent;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.Name;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Element;

/**
 * The test that follows a program: whose {@code main} is run, and that no name in the test means something of the
 * completion's in place of what it means without it. See {@link Comparisons} for the third: that no class of the
 * completion answers the test's comparisons.
 */
final class TestPart {
    private static final Set<String> LIBRARIES = Set.of("java", "javax");

    private final Regions regions;
    private final List<JCMethodDecl> methods = new ArrayList<>();
    private final List<JCTree> completion = new ArrayList<>();
    private final Set<Symbol> ofCompletion = Collections.newSetFromMap(new IdentityHashMap<>());
    private Context context;
    private JCCompilationUnit unit;
    private Comparisons comparisons;
    private String objection;

    TestPart(Regions regions) {
        this.regions = regions;
    }

    /** Takes the program as it is parsed. */
    void collect(JCCompilationUnit parsed, Context compilerContext) {
        context = compilerContext;
        unit = parsed;
        comparisons = new Comparisons(regions);
        try {
            new Declarations().scan(parsed);
        } catch (StackOverflowError tooDeep) {
            objection = "it is nested too deeply to be run with a test";
        }
    }

    /** Looks at the test's part of a class that the compiler has found no error in, and secures it. */
    void analysed(Element type) {
        if (!regions.haveTest()) {
            return;
        }
        if (ofCompletion.isEmpty()) {
            completion.forEach(tree -> ofCompletion.add(TreeInfo.symbolFor(tree)));
        }
        for (var rest = unit.defs; rest.nonEmpty(); rest = rest.tail) {
            boolean before = rest.tail.nonEmpty() && TreeInfo.getStartPos(rest.tail.head) <= regions.testStart();
            if (!before && rest.head instanceof JCClassDecl declared && declared.sym == type) {
                try {
                    declared.accept(new NamesInTest());
                    comparisons.secure(declared, unit, context);
                } catch (RuntimeException | StackOverflowError notUnderstood) {
                    objection = "the test cannot be analysed: " + notUnderstood;
                }
            }
        }
    }

    /**
     * The binary name of the class whose {@code main} is run: the last one in the source, which must be the test's where
     * it is known where that starts. {@code null} where there is none. For a program that is accepted.
     */
    String main() {
        String found = null;
        for (JCMethodDecl method : methods) {
            if (method.sym != null && isMain(method.sym) && (!regions.haveTest() || regions.isTest(method.pos))) {
                found = method.sym.owner.flatName().toString();
            }
        }
        return found;
    }

    private boolean isMain(MethodSymbol method) {
        Symtab symbols = Symtab.instance(context);
        long wanted = Flags.PUBLIC | Flags.STATIC;
        List<Type> parameters = method.type.getParameterTypes();
        return method.name.contentEquals("main")
                && (method.flags() & wanted) == wanted
                && method.type.getReturnType() == symbols.voidType
                && parameters.size() == 1
                && parameters.get(0) instanceof Type.ArrayType array
                && array.elemtype.tsym == symbols.stringType.tsym;
    }

    /** Why the program must not be run with its test; {@code null} if it may. */
    String objection() {
        if (objection == null && main() == null) {
            return (regions.haveTest() ? "the test declares no" : "no class has a") + " public static void main(String[])";
        }
        return objection;
    }

    private void object(String kind, Name name, Symbol meant) {
        String full = meant == null ? "the package" : meant.kind == Kind.MTH ? meant.owner + "." + meant : "" + meant;
        objection = "the completion's " + kind + " " + name + " takes the place of " + full + " in the test";
    }

    /** Finds what is declared, and what stands in the completion. */
    private final class Declarations extends TreeScanner {
        @Override
        public void scan(JCTree tree) {
            if (tree != null) {
                comparisons.collect(tree);
                boolean declares = tree instanceof JCClassDecl || tree instanceof JCMethodDecl || tree instanceof JCVariableDecl;
                if (declares && regions.isCompletion(tree.pos)) {
                    completion.add(tree);
                }
                if (tree instanceof JCMethodDecl method) {
                    methods.add(method);
                }
            }
            super.scan(tree);
        }
    }

    /** Compares what the names in the test mean with what they would mean without the completion. */
    private final class NamesInTest extends TreeScanner {
        @Override
        public void visitIdent(JCIdent name) {
            Symbol meant = name.sym;
            if (!regions.isTest(name.pos) || !ofCompletion.contains(meant)) {
                return;
            }
            if (meant.kind == Kind.MTH) {
                imported(name.name, Kind.MTH, "method");
                overloads(meant);
                return;
            }
            String kind = meant.kind == Kind.TYP ? "class" : "field";
            if (LIBRARIES.contains(name.name.toString())) {
                object(kind, name.name, null);
            }
            imported(name.name, Kind.TYP, kind);
        }

        @Override
        public void visitSelect(JCFieldAccess select) {
            if (regions.isTest(select.pos)) {
                overloads(select.sym);
            }
            super.visitSelect(select);
        }

        @Override
        public void visitReference(JCMemberReference reference) {
            if (regions.isTest(reference.pos)) {
                overloads(reference.sym);
            }
            super.visitReference(reference);
        }

        /** Objects where the imports, or {@code java.lang}, offer something of this name. */
        private void imported(Name name, Kind kind, String what) {
            for (var scope : List.of(unit.namedImportScope, unit.starImportScope)) {
                for (Symbol offered : scope.getSymbolsByName(name)) {
                    if (offered.kind == kind && !ofCompletion.contains(offered)) {
                        object(what, name, offered);
                        return;
                    }
                }
            }
        }

        /** Objects where a method of the completion is called instead of one that the context wrote out. */
        private void overloads(Symbol called) {
            if (!(called instanceof MethodSymbol) || !ofCompletion.contains(called)) {
                return;
            }
            for (JCMethodDecl method : methods) {
                boolean written = method.body != null && TreeInfo.endPos(method.body) <= regions.start();
                if (written && method.sym.owner == called.owner && method.name == called.name) {
                    object("method", method.name, method.sym);
                }
            }
        }
    }
}
