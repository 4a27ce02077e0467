package io.heliodor.gossip;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.pubsub.MessageFormat;
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
        return new BinaryWriter(Integer.BYTES + key.length + Long.BYTES)
                .int32Bytes(key)
                .int64(entry.number())
                .toBytes();
    }

    @Override
    public Optional<GossipEntry> read(byte[] bytes) {
        return BinaryReader.decode(bytes, in -> {
            GossipEntry entry = new GossipEntry(in.int32Text(), in.int64());
            in.end();
            return entry;
        });
    }
}
