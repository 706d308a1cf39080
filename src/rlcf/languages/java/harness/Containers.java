import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.function.Supplier;

/** Collections, maps and arrays; all can be changed. */
final class Containers {
    /** For a type the first that fits. */
    private static final List<Supplier<Collection<Object>>> COLLECTIONS = List.of(
            ArrayList::new, LinkedList::new, ArrayDeque::new, HashSet::new, LinkedHashSet::new, TreeSet::new,
            PriorityQueue::new, Vector::new, Stack::new);

    private static final List<Supplier<Map<Object, Object>>> MAPS =
            List.of(HashMap::new, LinkedHashMap::new, TreeMap::new, java.util.Hashtable::new);

    private Containers() {}

    /** An empty collection; {@code null} where the type has none. */
    static Collection<Object> collection(Class<?> type) {
        return first(COLLECTIONS, type, Iterable.class);
    }

    /** An empty map; {@code null} where the type has none. */
    static Map<Object, Object> map(Class<?> type) {
        return first(MAPS, type, Map.class);
    }

    private static <T> T first(List<Supplier<T>> kinds, Class<?> type, Class<?> widest) {
        for (Supplier<T> kind : kinds) {
            T made = kind.get();
            if (widest.isAssignableFrom(type) && type.isInstance(made)) {
                return made;
            }
        }
        return null;
    }

    /** Whether a collection that sorts can sort these. */
    static boolean takes(Collection<Object> collection, List<Object> elements) {
        boolean sorts = collection instanceof TreeSet || collection instanceof PriorityQueue;
        return !sorts || elements.stream().allMatch(Comparable.class::isInstance);
    }

    static Object array(Class<?> component, List<Object> elements) {
        Object array = Array.newInstance(component, elements.size());
        for (int i = 0; i < elements.size(); i++) {
            Array.set(array, i, elements.get(i));
        }
        return array;
    }

    /** Of a collection or an array; -1 for all else. */
    static int size(Object value) {
        if (value instanceof Collection<?> collection) {
            return collection.size();
        }
        return value != null && value.getClass().isArray() ? Array.getLength(value) : -1;
    }

    /** Sorts what is all Integer or all String. */
    static void sort(List<Object> elements, boolean ascending) {
        Comparator<Object> order = null;
        if (elements.stream().allMatch(Integer.class::isInstance)) {
            order = Comparator.comparing(Integer.class::cast);
        } else if (elements.stream().allMatch(String.class::isInstance)) {
            order = Comparator.comparing(String.class::cast);
        }
        if (order != null) {
            elements.sort(ascending ? order : order.reversed());
        }
    }
}
