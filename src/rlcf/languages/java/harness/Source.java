import java.util.List;
import java.util.SplittableRandom;

/** The random choices of one input; they depend on the seed, the input's number and the constants alone. */
final class Source {
    /** Numbers and texts that stand in the task. */
    record Constants(long[] whole, double[] real, List<String> texts) {}

    private static final int ROUND = 160;
    private static final int[] SCALES_END_AT = {96, 128, 152};

    final Constants constants;

    /** From 0, small values and few of them, to 3, extreme ones: grows with the input's number. */
    final int scale;

    private final SplittableRandom random;

    Source(long seed, int number, Constants constants) {
        this.random = new SplittableRandom(seed * 1_000_003L + number).split();
        this.scale = scale(number);
        this.constants = constants;
    }

    private static int scale(int number) {
        int scale = 0;
        while (scale < SCALES_END_AT.length && Math.floorMod(number, ROUND) >= SCALES_END_AT[scale]) {
            scale++;
        }
        return scale;
    }

    /** From 0 to {@code bound - 1}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Both included. */
    long between(long low, long high) {
        return low + (long) (random.nextDouble() * (high - low + 1));
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T of(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** The value for the scale. */
    int scaled(int... values) {
        return values[scale];
    }
}
