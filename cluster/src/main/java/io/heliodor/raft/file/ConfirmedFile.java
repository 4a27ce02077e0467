package io.heliodor.raft.file;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code confirmed}. It has two slots that are written by turns, in place, so a write costs one transfer to the
 * disk. A write that a crash cut short leaves the other slot.
 *
 * <p>A slot is a checksum, the length of its content, and its content: a number that grows, and a {@link Confirmed}.
 */
final class ConfirmedFile implements AutoCloseable {
    private static final String NAME = "confirmed";

    /** The size of a slot: blocks of a disk are not larger, so a write that was cut short damages one. */
    private static final int SLOT = 4_096;

    private static final int HEADER = 2 * Integer.BYTES;

    private final Disk disk;
    private @Nullable DiskFile file;
    private long number;

    ConfirmedFile(Disk disk) {
        this.disk = disk;
    }

    /** The content that was written last; empty if there is none that is whole. */
    Optional<Confirmed> read() throws IOException {
        Optional<byte[]> all = disk.read(NAME);
        Optional<Confirmed> last = Optional.empty();
        for (int at = 0; all.isPresent() && at <= SLOT; at += SLOT) {
            Optional<BinaryReader> content = slot(all.get(), at);
            if (content.isPresent()) {
                try {
                    long its = Confirmed.count(content.get());
                    if (its >= number) {
                        number = its;
                        last = Optional.of(Confirmed.read(content.get()));
                    }
                } catch (DecodeException e) {
                    throw new UnusableDirectory("The file " + NAME + " in " + disk + " has another format.", e);
                }
            }
        }
        return last;
    }

    private static Optional<BinaryReader> slot(byte[] all, int at) {
        ByteBuffer numbers = ByteBuffer.wrap(all);
        if (all.length < at + HEADER) {
            return Optional.empty();
        }
        int length = numbers.getInt(at + Integer.BYTES);
        boolean whole = length > 0
                && length <= Math.min(SLOT, all.length - at) - HEADER
                && numbers.getInt(at) == Checksum.of(all, at + HEADER, length);
        return whole ? Optional.of(new BinaryReader(all, at + HEADER, at + HEADER + length)) : Optional.empty();
    }

    private static ByteBuffer slot(long number, Confirmed content) {
        BinaryWriter out = new BinaryWriter(128).number(number);
        content.write(out);
        byte[] bytes = out.toBytes();
        return ByteBuffer.allocate(HEADER + bytes.length)
                .putInt(Checksum.of(bytes, 0, bytes.length))
                .putInt(bytes.length)
                .put(bytes)
                .flip();
    }

    /** Begins the file anew. */
    void create(Confirmed content) throws IOException {
        close();
        number++;
        byte[] both = new byte[2 * SLOT];
        ByteBuffer slot = slot(number, content);
        slot.get(both, (int) (number & 1) * SLOT, slot.remaining());
        DurableFile.replace(disk, NAME, ByteBuffer.wrap(both));
    }

    void write(Confirmed content) throws IOException {
        DiskFile to = file;
        if (to == null) {
            to = disk.open(NAME);
            file = to;
        }
        number++;
        to.write(slot(number, content), (number & 1) * SLOT);
        to.force(false);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
