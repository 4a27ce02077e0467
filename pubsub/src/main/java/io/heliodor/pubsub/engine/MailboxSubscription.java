package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.text.ControlCharacters;

/** A subscription whose subscriber runs on the virtual thread of a mailbox. */
final class MailboxSubscription<T> extends LocalSubscription<T> {
    private final Mailbox<T> mailbox;

    MailboxSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber, int capacity) {
        super(table, topic, subscriber);
        this.mailbox = new Mailbox<>(topic.name(), capacity, this::call);
    }

    @Override
    void deliver(T message) {
        if (mailbox.put(message)) {
            log.warn(
                    "A subscriber of topic \"{}\" is too slow: {} messages wait, newer ones are dropped until it has"
                            + " caught up.",
                    ControlCharacters.escaped(topic().name()),
                    mailbox.capacity());
        }
    }

    @Override
    void stop() {
        mailbox.close();
    }

    @Override
    public long dropped() {
        return mailbox.dropped();
    }
}
