package io.heliodor.node;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;

/**
 * A question for a sign of life, and its answer.
 *
 * @param id tells it from others of the same node
 * @param answer whether it is the answer
 */
record Ping(long id, boolean answer) implements Message {
    static final int TYPE = 80;

    static Ping read(ByteReader in) throws DecodeException {
        return new Ping(in.number(), in.bool());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void write(ByteWriter out) {
        out.number(id).bool(answer);
    }
}
