import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;

/**
 * What the server answers, as one JSON object.
 *
 * <pre>
 * {"accepted": true, "errors": [[code, message, line, column, offset], …],
 *  "methods": [[name, offset, statements, [parameter, …], [parameter read, …], returnsLiteral, [call, …], nesting,
 *              outcome], …],
 *  "types": [name, …],
 *  "classes": {binary name: Base64, …}}
 * {"crash": what was thrown}
 * </pre>
 *
 * An outcome is [statements, [parameter, …], outside, computes], or null where it is not known.
 *
 * <p> *
 * Lines and columns count from 1, offsets from 0, all in characters; a diagnostic without a place has 0, 0, -1, and one
 * about another file has its name and line in the message.
 */
final class Reply {
    private static final int MESSAGE_LENGTH = 2_000;

    final Map<String, byte[]> classes = new LinkedHashMap<>();

    private final boolean accepted;
    private final List<Facts.Method> methods;
    private final List<String> types;
    private final List<String> errors = new ArrayList<>();
    private String crash;

    Reply(boolean accepted, Facts facts) {
        this(accepted, facts.methods, facts.types);
    }

    private Reply(boolean accepted, List<Facts.Method> methods, List<String> types) {
        this.accepted = accepted;
        this.methods = methods;
        this.types = types;
    }

    static Reply crash(String what) {
        Reply reply = new Reply(false, List.of(), List.of());
        reply.crash = what;
        return reply;
    }

    boolean accepted() {
        return accepted;
    }

    void add(Diagnostic<?> error, SourceText source) {
        boolean elsewhere = error.getSource() instanceof JavaFileObject file && file != source;
        int at = elsewhere ? -1 : (int) Math.max(error.getPosition(), -1);
        String message = error.getMessage(Locale.ENGLISH);
        if (elsewhere) {
            message = ((JavaFileObject) error.getSource()).getName() + ":" + error.getLineNumber() + ": " + message;
        }
        StringBuilder json = new StringBuilder("[");
        quote(json, String.valueOf(error.getCode()));
        json.append(',');
        quote(json, message.length() > MESSAGE_LENGTH ? message.substring(0, MESSAGE_LENGTH) + "…" : message);
        json.append(',').append(at < 0 ? 0 : error.getLineNumber());
        json.append(',').append(at < 0 ? 0 : source.column(at));
        json.append(',').append(at < 0 ? -1 : source.characters(at));
        errors.add(json.append(']').toString());
    }

    String json() {
        StringBuilder json = new StringBuilder(256);
        if (crash != null) {
            json.append("{\"crash\":");
            quote(json, crash.length() > MESSAGE_LENGTH ? crash.substring(0, MESSAGE_LENGTH) : crash);
            return json.append('}').toString();
        }
        json.append("{\"accepted\":").append(accepted);
        json.append(",\"errors\":[").append(String.join(",", errors)).append("],\"methods\":[");
        String separator = "";
        for (Facts.Method method : methods) {
            json.append(separator).append('[');
            quote(json, method.name());
            json.append(',').append(method.offset());
            json.append(',').append(method.statements());
            json.append(',');
            quoteAll(json, method.parameters());
            json.append(',');
            quoteAll(json, method.parametersRead());
            json.append(',').append(method.returnsLiteral()).append(',');
            quoteAll(json, method.calls());
            json.append(',').append(method.nesting()).append(',');
            append(json, method.outcome());
            json.append(']');
            separator = ",";
        }
        json.append("],\"types\":");
        quoteAll(json, types);
        json.append(",\"classes\":{");
        separator = "";
        for (Map.Entry<String, byte[]> entry : classes.entrySet()) {
            json.append(separator);
            quote(json, entry.getKey());
            json.append(":\"").append(Base64.getEncoder().encodeToString(entry.getValue())).append('"');
            separator = ",";
        }
        return json.append("}}").toString();
    }

    private static void append(StringBuilder json, Slice.Outcome outcome) {
        if (outcome == null) {
            json.append("null");
            return;
        }
        json.append('[').append(outcome.statements()).append(',');
        quoteAll(json, outcome.parameters());
        json.append(',').append(outcome.outside()).append(',').append(outcome.computes()).append(']');
    }

    /** Whether a surrogate stands at {@code i} without the other half of its pair. */
    private static boolean isHalf(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private static void quoteAll(StringBuilder json, List<String> texts) {
        json.append('[');
        for (int i = 0; i < texts.size(); i++) {
            json.append(i == 0 ? "" : ",");
            quote(json, texts.get(i));
        }
        json.append(']');
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (isHalf(text, i)) {
                json.append("\\ufffd"); // half a character cannot be written down
            } else if (c < ' ' || c > '~') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
