package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.text.ControlCharacters;

/** A subscription whose subscriber runs on the virtual thread of a mailbox. */
final class MailboxSubscription<T> extends LocalSubscription<T> {
    private final SubscriberQueue<Object> mailbox;

    /** A message of a thread that has a {@link Correlation}. */
    private record Carried(Object message, Correlation.Captured context) {}

    MailboxSubscription(TopicTable table, Topic<T> topic, Subscriber<? super T> subscriber, int capacity) {
        super(table, topic, subscriber);
        this.mailbox = new SubscriberQueue<>(topic.name(), capacity, this::receive);
    }

    @Override
    void deliver(T message) {
        Object entry = Correlation.capture()
                .<Object>map(context -> new Carried(message, context))
                .orElse(message);
        if (mailbox.put(entry)) {
            slow().warn(
                            "A subscriber of topic \"{}\" is too slow: {} messages wait, newer ones are dropped until it has"
                                    + " caught up.",
                            ControlCharacters.escaped(topic().name()),
                            mailbox.capacity());
        }
    }

    private void receive(Object entry) {
        if (entry instanceof Carried(Object message, Correlation.Captured context)) {
            try (Correlation.Scope _ = context.open()) {
                callWith(message);
            }
        } else {
            callWith(entry);
        }
    }

    @SuppressWarnings("unchecked") // deliver() takes messages of this type only
    private void callWith(Object message) {
        call((T) message);
    }

    @Override
    boolean isPrompt() {
        return false;
    }

    @Override
    boolean deliverNow(T message) {
        return false;
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
