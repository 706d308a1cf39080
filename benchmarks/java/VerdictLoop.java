import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The checker's compiler in a loop, with no other process in between: what the JVM itself reaches.
 *
 * <p>Arguments: a file of programs (each a length of 4 bytes and so many bytes of UTF-16BE), and the number of rounds.
 * Prints the programs a second of each round.
 */
public final class VerdictLoop {
    private static final long STACK_BYTES = 64L << 20;

    private VerdictLoop() {}

    public static void main(String[] arguments) throws Exception {
        List<String> programs = read(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread thread = new Thread(null, () -> {
            try {
                loop(programs, rounds);
            } catch (Throwable error) {
                failed.set(error);
            }
        }, "loop", STACK_BYTES);
        thread.start();
        thread.join();
        if (failed.get() != null) {
            throw new IllegalStateException(failed.get());
        }
    }

    private static void loop(List<String> programs, int rounds) throws IOException {
        Compiler compiler = new Compiler(Project.of(new String[0]));
        for (int round = 0; round < rounds; round++) {
            long started = System.nanoTime();
            long length = 0;
            for (String program : programs) {
                length += compiler.compile(Request.check(program)).json().length();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            System.out.println(programs.size() / seconds + " " + length);
        }
    }

    private static List<String> read(String path) throws IOException {
        List<String> programs = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(path)))) {
            while (in.available() > 0) {
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                programs.add(new String(bytes, StandardCharsets.UTF_16BE));
            }
        }
        return programs;
    }
}
