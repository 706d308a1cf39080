package rlcf.harness;

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

/**
 * What a test compares goes through here first (see {@code analysis/Comparisons.java}), so that the library compares it,
 * and no class of the completion.
 *
 * <p>An object whose {@code equals} or {@code compareTo} is that of an untrusted class ends the test with an {@link
 * AssertionError}, also inside collections. A collection whose class is the program's own, or that is sorted by a
 * comparator, is replaced by one of the library with the same elements. It holds no state: there is nothing to tamper
 * with.
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

    private final Set<String> untrusted;
    private final boolean copies;
    private final Map<Object, Object> open = new IdentityHashMap<>();

    private Guard(String untrusted, boolean copies) {
        this.untrusted = Set.of(untrusted.split(" "));
        this.copies = copies;
    }

    /** The value, or a copy that the library compares; {@code untrusted} are binary names of classes. */
    public static Object copied(Object value, String untrusted) {
        return new Guard(untrusted, true).of(value);
    }

    /** The value itself, after a look at all it holds. */
    public static Object vetted(Object value, String untrusted) {
        new Guard(untrusted, false).of(value);
        return value;
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
        return loader != null && loader != ClassLoader.getPlatformClassLoader();
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

    /** Whether a class that is not trusted declares a method of the object that has one of the names. */
    private boolean answers(Object value, Set<String> names) {
        if (value instanceof Number && untrusted.contains(value.getClass().getName())) {
            return true;
        }
        for (var method : value.getClass().getMethods()) {
            if (names.contains(method.getName())
                    && method.getParameterCount() > 0
                    && untrusted.contains(method.getDeclaringClass().getName())) {
                return true;
            }
        }
        return false;
    }
}
