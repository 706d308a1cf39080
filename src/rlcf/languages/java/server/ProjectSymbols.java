import com.sun.tools.javac.code.ClassFinder;
import com.sun.tools.javac.code.Source;
import com.sun.tools.javac.code.Source.Feature;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Symbol.ClassSymbol;
import com.sun.tools.javac.code.Symbol.Completer;
import com.sun.tools.javac.code.Symbol.ModuleSymbol;
import com.sun.tools.javac.code.Symbol.PackageSymbol;
import com.sun.tools.javac.code.Symtab;
import com.sun.tools.javac.util.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Lets a pooled context forget what a program and its project have brought into it: their classes, and what their
 * packages hold. The pool itself removes only the classes that the program declares; the program's package would still
 * list them, and classes of the class path that were read meanwhile would still refer to them. What is forgotten is
 * looked for again when a program asks for it.
 */
final class ProjectSymbols {
    /** Of the platform's classes where a release is asked for. */
    private static final String PLATFORM_FILE = ".sig";

    private final Symtab symbols;
    private final Completer completer;

    private ProjectSymbols(Context context) {
        symbols = Symtab.instance(context);
        completer = ClassFinder.instance(context).getCompleter();
    }

    /**
     * Forgets them.
     *
     * @param project names of the packages that the project has
     * @param program name of the program's package
     * @return {@code false} where the project has classes in one of the platform's packages, and these have no module
     */
    static boolean forget(Context context, Set<String> project, String program) {
        ProjectSymbols forgetting = new ProjectSymbols(context);
        if (Feature.MODULES.allowedInSource(Source.instance(context))) {
            forgetting.forget(forgetting.symbols.unnamedModule, pack -> true);
            return true;
        }
        // Before Java 9 the platform's classes stand in the same, nameless module.
        return forgetting.forget(
                forgetting.symbols.noModule,
                pack -> pack.equals(program) || program.startsWith(pack + ".") || project.contains(pack));
    }

    private boolean forget(ModuleSymbol module, Predicate<String> isProjects) {
        List<ClassSymbol> classes = new ArrayList<>();
        for (ClassSymbol each : symbols.getAllClasses()) {
            PackageSymbol pack = each.packge();
            if (pack.modle == module && isProjects.test(pack.fullname.toString())) {
                if (each.classfile != null && each.classfile.getName().endsWith(PLATFORM_FILE)) {
                    return false;
                }
                classes.add(each);
            }
        }
        classes.forEach(each -> symbols.removeClass(module, each.flatname));
        for (Symbol each : module.enclosedPackages) {
            if (each != symbols.rootPackage && isProjects.test(((PackageSymbol) each).fullname.toString())) {
                empty((PackageSymbol) each);
                each.flags_field = 0; // whether there is such a package is found out again
            }
        }
        empty(module.unnamedPackage);
        return true;
    }

    private void empty(PackageSymbol pack) {
        pack.members_field = null;
        pack.package_info = null;
        pack.completer = completer;
    }
}
