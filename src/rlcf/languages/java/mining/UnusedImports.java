import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCIdent;
import com.sun.tools.javac.tree.JCTree.JCImport;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.List;
import com.sun.tools.javac.util.Name;
import java.util.HashSet;
import java.util.Set;

/** Removes the imports of single names that nothing in a file refers to: what they name may be missing. */
final class UnusedImports {
    private UnusedImports() {}

    static void remove(JCCompilationUnit unit) {
        Set<Name> used = new HashSet<>();
        TreeScanner scanner = new TreeScanner() {
            @Override
            public void visitIdent(JCIdent name) {
                used.add(name.name);
            }
        };
        List<JCTree> kept = List.nil();
        for (JCTree part : unit.defs) {
            if (!(part instanceof JCImport)) {
                scanner.scan(part);
            }
        }
        for (JCTree part : unit.defs) {
            Name named = part instanceof JCImport imported ? TreeInfo.name(imported.qualid) : null;
            if (named == null || named.contentEquals("*") || used.contains(named)) {
                kept = kept.append(part);
            }
        }
        unit.defs = kept;
    }
}
