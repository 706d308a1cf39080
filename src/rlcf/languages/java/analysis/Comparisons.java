import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.Symbol.MethodSymbol;
import com.sun.tools.javac.code.Symbol.PackageSymbol;
import com.sun.tools.javac.code.Symtab;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.Type.MethodType;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.code.Types;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCClassDecl;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCExpression;
import com.sun.tools.javac.tree.JCTree.JCFieldAccess;
import com.sun.tools.javac.tree.JCTree.JCFunctionalExpression;
import com.sun.tools.javac.tree.JCTree.JCIdent;
import com.sun.tools.javac.tree.JCTree.JCMemberReference;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.JCTree.JCMethodInvocation;
import com.sun.tools.javac.tree.JCTree.JCNewClass;
import com.sun.tools.javac.tree.JCTree.JCVariableDecl;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeMaker;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.tree.TreeTranslator;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.List;
import com.sun.tools.javac.util.Names;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Makes a test's comparisons those of the library, so that no class of the completion answers them: each value that is
 * compared goes through {@code rlcf.harness.Guard} first, with the names of the classes that may answer. These are the
 * task's own and the test's, and those of which the test itself handles objects: where an argument in the test has such
 * a type, or a variable of another type is initialised with it.
 *
 * <p>It is done in the compiler's tree, where the types are known, after the compiler has found no error; and only where
 * the completion has something that could answer: a class, a method for comparing, a {@link Comparable} made of a lambda,
 * or a name of {@link #MAKERS}.
 */
final class Comparisons {
    private static final Set<String> COMPARE = Set.of(
            "equals", "deepEquals", "compareTo", "compare", "contains", "containsAll", "containsKey", "containsValue",
            "get", "getOrDefault", "indexOf", "lastIndexOf", "mismatch", "frequency", "disjoint", "before", "after",
            "isEqual", "binarySearch");
    private static final Set<String> CHANGE = Set.of("remove", "removeAll", "retainAll");
    private static final Set<String> COPIED = Set.of(
            "java.lang.Object", "java.lang.Iterable", "java.util.Collection", "java.util.List", "java.util.Map",
            "java.util.Set");
    /** The methods of the guard for what a reference to a method becomes. */
    private static final Map<String, String> FUNCTIONS = Map.of(
            "java.util.function.Predicate", "predicate", "java.util.function.BiPredicate", "biPredicate",
            "java.util.function.Function", "function", "java.util.function.BiFunction", "biFunction");
    private static final String NUMBERS = "java.math";
    /** What makes objects that compare as the completion likes: sorted collections, proxies, classes at run time. */
    private static final Set<String> MAKERS = Set.of(
            "TreeSet", "TreeMap", "ConcurrentSkipListSet", "ConcurrentSkipListMap", "SortedSet", "SortedMap",
            "NavigableSet", "NavigableMap", "Comparable", "Proxy", "MethodHandles", "MethodHandleProxies", "forName",
            "loadClass", "getClassLoader", "ObjectInputStream", "ServiceLoader");

    private final Regions regions;
    private final java.util.List<JCClassDecl> types = new ArrayList<>();
    private final java.util.List<JCMethodDecl> answering = new ArrayList<>();
    private final java.util.List<JCFunctionalExpression> functions = new ArrayList<>();
    private boolean needed;

    Comparisons(Regions regions) {
        this.regions = regions;
    }

    /** Takes a declaration of the program, and what stands in the completion. */
    void collect(JCTree tree) {
        boolean inCompletion = regions.isCompletion(tree.pos);
        if (tree instanceof JCClassDecl type) {
            types.add(type);
            needed |= inCompletion;
        } else if (!inCompletion) {
            return;
        } else if (tree instanceof JCMethodDecl method && answers(method.name)) {
            answering.add(method);
            needed = true;
        } else if (tree instanceof JCFunctionalExpression function) {
            functions.add(function);
        } else if (tree instanceof JCIdent || tree instanceof JCFieldAccess) {
            needed |= MAKERS.contains(TreeInfo.name(tree).toString());
        }
    }

    private static boolean answers(CharSequence name) {
        return COMPARE.contains(name.toString()) || CHANGE.contains(name.toString());
    }

    /** Rewrites the test's part of a class. */
    void secure(JCClassDecl type, JCCompilationUnit unit, Context context) {
        Symbol comparable = Symtab.instance(context).comparableType.tsym;
        if (!needed && functions.stream().noneMatch(each -> each.target != null && each.target.tsym == comparable)) {
            return;
        }
        Rewriting rewriting = new Rewriting(unit, context);
        type.accept(rewriting.handled);
        rewriting.translate(type);
    }

    private final class Rewriting extends TreeTranslator {
        private final Set<Symbol> ours = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Names names;
        private final Symtab symbols;
        private final Types types;
        private final TreeMaker make;
        private final MethodSymbol objectsEquals;
        private final ClassSymbol guard;
        private final Handled handled = new Handled();
        private String trusted;

        Rewriting(JCCompilationUnit unit, Context context) {
            names = Names.instance(context);
            symbols = Symtab.instance(context);
            types = Types.instance(context);
            make = TreeMaker.instance(context);
            objectsEquals = (MethodSymbol) symbols.objectType.tsym.members().findFirst(names.equals);
            // It is entered nowhere, so that no program can name it.
            Symbol home = new PackageSymbol(names.fromString("rlcf.harness"), symbols.rootPackage);
            guard = new ClassSymbol(Flags.PUBLIC, names.fromString("Guard"), home);
            for (JCTree tree : unit.defs) {
                if (tree instanceof JCClassDecl type) {
                    ours.add(type.sym);
                }
            }
        }

        @Override
        public void visitApply(JCMethodInvocation call) {
            super.visitApply(call);
            Symbol method = TreeInfo.symbol(call.meth);
            if (!regions.isTest(call.pos) || !compares(method) || call.args.isEmpty()) {
                return;
            }
            boolean changes = CHANGE.contains(method.name.toString());
            if (call.meth instanceof JCFieldAccess select && !method.isStatic() && isValue(select.selected)) {
                if (method.name == objectsEquals.name && call.args.size() == 1) {
                    select.selected = guarded(select.selected, "copied", symbols.objectType);
                    select.sym = objectsEquals;
                } else {
                    select.selected = cast(select.selected, method.owner, changes);
                }
            }
            call.args = call.args.map(argument -> cast(argument, symbols.objectType.tsym, changes));
        }

        @Override
        public void visitReference(JCMemberReference reference) {
            super.visitReference(reference);
            if (!regions.isTest(reference.pos) || !compares(reference.sym)) {
                return;
            }
            if (!reference.sym.isStatic() && isValue(reference.expr)) {
                reference.expr = cast(reference.expr, reference.sym.owner, false);
            }
            Type type = types.erasure(reference.type);
            String kind = FUNCTIONS.get(type.tsym.flatName().toString());
            if (kind != null) {
                result = make.at(reference.pos).TypeCast(type, guarded(reference, kind, type));
            }
        }

        private boolean compares(Symbol method) {
            return method instanceof MethodSymbol
                    && (answers(method.name) || method.packge().fullname.contentEquals(NUMBERS))
                    && !isOurs(method);
        }

        /** A value after the guard, of the type that it had, or of its bound that has the owner's members. */
        private JCExpression cast(JCExpression value, Symbol owner, boolean changes) {
            Type erased = types.erasure(value.type);
            if (erased.isPrimitiveOrVoid() || erased.hasTag(TypeTag.BOT)) {
                return value;
            }
            Type type = erased.tsym.isSubClass(owner, types) ? erased : types.erasure(owner.type);
            boolean copies = !changes && COPIED.contains(type.tsym.flatName().toString());
            JCExpression call = guarded(value, copies ? "copied" : "vetted", symbols.objectType);
            return make.at(value.pos).TypeCast(type, call);
        }

        /** The call of a method of the guard that takes and gives this type. */
        private JCExpression guarded(JCExpression value, String name, Type type) {
            if (trusted == null) {
                trusted = trusted();
            }
            Type signature = new MethodType(List.of(type, symbols.stringType), type, List.nil(), symbols.methodClass);
            Symbol method = new MethodSymbol(Flags.PUBLIC | Flags.STATIC, names.fromString(name), signature, guard);
            make.at(value.pos);
            return make.App(make.QualIdent(method), List.of(value, make.Literal(trusted)));
        }

        private boolean isValue(JCExpression selected) {
            Symbol symbol = TreeInfo.symbol(selected);
            boolean named = symbol instanceof ClassSymbol || symbol instanceof PackageSymbol;
            return !named && !(selected instanceof JCIdent ident && ident.name == names._super);
        }

        private boolean isOurs(Type type) {
            Type element = type instanceof Type.ArrayType ? types.elemtypeOrType(type) : type;
            return element.hasTag(TypeTag.CLASS) && isOurs(element.tsym);
        }

        /** Whether the program declares it; types that nobody has declared, such as intersections, have no owner. */
        private boolean isOurs(Symbol symbol) {
            Symbol outer = symbol;
            while (outer != null && !ours.contains(outer)) {
                outer = outer.owner;
            }
            return outer != null;
        }

        /**
         * The binary names of the classes that may answer comparisons, among those that have methods for it. For all
         * classes in a class of the test stands its name and a slash.
         */
        private String trusted() {
            Set<String> found = new LinkedHashSet<>();
            Set<Symbol> written = new HashSet<>();
            answering.stream().filter(method -> method.sym != null).forEach(method -> written.add(method.sym));
            for (JCClassDecl type : Comparisons.this.types) {
                if (type.sym == null) {
                    continue;
                } else if (regions.isTest(type.pos) && ours.contains(type.sym)) {
                    found.add(type.sym.flatName() + "/");
                } else if (mayAnswer(type.sym, regions.isCompletion(type.pos), written)) {
                    found.add(type.sym.flatName().toString());
                }
            }
            return String.join(" ", found);
        }

        private boolean mayAnswer(ClassSymbol type, boolean ofCompletion, Set<Symbol> written) {
            boolean all = true;
            boolean some = false;
            for (Symbol member : type.members().getSymbols(each -> each instanceof MethodSymbol && answers(each.name))) {
                all &= !written.contains(member);
                some = true;
                if (member.name == objectsEquals.name && !ofCompletion && !written.contains(member)) {
                    return true; // the context defines when its objects are equal
                }
            }
            return some && all || handled.types.stream().anyMatch(base -> type.isSubClass(base, types));
        }

        /** Finds the classes of which the test itself handles objects. */
        private final class Handled extends TreeScanner {
            final Set<Symbol> types = new LinkedHashSet<>();

            @Override
            public void visitApply(JCMethodInvocation call) {
                addAll(call.pos, call.args);
                super.visitApply(call);
            }

            @Override
            public void visitNewClass(JCNewClass creation) {
                addAll(creation.pos, creation.args);
                super.visitNewClass(creation);
            }

            @Override
            public void visitVarDef(JCVariableDecl variable) {
                boolean widened = variable.init != null && variable.init.type != null && !isOurs(variable.sym.type);
                if (widened && regions.isTest(variable.pos)) {
                    add(variable.init.type);
                }
                super.visitVarDef(variable);
            }

            private void addAll(int at, List<JCExpression> values) {
                if (regions.isTest(at)) {
                    values.forEach(value -> add(value.type));
                }
            }

            private void add(Type type) {
                if (type instanceof Type.ArrayType array) {
                    add(array.elemtype);
                } else if (type != null && type.hasTag(TypeTag.CLASS)) {
                    if (isOurs(type)) {
                        types.add(type.tsym);
                    }
                    type.getTypeArguments().forEach(this::add);
                }
            }
        }
    }
}
