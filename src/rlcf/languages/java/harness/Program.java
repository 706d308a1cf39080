import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One compiled program, and what running its {@code main} or driving one of its methods comes to. Its classes come from a
 * loader that does not know ours, and each program has one of its own.
 */
final class Program {
    /** Binary names and class files, in the compiler's order. */
    final Map<String, byte[]> classes;

    private final String main;
    private final Drive drive;

    private Program(String main, Map<String, byte[]> classes, Drive drive) {
        this.main = main;
        this.classes = classes;
        this.drive = drive;
    }

    /**
     * The name of the class whose {@code main} is run or whose method is driven, the number of classes, for each its name
     * and its bytes, and whether a method is driven, with what {@link Drive#read} reads. Names are binary names in
     * UTF-16BE; names and bytes come after their lengths.
     */
    static Program read(DataInputStream in) throws IOException {
        String main = ByteBuffer.wrap(block(in)).asCharBuffer().toString();
        Map<String, byte[]> classes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = ByteBuffer.wrap(block(in)).asCharBuffer().toString();
            classes.put(name, block(in));
        }
        return new Program(main, classes, in.readBoolean() ? Drive.read(in) : null);
    }

    private static byte[] block(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    /** Gives the program standard streams of its own: nothing to read, and what it writes is dropped. */
    static void freshStreams() {
        System.setIn(InputStream.nullInputStream());
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    }

    /** Runs {@code main}, or drives the method, in the calling thread; {@code told} gets a line for each call. */
    Outcome run(Consumer<String> told) {
        try {
            Loader loader = new Loader(classes);
            List<Class<?>> own = loader.defineAll();
            Class<?> type = loader.loadClass(main);
            return drive == null ? run(mainOf(type)) : drive.run(type, own, told);
        } catch (OutOfMemoryError error) {
            return Outcome.MEMORY;
        } catch (Throwable error) { // such as an exception whose getMessage throws
            return Outcome.of("error", error, error.getClass().getName());
        }
    }

    private static Outcome run(Method main) throws IllegalAccessException {
        try {
            main.invoke(null, (Object) new String[0]);
            return Outcome.PASSED;
        } catch (InvocationTargetException invocation) {
            Throwable error = invocation.getCause();
            if (error instanceof OutOfMemoryError) {
                return Outcome.MEMORY;
            }
            String message = error.getMessage();
            String detail = error.getClass().getName() + (message == null ? "" : ": " + Outcome.oneLine(message));
            return Outcome.of(saysNo(error, main.getDeclaringClass().getName()) ? "failed" : "error", error, detail);
        }
    }

    private static Method mainOf(Class<?> type) throws NoSuchMethodException {
        Method main = type.getDeclaredMethod("main", String[].class);
        main.setAccessible(true);
        return main;
    }

    /**
     * Whether the test reports a wrong answer: an assertion, or an exception made in the very class that holds {@code main}. Those
     * that the virtual machine throws by itself are no test's opinion, wherever they arise.
     */
    private static boolean saysNo(Throwable error, String mainClass) {
        if (error instanceof AssertionError) {
            return true;
        }
        StackTraceElement[] trace = error.getStackTrace();
        return !isByMachine(error) && trace.length > 0 && trace[0].getClassName().equals(mainClass);
    }

    /** Whether it is of a kind that the virtual machine throws by itself. */
    static boolean isByMachine(Throwable error) {
        return error instanceof VirtualMachineError
                || error instanceof LinkageError
                || error instanceof NullPointerException
                || error instanceof ClassCastException
                || error instanceof ArithmeticException
                || error instanceof IndexOutOfBoundsException
                || error instanceof NegativeArraySizeException
                || error instanceof ArrayStoreException;
    }
}
