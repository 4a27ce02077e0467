package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.Message;

/** A node says that it is about to leave: the view without it will not mean that it is dead. Type 60. */
public record Leaving() implements Message {
    @Override
    public int type() {
        return 60;
    }

    @Override
    public void write(ByteWriter out) {
        // It says nothing else.
    }

    /**
     * Reads one.
     *
     * @param in its fields
     * @return the message
     */
    public static Leaving read(ByteReader in) {
        return new Leaving();
    }
}
