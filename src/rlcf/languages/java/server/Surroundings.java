import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The outlines of texts around completions that are known to be right by themselves. All errors of a program in such
 * surroundings are those of the completion, so that the rest need not be compiled again and again.
 */
final class Surroundings {
    /** Right in every method, after its opening brace. */
    private static final String NO_BODY = " throw null; }";

    private static final int KNOWN = 32_000;
    private static final long KNOWN_SIZE = 64L << 20;

    /** Of a text that is not right by itself. */
    private static final Outline WRONG = null;

    /** Makes the outline of a program with a completion from one offset to another. */
    interface Maker {
        /** {@link #WRONG} where the program is not accepted. */
        Outline outline(String source, int start, int end);
    }

    private final Map<String, Outline> known = new LinkedHashMap<>(16, 0.75f, true);
    private long size;

    /** The outline of a request's surroundings; {@code null} where they are not known to be right. */
    Outline of(Request request, Maker maker) {
        if (request.surroundings() == null) {
            return WRONG;
        }
        if (!known.containsKey(request.surroundings())) {
            Regions regions = request.regions();
            String prefix = request.source().substring(0, regions.start());
            String suffix = request.source().substring(regions.end());
            int end = prefix.length() + NO_BODY.length();
            keep(request.surroundings(), maker.outline(prefix + NO_BODY + suffix, prefix.length(), end));
        }
        return known.get(request.surroundings());
    }

    private void keep(String key, Outline outline) {
        known.put(key, outline);
        size += sizeOf(outline);
        Iterator<Outline> oldest = known.values().iterator();
        while (known.size() > 1 && (known.size() > KNOWN || size > KNOWN_SIZE)) {
            size -= sizeOf(oldest.next());
            oldest.remove();
        }
    }

    private static int sizeOf(Outline outline) {
        return outline == WRONG ? 0 : outline.size();
    }
}
