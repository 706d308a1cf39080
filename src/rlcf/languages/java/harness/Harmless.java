import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Whether a program may share a virtual machine: its class files name nothing but what cannot outlive it.
 *
 * <p>What a program can reach without reflection stands by name in its constant pools (The Java Virtual Machine
 * Specification, 4.4): every class it makes, extends, catches or names, and every member it uses, lambdas and method
 * references included. A name that is not listed here sends the program into a machine of its own; nothing is lost but
 * time. Listed is what computes; not what starts threads, reaches outside the machine, inspects it or changes its state.
 *
 * <p>{@code Throwable} and {@code Error} are not listed, although harmless themselves: who catches them (also {@code
 * finally} and {@code synchronized}, as the compiler writes them) may hide that the machine ran out of stack or memory in
 * the middle of something, and such a machine must not be used again. For the same reason nobody may catch the exceptions
 * that {@link #HIDERS} throw where the stack has overflown below them.
 */
final class Harmless {
    /** Classes of which all is allowed, by package. */
    private static final Set<String> CLASSES = Names.of("""
            java/lang/: Object String StringBuilder StringBuffer CharSequence Character Boolean Number Byte Short Integer
            java/lang/: Long Float Double Math StrictMath Enum Record Void Comparable Iterable AutoCloseable Cloneable
            java/lang/: Runnable Override Deprecated FunctionalInterface SafeVarargs SuppressWarnings
            java/lang/: Exception RuntimeException ArithmeticException ArrayIndexOutOfBoundsException AssertionError
            java/lang/: ArrayStoreException ClassCastException CloneNotSupportedException IllegalArgumentException
            java/lang/: IllegalStateException IndexOutOfBoundsException InterruptedException NegativeArraySizeException
            java/lang/: NoSuchFieldError NullPointerException NumberFormatException StringIndexOutOfBoundsException
            java/lang/: UnsupportedOperationException MatchException Character$UnicodeBlock Character$UnicodeScript
            java/util/: AbstractCollection AbstractList AbstractMap AbstractMap$SimpleEntry AbstractQueue AbstractSet
            java/util/: AbstractMap$SimpleImmutableEntry AbstractSequentialList ArrayDeque ArrayList Arrays Base64
            java/util/: Base64$Decoder Base64$Encoder BitSet Calendar Collection Collections Comparator
            java/util/: ConcurrentModificationException Currency Date Deque Dictionary DoubleSummaryStatistics
            java/util/: EmptyStackException EnumMap EnumSet Enumeration GregorianCalendar HashMap HashSet Hashtable
            java/util/: IdentityHashMap InputMismatchException IntSummaryStatistics Iterator LinkedHashMap LinkedHashSet
            java/util/: LinkedList List ListIterator LongSummaryStatistics Map Map$Entry NavigableMap NavigableSet
            java/util/: NoSuchElementException Objects Optional OptionalDouble OptionalInt OptionalLong PrimitiveIterator
            java/util/: PrimitiveIterator$OfDouble PrimitiveIterator$OfInt PrimitiveIterator$OfLong PriorityQueue Queue
            java/util/: Random RandomAccess Scanner Set SortedMap SortedSet Stack StringJoiner StringTokenizer TreeMap
            java/util/: TreeSet Vector WeakHashMap SequencedCollection SequencedMap SequencedSet
            java/util/concurrent/: Callable ConcurrentLinkedDeque ConcurrentLinkedQueue CopyOnWriteArrayList TimeUnit
            java/util/concurrent/: ConcurrentSkipListMap ConcurrentSkipListSet CopyOnWriteArraySet ThreadLocalRandom
            java/util/concurrent/atomic/: AtomicBoolean AtomicInteger AtomicIntegerArray AtomicLong AtomicLongArray
            java/util/concurrent/atomic/: AtomicReference AtomicReferenceArray
            java/util/stream/: BaseStream Collector Collectors DoubleStream IntStream LongStream Stream Stream$Builder
            java/util/stream/: IntStream$Builder LongStream$Builder DoubleStream$Builder Collector$Characteristics
            java/util/regex/: MatchResult Matcher Pattern PatternSyntaxException
            java/math/: BigDecimal BigInteger MathContext RoundingMode
            java/text/: ChoiceFormat DateFormat DecimalFormat DecimalFormatSymbols Format MessageFormat NumberFormat
            java/text/: ParseException SimpleDateFormat StringCharacterIterator CharacterIterator Normalizer
            java/text/: Normalizer$Form FieldPosition ParsePosition
            java/time/: DateTimeException DayOfWeek Duration Instant LocalDate LocalDateTime LocalTime Month MonthDay
            java/time/: OffsetDateTime Period Year YearMonth ZoneId ZoneOffset ZonedDateTime
            java/time/format/: DateTimeFormatter DateTimeParseException FormatStyle TextStyle ResolverStyle
            java/time/temporal/: ChronoField ChronoUnit Temporal TemporalAdjuster TemporalAdjusters TemporalUnit
            java/io/: Serializable Closeable IOException UncheckedIOException StringReader StringWriter BufferedReader
            java/io/: InputStreamReader ByteArrayInputStream ByteArrayOutputStream InputStream Reader Writer
            java/nio/charset/: Charset StandardCharsets
            """);

    /** Packages of which all is allowed: interfaces. */
    private static final String FUNCTIONS = "java/util/function/";

    /** Classes of which only these members are allowed. */
    private static final Map<String, Set<String>> MEMBERS = Map.ofEntries(
            Map.entry(
                    "java/lang/System",
                    Set.of("in", "out", "err", "arraycopy", "currentTimeMillis", "identityHashCode", "lineSeparator",
                            "nanoTime")),
            Map.entry(
                    "java/lang/Class",
                    Set.of("desiredAssertionStatus", "getName", "getSimpleName", "isInstance", "cast",
                            "isArray", "getComponentType", "getEnumConstants", "equals", "hashCode", "toString")),
            Map.entry(
                    "java/io/PrintStream",
                    Set.of("print", "println", "printf", "format", "write", "append", "flush", "close", "checkError")),
            Map.entry(
                    "java/util/Locale",
                    Set.of("ROOT", "US", "UK", "ENGLISH", "GERMANY", "FRANCE", "getDefault", "toString", "equals")),
            Map.entry("rlcf/harness/Guard", Set.of("copied", "vetted", "predicate", "biPredicate", "function", "biFunction")),
            // What the compiler itself names for lambdas, string concatenation, records and switches.
            Map.entry("java/lang/invoke/MethodHandles", Set.of()),
            Map.entry("java/lang/invoke/MethodHandles$Lookup", Set.of()),
            Map.entry("java/lang/invoke/LambdaMetafactory", Set.of("metafactory", "altMetafactory")),
            Map.entry("java/lang/invoke/StringConcatFactory", Set.of("makeConcat", "makeConcatWithConstants")),
            Map.entry("java/lang/runtime/ObjectMethods", Set.of("bootstrap")),
            Map.entry("java/lang/runtime/SwitchBootstraps", Set.of("typeSwitch", "enumSwitch")));

    /** What hands work to a pool of threads that all programs would share, also where it is inherited. */
    private static final Set<String> PARALLEL = Set.of(
            "parallel", "parallelStream", "parallelSort", "parallelPrefix", "parallelSetAll", "parallelMultiply");

    /**
     * What turns the overflow of the stack into an exception, of the machine's own classes that stand above: a pattern
     * that is compiled, and an enum's constants that are looked for. A class whose initialiser the overflow broke stays
     * broken for the next program.
     */
    private static final Set<String> HIDERS = Set.of(
            "java/util/regex/Pattern.compile", "java/util/regex/Pattern.matches", "java/lang/String.matches",
            "java/lang/String.split", "java/lang/String.replaceAll", "java/lang/String.replaceFirst",
            "java/lang/String.splitWithDelimiters", "java/util/Scanner.<init>", "java/lang/Enum.valueOf",
            "java/lang/Class.getEnumConstants", "java/util/EnumMap.<init>", "java/util/EnumSet.noneOf",
            "java/util/EnumSet.allOf", "java/util/EnumSet.of", "java/util/EnumSet.range", "java/util/EnumSet.copyOf");

    /** As what the exceptions of {@link #HIDERS} can be caught. */
    private static final Set<String> HIDDEN_AS = Set.of(
            "java/lang/Exception", "java/lang/RuntimeException", "java/lang/IllegalArgumentException",
            "java/util/regex/PatternSyntaxException", "java/lang/ClassCastException", "java/lang/NullPointerException");

    /** What would show in which kind of machine it runs: the harness's own calls stand in it. */
    private static final String TRACE = "getStackTrace";

    /** Methods that the machine calls: when the collector likes; and to learn whether to use the pool of threads. */
    private static final Set<String> ALONE = Set.of("finalize()V", "isParallel()Z");

    private Harmless() {}

    /** The first thing the classes name that is not allowed, or {@code null}. */
    static String offence(Map<String, byte[]> classes) throws IOException {
        String hider = null;
        String catcher = null;
        for (byte[] bytes : classes.values()) {
            ClassFile file = ClassFile.read(new DataInputStream(new ByteArrayInputStream(bytes)));
            for (String name : file.classes()) {
                if (!mayName(name, classes)) {
                    return name;
                }
            }
            for (ClassFile.Member member : file.members()) {
                if (!mayUse(member, classes)) {
                    return member.owner() + "." + member.name();
                }
                hider = HIDERS.contains(member.owner() + "." + member.name()) ? member.name() : hider;
            }
            for (String declared : ALONE) {
                if (file.methods().contains(declared)) {
                    return declared;
                }
            }
            for (String caught : file.caught()) {
                catcher = HIDDEN_AS.contains(caught) ? caught : catcher;
            }
        }
        return hider == null || catcher == null ? null : hider + " and catch of " + catcher;
    }

    private static boolean mayName(String name, Map<String, byte[]> own) {
        String element = element(name);
        return element.isEmpty()
                || own.containsKey(element.replace('/', '.'))
                || CLASSES.contains(element)
                || MEMBERS.containsKey(element)
                || element.startsWith(FUNCTIONS);
    }

    private static boolean mayUse(ClassFile.Member member, Map<String, byte[]> own) {
        if (PARALLEL.contains(member.name()) || member.name().equals(TRACE)) {
            return false;
        }
        Set<String> some = MEMBERS.get(element(member.owner()));
        return some == null ? mayName(member.owner(), own) : some.contains(member.name());
    }

    /** What an array is made of; nothing for a primitive type; else the name itself. */
    private static String element(String name) {
        if (!name.startsWith("[")) {
            return name;
        }
        String descriptor = name.substring(name.lastIndexOf('[') + 1);
        return descriptor.startsWith("L") ? descriptor.substring(1, descriptor.length() - 1) : "";
    }

    /** Reads lines of a package and simple names. */
    private static final class Names {
        static Set<String> of(String lines) {
            Map<String, Boolean> names = new HashMap<>();
            lines.lines().forEach(line -> {
                String[] words = line.split("[: ]+");
                for (int i = 1; i < words.length; i++) {
                    names.put(words[0] + words[i], true);
                }
            });
            return Set.copyOf(names.keySet());
        }
    }
}
