package io.heliodor.node.pubsub;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;

/**
 * A message of the pub/sub for the subscribers of another node.
 *
 * @param place its topic, as {@link RemoteInterest#key} writes it
 * @param value the message, as its codec wrote it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Publish(String place, byte[] value) implements Message {
    public static final int TYPE = 70;

    public static Publish read(ByteReader in) throws DecodeException {
        return new Publish(in.text(), in.bytes());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void write(ByteWriter out) {
        out.text(place).bytes(value);
    }

    @Override
    public int expectedSize() {
        return place.length() + value.length + 16;
    }
}
