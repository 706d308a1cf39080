import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Runs or drives one program in a virtual machine of its own and reports how it ended.
 *
 * <p>Reads from standard input a nonce (UTF) and the program ({@link Program#read}). Writes lines of the nonce, an
 * outcome and a detail: {@code ready} before the program gets control, {@code told} for each line that driving it tells,
 * then {@code passed}, {@code failed}, {@code error} or {@code memory}.
 *
 * <p>The program is not trusted. Only these lines count, and it cannot write one: the nonce stands in no field and in
 * no reachable object. {@code exit} and {@code halt} write no line.
 */
public final class RunOnce {
    private RunOnce() {}

    public static void main(String[] arguments) throws IOException {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        DataInputStream in = new DataInputStream(new FileInputStream(FileDescriptor.in));
        String nonce = in.readUTF();
        byte[] ready = line(nonce, new Outcome("ready", "", true)); // made now: later there may be no memory left
        byte[] passed = line(nonce, Outcome.PASSED);
        byte[] memory = line(nonce, Outcome.MEMORY);
        Program program = read(in);
        Program.freshStreams();
        out.write(ready);
        Consumer<String> told = text -> write(out, nonce + " told " + text);
        Outcome outcome = program == null ? Outcome.MEMORY : program.run(told);
        if (outcome == Outcome.PASSED) {
            out.write(passed);
        } else if (outcome == Outcome.MEMORY) {
            out.write(memory);
        } else {
            out.write(line(nonce, outcome));
        }
        Runtime.getRuntime().halt(0); // threads that still run do not matter: main has returned
    }

    /** The program, or {@code null} where its classes alone take all memory. */
    private static Program read(DataInputStream in) throws IOException {
        try {
            return Program.read(in);
        } catch (OutOfMemoryError error) {
            return null;
        }
    }

    private static byte[] line(String nonce, Outcome outcome) {
        return line(nonce + " " + outcome.status() + " " + outcome.detail());
    }

    private static byte[] line(String text) {
        return ("\n" + text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void write(FileOutputStream out, String text) {
        try {
            out.write(line(text));
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }
}
