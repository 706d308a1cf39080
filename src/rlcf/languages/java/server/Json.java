import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** JSON, as far as the messages need it: requests are flat objects, replies are written from left to right. */
final class Json {
    private final StringBuilder text = new StringBuilder(512);
    private boolean first = true;

    /** Starts an object or a list: the argument is its opening bracket. */
    Json open(char bracket) {
        separate().text.append(bracket);
        first = true;
        return this;
    }

    Json close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    /** The name of the value that comes next; it needs no escapes. */
    Json name(String name) {
        separate().text.append('"').append(name).append("\":");
        first = true;
        return this;
    }

    Json value(boolean value) {
        separate().text.append(value);
        return this;
    }

    Json value(int value) {
        separate().text.append(value);
        return this;
    }

    Json value(String value) {
        separate();
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
        return this;
    }

    /** A member whose name may need escapes, and whose value needs none. */
    Json value(String name, String plain) {
        value(name);
        text.append(":\"").append(plain).append('"');
        return this;
    }

    /** The name of the value that comes next; it may need escapes. */
    Json member(String name) {
        value(name);
        text.append(':');
        first = true;
        return this;
    }

    Json value(List<String> values) {
        open('[');
        values.forEach(this::value);
        return close(']');
    }

    private Json separate() {
        if (!first) {
            text.append(',');
        }
        first = false;
        return this;
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (isHalf(value, i)) {
                text.append("\\ufffd"); // half a character cannot be written down
            } else if (c < ' ' || c > '~') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    /** Whether a surrogate stands at {@code i} without the other half of its pair. */
    private static boolean isHalf(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    /** The object in ASCII. */
    @Override
    public String toString() {
        return text.toString();
    }

    /**
     * The members of a flat object of strings and whole numbers, as {@link String} and {@link Integer}.
     *
     * @throws IllegalArgumentException where it is anything else
     */
    static Map<String, Object> read(String json) {
        return new Reader(json).object();
    }

    private static final class Reader {
        private final String json;
        private int at;

        Reader(String json) {
            this.json = json;
        }

        Map<String, Object> object() {
            Map<String, Object> members = new HashMap<>();
            expect('{');
            while (true) {
                String name = string();
                expect(':');
                skip();
                members.put(name, json.charAt(at) == '"' ? string() : number());
                skip();
                if (json.charAt(at++) != ',') {
                    break;
                }
            }
            at--;
            expect('}');
            return members;
        }

        private void skip() {
            while (json.charAt(at) == ' ') {
                at++;
            }
        }

        private void expect(char wanted) {
            skip();
            if (json.charAt(at++) != wanted) {
                throw new IllegalArgumentException("expected " + wanted + " at " + (at - 1) + " of a request");
            }
        }

        private Integer number() {
            int start = at;
            while (Character.isDigit(json.charAt(at))) {
                at++;
            }
            return Integer.valueOf(json.substring(start, at));
        }

        private String string() {
            expect('"');
            int end = json.indexOf('"', at);
            if (json.lastIndexOf('\\', end) < at) {
                String plain = json.substring(at, end);
                at = end + 1;
                return plain;
            }
            StringBuilder text = new StringBuilder(json.length() - at);
            while (true) {
                char c = json.charAt(at++);
                if (c == '"') {
                    return text.toString();
                }
                text.append(c == '\\' ? escaped() : c);
            }
        }

        private char escaped() {
            char c = json.charAt(at++);
            return switch (c) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'u' -> (char) Integer.parseInt(json, at, at += 4, 16);
                default -> c;
            };
        }
    }
}
