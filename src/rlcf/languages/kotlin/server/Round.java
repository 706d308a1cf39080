import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSeverity;
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSourceLocation;
import org.jetbrains.kotlin.cli.common.messages.MessageCollector;

/** What the compiler says of some files in one go. */
final class Round implements MessageCollector {
    private static final Pattern NAMED = Pattern.compile("\\[([A-Z][A-Z0-9_]*)] ", Pattern.UNICODE_CASE);

    private final Map<String, SourceFile> files = new HashMap<>();
    private final Map<Integer, List<Row>> rows = new TreeMap<>();
    private final List<Row> errorsOfNoFile = new ArrayList<>();
    private String crash;
    private boolean hasErrors;

    Round(List<SourceFile> files) {
        for (SourceFile file : files) {
            this.files.put(file.path().toString(), file);
        }
    }

    @Override
    public void report(
            CompilerMessageSeverity severity, String message, CompilerMessageSourceLocation location) {
        if (severity == CompilerMessageSeverity.EXCEPTION) {
            crashed(message);
        } else if (severity.isError() || severity.isWarning()) {
            hasErrors |= severity.isError();
            SourceFile file = location == null ? null : files.get(location.getPath());
            if (file != null) {
                Row row = file.row(code(message), severity.isError(), text(message), location);
                rows.computeIfAbsent(file.number(), number -> new ArrayList<>()).add(row);
            } else if (severity.isError()) {
                errorsOfNoFile.add(new Row(code(message), true, text(message), 0, 0));
            }
        }
    }

    void crashed(String message) {
        crash = message.lines().findFirst().orElse("");
    }

    /** Why the compiler has broken; null where it has not. */
    String crash() {
        return crash;
    }

    /** Errors that belong to no file: it is not known whose they are. */
    List<Row> errorsOfNoFile() {
        return errorsOfNoFile;
    }

    /** What was said of a file. */
    List<Row> of(int number) {
        return rows.getOrDefault(number, List.of());
    }

    boolean isRejected(int number) {
        return of(number).stream().anyMatch(Row::error);
    }

    @Override
    public boolean hasErrors() {
        return hasErrors;
    }

    @Override
    public void clear() {}

    private static String code(String message) {
        Matcher named = NAMED.matcher(message);
        return named.lookingAt() ? named.group(1) : "UNNAMED";
    }

    private static String text(String message) {
        Matcher named = NAMED.matcher(message);
        return named.lookingAt() ? message.substring(named.end()) : message;
    }
}
