import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import rlcf.harness.Guard;

/**
 * One compiled program, and what running its {@code main} comes to. Its classes come from a loader that does not know
 * ours, and each program has one of its own.
 */
final class Program {
    /** Binary names and class files, in the compiler's order. */
    final Map<String, byte[]> classes;

    private final String main;

    private Program(String main, Map<String, byte[]> classes) {
        this.main = main;
        this.classes = classes;
    }

    /**
     * The name of the class whose {@code main} is run, the number of classes, and for each its name and its bytes. Names
     * are binary names in UTF-16BE; names and bytes come after their lengths.
     */
    static Program read(DataInputStream in) throws IOException {
        String main = ByteBuffer.wrap(block(in)).asCharBuffer().toString();
        Map<String, byte[]> classes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = ByteBuffer.wrap(block(in)).asCharBuffer().toString();
            classes.put(name, block(in));
        }
        return new Program(main, classes);
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

    /** Runs {@code main} in the calling thread. */
    Outcome run() {
        try {
            Loader loader = new Loader(classes);
            loader.defineAll();
            return run(mainOf(loader.loadClass(main)));
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

    /** Knows the program's classes and the platform's. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes;

        Loader(Map<String, byte[]> classes) {
            super(ClassLoader.getPlatformClassLoader());
            this.classes = classes;
            super.setDefaultAssertionStatus(true); // a test may use `assert`
        }

        // A program cannot change whether assertions are checked.

        @Override
        public void setDefaultAssertionStatus(boolean enabled) {}

        @Override
        public void setPackageAssertionStatus(String packageName, boolean enabled) {}

        @Override
        public void setClassAssertionStatus(String className, boolean enabled) {}

        @Override
        public void clearAssertionStatus() {}

        /** Makes every class before the program gets control, so that it cannot put another in its place. */
        void defineAll() {
            for (String name : classes.keySet()) {
                try {
                    loadClass(name);
                } catch (ClassNotFoundException | LinkageError broken) {
                    continue; // the program gets the error where it uses the class
                }
            }
        }

        /** The program's own classes come before the platform's of the same name, as the compiler took them. */
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.equals(Guard.class.getName())) {
                return Guard.class;
            }
            if (!classes.containsKey(name)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? findClass(name) : known;
            }
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
