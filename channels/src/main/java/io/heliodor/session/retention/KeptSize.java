package io.heliodor.session.retention;

import io.heliodor.history.CausalStamp;
import io.heliodor.history.LogEntry;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.wire.Ref;
import io.heliodor.wire.V2Serializer;

/**
 * The heap that a message of a topic's history takes, for a JVM with compressed references and ordinary object headers. See
 * {@code docs/design/memory.md}.
 */
final class KeptSize {
    /** The objects of a kept message: its content, its entry, its stamp and its token, and its place in the log. */
    private static final int KEPT = 364;

    /** The objects of a waiting message: its content with the message of the other node, its stamp, and its place in a queue. */
    private static final int WAITING = 384;

    /** The lists of predecessors and of retired streams. */
    private static final int LISTS = 80;

    /** A stream with its counter in a list, and the reference to it. */
    private static final int DOT = 36;

    /** The same in the message of another node. */
    private static final int WRITTEN_DOT = 15;

    /** The arrays of a version vector, and what each stream takes in them. */
    private static final int ARRAYS = 32;

    private static final int STREAM = 16;

    /** The object of a version vector. */
    private static final int VECTOR = 24;

    /** The maximum size of a stream in the text of a token, and of the text. */
    private static final int TOKEN_STREAM = 25;

    private static final int MAX_TOKEN = 1_024;

    /** The maximum of a character of an event in the message of another node, and in the string that was read. */
    private static final int EVENT_CHARACTER = 3 + 2;

    private static final V2Serializer SERIALIZER = new V2Serializer();

    private final String topic;

    KeptSize(String topic) {
        this.topic = topic;
    }

    /** The heap of a message that waits for others. */
    int waiting(CausalStamp stamp, Broadcast broadcast) {
        int dots = stamp.predecessors().size() + stamp.retired().size();
        return WAITING
                + EVENT_CHARACTER * broadcast.event().length()
                + broadcast.payload().length()
                + lists(dots)
                + WRITTEN_DOT * (dots + 1);
    }

    /** The heap of a kept message. */
    @SuppressWarnings("ReferenceEquality") // another vector takes heap of its own, an equal one too
    int kept(LogEntry<KeptBroadcast> entry, Broadcast broadcast) {
        int position = ARRAYS + STREAM * entry.position().size();
        int streams = entry.token().named().size();
        int token = entry.token().named() == entry.position() ? 0 : VECTOR + ARRAYS + STREAM * streams;
        return KEPT
                + SERIALIZER
                        .envelope(Ref.NULL, Ref.NULL, topic, broadcast.event())
                        .head()
                        .length
                + broadcast.payload().length()
                + Math.min(MAX_TOKEN, TOKEN_STREAM * streams)
                + position
                + token
                + lists(entry.stamp().predecessors().size()
                        + entry.stamp().retired().size());
    }

    private static int lists(int dots) {
        return dots == 0 ? 0 : LISTS + DOT * dots;
    }
}
