package rlcf.harness;

import java.lang.reflect.Proxy;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a test compares goes through here first (see {@code analysis/Comparisons.java}), so that the library compares it,
 * and no class of the completion.
 *
 * <p>An object whose {@code equals} or {@code compareTo} is neither the platform's nor that of a trusted class ends the
 * test with an {@link AssertionError}, also inside collections. A collection that is not one of the library's plain ones
 * is replaced by one with the same elements: it could hand on to another, or be sorted by a comparator of the completion.
 * There is no state that a program could tamper with.
 *
 * <p>In all methods, {@code trusted} are binary names of classes, and names of classes and a slash for all in them.
 */
public final class Guard {
    private static final int DEPTH = 100;
    private static final Set<String> COMPARE = Set.of("equals", "compareTo");
    private static final Set<String> SEARCH = Set.of(
            "equals", "contains", "containsAll", "containsKey", "containsValue", "get", "getOrDefault", "indexOf",
            "lastIndexOf", "remove", "removeAll", "retainAll");

    /** Collections that compare by the {@code equals} of their elements alone; others may hand on to one of any class. */
    private static final Set<Class<?>> PLAIN = Set.of(
            ArrayList.class, Arrays.asList().getClass(), LinkedList.class, Vector.class, Stack.class, List.of().getClass(),
            List.of(1).getClass(), HashSet.class, LinkedHashSet.class, Set.of().getClass(), Set.of(1).getClass(),
            HashMap.class, LinkedHashMap.class, Hashtable.class, Map.of().getClass(), Map.of(1, 1).getClass());

    private static final Set<Class<?>> VALUES = Set.of(
            String.class, Integer.class, Long.class, Double.class, Boolean.class, Character.class);

    private final Set<String> trusted;
    private final boolean copies;
    private final Map<Object, Object> open = new IdentityHashMap<>();

    private Guard(String trusted, boolean copies) {
        this.trusted = Set.of(trusted.split(" "));
        this.copies = copies;
    }

    /** The value, or a copy that the library compares. */
    public static Object copied(Object value, String trusted) {
        return value == null || VALUES.contains(value.getClass()) ? value : new Guard(trusted, true).of(value);
    }

    /** The value itself, after a look at all it holds. */
    public static Object vetted(Object value, String trusted) {
        new Guard(trusted, false).of(value);
        return value;
    }

    public static Predicate<Object> predicate(Predicate<Object> compares, String trusted) {
        return value -> compares.test(copied(value, trusted));
    }

    public static BiPredicate<Object, Object> biPredicate(BiPredicate<Object, Object> compares, String trusted) {
        return (one, other) -> compares.test(copied(one, trusted), copied(other, trusted));
    }

    public static Function<Object, Object> function(Function<Object, Object> compares, String trusted) {
        return value -> compares.apply(copied(value, trusted));
    }

    public static BiFunction<Object, Object, Object> biFunction(
            BiFunction<Object, Object, Object> compares, String trusted) {
        return (one, other) -> compares.apply(copied(one, trusted), copied(other, trusted));
    }

    private Object of(Object value) {
        if (value == null || open.size() > DEPTH || open.containsKey(value)) {
            return value;
        }
        open.put(value, value);
        Object found = vet(value);
        open.remove(value);
        return found;
    }

    private Object vet(Object value) {
        boolean own = isOwn(value.getClass());
        boolean collection = value instanceof Collection<?> || value instanceof Map<?, ?>;
        if (own && collection && !copies && answers(value, SEARCH)) {
            throw answered(value);
        }
        if (value instanceof Object[] array) {
            for (Object element : array) {
                of(element);
            }
            return value;
        } else if (value instanceof List<?> || value instanceof Set<?>) {
            return ofAll((Collection<?>) value);
        } else if (value instanceof Map<?, ?> map) {
            return ofMap(map);
        } else if (value instanceof Map.Entry<?, ?> entry) {
            Object k = of(entry.getKey());
            Object v = of(entry.getValue());
            boolean changed = own || k != entry.getKey() || v != entry.getValue();
            return changed ? new SimpleImmutableEntry<>(k, v) : value;
        } else if (value instanceof Optional<?> optional) {
            return optional.isPresent() ? Optional.of(of(optional.get())) : value;
        } else if (own && answers(value, COMPARE)) {
            throw answered(value);
        }
        return value;
    }

    private static AssertionError answered(Object value) {
        return new AssertionError("the completion's " + value.getClass().getName() + " would answer the test's comparison");
    }

    private Object ofAll(Collection<?> value) {
        Collection<Object> copy = value instanceof List<?> ? new ArrayList<>() : new LinkedHashSet<>();
        boolean changed = !isPlain(value);
        for (Object element : value) {
            Object found = of(element);
            changed |= found != element;
            copy.add(found);
        }
        return replacement(value, copy, changed);
    }

    private Object ofMap(Map<?, ?> value) {
        Map<Object, Object> copy = new LinkedHashMap<>();
        boolean changed = !isPlain(value);
        for (Map.Entry<?, ?> entry : value.entrySet()) {
            Object k = of(entry.getKey());
            Object v = of(entry.getValue());
            changed |= k != entry.getKey() || v != entry.getValue();
            copy.put(k, v);
        }
        return replacement(value, copy, changed);
    }

    private Object replacement(Object value, Object copy, boolean changed) {
        return changed && copies ? copy : value;
    }

    private static boolean isOwn(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader != null && loader != ClassLoader.getPlatformClassLoader() || Proxy.isProxyClass(type);
    }

    private static boolean isPlain(Object collection) {
        return PLAIN.contains(collection.getClass())
                || collection instanceof TreeSet<?> set && !isOwn(set.getClass()) && isNatural(set.comparator())
                || collection instanceof TreeMap<?, ?> map && !isOwn(map.getClass()) && isNatural(map.comparator());
    }

    /** Whether the order is one of the library's, which no program can have made. */
    private static boolean isNatural(Comparator<?> order) {
        return order == null
                || order == Comparator.naturalOrder()
                || order == Collections.reverseOrder()
                || order == String.CASE_INSENSITIVE_ORDER;
    }

    /** Whether one of the object's methods of these names is neither the platform's nor that of a trusted class. */
    private boolean answers(Object value, Set<String> names) {
        Class<?> type = value.getClass();
        for (var method : type.getMethods()) {
            if (names.contains(method.getName()) && method.getParameterCount() > 0 && !isTrusted(method.getDeclaringClass())) {
                return true;
            }
        }
        return value instanceof Number && !isTrusted(type);
    }

    private boolean isTrusted(Class<?> type) {
        String name = type.getName();
        int dollar = name.indexOf('$', 1);
        return !isOwn(type)
                || trusted.contains(name)
                || trusted.contains((dollar < 0 ? name : name.substring(0, dollar)) + "/");
    }
}
