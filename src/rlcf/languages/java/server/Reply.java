import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;

/**
 * What the server answers, as one JSON object in ASCII:
 *
 * <pre>
 * {"accepted": boolean,
 *  "errors": [{"code", "message", "line", "column", "offset"}, …],
 *  "methods": [{"name", "offset", "statements", "parameters": […], "parameters_read": […], "returns_literal",
 *               "calls": […], "nesting", "slice": {"statements", "parameters", "outside", "computes"} or null}, …],
 *  "types": [name, …],
 *  "main": binary name of the class whose main is run, or null,
 *  "objection": why the program must not be run with its test, or null,
 *  "classes": {binary name: Base64, …},
 *  "target": {"owner": binary name, "key", "known": [key, …], "added": [name, …]} or null}
 * {"crash": what was thrown}
 * </pre>
 *
 * <p>The last four members are only there for an accepted program that is to be run; {@link Target} has the last. Lines and columns count from 1,
 * offsets from 0, all in characters; a diagnostic without a place has 0, 0, -1, and one about another file has its name
 * and line in the message.
 */
final class Reply {
    private static final int MESSAGE_LENGTH = 2_000;

    private record Problem(String code, String message, int line, int column, int offset) {}

    private final boolean accepted;
    private final Facts facts;
    private final List<Problem> errors = new ArrayList<>();
    private TestPart test;
    private Map<String, byte[]> classes;
    private Target target;
    private String owner;
    private final String crash;

    Reply(boolean accepted, Facts facts) {
        this(accepted, facts, null);
    }

    private Reply(boolean accepted, Facts facts, String crash) {
        this.accepted = accepted;
        this.facts = facts;
        this.crash = crash;
    }

    static Reply crash(String what) {
        return new Reply(false, null, shortened(what));
    }

    boolean accepted() {
        return accepted;
    }

    /** Adds what is needed to run the program. */
    void add(Map<String, byte[]> classFiles, TestPart testPart) {
        classes = new LinkedHashMap<>(classFiles);
        test = testPart;
    }

    /** Adds what is needed to drive a method of it. */
    void add(Target wanted) {
        target = wanted;
        owner = wanted.owner();
    }

    void add(Diagnostic<?> error, SourceText source) {
        boolean elsewhere = error.getSource() instanceof JavaFileObject file && file != source;
        int at = elsewhere ? -1 : (int) Math.max(error.getPosition(), -1);
        String message = error.getMessage(Locale.ENGLISH);
        if (elsewhere) {
            message = ((JavaFileObject) error.getSource()).getName() + ":" + error.getLineNumber() + ": " + message;
        }
        String code = String.valueOf(error.getCode());
        errors.add(
                at < 0
                        ? new Problem(code, shortened(message), 0, 0, -1)
                        : new Problem(
                                code,
                                shortened(message),
                                (int) error.getLineNumber(),
                                source.column(at),
                                source.characters(at)));
    }

    private static String shortened(String message) {
        return message.length() > MESSAGE_LENGTH ? message.substring(0, MESSAGE_LENGTH) + "…" : message;
    }

    String json() {
        Json json = new Json().open('{');
        if (crash != null) {
            return json.name("crash").value(crash).close('}').toString();
        }
        json.name("accepted").value(accepted).name("errors").open('[');
        for (Problem error : errors) {
            json.open('{').name("code").value(error.code).name("message").value(error.message);
            json.name("line").value(error.line).name("column").value(error.column);
            json.name("offset").value(error.offset).close('}');
        }
        json.close(']').name("methods").open('[');
        facts.methods.forEach(method -> write(json, method));
        json.close(']').name("types").value(facts.types);
        if (classes != null) {
            json.name("main").value(test.main()).name("objection").value(test.objection());
            json.name("classes").open('{');
            classes.forEach((name, code) -> json.value(name, Base64.getEncoder().encodeToString(code)));
            json.close('}').name("target");
            writeTarget(json);
        }
        return json.close('}').toString();
    }

    private void writeTarget(Json json) {
        if (owner == null) {
            json.value((String) null);
        } else {
            json.open('{').name("owner").value(owner).name("key").value(target.key());
            json.name("known").value(target.known()).name("added").value(target.added()).close('}');
        }
    }

    private static void write(Json json, Facts.Method method) {
        json.open('{').name("name").value(method.name()).name("offset").value(method.offset());
        json.name("statements").value(method.statements()).name("parameters").value(method.parameters());
        json.name("parameters_read").value(method.parametersRead());
        json.name("returns_literal").value(method.returnsLiteral());
        json.name("calls").value(method.calls()).name("nesting").value(method.nesting()).name("slice");
        Slice slice = method.slice();
        if (slice == null) {
            json.value((String) null);
        } else {
            json.open('{').name("statements").value(slice.statements()).name("parameters").value(slice.parameters());
            json.name("outside").value(slice.outside()).name("computes").value(slice.computes()).close('}');
        }
        json.close('}');
    }
}
