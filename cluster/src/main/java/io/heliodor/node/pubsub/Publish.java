package io.heliodor.node.pubsub;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.pubsub.engine.TopicAddress;

/**
 * A message of the pub/sub for the subscribers of another node.
 *
 * @param address the address of its topic
 * @param value the message, as its codec wrote it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Publish(TopicAddress address, byte[] value) implements Message {
    public static final int TYPE = 70;

    public static Publish read(BinaryReader in) throws DecodeException {
        TopicAddress address = RemoteInterest.address(in.text())
                .orElseThrow(() -> new DecodeException("a topic with an invalid name"));
        return new Publish(address, in.bytes());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void write(BinaryWriter out) {
        out.text(RemoteInterest.key(address)).bytes(value);
    }

    @Override
    public int expectedSize() {
        return address.topic().length() + value.length + 64;
    }
}
