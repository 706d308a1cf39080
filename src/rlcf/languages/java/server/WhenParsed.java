import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.util.Context;

/** What is done with a source as soon as it is parsed. */
interface WhenParsed {
    /** With the program; {@code errors}: whether the parser has found some. */
    void program(JCCompilationUnit unit, Context context, boolean errors);

    /** With a file of the project that the program has drawn in. */
    default void drawnIn(JCCompilationUnit unit, Context context) {}
}
