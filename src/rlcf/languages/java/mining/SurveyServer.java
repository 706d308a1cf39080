import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Compiles whole source trees, and tells of every method that has a body. Frames and arguments are those of {@link
 * CompileServer}. A request is a JSON object:
 *
 * <pre>
 * {"list": path of a file with the path of a source on each line, "emptied": path of a file like it,
 *  "classes": path of the folder for class files}
 * </pre>
 *
 * The last two members are optional. The bodies of methods in "emptied" files are not compiled, nor the imports that
 * only they use. Without "classes" no class file is written. {@link Survey} makes the reply.
 */
public final class SurveyServer {
    private static final long STACK_BYTES = 64L << 20;

    private SurveyServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err);
        Thread thread = new Thread(null, () -> serve(Project.of(arguments), in, out), "survey", STACK_BYTES);
        thread.start();
        thread.join();
        System.exit(0);
    }

    private static List<Path> paths(Object listed) throws IOException {
        return listed == null
                ? List.of()
                : Files.readAllLines(Path.of((String) listed), StandardCharsets.UTF_8).stream()
                        .map(Path::of)
                        .toList();
    }

    private static void serve(Project project, DataInputStream in, DataOutputStream out) {
        try {
            while (true) {
                byte[] request = new byte[in.readInt()];
                in.readFully(request);
                Map<String, Object> members = Json.read(new String(request, StandardCharsets.ISO_8859_1));
                List<Path> files = paths(members.get("list"));
                List<Path> emptied = paths(members.get("emptied"));
                String classes = (String) members.get("classes");
                String reply = new Survey(project, files, emptied, classes == null ? null : Path.of(classes)).json();
                byte[] bytes = reply.getBytes(StandardCharsets.US_ASCII);
                out.writeInt(bytes.length);
                out.write(bytes);
                out.flush();
            }
        } catch (EOFException end) {
            // the parent is done
        } catch (IOException error) {
            System.err.println("survey: " + error);
        }
    }
}
