import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Values as JSON, the same text for the same value: sets and maps in the order of their elements' texts,
 * floating-point numbers exactly, objects of the program by their fields, whatever {@code equals} says. Fields that the
 * completion adds are left out, and objects of the classes that it declares have no text: another program need not have
 * the like.
 *
 * <p>No method of the program is called. So its own collections have no text, nor have the library's that may hand on
 * to them; nor has what computes, such as functions, streams and threads.
 */
final class Canonical {
    private static final int LONGEST = 20_000;
    private static final int DEEPEST = 150;
    private static final String OPAQUE = "{\"opaque\":";
    private static final Set<Class<?>> PLAIN = Set.of(
            ArrayList.class, Arrays.asList().getClass(), LinkedList.class, Vector.class, Stack.class, ArrayDeque.class,
            PriorityQueue.class, List.of().getClass(), List.of(1).getClass(), HashSet.class, LinkedHashSet.class,
            TreeSet.class, Set.of().getClass(), Set.of(1).getClass(), HashMap.class, LinkedHashMap.class, TreeMap.class,
            Map.of().getClass(), Map.of(1, 1).getClass());
    private static final Set<Class<?>> WRITTEN = Set.of(
            BigInteger.class, BigDecimal.class, BitSet.class, UUID.class, AtomicInteger.class, AtomicLong.class,
            OptionalInt.class, OptionalLong.class, OptionalDouble.class);
    private static final Set<Class<?>> VALUES = Set.of(
            Boolean.class, Character.class, Byte.class, Short.class, Integer.class, Long.class, Float.class,
            Double.class, String.class);

    /** A value that has no text. */
    static final class Opaque extends Exception {
        private static final long serialVersionUID = 1;
        private final boolean ofCompletion;

        Opaque(String what) {
            this(what, false);
        }

        private Opaque(String what, boolean ofCompletion) {
            super(what, null, false, false);
            this.ofCompletion = ofCompletion;
        }
    }

    private final StringBuilder out = new StringBuilder();
    private final List<Class<?>> own;
    private final Set<String> added;
    private final boolean state;
    private final List<Object> open = new ArrayList<>();

    private Canonical(List<Class<?>> own, Set<String> added, boolean state) {
        this.own = own;
        this.added = added;
        this.state = state;
    }

    /** The text of a value; {@code own} are the program's classes, and {@code added} is what the completion declares. */
    static String of(Object value, List<Class<?>> own, Set<String> added) throws Opaque {
        return text(value, new Canonical(own, added, false));
    }

    /** As {@link #of}; but a part that has no text is written as {@code {"opaque": class}}, and the rest as usual. */
    static String ofState(Object value, List<Class<?>> own, Set<String> added) throws Opaque {
        return text(value, new Canonical(own, added, true));
    }

    private static String text(Object value, Canonical text) throws Opaque {
        text.write(value);
        return text.out.toString();
    }

    /** How many parts of a state have no text. */
    static int opaque(String ofState) {
        return ofState.split(Pattern.quote(OPAQUE), -1).length - 1;
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder();
        quote(out, text);
        return out.toString();
    }

    /** Whether it never changes. */
    static boolean isValue(Object value) {
        return value == null || VALUES.contains(value.getClass());
    }

    private void write(Object value) throws Opaque {
        if (out.length() > LONGEST) {
            throw new Opaque("too long");
        } else if (isValue(value)) {
            writeValue(value);
            return;
        }
        for (int i = open.size() - 1; i >= 0; i--) {
            if (open.get(i) == value) {
                out.append("{\"around\":").append(open.size() - i).append('}');
                return;
            }
        }
        if (open.size() > DEEPEST) {
            throw new Opaque("too deep");
        }
        int start = out.length();
        int around = open.size();
        open.add(value);
        try {
            writeObject(value, value.getClass());
        } catch (Opaque opaque) {
            if (!state || opaque.ofCompletion) {
                throw opaque;
            }
            out.setLength(start);
            quote(out.append(OPAQUE), String.valueOf(value.getClass().getCanonicalName())); // others depend on the rest
            out.append('}');
        }
        open.subList(around, open.size()).clear();
    }

    private void writeValue(Object value) {
        if (value instanceof String text) {
            quote(out, text);
        } else if (value instanceof Character character) {
            quote(out.append("{\"char\":"), character.toString());
            out.append('}');
        } else if (value instanceof Double || value instanceof Float) {
            boolean finite = Double.isFinite(((Number) value).doubleValue());
            out.append(finite ? "" : "{\"number\":\"").append(value).append(finite ? "" : "\"}");
        } else {
            out.append(value);
        }
    }

    private void writeObject(Object value, Class<?> type) throws Opaque {
        if (type.isArray()) {
            out.append("{\"array\":[");
            for (int i = 0; i < Array.getLength(value); i++) {
                out.append(i == 0 ? "" : ",");
                write(Array.get(value, i));
            }
            out.append("]}");
        } else if (added.contains((value instanceof Enum<?> e ? e.getDeclaringClass() : type).getName())) {
            throw new Opaque(type.getName(), true);
        } else if (value instanceof Enum<?> constant) {
            text("enum", constant.getDeclaringClass().getName() + "." + constant.name());
        } else if (own.contains(type)) {
            writeFields(value, type);
        } else if (type.getClassLoader() != null || type.isHidden()) {
            throw new Opaque(type.getName()); // a function or a proxy
        } else if (value instanceof StringBuilder || value instanceof StringBuffer) {
            text("builder", value.toString());
        } else if (WRITTEN.contains(type) || type.getName().startsWith("java.time.")) {
            text(type.getSimpleName(), value.toString());
        } else if (value instanceof Optional<?> optional) {
            writeAll("optional", optional.stream().toList(), false);
        } else if (value instanceof Throwable) {
            text("throwable", type.getName());
        } else if (isLibrary(type)) {
            writeCollection(value);
        } else {
            throw new Opaque(type.getName());
        }
    }

    /** Whether no method of the program is called where this is read. */
    private boolean isLibrary(Class<?> type) {
        return PLAIN.contains(type) || own.stream().noneMatch(each -> Collection.class.isAssignableFrom(each)
                || Map.class.isAssignableFrom(each) || Iterator.class.isAssignableFrom(each));
    }

    private void writeCollection(Object value) throws Opaque {
        if (value instanceof PriorityQueue<?> queue) {
            writeAll("bag", queue, true);
        } else if (value instanceof List<?> || value instanceof Queue<?>) {
            writeAll(null, (Collection<?>) value, false);
        } else if (value instanceof Set<?> set) {
            writeAll("set", set, true);
        } else if (value instanceof Collection<?> values) {
            writeAll("view", values, false); // such as a map's values: in no order that was asked for
        } else if (value instanceof Map<?, ?> map) {
            writeAll("map", map.entrySet(), true);
        } else if (value instanceof Map.Entry<?, ?> entry) {
            writeAll("entry", Arrays.asList(entry.getKey(), entry.getValue()), false);
        } else {
            throw new Opaque(value.getClass().getName());
        }
    }

    private void writeAll(String kind, Collection<?> elements, boolean sorted) throws Opaque {
        out.append(kind == null ? "[" : "{\"" + kind + "\":[");
        int start = out.length();
        List<String> texts = new ArrayList<>();
        for (Object element : elements) {
            if (!sorted) {
                out.append(out.length() == start ? "" : ",");
            }
            int at = out.length();
            if (element instanceof Map.Entry<?, ?> entry && kind != null && kind.equals("map")) {
                writeAll(null, Arrays.asList(entry.getKey(), entry.getValue()), false);
            } else {
                write(element);
            }
            if (sorted) {
                texts.add(out.substring(at));
            }
        }
        if (sorted) {
            Collections.sort(texts);
            out.setLength(start);
            out.append(String.join(",", texts));
        }
        out.append(kind == null ? "]" : "]}");
    }

    private void writeFields(Object value, Class<?> type) throws Opaque {
        boolean computes = value instanceof Collection || value instanceof Map || value instanceof Runnable;
        if (computes && !state) {
            throw new Opaque(type.getName());
        }
        quote(out.append("{\"object\":"), type.getName());
        out.append(",\"fields\":{");
        String separator = "";
        Class<?> each = type;
        for (; own.contains(each); each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                boolean isAdded = added.contains(each.getName() + "#" + field.getName());
                if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic() && !isAdded) {
                    out.append(separator);
                    quote(out, (each == type ? "" : each.getName() + ".") + field.getName());
                    out.append(':');
                    write(read(field, value));
                    separator = ",";
                }
            }
        }
        boolean whole = each == Object.class || each == Record.class || Throwable.class.isAssignableFrom(type);
        if (!whole && !state) {
            throw new Opaque(type.getName());
        }
        out.append("}}");
    }

    private static Object read(Field field, Object of) throws Opaque {
        try {
            field.setAccessible(true);
            return field.get(of);
        } catch (IllegalAccessException | RuntimeException closed) {
            throw new Opaque(field.getName());
        }
    }

    private void text(String kind, String text) {
        quote(out.append("{\"").append(kind).append("\":"), text);
        out.append('}');
    }

    /** Of a long text the beginning, its length and its hash. */
    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append("\\u").append(Integer.toHexString(0x10000 | c).substring(1));
            } else {
                out.append(c);
            }
        }
        if (text.length() > LONGEST) {
            out.append("\\u2026 ").append(text.length()).append(' ').append(text.hashCode());
        }
        out.append('"');
    }
}
