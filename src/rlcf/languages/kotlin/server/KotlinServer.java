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
import java.util.ArrayList;
import java.util.List;

/**
 * Kotlin's compiler that stays: reads frames of programs from standard input, and answers each with a frame of verdicts.
 *
 * <p>A frame is a length (4 bytes, big-endian) and that many bytes. In it there are blocks of the same form: programs in
 * UTF-8, and for each of them, in the same order, its diagnostics as a list in JSON. Ends when standard input ends.
 *
 * <p>Arguments: the folder of the compiler; the class path of programs, which may be empty; and levels of warnings, as
 * the option {@code -Xwarning-level} has them.
 *
 * <p>A compiler that threw something may be broken for what comes next, so the process answers and ends; its parent
 * starts another.
 */
public final class KotlinServer {
    /** Deep expressions need a deep stack. */
    private static final long STACK_BYTES = 64L << 20;

    private KotlinServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err); // a stray print must not tear a frame
        System.setProperty("kotlin.environment.keepalive", "true");
        Compiler compiler = new Compiler(arguments);
        Thread thread = new Thread(null, () -> serve(compiler, in, out), "compile", STACK_BYTES);
        thread.start();
        thread.join();
        System.exit(0);
    }

    private static void serve(Compiler compiler, DataInputStream in, DataOutputStream out) {
        try {
            while (!compiler.broken()) {
                List<String> verdicts = new ArrayList<>();
                for (List<Row> rows : new Batch(compiler, programs(in)).verdicts()) {
                    verdicts.add(Row.json(rows));
                }
                write(out, verdicts);
            }
        } catch (EOFException end) {
            // the parent is done
        } catch (IOException gone) {
            System.err.println("Kotlin server: " + gone);
        }
    }

    private static List<String> programs(DataInputStream in) throws IOException {
        int left = in.readInt();
        List<String> programs = new ArrayList<>();
        while (left > 0) {
            byte[] program = new byte[in.readInt()];
            in.readFully(program);
            programs.add(new String(program, StandardCharsets.UTF_8));
            left -= 4 + program.length;
        }
        return programs;
    }

    private static void write(DataOutputStream out, List<String> verdicts) throws IOException {
        List<byte[]> blocks = new ArrayList<>();
        int length = 0;
        for (String verdict : verdicts) {
            blocks.add(verdict.getBytes(StandardCharsets.UTF_8));
            length += 4 + blocks.get(blocks.size() - 1).length;
        }
        out.writeInt(length);
        for (byte[] block : blocks) {
            out.writeInt(block.length);
            out.write(block);
        }
        out.flush();
    }
}
