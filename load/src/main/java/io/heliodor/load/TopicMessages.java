package io.heliodor.load;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The messages of one topic: their numbers, and the times at which the last of them were due. The schedule writes, and the receivers read. An
 * id has the number of the run, so that messages of another run to the same topic are not counted.
 */
final class TopicMessages {
    /** Of a message to which no member belongs any more: its time is overwritten. */
    static final long UNKNOWN = -1;

    private final String prefix;
    private final Pattern pattern;

    /** The times of the last messages, and the clients that sent them. */
    private final AtomicLongArray due;

    private final AtomicLongArray senders;
    private volatile long sent;

    /**
     * A topic without a message.
     *
     * @param run the number of the run
     * @param topic the number of the topic
     * @param capacity the messages whose time is kept, a power of two
     */
    TopicMessages(String run, int topic, int capacity) {
        prefix = "hl-" + run + "-" + topic + "-";
        pattern = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,18})z");
        due = new AtomicLongArray(capacity);
        senders = new AtomicLongArray(capacity);
    }

    int capacity() {
        return due.length();
    }

    /** The number of messages so far. */
    long sent() {
        return sent;
    }

    /** Adds a message that is due at a time, and returns its id. Only the schedule calls it. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    String add(int sender, long dueAt) {
        int slot = slot(sent);
        due.set(slot, dueAt);
        senders.set(slot, sender);
        String id = prefix + sent + "z";
        sent++;
        return id;
    }

    /** Takes the last message back, which was not accepted. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void takeBack() {
        sent--;
    }

    /** The number of the message in a payload; negative if there is none. */
    long number(String payload) {
        int from = payload.indexOf(prefix);
        if (from < 0) {
            return UNKNOWN;
        }
        Matcher found = pattern.matcher(payload);
        return found.find(from) ? Long.parseLong(found.group(1)) : UNKNOWN;
    }

    /** The time at which a message was due; negative if its place is another's by now. */
    long dueAt(long number) {
        long time = due.get(slot(number));
        return number >= sent - capacity() ? time : UNKNOWN;
    }

    int sender(long number) {
        return (int) senders.get(slot(number));
    }

    private int slot(long number) {
        return (int) (number & (due.length() - 1));
    }
}
