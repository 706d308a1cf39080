import java.nio.file.Path;
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSourceLocation;

/**
 * A program in a file.
 *
 * @param pack the package that the program was put into; empty: none
 */
record SourceFile(int number, Path path, String pack) {
    /** What stands before the program, in its first line. */
    String prefix() {
        return pack.isEmpty() ? "" : "package " + pack + "; ";
    }

    /** A diagnostic of the program, without what was put around it. */
    Row row(String code, boolean error, String message, CompilerMessageSourceLocation location) {
        int line = Math.max(location.getLine(), 0);
        int column = line == 1 ? Math.max(location.getColumn() - prefix().length(), 1) : location.getColumn();
        String own = pack.isEmpty() ? message : message.replace(pack + ".", "").replace(pack, "root package");
        return new Row(code, error, own, line, Math.max(column, 0));
    }
}
