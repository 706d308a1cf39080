import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Characters and strings of an input. */
final class Texts {
    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    private static final List<String> ALPHABETS = List.of(
            "ab", "abc", "abcde", LOWER, LOWER, "aeioubcd", "aAbBcC", LOWER.toUpperCase(Locale.ROOT), "0123456789",
            "01", "abcABC123", "ab12 ", "()", "()[]{}", "ab ", "a_b-c.d,e", "aB1!@# ");
    private static final List<String> WORDS = List.of(
            "a", "b", "I", "an", "to", "red", "Blue", "level", "apple", "noon", "The", "tree", "abba", "sky", "x1",
            "green", "Data", "2024", "42", "go", "stats", "EVEN");

    private final Source source;
    private final List<String> seen = new ArrayList<>();
    private final String ofConstants;

    Texts(Source source) {
        this.source = source;
        String joined = String.join("", source.constants.texts());
        this.ofConstants = joined.length() > 500 ? joined.substring(0, 500) : joined;
    }

    /** The characters for the texts of one collection; {@code null} for words. */
    String alphabet() {
        int kind = source.below(100);
        if (kind < 30) {
            return null;
        }
        return kind < 55 && !ofConstants.isEmpty() ? ofConstants : source.of(ALPHABETS);
    }

    char character(String alphabet) {
        String letters = alphabet;
        if (letters == null) {
            letters = source.chance(40) && !ofConstants.isEmpty() ? ofConstants : source.of(ALPHABETS);
        }
        return letters.charAt(source.below(letters.length()));
    }

    /** An argument: sometimes one that was there before, or made from it. */
    String argument() {
        String text = seen.isEmpty() || !source.chance(45) ? any(alphabet()) : related(source.of(seen));
        seen.add(text);
        return text;
    }

    /** A text of a collection. */
    String element(String alphabet) {
        String text = alphabet == null ? word() : letters(alphabet, source.below(source.scaled(5, 7, 9, 12)));
        seen.add(text);
        return text;
    }

    private String word() {
        List<String> texts = source.constants.texts();
        return !texts.isEmpty() && source.chance(60) ? source.of(texts) : source.of(WORDS);
    }

    private String any(String alphabet) {
        List<String> texts = source.constants.texts();
        int kind = source.below(100);
        if (kind < 35 && !texts.isEmpty()) {
            String text = source.of(texts);
            return kind < 12 ? text : kind < 25 ? alike(text) : changed(text);
        } else if (kind < 45 || alphabet == null) {
            StringBuilder sentence = new StringBuilder();
            for (int left = source.below(source.scaled(4, 6, 8, 12)) + 1; left > 0; left--) {
                sentence.append(sentence.length() == 0 ? "" : source.chance(5) ? "  " : " ").append(word());
            }
            return sentence.toString();
        } else if (kind < 55) {
            String half = letters(alphabet, source.below(5));
            return half + (source.chance(50) ? "" : character(alphabet)) + new StringBuilder(half).reverse();
        } else if (kind < 62) {
            return letters(alphabet, source.below(3) + 1).repeat(source.below(3) + 1);
        }
        return letters(alphabet, source.chance(4) ? 0 : source.below(source.scaled(8, 14, 30, 60)) + 1);
    }

    private String letters(String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(source.below(alphabet.length())));
        }
        return text.toString();
    }

    /** Another text of the same pattern: digits for digits, letters for letters. */
    private String alike(String text) {
        StringBuilder other = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (source.chance(40) && Character.isLetterOrDigit(c) && c < 128) {
                char base = Character.isDigit(c) ? '0' : Character.isUpperCase(c) ? 'A' : 'a';
                other.setCharAt(i, (char) (base + source.below(base == '0' ? 10 : 26)));
            }
        }
        return other.toString();
    }

    /** The text with one character more, less, doubled or moved. */
    private String changed(String text) {
        if (text.isEmpty()) {
            return "" + character(null);
        }
        int at = source.below(text.length());
        String before = text.substring(0, at);
        String after = text.substring(at + 1);
        char c = text.charAt(at);
        return switch (source.below(5)) {
            case 0 -> before + after;
            case 1 -> before + c + c + after;
            case 2 -> before + character(ofConstants.isEmpty() ? null : ofConstants) + after;
            case 3 -> before + swapped(c) + after;
            default -> after + c + before;
        };
    }

    private static char swapped(char c) {
        return Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c);
    }

    /** The text itself, a part of it, its letters in another order, or a change of it. */
    private String related(String text) {
        int from = source.below(text.length() + 1);
        return switch (source.below(8)) {
            case 0, 1 -> text;
            case 2 -> text.substring(from, from + source.below(text.length() - from + 1));
            case 3 -> text.substring(0, from);
            case 4 -> text.substring(from) + text.substring(0, from);
            case 5 -> shuffled(text);
            case 6 -> new StringBuilder(text).reverse().toString();
            default -> changed(text);
        };
    }

    private String shuffled(String text) {
        StringBuilder other = new StringBuilder(text);
        for (int i = other.length() - 1; i > 0; i--) {
            int j = source.below(i + 1);
            char c = other.charAt(i);
            other.setCharAt(i, other.charAt(j));
            other.setCharAt(j, c);
        }
        return other.toString();
    }
}
