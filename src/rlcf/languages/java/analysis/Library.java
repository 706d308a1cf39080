import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Symbol;
import com.sun.tools.javac.code.Type;
import com.sun.tools.javac.code.TypeTag;
import com.sun.tools.javac.tree.JCTree;
import com.sun.tools.javac.tree.TreeInfo;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What calls of the platform's library may change, by their owners and names. It errs on one side: what is not known to
 * change nothing may change anything.
 */
final class Library {
    /** What a call may change, beside what its lambdas do. */
    enum Changes {
        NOTHING,
        RECEIVER,
        ARGUMENTS,
        BOTH,
        /** It only writes to the standard output or error. */
        PRINTS,
        ANYTHING
    }

    private static final Set<String> PACKAGES = Set.of(
            "java.lang", "java.math", "java.text", "java.time", "java.util", "java.util.regex", "java.util.stream");

    /** Classes whose objects never change. */
    private static final Set<String> VALUES = Set.of(
            "java.lang.Boolean", "java.lang.Byte", "java.lang.Character", "java.lang.Double", "java.lang.Float",
            "java.lang.Integer", "java.lang.Long", "java.lang.Math", "java.lang.Number", "java.lang.Short",
            "java.lang.StrictMath", "java.lang.String", "java.math.BigDecimal", "java.math.BigInteger",
            "java.math.MathContext", "java.util.regex.Pattern");

    /** Of {@code java.lang}, what else is known. */
    private static final Set<String> PLAIN = Set.of(
            "java.lang.AbstractStringBuilder", "java.lang.Appendable", "java.lang.CharSequence",
            "java.lang.Comparable", "java.lang.Enum", "java.lang.Iterable", "java.lang.Record",
            "java.lang.StringBuffer", "java.lang.StringBuilder");

    private static final Pattern READS = Pattern.compile("(get(?!And)|is|has|contains|equals|compare|comparing|copyOf"
            + "|index|lastIndex|indexOf|codePoint|floor|ceiling|higher|lower|head|tail|sub|descending|deep|empty"
            + "|singleton|unmodifiable|reverseOrder|to[A-Z]).*|size|length|charAt|hashCode|startsWith|endsWith|stream"
            + "|parallelStream|keySet|values|entrySet|iterator|listIterator|peek|peekFirst|peekLast|first|last"
            + "|firstKey|lastKey|firstEntry|lastEntry|element|chars|cardinality|clone|of|ofEntries|ofNullable|entry"
            + "|asList|binarySearch|max|min|frequency|nCopies|disjoint|name|ordinal|naturalOrder|search|orElse");

    private static final Set<String> FILLS_ARGUMENT = Set.of("getChars", "toArray");

    private static final Set<String> CHANGES_RECEIVER = Set.of(
            "add", "addAll", "addFirst", "addLast", "append", "insert", "merge", "offer", "offerFirst", "offerLast",
            "push", "put", "putAll", "putIfAbsent", "remove", "removeAll", "retainAll", "set");

    /** What makes an object of its own, whose elements are those of the old. */
    private static final Set<String> COPIES =
            Set.of("clone", "collect", "copyOf", "copyOfRange", "of", "toArray", "toList", "boxed");

    private Library() {}

    static Changes of(Symbol method, JCTree receiver) {
        if (method == null || !(method.owner instanceof Symbol.ClassSymbol owner)) {
            return Changes.ANYTHING;
        }
        String type = owner.flatName().toString();
        String name = method.name.toString();
        if (VALUES.contains(type)) {
            return FILLS_ARGUMENT.contains(name) ? Changes.ARGUMENTS : Changes.NOTHING;
        }
        switch (type) {
            case "Array" -> { // the compiler's class of all arrays
                return Changes.NOTHING;
            }
            case "java.io.PrintStream" -> {
                return isStandardStream(receiver) ? Changes.PRINTS : Changes.ANYTHING;
            }
            case "java.lang.Throwable" -> {
                boolean reads = name.startsWith("get") || name.equals("toString");
                return reads ? Changes.NOTHING : name.equals("printStackTrace") ? Changes.PRINTS : Changes.ANYTHING;
            }
            case "java.lang.Object" -> {
                return Set.of("equals", "hashCode", "toString", "getClass").contains(name)
                        ? Changes.NOTHING
                        : Changes.ANYTHING;
            }
            case "java.lang.System" -> {
                boolean clock = name.equals("nanoTime") || name.equals("currentTimeMillis");
                return clock ? Changes.NOTHING : name.equals("arraycopy") ? Changes.ARGUMENTS : Changes.ANYTHING;
            }
            default -> {}
        }
        String home = owner.packge().fullname.toString();
        boolean thrower = type.equals("java.util.Objects") && (name.startsWith("require") || name.startsWith("check"));
        if (thrower || !(home.equals("java.lang") ? PLAIN.contains(type) : PACKAGES.contains(home))) {
            return Changes.ANYTHING;
        }
        if (name.startsWith("forEach") || FILLS_ARGUMENT.contains(name) || home.equals("java.util.stream")) {
            return Changes.ARGUMENTS;
        }
        if (READS.matcher(name).matches()) {
            return Changes.NOTHING;
        }
        if ((method.flags() & Flags.STATIC) != 0) {
            return Changes.ARGUMENTS;
        }
        return CHANGES_RECEIVER.contains(name) ? Changes.RECEIVER : Changes.BOTH;
    }


    private static boolean isStandardStream(JCTree receiver) {
        Symbol stream = receiver == null ? null : TreeInfo.symbol(receiver);
        return stream != null && stream.owner instanceof Symbol.ClassSymbol owner
                && owner.flatName().contentEquals("java.lang.System");
    }

    /** Whether making an object of this class does nothing but that. */
    static boolean constructs(Type type) {
        return type != null && type.tsym != null && PACKAGES.contains(type.tsym.packge().fullname.toString());
    }

    static boolean copies(Symbol method) {
        return COPIES.contains(method.name.toString());
    }

    /** Whether what has this type can change, or hold what can. */
    static boolean isMutable(Type type) {
        if (type == null || type.tsym == null) {
            return true;
        }
        return !type.isPrimitive()
                && !type.hasTag(TypeTag.BOT)
                && !type.hasTag(TypeTag.VOID)
                && (type.tsym.flags() & Flags.ENUM) == 0
                && !(type.hasTag(TypeTag.CLASS) && VALUES.contains(type.tsym.flatName().toString()));
    }

    /** Whether what this holds never changes, so that a copy shares nothing with the old one. */
    static boolean holdsValues(Type type) {
        if (type instanceof Type.ArrayType array) {
            return !isMutable(array.elemtype);
        }
        return type != null
                && type.tsym != null
                && type.getTypeArguments().size() == type.tsym.type.getTypeArguments().size()
                && type.getTypeArguments().stream().noneMatch(Library::isMutable);
    }
}
