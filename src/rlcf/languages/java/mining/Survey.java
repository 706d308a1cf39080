import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import com.sun.tools.javac.api.JavacTaskImpl;
import com.sun.tools.javac.main.Main.Result;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * What one run of the compiler over a source tree gives, as one JSON object in ASCII:
 *
 * <pre>
 * {"compiled": whether all of it is accepted,
 *  "files": {path: {"errors": [{"code", "message", "line", "offset"}, …], "interface": what other files see of it,
 *                   "classes": […], "methods": […]}, …}}
 * </pre>
 *
 * Classes and methods are those of {@link Members}. Offsets count characters from 0. Errors without a file are of the
 * path "".
 */
final class Survey {
    private static final List<String> OPTIONS = List.of(
            "-proc:none", "-implicit:none", "-Xlint:none", "-nowarn", "-g:none", "-Xmaxerrs", "1000000", "-encoding", "UTF-8",
            "--should-stop=ifError=FLOW"); // else a syntax error in one file would hide what is wrong in the others

    private final Map<String, List<Diagnostic<? extends JavaFileObject>>> errors = new LinkedHashMap<>();
    private final Map<String, Members> members = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final boolean compiled;

    Survey(Project project, List<Path> files, List<Path> emptied, Path classes) throws IOException {
        Set<String> withoutBodies = emptied.stream().map(Path::toString).collect(Collectors.toSet());
        StandardJavaFileManager platform = ToolProvider.getSystemJavaCompiler()
                .getStandardFileManager(this::note, Locale.ENGLISH, StandardCharsets.UTF_8);
        platform.setLocationFromPaths(StandardLocation.CLASS_PATH, project.classPath());
        List<String> options = new ArrayList<>(OPTIONS);
        options.addAll(project.moduleOptions());
        if (project.release() != null) {
            options.addAll(List.of("--release", project.release()));
        }
        if (classes != null) {
            Files.createDirectories(classes);
            platform.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
        }
        List<JavaFileObject> units = new ArrayList<>();
        for (JavaFileObject unit : platform.getJavaFileObjectsFromPaths(files)) {
            units.add(withoutBodies.contains(path(unit)) ? new Lenient(unit) : unit);
        }
        JavacTaskImpl task = (JavacTaskImpl) ToolProvider.getSystemJavaCompiler()
                .getTask(new StringWriter(), classes == null ? new MemoryFiles(platform) : platform, this::note, options, null, units);
        task.addTaskListener(new TaskListener() {
            @Override
            public void finished(TaskEvent event) {
                if (event.getKind() == TaskEvent.Kind.PARSE) {
                    JCCompilationUnit unit = (JCCompilationUnit) event.getCompilationUnit();
                    collect(unit);
                    if (withoutBodies.contains(path(unit.getSourceFile()))) {
                        OtherBodies.emptyAll(unit, task.getContext());
                        UnusedImports.remove(unit);
                    }
                }
            }
        });
        compiled = task.doCall() == Result.OK;
    }

    /** A source whose bytes that are no UTF-8 are no error. */
    private static final class Lenient extends ForwardingJavaFileObject<JavaFileObject> {
        Lenient(JavaFileObject file) {
            super(file);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
            try (InputStream bytes = openInputStream()) {
                return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private void note(Diagnostic<? extends JavaFileObject> diagnostic) {
        if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
            JavaFileObject file = diagnostic.getSource();
            errors.computeIfAbsent(file == null ? "" : path(file), path -> new ArrayList<>()).add(diagnostic);
        }
    }

    private void collect(JCCompilationUnit unit) {
        String path = path(unit.getSourceFile());
        try {
            String text = unit.getSourceFile().getCharContent(true).toString();
            texts.put(path, text);
            members.put(path, new Members(unit, text));
        } catch (IOException | StackOverflowError unreadable) {
            // the compiler says so itself
        }
    }

    private static String path(JavaFileObject file) {
        URI uri = file.toUri();
        return "file".equals(uri.getScheme()) ? Path.of(uri).toString() : file.getName();
    }

    String json() {
        Json json = new Json().open('{').name("compiled").value(compiled).name("files").open('{');
        members.keySet().forEach(path -> errors.putIfAbsent(path, List.of()));
        errors.forEach((path, found) -> {
            json.member(path).open('{').name("errors").open('[');
            SourceText text = new SourceText(texts.getOrDefault(path, ""));
            for (Diagnostic<? extends JavaFileObject> error : found) {
                int at = (int) Math.max(error.getPosition(), -1);
                json.open('{').name("code").value(String.valueOf(error.getCode()));
                json.name("message").value(error.getMessage(Locale.ENGLISH));
                json.name("line").value((int) Math.max(error.getLineNumber(), 0));
                json.name("offset").value(at < 0 ? -1 : text.characters(at)).close('}');
            }
            json.close(']');
            if (members.containsKey(path)) {
                members.get(path).write(json, text);
            }
            json.close('}');
        });
        return json.close('}').close('}').toString();
    }
}
