package io.heliodor.gossip;

import io.heliodor.pubsub.MessageFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The format of entries between nodes: the length of the key in bytes (int), the key, and the number (long). */
public final class EntryFormat implements MessageFormat<GossipEntry> {
    /** The only instance. */
    public static final EntryFormat FORMAT = new EntryFormat();

    private EntryFormat() {}

    @Override
    public byte[] write(GossipEntry entry) {
        byte[] key = entry.key().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + key.length + Long.BYTES)
                .putInt(key.length)
                .put(key)
                .putLong(entry.number())
                .array();
    }

    @Override
    public Optional<GossipEntry> read(byte[] bytes) {
        int length = bytes.length - Integer.BYTES - Long.BYTES;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (length < 0 || in.getInt() != length) {
            return Optional.empty();
        }
        String key = new String(bytes, Integer.BYTES, length, StandardCharsets.UTF_8);
        return Optional.of(new GossipEntry(key, in.getLong(bytes.length - Long.BYTES)));
    }
}
