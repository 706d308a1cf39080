import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes objects of the program's classes through the constructors that the task's context declares. */
final class ProgramObjects {
    private static final int DEPTH = 3;
    private static final int TRIES = 8;

    private final Values values;
    private final Source source;
    private final List<Class<?>> own;
    private final Set<String> known;
    private final Map<Constructor<?>, Object[]> last = new HashMap<>();
    private int depth;

    ProgramObjects(Values values, Source source, List<Class<?>> own, Set<String> known) {
        this.values = values;
        this.source = source;
        this.own = own;
        this.known = known;
    }

    boolean isOwn(Class<?> type) {
        return own.contains(type);
    }

    /** An object, or {@code null} deep inside of others of its class. */
    Object make(Class<?> type) throws Values.CannotMake {
        if (type.isEnum()) {
            return source.of(List.of(type.getEnumConstants()));
        }
        if (depth >= DEPTH || depth > 0 && source.chance(35)) {
            return null;
        }
        List<Constructor<?>> constructors = constructors(type);
        if (constructors.isEmpty()) {
            throw new Values.CannotMake(type);
        }
        depth++;
        try {
            return make(source.of(constructors));
        } finally {
            depth--;
        }
    }

    /** Calls a constructor, sometimes with the same arguments as before, and with others where it throws. */
    private Object make(Constructor<?> constructor) throws Values.CannotMake {
        constructor.setAccessible(true);
        for (int left = TRIES; ; left--) {
            try {
                boolean again = last.containsKey(constructor) && source.chance(20);
                Object[] arguments = again ? last.get(constructor) : values.arguments(constructor);
                if (Arrays.stream(arguments).allMatch(Canonical::isValue)) {
                    last.put(constructor, arguments);
                }
                return constructor.newInstance(arguments);
            } catch (InvocationTargetException thrown) {
                if (thrown.getCause() instanceof Error error) {
                    throw error;
                } else if (left == 0) {
                    throw new IllegalStateException("the constructor throws");
                }
            } catch (InstantiationException | IllegalAccessException never) {
                throw new Values.CannotMake(constructor.getDeclaringClass());
            }
        }
    }

    /** Those that the context declares, or all where it declares none; of subclasses where the type has no objects. */
    private List<Constructor<?>> constructors(Class<?> type) {
        List<Constructor<?>> found = new ArrayList<>();
        boolean declared = false;
        for (Class<?> each : own) {
            boolean fits = each == type || Modifier.isAbstract(type.getModifiers()) && type.isAssignableFrom(each);
            if (fits && !Modifier.isAbstract(each.getModifiers()) && !each.isAnonymousClass()) {
                for (Constructor<?> constructor : each.getDeclaredConstructors()) {
                    boolean isKnown = known.contains(Drive.key(constructor));
                    if (isKnown && !declared) {
                        found.clear();
                        declared = true;
                    }
                    if (isKnown == declared && !constructor.isSynthetic()) {
                        found.add(constructor);
                    }
                }
            }
        }
        found.sort(Comparator.comparing(Drive::key));
        return found;
    }
}
