package io.heliodor.channel;

import io.heliodor.directory.Directory;
import io.heliodor.event.Event;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Hands each call to an endpoint over the pub/sub. */
record ChannelsOfPubSub(Directory<Channels> endpoints) implements Channels {
    private Channels endpoint(String topic) {
        return endpoint(endpoints.all(), topic);
    }

    private static Channels endpoint(List<Channels> all, String topic) {
        return all.stream()
                .filter(each -> each.serves(topic))
                .findFirst()
                .or(() -> all.stream().findFirst())
                .orElseThrow(() -> new IllegalStateException(
                        "This pub/sub has no endpoint in this JVM: build one with its sockets before channels are used,"
                                + " Endpoint.builder().pubsub(pubsub).socket(\"/socket\", socket).build(), and use them before it is"
                                + " closed. A process that only publishes does not start it."));
    }

    @Override
    public <T> void broadcast(String topic, Event<T> event, T payload) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(event, "event");
        endpoint(topic).broadcast(topic, event, payload);
    }

    @Override
    public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
        Objects.requireNonNull(topics, "topics");
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        List<Channels> all = endpoints.all();
        Map<Channels, Set<String>> parts = new LinkedHashMap<>();
        topics.forEach(topic -> parts.computeIfAbsent(endpoint(all, topic), _ -> new LinkedHashSet<>())
                .add(topic));
        parts.forEach((endpoint, its) -> endpoint.broadcast(its, event, payload));
    }

    @Override
    public void disconnect(String socketId) {
        Objects.requireNonNull(socketId, "socketId");
        endpoint("").disconnect(socketId);
    }

    @Override
    public <T> void kick(String socketId, Event<T> event, T payload) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(event, "event");
        endpoint("").kick(socketId, event, payload);
    }

    @Override
    public void remove(String socketId, String topic) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(topic, "topic");
        endpoint(topic).remove(socketId, topic);
    }

    @Override
    public <T> CompletionStage<Integer> push(String socketId, Event<T> event, T payload) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(event, "event");
        return endpoint("").push(socketId, event, payload);
    }

    @Override
    public void recheck(String socketId) {
        Objects.requireNonNull(socketId, "socketId");
        endpoint("").recheck(socketId);
    }

    @Override
    public List<Socket<?>> localConnections(String socketId) {
        Objects.requireNonNull(socketId, "socketId");
        return endpoint("").localConnections(socketId);
    }

    @Override
    public List<Socket<?>> localMembers(String topic) {
        Objects.requireNonNull(topic, "topic");
        return endpoint(topic).localMembers(topic);
    }

    @Override
    public int memberCount(String topic) {
        Objects.requireNonNull(topic, "topic");
        return endpoint(topic).memberCount(topic);
    }

    @Override
    public KeptMessages newest(String topic, int limit) {
        Objects.requireNonNull(topic, "topic");
        return endpoint(topic).newest(topic, limit);
    }

    @Override
    public KeptMessages since(String topic, String token, int limit) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(token, "token");
        return endpoint(topic).since(topic, token, limit);
    }

    @Override
    public boolean serves(String topic) {
        Objects.requireNonNull(topic, "topic");
        return endpoints.all().stream().anyMatch(each -> each.serves(topic));
    }
}
