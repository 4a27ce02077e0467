package io.heliodor.group;

import io.heliodor.channel.Event;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keeps what is said in groups. For one thread. */
final class Heard implements Groups.Broadcaster {
    record Notice(String text) {}

    record Saying(List<String> topics, String event, Object payload) {}

    static final Event<Notice> NOTICE = Event.of("notice", Notice.class);

    final List<Saying> sayings = new ArrayList<>();

    /** Groups of one JVM. */
    static Groups groups() {
        return Groups.over(PubSub.local(), new Heard(), Limits.defaults(), () -> {});
    }

    @Override
    public <T> void broadcast(Set<String> topics, Event<T> event, T payload) {
        sayings.add(new Saying(List.copyOf(topics), event.name(), payload));
    }
}
