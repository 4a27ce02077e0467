package io.heliodor.protocol;

import io.heliodor.link.Input;
import io.heliodor.link.Message;
import io.heliodor.link.Output;

/** A node says that it is about to leave: the view without it will not mean that it is dead. Type 60. */
public record Leaving() implements Message {
    @Override
    public int type() {
        return 60;
    }

    @Override
    public void write(Output out) {
        // It says nothing else.
    }

    /**
     * Reads one.
     *
     * @param in its fields
     * @return the message
     */
    public static Leaving read(Input in) {
        return new Leaving();
    }
}
