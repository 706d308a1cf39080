import java.lang.reflect.Executable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the values of one input, from types: arguments, and the receiver of an instance method. */
final class Values {
    private static final int DEPTH = 5;
    private static final Type[] OF_OBJECTS = {Object.class, Object.class};
    private static final List<Class<?>> FOR_VARIABLES = List.of(Integer.class, String.class);

    /** A type that no value can be made of. */
    static final class CannotMake extends Exception {
        private static final long serialVersionUID = 1;

        CannotMake(Type type) {
            super("no value of type " + type.getTypeName());
        }
    }

    /**
     * What the elements of a collection have in common.
     *
     * @param depth how many collections are around
     * @param length of the collections in it; -1: each has its own
     * @param range of its numbers
     * @param alphabet of its texts
     * @param kinds what stands for {@code Object}, by index
     */
    private record Common(int depth, int length, Numbers.Range range, String alphabet, int[] kinds) {
        Common of(int innerLength) {
            return new Common(depth + 1, innerLength, range, alphabet, kinds);
        }
    }

    private final Source source;
    private final Numbers numbers;
    private final Texts texts;
    private final ProgramObjects objects;
    private final Class<?> owner;
    private final boolean hasReceiver;
    private final Map<TypeVariable<?>, Type> bound = new HashMap<>();
    private final List<Integer> lengths = new ArrayList<>();

    Values(Source source, List<Class<?>> own, Set<String> known, Executable target) {
        this.source = source;
        this.numbers = new Numbers(source);
        this.texts = new Texts(source);
        this.objects = new ProgramObjects(this, source, own, known);
        this.owner = target.getDeclaringClass();
        this.hasReceiver = target instanceof Method && !Modifier.isStatic(target.getModifiers());
    }

    Object receiver(Class<?> type) throws CannotMake {
        return objects.make(type);
    }

    /** How often the receiver is called before. */
    int callsBefore(int most) {
        return source.chance(30) ? 0 : source.below(most) + 1;
    }

    /** The first one, or one of the others. */
    Executable oneOf(Executable first, List<Executable> others) {
        return others.isEmpty() || source.chance(40) ? first : source.of(others);
    }

    /** Arguments for a method or constructor: whole numbers last, for they may be lengths of the others. */
    Object[] arguments(Executable called) throws CannotMake {
        Type[] types = called.getGenericParameterTypes();
        if (types.length != called.getParameterCount()) {
            types = called.getParameterTypes(); // those of inner classes leave out what is around
        }
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            if (!Types.isCount(types[i])) {
                arguments[i] = argument(types[i]);
            }
        }
        for (int i = 0; i < types.length; i++) {
            if (Types.isCount(types[i])) {
                arguments[i] = Types.boxed(types[i], numbers.argument(Types.least(types[i]), Types.most(types[i])));
            }
        }
        return arguments;
    }

    private Object argument(Type type) throws CannotMake {
        if (type == String.class || type == CharSequence.class) {
            String text = texts.argument();
            numbers.size(text.length());
            return text;
        }
        return make(type, new Common(0, -1, null, null, null), 0);
    }

    /** A value of a type; {@code index} is its place in the collection that it is for. */
    private Object make(Type type, Common common, int index) throws CannotMake {
        if (type instanceof TypeVariable<?> variable) {
            return make(bound(variable), common, index);
        } else if (type instanceof WildcardType wildcard) {
            Type[] lower = wildcard.getLowerBounds();
            return make(lower.length > 0 ? lower[0] : wildcard.getUpperBounds()[0], common, index);
        } else if (type instanceof GenericArrayType array) {
            Type component = array.getGenericComponentType();
            return Containers.array(Types.rawOf(component), elements(component, common));
        } else if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            TypeVariable<?>[] variables = raw.getTypeParameters();
            for (int i = 0; objects.isOwn(raw) && i < variables.length; i++) {
                bound.put(variables[i], generic.getActualTypeArguments()[i]);
            }
            return make(raw, generic.getActualTypeArguments(), common, index);
        }
        return make((Class<?>) type, OF_OBJECTS, common, index);
    }

    private Object make(Class<?> type, Type[] of, Common common, int index) throws CannotMake {
        if (type == boolean.class || type == Boolean.class) {
            return source.chance(50);
        } else if (type == char.class || type == Character.class) {
            return texts.character(common.alphabet);
        } else if (type == double.class || type == Double.class) {
            return numbers.real(common.range);
        } else if (type == float.class || type == Float.class) {
            return (float) numbers.real(common.range);
        } else if (Types.most(type) != 0) {
            return Types.boxed(type, numbers.whole(common.range, Types.least(type), Types.most(type)));
        } else if (type == String.class || type == CharSequence.class) {
            return common.depth == 0 ? texts.argument() : texts.element(common.alphabet);
        } else if (type == StringBuilder.class) {
            return new StringBuilder(texts.argument());
        } else if (type == StringBuffer.class) {
            return new StringBuffer(texts.argument());
        } else if (type == Object.class || type == Comparable.class || type == java.io.Serializable.class) {
            return anything(common, index);
        } else if (type == Number.class) {
            boolean whole = source.chance(60);
            return whole ? (int) numbers.whole(common.range, -1000, 1000) : (Object) numbers.real(common.range);
        } else if (type == BigInteger.class) {
            return BigInteger.valueOf(numbers.whole(common.range, Long.MIN_VALUE, Long.MAX_VALUE));
        } else if (type == BigDecimal.class) {
            return BigDecimal.valueOf(numbers.real(common.range));
        } else if (type.isArray()) {
            return Containers.array(type.getComponentType(), elements(type.getComponentType(), common));
        } else if (objects.isOwn(type)) {
            return objects.make(type);
        } else if (Map.class.isAssignableFrom(type) && Containers.map(type) != null) {
            return map(type, of, common);
        } else if (Containers.collection(type) != null) {
            Collection<Object> made = Containers.collection(type);
            List<Object> elements = elements(of[0], common);
            if (!Containers.takes(made, elements)) {
                throw new CannotMake(type);
            }
            made.addAll(elements);
            return made;
        }
        Object odd = odd(type, of, common);
        if (odd == null) {
            throw new CannotMake(type);
        }
        return odd;
    }

    /** Small types of the library; {@code null} for all others. */
    private Object odd(Class<?> type, Type[] of, Common common) throws CannotMake {
        if (type == java.util.Optional.class) {
            return source.chance(30) ? java.util.Optional.empty() : java.util.Optional.of(make(of[0], common, 0));
        } else if (type == java.util.OptionalInt.class) {
            return java.util.OptionalInt.of((int) numbers.whole(common.range, Integer.MIN_VALUE, Integer.MAX_VALUE));
        } else if (type == Map.Entry.class) {
            return new java.util.AbstractMap.SimpleEntry<>(make(of[0], common, 0), make(of[1], common, 1));
        } else if (type.isEnum()) {
            return source.of(List.of(type.getEnumConstants()));
        }
        return type == java.util.BitSet.class ? java.util.BitSet.valueOf(new long[] {source.below(256)}) : null;
    }

    /** An Integer or a text, a list of them, or an object of the method's class. */
    private Object anything(Common common, int index) throws CannotMake {
        if (hasReceiver && common.depth == 0 && source.chance(60)) {
            return objects.make(owner);
        }
        int kind = common.kinds == null ? source.below(6) : common.kinds[index % common.kinds.length];
        if (kind == 5 && common.depth > 0 && common.depth < 3) {
            return new ArrayList<>(elements(Object.class, common));
        } else if (kind == 4) {
            return source.chance(50) ? (Object) numbers.real(common.range) : source.chance(50);
        }
        return kind < 2
                ? Types.boxed(int.class, numbers.whole(common.range, Integer.MIN_VALUE, Integer.MAX_VALUE))
                : texts.element(common.alphabet);
    }

    /** What stands for {@code Object} in a collection: mostly one kind, or one for each column. */
    private int[] kinds() {
        int how = source.below(100);
        int[] kinds = new int[how < 65 ? 1 : how < 85 ? source.below(2) + 2 : 7];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = how < 40 ? 0 : how < 65 ? 2 : how < 85 ? source.below(4) : source.below(6);
        }
        return kinds;
    }

    private Map<Object, Object> map(Class<?> type, Type[] of, Common common) throws CannotMake {
        Map<Object, Object> made = Containers.map(type);
        Common keys = common.kinds != null ? common : fresh(common);
        Numbers.Range range = numbers.range();
        for (int left = common.length >= 0 ? common.length : length(common.depth); left > 0; left--) {
            Object key = make(of[0], keys.of(-1), 0);
            if (made instanceof java.util.TreeMap && !(key instanceof Comparable)) {
                throw new CannotMake(type);
            }
            made.put(key, make(of[1], new Common(common.depth + 1, -1, range, texts.alphabet(), keys.kinds), left));
        }
        numbers.size(made.size());
        return made;
    }

    private Common fresh(Common common) {
        return new Common(common.depth, common.length, numbers.range(), texts.alphabet(), kinds());
    }

    /** The elements of a collection or array; those within one outermost collection have much in common. */
    private List<Object> elements(Type of, Common around) throws CannotMake {
        if (around.depth > DEPTH) {
            throw new CannotMake(of);
        }
        Common common = around.kinds != null ? around : fresh(around);
        int length = around.length >= 0 ? around.length : length(around.depth);
        int inner = source.chance(70) ? source.chance(30) ? length : length(around.depth + 1) : -1;
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            elements.add(make(of, common.of(inner), i));
        }
        if (around.depth == 0) {
            lengths.add(length);
            numbers.size(length);
            if (inner >= 0 && length > 0 && Containers.size(elements.get(0)) == inner) {
                numbers.size(inner);
            }
        }
        if (source.chance(18)) {
            Containers.sort(elements, source.chance(75));
        }
        return elements;
    }

    /** Often that of a collection that was there before. */
    private int length(int depth) {
        if (depth > 0) {
            return source.below(source.scaled(4, 5, 6, 7)) + (source.chance(90) ? 1 : 0);
        }
        if (!lengths.isEmpty() && source.chance(45)) {
            return source.of(lengths);
        }
        boolean tiny = source.chance(source.scale == 3 ? 40 : 5);
        return tiny ? source.below(2) : source.below(source.scaled(7, 10, 20, 40)) + 1;
    }

    /** The same type everywhere in one input. */
    private Type bound(TypeVariable<?> variable) {
        Type known = bound.get(variable);
        if (known == null || known == variable) {
            Class<?> most = Types.rawOf(variable.getBounds()[0]);
            known = most == Object.class || most == Comparable.class ? source.of(FOR_VARIABLES) : most;
            known = known == Number.class ? Integer.class : known;
            bound.put(variable, known);
        }
        return known;
    }
}
