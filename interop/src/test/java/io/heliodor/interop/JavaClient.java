package io.heliodor.interop;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import kotlin.Unit;
import okhttp3.OkHttpClient;
import org.phoenixframework.Channel;
import org.phoenixframework.Defaults;
import org.phoenixframework.Message;
import org.phoenixframework.Presence;
import org.phoenixframework.Push;
import org.phoenixframework.Socket;

/** JavaPhoenixClient with quick retries and a record of the received messages. */
final class JavaClient implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Socket socket;

    JavaClient(ServerProcess server, OkHttpClient http) {
        socket = new Socket(
                server.socket(),
                Map.of(),
                Defaults.VSN,
                Defaults.INSTANCE.getEncode(),
                Defaults.INSTANCE.getDecode(),
                http);
        socket.setReconnectAfterMs(tries -> 20L);
        socket.setRejoinAfterMs(tries -> 20L);
        socket.connect();
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(socket.isConnected()).isTrue());
    }

    Socket socket() {
        return socket;
    }

    /** A room that is not joined yet. */
    Room room(String topic, Map<String, Object> params) {
        return new Room(socket.channel(topic, params));
    }

    /** A room that is joined. */
    Room join(String topic, Map<String, Object> params) throws Exception {
        Room room = room(topic, params);
        assertThat(room.join()).isEqualTo(new Answer("ok", Map.of()));
        return room;
    }

    @Override
    public void close() {
        socket.disconnect(1000, "the test is over", null);
    }

    /** The reply of the server. */
    record Answer(String status, Map<String, Object> response) {}

    static Answer answer(Push push) throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        for (String status : List.of("ok", "error", "timeout")) {
            push.receive(status, message -> {
                answer.complete(new Answer(status, message.getPayload()));
                return Unit.INSTANCE;
            });
        }
        return answer.get(DEADLINE.toSeconds() + 5, TimeUnit.SECONDS);
    }

    /** A channel, and its users by the Presence of the client. */
    static final class Room {
        final Channel channel;
        final Presence presence;
        final List<Message> errors = new CopyOnWriteArrayList<>();
        final List<Message> closes = new CopyOnWriteArrayList<>();

        /** The key, the number of its earlier presences, the number of new ones: {@code ann 0+1}. */
        final List<String> joins = new CopyOnWriteArrayList<>();

        /** The key, the number of its other presences, the number of removed ones: {@code ann 1-1}. */
        final List<String> leaves = new CopyOnWriteArrayList<>();

        Room(Channel channel) {
            this.channel = channel;
            this.presence = new Presence(channel, Presence.Options.Companion.getDefaults());
            channel.onError(message -> add(errors, message));
            channel.onClose(message -> add(closes, message));
            presence.onJoin((key, current, joined) ->
                    add(joins, key + " " + (current == null ? 0 : metas(current)) + "+" + metas(joined)));
            presence.onLeave((key, current, left) -> add(leaves, key + " " + metas(current) + "-" + metas(left)));
        }

        private static <T> Unit add(List<T> list, T element) {
            list.add(element);
            return Unit.INSTANCE;
        }

        private static int metas(Map<String, List<Map<String, Object>>> presence) {
            return presence.get("metas").size();
        }

        Answer join() throws Exception {
            return answer(channel.join(channel.getSocket$JavaPhoenixClient().getTimeout()));
        }

        Answer call(String event, Map<String, Object> payload) throws Exception {
            return answer(push(event, payload));
        }

        Push push(String event, Map<String, Object> payload) {
            return channel.push(event, payload, DEADLINE.toMillis());
        }

        Answer leave() throws Exception {
            return answer(channel.leave(DEADLINE.toMillis()));
        }

        /** The payloads of an event, from now on. */
        List<Map<String, Object>> collect(String event) {
            List<Map<String, Object>> received = new CopyOnWriteArrayList<>();
            channel.on(event, message -> add(received, message.getPayload()));
            return received;
        }

        /** The number of presences of each key. */
        Map<String, Integer> here() {
            return presence.getState().entrySet().stream()
                    .collect(toMap(Map.Entry::getKey, each -> metas(each.getValue())));
        }

        /** The refs of a key's presences. */
        List<Object> refs(String key) {
            return presence.getState().get(key).get("metas").stream()
                    .map(meta -> meta.get("phx_ref"))
                    .toList();
        }

        void sees(Map<String, Integer> here) {
            await().atMost(DEADLINE).untilAsserted(() -> assertThat(here()).isEqualTo(here));
        }

        void isJoined() {
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(channel.isJoined()).isTrue());
        }
    }
}
