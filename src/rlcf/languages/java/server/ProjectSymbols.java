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

/**
 * Lets a pooled context forget what a program and its project have brought into it: all classes of the unnamed module,
 * and what its packages hold. The pool itself removes only the classes that the program declares; the program's package
 * would still list them, and classes of the class path that were read meanwhile would still refer to them.
 */
final class ProjectSymbols {
    private ProjectSymbols() {}

    /**
     * What is forgotten is looked for again, on the class path, when a program asks for it.
     *
     * @return {@code false} where a program's classes cannot be told from the platform's: before Java 9 there are no modules
     */
    static boolean forget(Context context) {
        if (!Feature.MODULES.allowedInSource(Source.instance(context))) {
            return false;
        }
        Symtab symbols = Symtab.instance(context);
        ModuleSymbol unnamed = symbols.unnamedModule;
        List<ClassSymbol> classes = new ArrayList<>();
        symbols.getAllClasses().forEach(classes::add);
        for (ClassSymbol each : classes) {
            if (each.packge().modle == unnamed) {
                symbols.removeClass(unnamed, each.flatname);
            }
        }
        Completer completer = ClassFinder.instance(context).getCompleter();
        for (Symbol each : unnamed.enclosedPackages) {
            if (each != symbols.rootPackage) {
                empty((PackageSymbol) each, completer);
                each.flags_field = 0; // whether there is such a package is found out again
            }
        }
        empty(unnamed.unnamedPackage, completer);
        return true;
    }

    private static void empty(PackageSymbol pack, Completer completer) {
        pack.members_field = null;
        pack.package_info = null;
        pack.completer = completer;
    }
}
