package io.heliodor.client.session;

import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The channels of a client, in the order of their first joins. */
final class ChannelTable {
    private final Session session;
    private final PendingCalls calls;
    private final Map<Long, ChannelState> channels = new LinkedHashMap<>();
    private final Map<String, ChannelState> byTopic = new HashMap<>();

    /** The token of the last connection. */
    private @Nullable String token;

    ChannelTable(Session session, PendingCalls calls) {
        this.session = session;
        this.calls = calls;
    }

    @Nullable
    ChannelState get(long number) {
        return channels.get(number);
    }

    void join(long number, String topic, Payload params, boolean hasState) {
        ChannelState channel = channels.get(number);
        if (channel == null) {
            if (byTopic.containsKey(topic)) {
                throw new IllegalStateException("Topic '" + topic + "' has two channels.");
            }
            channel = new ChannelState(session, calls, number, topic, params);
            channels.put(number, channel);
            byTopic.put(topic, channel);
        }
        channel.join(hasState);
    }

    void leave(long number) {
        ChannelState channel = channels.remove(number);
        if (channel != null) {
            byTopic.remove(channel.topic());
            channel.leave();
        }
    }

    void leaveAll() {
        channels.values().forEach(ChannelState::leave);
        channels.clear();
        byTopic.clear();
    }

    /** A connection is open. */
    void connected(@Nullable String newToken) {
        channels.values().forEach(ChannelState::enter);
        if (!Objects.equals(newToken, token)) {
            token = newToken;
            authorized();
        }
    }

    /** The user has a fresh token. */
    void authorized() {
        channels.values().forEach(ChannelState::authorized);
    }

    void disconnected() {
        channels.values().forEach(ChannelState::disconnected);
    }

    /** The connection is refused for good. */
    void suspend() {
        channels.values().forEach(ChannelState::suspend);
    }

    /** The connection is attempted again after that. */
    void resume() {
        channels.values().forEach(ChannelState::resume);
    }

    /** Handles a frame of a topic that is not the reply to a call. */
    void receive(Frame frame, boolean isWhole) {
        ChannelState channel = byTopic.get(frame.topic());
        if (channel != null) {
            channel.receive(frame, isWhole);
        } else if (frame.status() == null) {
            session.counters().increment(ClientCounter.STALE_FRAMES);
        }
    }

    void checkInvariants() {
        if (channels.size() != byTopic.size()) {
            throw new IllegalStateException("A topic has two channels.");
        }
        channels.values().forEach(ChannelState::checkInvariants);
    }
}
