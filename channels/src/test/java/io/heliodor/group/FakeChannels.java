package io.heliodor.group;

import io.heliodor.channel.Channels;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.Socket;
import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Channels that record the broadcasts of groups. For one thread. */
class FakeChannels implements Channels {
    record Notice(String text) {}

    record Sent(List<String> topics, String event, Object payload) {}

    static final Event<Notice> NOTICE = Event.of("notice", Notice.class);

    final List<Sent> sent = new ArrayList<>();

    /** Groups of one JVM. */
    static Groups groups() {
        return groups(PubSub.local(), new FakeChannels(), GroupLimits.defaults());
    }

    static Groups groups(PubSub pubsub, Channels channels, GroupLimits limits) {
        return new Groups(pubsub, channels, limits);
    }

    @Override
    public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
        sent.add(new Sent(List.copyOf(topics), event.name(), payload));
    }

    @Override
    public <T> void broadcast(String topic, Event<T> event, T payload) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void disconnect(String socketId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> void kick(String socketId, Event<T> event, T payload) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void recheck(String socketId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void remove(String socketId, String topic) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> CompletionStage<Integer> push(String socketId, Event<T> event, T payload) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Socket<?>> localConnections(String socketId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Socket<?>> localMembers(String topic) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int memberCount(String topic) {
        throw new UnsupportedOperationException();
    }

    @Override
    public KeptMessages newest(String topic, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public KeptMessages since(String topic, String token, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean serves(String topic) {
        return true;
    }
}
