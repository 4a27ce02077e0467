package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.presence.Presence;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * {@code realtime:*}: broadcast and presence for supabase-js, as on the public channels of Supabase. Changes of tables and
 * policies are not supported, and a private channel is like any other.
 *
 * @param presence the presences by channel
 */
record RealtimeChannel(Presence<Map<?, ?>> presence) {
    static final Event<Raw> BROADCAST = Event.of("broadcast", Raw.class);
    static final Event<ByteBuffer> BYTES = Event.of("broadcast", ByteBuffer.class);
    static final Call<Raw, Empty, Reason> SAY = Call.of("broadcast", Raw.class, Empty.class);
    static final Call<ByteBuffer, Empty, Reason> SAY_BYTES = Call.of("broadcast", ByteBuffer.class, Empty.class);
    static final Call<Change, Empty, Reason> PRESENCE =
            Call.of("presence", Change.class, Empty.class).refusing("unknown_presence_event", "presence_limit");
    static final Event<Empty> ACCESS_TOKEN = Event.of("access_token", Empty.class);

    private static final int MAX_KEY_BYTES = 1_000;

    /** The maximum: a presence stays as long as its client, and each new client gets all of them. */
    private static final int MAX_META_CHARS = 16 << 10;

    /** The fields that only the server sets in a meta. */
    private static final Set<String> REFS = Set.of("phx_ref", "phx_ref_prev");

    record Enter(Optional<Config> config) {}

    /** The reply to a join; no changes of tables are sent. */
    record Ready(List<Object> postgres_changes) {}

    record Config(Optional<Broadcasting> broadcast, Optional<Presenting> presence) {}

    record Broadcasting(Optional<Boolean> ack, Optional<Boolean> self) {}

    record Presenting(Optional<String> key, Optional<Boolean> enabled) {
        Presenting {
            if (key.isPresent() && key.get().getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
                throw new InvalidPayload("key", "must have at most " + MAX_KEY_BYTES + " bytes");
            }
        }
    }

    /** The payload of {@code track} and {@code untrack}. */
    record Change(String event, Optional<Object> payload) {
        Change {
            if (payload.isPresent() && !(payload.get() instanceof Map)) {
                throw new InvalidPayload("payload", "must be an object");
            }
            if (payload.isPresent() && payload.get().toString().length() > MAX_META_CHARS) {
                throw new InvalidPayload("payload", "must be at most " + MAX_META_CHARS + " characters");
            }
        }

        Map<?, ?> meta() {
            Map<Object, Object> meta = new LinkedHashMap<>((Map<?, ?>) payload.orElse(Map.of()));
            meta.keySet().removeAll(REFS);
            return meta;
        }
    }

    /**
     * The assigns of a channel.
     *
     * @param ack whether broadcasts are confirmed
     * @param self whether the client gets its own broadcasts
     * @param watches whether it requested presences
     * @param key its presence key
     */
    record Client(boolean ack, boolean self, boolean watches, String key) {
        static Client of(Enter enter) {
            Optional<Broadcasting> broadcast = enter.config().flatMap(Config::broadcast);
            Optional<Presenting> presence = enter.config().flatMap(Config::presence);
            return new Client(
                    broadcast.flatMap(Broadcasting::ack).orElse(false),
                    broadcast.flatMap(Broadcasting::self).orElse(false),
                    presence.flatMap(Presenting::enabled).orElse(true),
                    presence.flatMap(Presenting::key)
                            .filter(key -> !key.isEmpty())
                            .orElseGet(() -> UUID.randomUUID().toString()));
        }
    }

    Channel<Object, Client> channel() {
        return Channel.join(Enter.class, RealtimeChannel::join)
                .onJoined(this::joined)
                .answer(SAY, (message, room) -> say(BROADCAST, message, room))
                .answer(SAY_BYTES, (message, room) -> say(BYTES, message, room))
                .answer(PRESENCE, this::change)
                .on(ACCESS_TOKEN, (token, room) -> NoReply.none())
                .joinReply(Ready.class)
                .sends(BROADCAST, BYTES)
                .presence(new Type<Map<String, Object>>() {})
                .build();
    }

    private static JoinOutcome<Client> join(Enter enter, Join<Object> join) {
        return Join.ok(Client.of(enter), new Ready(List.of()));
    }

    private void joined(Context<?, Client> room) {
        if (room.assigns().watches()) {
            presence.follow(room);
        }
    }

    private static <T> Outcome<Empty, Reason> say(Event<T> event, T message, Context<?, Client> room) {
        if (room.assigns().self()) {
            room.broadcast(event, message);
        } else {
            room.broadcastFrom(event, message);
        }
        return room.assigns().ack() ? Reply.ok() : Reply.none();
    }

    private Outcome<Empty, Reason> change(Change change, Context<?, Client> room) {
        switch (change.event()) {
            case "track" -> {
                try {
                    track(change.meta(), room);
                } catch (IllegalStateException e) {
                    // Its metas together take too much memory.
                    return Reply.error("presence_limit");
                }
            }
            case "untrack" -> presence.untrack(room, room.assigns().key());
            default -> {
                return Reply.error("unknown_presence_event");
            }
        }
        return Reply.ok();
    }

    /** Sends the presences to a client that did not request them at its join, when it is first present itself. */
    private void track(Map<?, ?> meta, Context<?, Client> room) {
        String key = room.assigns().key();
        if (!presence.update(room, key, before -> meta)) {
            presence.track(room, key, meta);
        }
    }
}
