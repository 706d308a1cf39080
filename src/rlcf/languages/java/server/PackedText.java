import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A text that takes little memory: outlines are mostly blanks. Any text is kept, half a surrogate pair too. */
final class PackedText {
    private final byte[] packed;
    private final int units;

    private PackedText(byte[] packed, int units) {
        this.packed = packed;
        this.units = units;
    }

    static PackedText of(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(Character.BYTES * text.length());
        bytes.asCharBuffer().put(text);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(bytes.array());
            deflater.finish();
            ByteBuffer packed = ByteBuffer.allocate(bytes.capacity() + bytes.capacity() / 8 + 64); // more than any text takes
            while (!deflater.finished()) {
                deflater.deflate(packed, Deflater.NO_FLUSH);
            }
            byte[] kept = new byte[packed.flip().remaining()];
            packed.get(kept);
            return new PackedText(kept, text.length());
        } finally {
            deflater.end();
        }
    }

    @Override
    public String toString() {
        ByteBuffer bytes = ByteBuffer.allocate(Character.BYTES * units);
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            while (bytes.hasRemaining()) {
                inflater.inflate(bytes);
            }
        } catch (DataFormatException impossible) {
            throw new AssertionError(impossible);
        } finally {
            inflater.end();
        }
        return bytes.flip().asCharBuffer().toString();
    }

    /** Bytes that it takes. */
    int size() {
        return packed.length;
    }
}
