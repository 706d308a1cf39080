import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** A text that takes little memory: outlines are mostly blanks. Any text is kept, half a surrogate pair too. */
final class PackedText {
    private final byte[] packed;

    PackedText(String text) {
        ByteBuffer units = ByteBuffer.allocate(Character.BYTES * text.length());
        units.asCharBuffer().put(text);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(units.array());
        } catch (IOException impossible) { // in memory
            throw new UncheckedIOException(impossible);
        }
        packed = bytes.toByteArray();
    }

    @Override
    public String toString() {
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
            return ByteBuffer.wrap(in.readAllBytes()).asCharBuffer().toString();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** In bytes. */
    int size() {
        return packed.length;
    }
}
