import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What is known of the text around a completion: whether it is right by itself. All errors of a program in such
 * surroundings are those of the completion, so that other bodies need not be compiled again and again.
 */
final class Surroundings {
    /** Right in every method, after its opening brace. */
    private static final String NO_BODY = " throw null; }";

    private static final int KNOWN = 1000;

    private final Map<String, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KNOWN;
        }
    };

    /**
     * Whether the surroundings of a request are accepted with another body in the place of its completion.
     *
     * @param isAccepted the compiler's verdict on a program; asked once for the same surroundings
     */
    boolean areRight(Request request, Predicate<String> isAccepted) {
        Regions regions = request.regions();
        String source = request.source();
        if (!regions.haveCompletion() || regions.haveTest() || regions.end() >= source.length()) {
            return false;
        }
        String prefix = source.substring(0, regions.start());
        String suffix = source.substring(regions.end());
        return known.computeIfAbsent(key(prefix, suffix), key -> isAccepted.test(prefix + NO_BODY + suffix));
    }

    private static String key(String prefix, String suffix) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(prefix.getBytes(StandardCharsets.UTF_16LE));
            digest.update(Integer.toString(prefix.length()).getBytes(StandardCharsets.UTF_16LE));
            return HexFormat.of().formatHex(digest.digest(suffix.getBytes(StandardCharsets.UTF_16LE)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
