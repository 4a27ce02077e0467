package io.heliodor.session;

import org.jspecify.annotations.Nullable;

/** The mails of one channel, first come first served. Guarded by the lock of its {@link ChannelLife}. */
final class Mailbox {
    private @Nullable Mail head;
    private @Nullable Mail tail;
    private int count;

    void add(Mail mail) {
        if (tail == null) {
            head = mail;
        } else {
            tail.next = mail;
        }
        tail = mail;
        count++;
    }

    @Nullable
    Mail poll() {
        Mail first = head;
        if (first == null) {
            return null;
        }
        head = first.next;
        if (head == null) {
            tail = null;
        }
        first.next = null;
        count--;
        return first;
    }

    boolean atLimit(int maxMessages) {
        return count >= maxMessages;
    }
}
