package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory that counts for decoded payloads, from their arrival until the last reference of the endpoint is gone. */
class DecodedMemoryTests {
    private static final int MIB = 1 << 20;
    private static final Type<Map<String, Object>> OPEN = new Type<>() {};
    private static final Event<Map<String, Object>> DRAW = Event.of("draw", OPEN);

    record Document(List<Object> m) {}

    private static final Event<Raw> PASS = Event.of("pass", Raw.class);
    private static final Call<Map<String, Object>, Empty, Reason> LATER = Call.of("later", OPEN, Type.of(Empty.class));

    /** The number of empty objects of a document that is large if it is decoded: 30 KB of JSON, 700 KB of heap. */
    private static final int MANY = 10_000;

    private static final Call<Empty, Empty, Reason> ASK = Call.of("ask", Type.of(Empty.class), Type.of(Empty.class));

    /** A client is paused from 512 KiB on, a quarter of its memory: a decoded document would be enough. */
    private final TestServer server = new TestServer(Limits.openInternet()
            .sessions(s -> s.maxMessageBytes(64 << 10))
            .memory(m -> m.maxHeapBytes(8 * MIB).maxConnectionBytes(2 * MIB)));

    private final Gate gate = server.gate();
    private final List<DeferredReply<Empty, Reason>> replies = Collections.synchronizedList(new ArrayList<>());
    private final Presence<Map<String, Object>> presence = Presence.over(server.pubsub, OPEN);

    {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(DRAW, (drawing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .on(PASS, (drawing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .answer(ASK, (empty, room) -> Reply.ok())
                        .answerLater(LATER, (drawing, room, reply) -> replies.add(reply))
                        .answer(Call.of("present", OPEN, Type.of(Empty.class)), (meta, room) -> {
                            presence.track(room, "k", meta);
                            return Reply.ok();
                        })
                        .build());
        server.serve(
                "kept:*",
                Channel.join(Document.class, (document, join) -> Join.ok(document))
                        .answer(ASK, (empty, room) -> Reply.ok())
                        .build());
    }

    @AfterEach
    void close() {
        gate.open();
        presence.close();
        server.close();
    }

    private Client joined() {
        Client client = server.connect();
        client.isCareless();
        client.joins("1", "room:1");
        return client;
    }

    private static String objects(int count) {
        return "{'m':[" + String.join(",", Collections.nCopies(count, "{}")) + "]}";
    }

    private static String push(String event, String payload) {
        return "['1','2','room:1','%s',%s]".formatted(event, payload);
    }

    private static long held(Client client) {
        return client.session().memory().held();
    }

    /** Awaits the return of all handlers of a channel for what the client has sent: the mailbox is handled in order. */
    private void handled(Client client, String topic) {
        client.sends("['1','asked','%s','ask',{}]".formatted(topic));
        server.await(() -> client.received().stream().anyMatch(message -> message.contains("asked")), client::toString);
    }

    @Test
    void aPayloadOfAnOpenTypeCountsAsItsObjectsUntilItsHandlerReturns() {
        Client client = joined();
        client.sends(push("draw", objects(MANY)));
        server.await(gate::reached, () -> "the handler");
        assertThat(held(client)).isGreaterThan(64L * MANY);
        client.sends(push("draw", "{}")); // after which it is decided whether the client is read
        assertThat(client.isRead()).as("a large payload makes nobody paused").isTrue();
        gate.open();
        server.await(() -> held(client) == 0, client::toString);
        server.await(
                () -> server.hub.memory().used() < 20_000,
                () -> server.hub.memory().used() + " bytes");
    }

    @Test
    void aRawPayloadCountsAsItsText() {
        Client client = joined();
        client.sends(push("pass", objects(MANY)));
        server.await(gate::reached, () -> "the handler");
        assertThat(held(client)).isBetween(6L * MANY, 7L * MANY);
    }

    @Test
    void aPayloadThatTheApplicationMayHoldCountsUntilItsDeferredReply() {
        Client client = joined();
        client.sends(push("later", objects(MANY)));
        handled(client, "room:1");
        assertThat(held(client)).isBetween(64L * MANY, 90L * MANY);
        replies.getFirst().send(Reply.ok());
        server.await(() -> held(client) == 0, client::toString);
    }

    @Test
    void theAssignsOfAJoinCountUntilTheEndOfTheirChannel() {
        Client client = server.connect();
        client.isCareless();
        client.sends("['1','1','kept:1','phx_join',%s]".formatted(objects(MANY)));
        handled(client, "kept:1");
        assertThat(held(client)).isBetween(64L * MANY, 90L * MANY);
        client.sends("['1','2','kept:1','phx_leave',{}]");
        server.await(() -> held(client) == 0, client::toString);
    }

    @Test
    void aMetaCountsAsItsObjectsAndIsRefusedBeyondTheLimitOfPresences() {
        Client client = joined();
        client.sends(push("present", objects(1_000)));
        handled(client, "room:1");
        assertThat(held(client)).isBetween(64_000L, 90_000L);
        Client greedy = joined();
        greedy.sends(push("present", objects(2_000)));
        // The limit is a sixteenth of 2 MiB.
        server.await(() -> held(greedy) == 0, greedy::toString);
    }

    @Test
    void aPayloadForWhichThereIsNoRoomIsRefusedAndOthersAreServed() {
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(joined());
        }
        for (Client client : all) {
            client.sends(push("draw", objects(MANY)));
            assertThat(server.hub.memory().tight()).as("others are let in").isFalse();
        }
        assertThat(server.count(Counter.MESSAGES_OVERLOADED)).isPositive();
        Client modest = all.getLast();
        modest.sends("['1','3','room:1','draw',{'m':[]}]");
        assertThat(held(modest)).isPositive();
    }
}
