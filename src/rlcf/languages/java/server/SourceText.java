import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;

/**
 * A source without a file: named after its first public type, so that no program is refused for its file's name, or
 * {@code module-info} when it declares a module, which the compiler wants to know before it parses.
 */
final class SourceText extends SimpleJavaFileObject {
    /** Never goes back over what it has read: megabytes of blank lines must not take time by their square. */
    private static final Pattern MODULE = Pattern.compile("^\\h*+(open\\s++)?+module\\s++[\\w.]++\\s*+\\{", Pattern.MULTILINE);
    private static final String MODULE_FILE = "module-info";
    private static final String PACKAGE_FILE = "package-info";

    /** Characters; a text with more names than any program has. */
    private static final int BIG = 100_000;

    private final String text;
    private final String shown;
    private final boolean manyNames;
    private String fileName;

    SourceText(String text) {
        super(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE);
        this.text = text;
        this.shown = text;
        this.manyNames = text.length() > BIG;
        Matcher module = MODULE.matcher(text);
        if (text.contains("module") && module.find() && text.lastIndexOf('{', module.end() - 2) < 0) {
            this.fileName = MODULE_FILE;
        }
    }

    private SourceText(SourceText other, String shown, int fresh) {
        super(other.uri, JavaFileObject.Kind.SOURCE);
        this.text = other.text;
        this.shown = shown;
        this.manyNames = fresh > BIG;
        this.fileName = other.fileName;
    }

    /**
     * The same source, of which the compiler sees other characters in the same places.
     *
     * @param fresh how many characters of it no other source has
     */
    SourceText shownAs(String other, int fresh) {
        return new SourceText(this, other, fresh);
    }

    /** Whether a compiler's table of names has grown by more than usual. */
    boolean hasManyNames() {
        return manyNames;
    }

    /** Names the file, without suffix, as its parsed text requires. */
    void nameAfter(CompilationUnitTree unit) {
        if (unit.getModule() != null) {
            fileName = MODULE_FILE;
        } else if (unit.getPackage() != null && unit.getTypeDecls().isEmpty()) {
            fileName = PACKAGE_FILE;
        } else {
            for (Tree type : unit.getTypeDecls()) {
                if (type instanceof ClassTree named && named.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                    fileName = named.getSimpleName().toString();
                    return;
                }
            }
        }
    }

    /** Whether it declares a module. */
    boolean isModule() {
        return MODULE_FILE.equals(fileName);
    }

    private boolean isNamed(String simpleName) {
        if (fileName != null) {
            return fileName.equals(simpleName);
        }
        // It may be called anything, save what would make it another kind of file.
        return !simpleName.equals(MODULE_FILE) && !simpleName.equals(PACKAGE_FILE);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return shown;
    }

    @Override
    public boolean isNameCompatible(String simpleName, JavaFileObject.Kind kind) {
        return kind == JavaFileObject.Kind.SOURCE && isNamed(simpleName);
    }

    /** The offset in characters (code points) of an offset in UTF-16 units. */
    int characters(int offset) {
        int inside = Math.min(offset, text.length());
        return text.codePointCount(0, inside);
    }

    /** The column in characters, from 1, of an offset in UTF-16 units; a tab is one character. */
    int column(int offset) {
        int inside = Math.min(offset, text.length());
        int start = inside;
        while (start > 0 && text.charAt(start - 1) != '\n' && text.charAt(start - 1) != '\r') {
            start--;
        }
        return 1 + text.codePointCount(start, inside);
    }
}
