package io.heliodor.node.membership;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;

/**
 * A ping, or the answer to one.
 *
 * @param id the number of the ping at its sender
 * @param answer whether it is the answer
 */
public record Ping(long id, boolean answer) implements Message {
    public static final int TYPE = 80;

    public static Ping read(BinaryReader in) throws DecodeException {
        return new Ping(in.number(), in.bool());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void write(BinaryWriter out) {
        out.number(id).bool(answer);
    }
}
