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

/**
 * A compiler that stays: reads one request a frame from standard input, writes one reply a frame to standard output.
 *
 * <p>A frame is a length (4 bytes, big-endian) and that many bytes. Requests ({@link Request}) and replies ({@link
 * Reply}) are JSON objects in ASCII, whose escapes carry every Java string, lone surrogates too. Replies come in the
 * order of the requests. Ends when standard input ends.
 *
 * <p>Arguments, all optional: {@code -class-path PATH}, {@code -source-path PATH}, {@code -release N},
 * {@code -limit-modules NAMES} (see {@link Project}).
 *
 * <p>A compiler that threw something may be broken for what comes next (a stack overflow in the midst of a class's
 * initialiser leaves that class unusable), so the process answers and ends; its parent starts another.
 */
public final class CompileServer {
    /** Deep expressions need a deep stack; javac's own default gives up at some thousand levels. */
    private static final long STACK_BYTES = 64L << 20;

    private CompileServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err); // a stray print must not tear a frame
        Compiler compiler;
        try {
            compiler = new Compiler(Project.of(arguments));
        } catch (IOException | IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
            return;
        }
        Thread thread = new Thread(null, () -> serve(compiler, in, out), "compile", STACK_BYTES);
        thread.start();
        thread.join();
        System.exit(0);
    }

    private static void serve(Compiler compiler, DataInputStream in, DataOutputStream out) {
        try {
            while (true) {
                byte[] request = new byte[in.readInt()];
                in.readFully(request);
                Reply reply = compiler.compile(Request.read(new String(request, StandardCharsets.ISO_8859_1)));
                byte[] bytes = reply.json().getBytes(StandardCharsets.US_ASCII);
                out.writeInt(bytes.length);
                out.write(bytes);
                out.flush();
                if (compiler.broken()) {
                    return;
                }
            }
        } catch (EOFException end) {
            // the parent is done
        } catch (IOException gone) {
            System.err.println("compile server: " + gone);
        }
    }
}
