import java.util.ArrayList;
import java.util.List;

/** Numbers of an input. */
final class Numbers {
    private static final long[] CORNERS = {0, 1, -1, 2, 3, 10};

    /** What the numbers of one collection are drawn from. */
    record Range(long low, long high) {}

    private final Source source;
    private final List<Long> seen = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();

    Numbers(Source source) {
        this.source = source;
    }

    /** Remembers the length of a text or collection of the input. */
    void size(int length) {
        sizes.add(length);
    }

    /** A range for the numbers of a collection; {@code null} for numbers that have nothing to do with each other. */
    Range range() {
        int kind = source.below(100);
        if (kind < 12) {
            return new Range(0, source.below(3) + 1);
        } else if (kind < 40) {
            return new Range(0, 9);
        } else if (kind < 55) {
            return new Range(-9, 9);
        } else if (kind < 85) {
            return new Range(1, source.scaled(20, 100, 1000, 100_000));
        }
        return null;
    }

    /** A whole number of a collection with this range, or of none. */
    long whole(Range range, long least, long most) {
        if (range == null) {
            return whole(least, most);
        }
        long number = source.between(range.low, range.high);
        seen.add(number);
        return clip(number, least, most);
    }

    /** An argument: often the length of another one, an index or an element of it. */
    long argument(long least, long most) {
        int kind = source.below(100);
        if (!sizes.isEmpty() && kind < 55) {
            int size = source.of(sizes);
            int number = kind < 30 ? size : kind < 50 && size > 0 ? source.below(size) : size + source.below(3) - 1;
            return clip(number, least, most);
        }
        return kind >= 85 && !seen.isEmpty() ? clip(source.of(seen), least, most) : whole(least, most);
    }

    /** Any whole number. */
    long whole(long least, long most) {
        int kind = source.below(100);
        long[] constants = source.constants.whole();
        long number;
        if (source.scale == 3 && kind < 30) {
            number = kind < 10 ? most : kind < 20 ? least : source.between(1 << 15, 1 << 30);
        } else if (kind < 20 && constants.length > 0) {
            number = constants[source.below(constants.length)] + (kind < 15 ? 0 : source.below(3) - 1);
        } else if (kind < 75) {
            number = source.between(0, source.scaled(12, 60, 1000, 100_000));
        } else if (kind < 85) {
            number = source.between(1, 5);
        } else if (kind < 92) {
            number = -source.between(1, source.scaled(12, 60, 1000, 100_000));
        } else {
            number = CORNERS[source.below(CORNERS.length)];
        }
        seen.add(clip(number, least, most));
        return clip(number, least, most);
    }

    private static long clip(long number, long least, long most) {
        return Math.max(least, Math.min(most, number));
    }

    /** A floating-point number, in steps of a quarter or a tenth as people write them, of a collection or of none. */
    double real(Range range) {
        int kind = source.below(100);
        double[] constants = source.constants.real();
        if (kind < 15 && constants.length > 0) {
            return constants[source.below(constants.length)];
        }
        double fraction = kind < 45 ? 0 : kind < 70 ? source.below(4) / 4.0 : source.below(10) / 10.0;
        return whole(range, -(1L << 40), 1L << 40) + fraction;
    }
}
