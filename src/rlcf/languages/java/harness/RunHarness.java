import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs one program's {@code main} in a virtual machine of its own and says how it ended.
 *
 * <p>Reads from standard input: a nonce (UTF), the number of classes, and for each its binary name (in UTF-16BE)
 * and its bytes, both behind their lengths (4 bytes). Writes lines of the nonce, an outcome and a detail: {@code ready} before the program gets
 * control, then {@code passed}, {@code failed}, {@code error} or {@code memory}.
 *
 * <p>The program is not trusted. Only these lines count, and it cannot write one: the nonce stands in no field and in
 * no reachable object. What it prints is dropped. Leaving by {@code exit} or {@code halt} leaves no line. Its classes
 * come from a loader that does not know this one.
 */
public final class RunHarness {
    private static final int DETAIL_LENGTH = 300;

    private RunHarness() {}

    public static void main(String[] arguments) throws IOException {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        DataInputStream in = new DataInputStream(new FileInputStream(FileDescriptor.in));
        String nonce = in.readUTF();
        Map<String, byte[]> classes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = ByteBuffer.wrap(block(in)).asCharBuffer().toString();
            classes.put(name, block(in));
        }
        System.setIn(InputStream.nullInputStream());
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        byte[] passed = line(nonce, "passed", ""); // made now: later there may be no memory left
        byte[] memory = line(nonce, "memory", "java.lang.OutOfMemoryError");
        out.write(line(nonce, "ready", ""));
        byte[] outcome;
        try {
            outcome = run(new Loader(classes), classes, nonce, passed);
        } catch (OutOfMemoryError error) {
            outcome = memory;
        } catch (Throwable error) { // such as an exception whose getMessage throws
            outcome = line(nonce, "error", error.getClass().getName());
        }
        out.write(outcome);
        Runtime.getRuntime().halt(0); // threads left behind do not matter: main has returned
    }

    private static byte[] block(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    private static byte[] run(Loader loader, Map<String, byte[]> classes, String nonce, byte[] passed)
            throws ReflectiveOperationException {
        Method main = findMain(loader, classes);
        if (main == null) {
            return line(nonce, "error", "no class has a public static void main(String[])");
        }
        try {
            main.invoke(null, (Object) new String[0]);
            return passed;
        } catch (InvocationTargetException invocation) {
            Throwable error = invocation.getCause();
            if (error instanceof OutOfMemoryError) {
                throw (OutOfMemoryError) error;
            }
            return line(nonce, saysNo(error, main.getDeclaringClass().getName()) ? "failed" : "error", detail(error));
        }
    }

    /** {@code Main.main}, else the first there is in the compiler's order. */
    private static Method findMain(Loader loader, Map<String, byte[]> classes) throws ClassNotFoundException {
        Method first = classes.containsKey("Main") ? mainOf(loader.loadClass("Main")) : null;
        for (String name : classes.keySet()) {
            if (first != null) {
                break;
            }
            first = mainOf(loader.loadClass(name));
        }
        return first;
    }

    private static Method mainOf(Class<?> type) {
        try {
            Method main = type.getDeclaredMethod("main", String[].class);
            int wanted = java.lang.reflect.Modifier.PUBLIC | java.lang.reflect.Modifier.STATIC;
            if ((main.getModifiers() & wanted) != wanted || main.getReturnType() != void.class) {
                return null;
            }
            main.setAccessible(true);
            return main;
        } catch (NoSuchMethodException none) {
            return null;
        }
    }

    /**
     * Whether the test says no: an assertion, or an exception made in the very class that holds {@code main}. Those
     * that the virtual machine throws by itself are no test's opinion, wherever they arise.
     */
    private static boolean saysNo(Throwable error, String mainClass) {
        if (error instanceof AssertionError) {
            return true;
        }
        StackTraceElement[] trace = error.getStackTrace();
        boolean byMachine = error instanceof VirtualMachineError
                || error instanceof LinkageError
                || error instanceof NullPointerException
                || error instanceof ClassCastException
                || error instanceof ArithmeticException
                || error instanceof IndexOutOfBoundsException
                || error instanceof NegativeArraySizeException
                || error instanceof ArrayStoreException;
        return !byMachine && trace.length > 0 && trace[0].getClassName().equals(mainClass);
    }

    private static String detail(Throwable error) {
        String message = error.getMessage();
        return error.getClass().getName() + (message == null ? "" : ": " + message);
    }

    private static byte[] line(String nonce, String outcome, String detail) {
        StringBuilder line = new StringBuilder("\n").append(nonce).append(' ').append(outcome).append(' ');
        for (int i = 0; i < Math.min(detail.length(), DETAIL_LENGTH); i++) {
            line.append(Character.isISOControl(detail.charAt(i)) ? ' ' : detail.charAt(i));
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Knows the program's classes and the platform's. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes;

        Loader(Map<String, byte[]> classes) {
            super(ClassLoader.getPlatformClassLoader());
            this.classes = classes;
            setDefaultAssertionStatus(true); // a test may say `assert`
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
