import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The calls of one method on generated inputs, each told in a line when it has ended.
 *
 * <p>A line is {@code STATUS TAB MICROSECONDS TAB GIVEN TAB OUTCOME}: the status is {@code returned}, {@code threw}
 * (an exception that the program's own code throws), {@code failed} (any other) or {@code unknown} (there is no outcome
 * that could be compared); the rest is {@link Canonical} text. A method that cannot be driven is one line {@code cannot
 * TAB REASON}.
 *
 * <p>An outcome has the {@code value}, or the class that was {@code threw}n; {@code after} the call the text of each
 * argument (by its index) and of the receiver ({@code this}) that has changed; and which of these were {@code handed}
 * back.
 *
 * <p>The receiver of an instance method has had some calls before: of the method itself, and of others that the task's
 * context declares. Nothing of a call outlives it but what the program itself keeps.
 *
 * @param method the method as {@link #key} names it
 * @param known what the context declares: methods and constructors, the method itself among them
 * @param added what the completion declares: see {@code analysis/Target.java}
 * @param seed of all inputs
 * @param numbers of the inputs
 * @param constants what values are drawn from
 */
record Drive(
        String method, Set<String> known, Set<String> added, long seed, int[] numbers, Source.Constants constants) {
    private static final int MOST_CALLS_BEFORE = 6;

    static Drive read(DataInputStream in) throws IOException {
        String method = text(in);
        Set<String> known = Set.copyOf(texts(in));
        Set<String> added = Set.copyOf(texts(in));
        long seed = in.readLong();
        int[] numbers = new int[in.readInt()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readInt();
        }
        long[] whole = new long[in.readInt()];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = in.readLong();
        }
        double[] real = new double[in.readInt()];
        for (int i = 0; i < real.length; i++) {
            real[i] = in.readDouble();
        }
        return new Drive(method, known, added, seed, numbers, new Source.Constants(whole, real, texts(in)));
    }

    private static List<String> texts(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            texts.add(text(in));
        }
        return texts;
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes).asCharBuffer().toString();
    }

    /** A method's or constructor's class, name and parameters, such as {@code A.f(I[J)}. */
    static String key(Executable executable) {
        StringBuilder key = new StringBuilder(executable.getDeclaringClass().getName());
        key.append(executable instanceof Method ? "." + executable.getName() : ".<init>").append('(');
        for (Class<?> parameter : executable.getParameterTypes()) {
            key.append(parameter.descriptorString());
        }
        return key.append(')').toString();
    }

    /** Drives the method, which is one of {@code owner}; {@code own} are all classes of the program. */
    Outcome run(Class<?> owner, List<Class<?>> own, Consumer<String> told) {
        List<Executable> declared = new ArrayList<>(List.of(owner.getDeclaredConstructors()));
        declared.addAll(List.of(owner.getDeclaredMethods()));
        for (Executable executable : declared) {
            if (key(executable).equals(method)) {
                return new Calls(executable, own).run(told);
            }
        }
        told.accept("cannot\tno such method: " + Outcome.oneLine(method));
        return Outcome.PASSED;
    }

    private final class Calls {
        private final Executable target;
        private final List<Executable> others = new ArrayList<>();
        private final List<Class<?>> own;
        private boolean clean = true;

        Calls(Executable target, List<Class<?>> own) {
            this.target = target;
            this.own = own;
            Method[] methods = target.getDeclaringClass().getDeclaredMethods();
            Arrays.sort(methods, (a, b) -> key(a).compareTo(key(b)));
            for (Method other : methods) {
                int unwanted = Modifier.PRIVATE | Modifier.STATIC | Modifier.ABSTRACT;
                if ((other.getModifiers() & unwanted) == 0 && known.contains(key(other)) && !other.equals(target)) {
                    others.add(other);
                }
            }
        }

        Outcome run(Consumer<String> told) {
            target.setAccessible(true);
            others.forEach(other -> other.setAccessible(true));
            for (int number : numbers) {
                String line;
                try {
                    line = told(number);
                } catch (Values.CannotMake cannot) {
                    told.accept("cannot\t" + Outcome.oneLine(cannot.getMessage()));
                    break;
                } catch (OutOfMemoryError error) {
                    throw error;
                } catch (Throwable error) { // of an input that cannot be made or written, such as one without end
                    clean &= error instanceof Exception;
                    line = "unknown\t0\t\t";
                }
                told.accept(line);
            }
            return clean ? Outcome.PASSED : new Outcome("passed", "", false);
        }

        private String told(int number) throws ReflectiveOperationException, Values.CannotMake, Canonical.Opaque {
            Values values = new Values(new Source(seed, number, constants), own, known, target);
            StringBuilder given = new StringBuilder("[");
            Object receiver = null;
            if (target instanceof Method && !Modifier.isStatic(target.getModifiers())) {
                receiver = values.receiver(target.getDeclaringClass());
                given.append(state(receiver)).append(',');
                for (int left = values.callsBefore(MOST_CALLS_BEFORE); left > 0; left--) {
                    Executable called = values.oneOf(target, others);
                    Object[] arguments = values.arguments(called);
                    given.append(Canonical.quoted(called.getName())).append(',').append(given(arguments)).append(',');
                    invoke(called, receiver, arguments);
                }
            }
            Object[] arguments = values.arguments(target);
            given.append(given(arguments)).append(']');
            List<Object> changeable = new ArrayList<>(Arrays.asList(receiver));
            changeable.addAll(Arrays.asList(arguments));
            List<String> before = states(changeable);
            long start = System.nanoTime();
            Object[] result = invoke(target, receiver, arguments);
            long micros = (System.nanoTime() - start) / 1000;
            String head = result[1] == null ? "returned" : isOwn((Throwable) result[1]) ? "threw" : "failed";
            String outcome;
            try {
                outcome = outcome(result, changeable, before);
            } catch (Canonical.Opaque opaque) {
                head = "unknown";
                outcome = "";
            }
            return head + "\t" + micros + "\t" + given + "\t" + outcome;
        }

        /** What a call returned and what it threw. */
        private Object[] invoke(Executable called, Object receiver, Object[] arguments)
                throws ReflectiveOperationException {
            try {
                Object value = called instanceof Method method
                        ? method.invoke(receiver, arguments)
                        : ((Constructor<?>) called).newInstance(arguments);
                return new Object[] {value, null};
            } catch (InvocationTargetException invocation) {
                Throwable error = invocation.getCause();
                if (error instanceof OutOfMemoryError) {
                    throw (OutOfMemoryError) error;
                }
                clean &= error instanceof Exception || error instanceof AssertionError;
                return new Object[] {null, error};
            }
        }

        /** Whether the program's own code threw it on purpose. */
        private boolean isOwn(Throwable error) {
            if (own.contains(error.getClass())) {
                return true; // no method of it is called
            }
            if (Program.isByMachine(error) || error.getClass().getClassLoader() != null) {
                return false;
            }
            StackTraceElement[] trace = error.getStackTrace();
            return trace.length > 0 && own.stream().anyMatch(type -> type.getName().equals(trace[0].getClassName()));
        }

        private String given(Object[] arguments) throws Canonical.Opaque {
            return "[" + String.join(",", states(Arrays.asList(arguments))) + "]";
        }

        private String state(Object value) throws Canonical.Opaque {
            return Canonical.ofState(value, own, added);
        }

        private List<String> states(List<Object> values) throws Canonical.Opaque {
            List<String> states = new ArrayList<>();
            for (Object value : values) {
                states.add(state(value));
            }
            return states;
        }

        /** Value or exception, and what has changed of receiver and arguments. */
        private String outcome(Object[] result, List<Object> changeable, List<String> before) throws Canonical.Opaque {
            List<String> parts = new ArrayList<>();
            if (result[1] != null) {
                parts.add("\"threw\":" + Canonical.quoted(result[1].getClass().getName()));
            } else if (!(target instanceof Method method) || method.getReturnType() != void.class) {
                parts.add("\"value\":" + Canonical.of(result[0], own, added));
            }
            List<String> after = states(changeable);
            List<String> changed = new ArrayList<>();
            List<String> handed = new ArrayList<>();
            for (int i = 0; i < after.size(); i++) {
                if (after.get(i).equals(before.get(i))) {
                    continue;
                } else if (Canonical.opaque(after.get(i)) > Canonical.opaque(before.get(i))) {
                    throw new Canonical.Opaque("changed");
                }
                String name = i == 0 ? "\"this\"" : "\"" + (i - 1) + "\"";
                changed.add(name + ":" + after.get(i));
                if (changeable.get(i) == result[0]) {
                    handed.add(name);
                }
            }
            if (!changed.isEmpty()) {
                parts.add("\"after\":{" + String.join(",", changed) + "}");
            }
            if (!handed.isEmpty()) {
                parts.add("\"handed\":[" + String.join(",", handed) + "]");
            }
            return "{" + String.join(",", parts) + "}";
        }
    }
}
