package io.heliodor.channel;

/**
 * Nothing to answer to an event; for a call there is {@link Reply#none()}. {@link Context#push} and {@link Context#broadcast} return it, for
 * handlers that end with one.
 */
public enum NoReply implements Outcome<Void, Void> {
    /** The only value. */
    NO_REPLY;

    /**
     * Nothing to answer.
     *
     * @return the only value
     */
    public static NoReply none() {
        return NO_REPLY;
    }
}
