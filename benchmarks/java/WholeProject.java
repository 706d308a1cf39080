import com.sun.tools.javac.api.JavacTaskImpl;
import com.sun.tools.javac.main.Main.Result;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.Diagnostic;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * javac on all files of a project, in a context of its own each time: what a program's verdict has to equal.
 *
 * <p>Arguments: a file that lists the sources, one a line; and optionally a class path. Requests on standard input are two
 * texts, each a length of 4 bytes and so many bytes of UTF-8: the path of a source, and what stands there instead.
 * Replies are one such text, with a line for each error: code, offset (UTF-16 units) and path, tabs in between.
 */
public final class WholeProject {
    private static final List<String> OPTIONS =
            List.of("-proc:none", "-implicit:none", "-Xlint:none", "-nowarn", "-g:none", "-Xmaxerrs", "100");

    private WholeProject() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> sources = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            sources.put(line, Files.readString(Path.of(line)));
        }
        StandardJavaFileManager platform = ToolProvider.getSystemJavaCompiler()
                .getStandardFileManager(null, Locale.ENGLISH, StandardCharsets.UTF_8);
        List<Path> classPath = new ArrayList<>();
        if (arguments.length > 1) {
            for (String part : arguments[1].split(":")) {
                classPath.add(Path.of(part));
            }
        }
        platform.setLocationFromPaths(StandardLocation.CLASS_PATH, classPath);
        JavaFileManager files = new Discarding(platform);
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        Thread thread = new Thread(null, () -> serve(sources, files, in, out), "compile", 64L << 20);
        thread.start();
        thread.join();
    }

    private static void serve(
            Map<String, String> sources, JavaFileManager files, DataInputStream in, DataOutputStream out) {
        try {
            while (true) {
                String path = read(in);
                Map<String, String> changed = new TreeMap<>(sources);
                changed.put(path, read(in));
                byte[] reply = compile(changed, files).getBytes(StandardCharsets.UTF_8);
                out.writeInt(reply.length);
                out.write(reply);
                out.flush();
            }
        } catch (EOFException end) {
            // done
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    private static String read(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String compile(Map<String, String> sources, JavaFileManager files) {
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((path, text) -> units.add(new Text(path, text)));
        StringBuilder errors = new StringBuilder();
        JavacTaskImpl task = (JavacTaskImpl) ToolProvider.getSystemJavaCompiler()
                .getTask(new StringWriter(), files, diagnostic -> {
                    if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                        JavaFileObject source = diagnostic.getSource();
                        errors.append(diagnostic.getCode()).append('\t').append(diagnostic.getPosition()).append('\t');
                        errors.append(source == null ? "" : source.getName()).append('\n');
                    }
                }, OPTIONS, null, units);
        Result result = task.doCall();
        return result + "\n" + errors;
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String text;

        Text(String path, String text) {
            super(URI.create("file://" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps no class file. */
    private static final class Discarding extends ForwardingJavaFileManager<JavaFileManager> {
        Discarding(JavaFileManager platform) {
            super(platform);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return OutputStream.nullOutputStream();
                }
            };
        }
    }
}
