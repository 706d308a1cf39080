import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeMaker;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.Context;
import com.sun.tools.javac.util.List;

/**
 * Where a completion is the rest of one method's body and no more, no other code depends on it, nor it on what stands in
 * other bodies: they become {@code { throw null; }}, which is right in every method. Constructors and initialisers stay
 * as they are, for they say which fields have a value.
 */
final class OtherBodies implements WhenParsed {
    private final int start;
    private final int end;
    private boolean apply;

    /** The completion's place in UTF-16 units, without white space at its end. */
    OtherBodies(int start, int end) {
        this.start = start;
        this.end = end;
    }

    /** Whether they do not matter: what the compiler says does not depend on them. */
    boolean applied() {
        return apply;
    }

    @Override
    public void program(JCCompilationUnit program, Context context, boolean errors) {
        if (errors) {
            return; // the parser may have gone on into them
        }
        program.accept(new TreeScanner() {
            @Override
            public void visitMethodDef(JCMethodDecl method) {
                apply |= method.body != null && method.body.pos < start && TreeInfo.endPos(method.body) == end - 1;
                super.visitMethodDef(method);
            }
        });
        if (apply) {
            empty(program, context, start, end);
        }
    }

    @Override
    public void drawnIn(JCCompilationUnit file, Context context) {
        if (apply) {
            emptyAll(file, context);
        }
    }

    /** Of a file, whatever the program is. */
    static void emptyAll(JCCompilationUnit file, Context context) {
        empty(file, context, -1, -1);
    }

    private static void empty(JCCompilationUnit unit, Context context, int keptFrom, int keptTo) {
        TreeMaker make = TreeMaker.instance(context);
        unit.accept(new TreeScanner() {
            @Override
            public void visitMethodDef(JCMethodDecl method) {
                if (method.body == null || TreeInfo.isConstructor(method) || hasToDoWith(method)) {
                    super.visitMethodDef(method);
                } else {
                    make.at(method.body.pos);
                    method.body.stats = List.of(make.Throw(make.Literal(TypeTag.BOT, null)));
                }
            }

            /** Whether a method stands around the completion or in it. */
            private boolean hasToDoWith(JCMethodDecl method) {
                return method.body.pos < keptTo && TreeInfo.endPos(method.body) >= keptFrom;
            }
        });
    }
}
