package io.heliodor.node;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Message;
import io.heliodor.link.Output;

/**
 * A question for a sign of life, and its answer.
 *
 * @param id tells it from others of the same node
 * @param answer whether it is the answer
 */
record Ping(long id, boolean answer) implements Message {
    static final int TYPE = 80;

    static Ping read(Input in) throws Malformed {
        return new Ping(in.number(), in.bool());
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void write(Output out) {
        out.number(id).bool(answer);
    }
}
