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
import com.sun.tools.javac.tree.JCTree.JCIdent;
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
import com.sun.tools.javac.util.Name;
import com.sun.tools.javac.util.Names;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes a test's comparisons those of the library, so that no class of the completion answers them: each value that is
 * compared goes through {@code rlcf.harness.Guard} first.
 *
 * <p>It is done in the compiler's tree, where the types are known, after the compiler has found no error; and only where
 * the completion declares a class, or makes a sorted collection, whose order is what says which elements are equal. A
 * class is trusted where the test itself handles its objects: where an argument in the test has its type.
 */
final class Comparisons {
    private static final Set<String> COMPARE = Set.of(
            "equals", "deepEquals", "compareTo", "compare", "contains", "containsAll", "containsKey", "containsValue",
            "get", "getOrDefault", "indexOf", "lastIndexOf", "mismatch", "frequency", "disjoint", "before", "after");
    private static final Set<String> CHANGE = Set.of("remove", "removeAll", "retainAll");
    private static final Set<String> SORTED =
            Set.of("TreeSet", "TreeMap", "ConcurrentSkipListSet", "ConcurrentSkipListMap");
    private static final Set<String> COPIED = Set.of(
            "java.lang.Object", "java.lang.Iterable", "java.util.Collection", "java.util.List", "java.util.Map",
            "java.util.Set");
    private static final String NUMBERS = "java.math";

    private final Regions regions;
    private final java.util.List<JCMethodDecl> answering = new ArrayList<>();
    private final java.util.List<JCClassDecl> types = new ArrayList<>();
    private boolean sorts;

    Comparisons(Regions regions) {
        this.regions = regions;
    }

    /** Takes a name that stands in the completion. */
    void names(Name name) {
        sorts |= SORTED.contains(name.toString());
    }

    /** Takes a declaration of the completion. */
    void declares(JCTree tree) {
        if (tree instanceof JCClassDecl type) {
            types.add(type);
        } else if (tree instanceof JCMethodDecl method) {
            String name = method.name.toString();
            if ((COMPARE.contains(name) || CHANGE.contains(name)) && !method.params.isEmpty()) {
                answering.add(method);
            }
        }
    }

    /** Rewrites the test's part of a class. */
    void secure(JCClassDecl type, JCCompilationUnit unit, Context context) {
        if (sorts || !types.isEmpty() || !answering.isEmpty()) {
            Rewriting rewriting = new Rewriting(unit, context);
            type.accept(rewriting.trusted);
            rewriting.translate(type);
        }
    }

    private final class Rewriting extends TreeTranslator {
        private final JCCompilationUnit unit;
        private final Symtab symbols;
        private final Types types;
        private final TreeMaker make;
        private final MethodSymbol objectsEquals;
        private final MethodSymbol copied;
        private final MethodSymbol vetted;
        private final Trusted trusted = new Trusted();
        private String untrusted;

        Rewriting(JCCompilationUnit unit, Context context) {
            Names names = Names.instance(context);
            this.unit = unit;
            symbols = Symtab.instance(context);
            types = Types.instance(context);
            make = TreeMaker.instance(context);
            objectsEquals = (MethodSymbol) symbols.objectType.tsym.members().findFirst(names.equals);
            // It is entered nowhere, so that no program can name it.
            Symbol home = new PackageSymbol(names.fromString("rlcf.harness"), symbols.rootPackage);
            ClassSymbol guard = new ClassSymbol(Flags.PUBLIC, names.fromString("Guard"), home);
            Type signature = new MethodType(
                    List.of(symbols.objectType, symbols.stringType), symbols.objectType, List.nil(), symbols.methodClass);
            long flags = Flags.PUBLIC | Flags.STATIC;
            copied = new MethodSymbol(flags, names.fromString("copied"), signature, guard);
            vetted = new MethodSymbol(flags, names.fromString("vetted"), signature, guard);
        }

        @Override
        public void visitApply(JCMethodInvocation call) {
            super.visitApply(call);
            if (!regions.isTest(call.pos) || !(TreeInfo.symbol(call.meth) instanceof MethodSymbol method)) {
                return;
            }
            String name = method.name.toString();
            boolean changes = CHANGE.contains(name);
            boolean onNumbers = method.packge().fullname.contentEquals(NUMBERS);
            if (!(changes || onNumbers || COMPARE.contains(name)) || call.args.isEmpty() || isOurs(method)) {
                return;
            }
            if (call.meth instanceof JCFieldAccess select && !method.isStatic() && isValue(select.selected)) {
                if (method.name == objectsEquals.name && call.args.size() == 1) {
                    select.selected = guarded(select.selected, copied);
                    select.sym = objectsEquals;
                } else {
                    select.selected = cast(select.selected, method.owner, changes);
                }
            }
            call.args = call.args.map(argument -> cast(argument, symbols.objectType.tsym, changes));
        }

        /** A value after the guard, of the type that it had, or of its bound that has the owner's members. */
        private JCExpression cast(JCExpression value, Symbol owner, boolean changes) {
            Type erased = types.erasure(value.type);
            if (erased.isPrimitiveOrVoid() || erased.hasTag(TypeTag.BOT)) {
                return value;
            }
            Type type = erased.tsym.isSubClass(owner, types) ? erased : types.erasure(owner.type);
            boolean copies = !changes && COPIED.contains(type.tsym.flatName().toString());
            return make.at(value.pos).TypeCast(type, guarded(value, copies ? copied : vetted));
        }

        private JCExpression guarded(JCExpression value, MethodSymbol method) {
            make.at(value.pos);
            if (untrusted == null) {
                untrusted = untrusted();
            }
            return make.App(make.QualIdent(method), List.of(value, make.Literal(untrusted)));
        }

        private boolean isValue(JCExpression selected) {
            Symbol symbol = TreeInfo.symbol(selected);
            boolean named = symbol instanceof ClassSymbol || symbol instanceof PackageSymbol;
            return !named && !(selected instanceof JCIdent ident && ident.name == ident.name.table.names._super);
        }

        private boolean isOurs(Type type) {
            Type element = type instanceof Type.ArrayType ? types.elemtypeOrType(type) : type;
            return element.hasTag(TypeTag.CLASS) && isOurs(element.tsym);
        }

        /** Whether the program declares it; types that nobody has declared, such as intersections, have no owner. */
        private boolean isOurs(Symbol symbol) {
            for (Symbol outer = symbol; outer != null; outer = outer.owner) {
                Symbol declared = outer;
                if (unit.defs.stream().anyMatch(tree -> tree instanceof JCClassDecl type && type.sym == declared)) {
                    return true;
                }
            }
            return false;
        }

        /** The binary names of the classes that answer comparisons and are not trusted. */
        private String untrusted() {
            Set<ClassSymbol> found = new LinkedHashSet<>();
            answering.stream().filter(m -> m.sym != null).forEach(m -> found.add((ClassSymbol) m.sym.owner));
            for (JCClassDecl type : Comparisons.this.types) { if (type.sym == null) { continue; }
                if (types.supertype(type.sym.type).tsym.packge().fullname.contentEquals(NUMBERS)) {
                    found.add(type.sym);
                }
            }
            found.removeIf(this::comparesByTheContext);
            found.removeIf(type -> trusted.types.stream().anyMatch(base -> type.isSubClass(base, types)));
            return found.stream().map(type -> type.flatName().toString()).collect(Collectors.joining(" "));
        }

        /** Whether the task's own context declares the class and its {@code equals}. */
        private boolean comparesByTheContext(ClassSymbol type) {
            if (Comparisons.this.types.stream().anyMatch(declared -> declared.sym == type)) {
                return false;
            }
            for (Symbol member : type.members().getSymbolsByName(objectsEquals.name)) {
                if (answering.stream().noneMatch(method -> method.sym == member)) {
                    return true;
                }
            }
            return false;
        }

        /** Finds the classes of which the test itself handles objects. */
        private final class Trusted extends TreeScanner {
            final Set<Symbol> types = new LinkedHashSet<>();

            @Override
            public void visitApply(JCMethodInvocation call) {
                add(call.pos, call.args);
                super.visitApply(call);
            }

            @Override
            public void visitNewClass(JCNewClass creation) {
                add(creation.pos, creation.args);
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

            private void add(int at, List<JCExpression> arguments) {
                if (regions.isTest(at)) {
                    arguments.forEach(argument -> add(argument.type));
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
