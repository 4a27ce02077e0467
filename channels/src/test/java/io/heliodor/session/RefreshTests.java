package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections whose identity changes, and channels whose clients lose their rights. */
class RefreshTests {
    /** The rooms that a user may read. */
    record User(String name, Set<String> rooms) {}

    private static final Optional<String> ID = Optional.of("users:1");

    private final TestServer server = new TestServer();
    private final Gate gate = server.gate();
    private final Queue<String> left = new ConcurrentLinkedQueue<>();

    /** Whether the next check of a room takes long. */
    private volatile boolean holding;

    /** Rooms whose right was taken away. */
    private final Set<String> closed = ConcurrentHashMap.newKeySet();

    RefreshTests() {
        serve(server);
    }

    private void serve(TestServer on) {
        on.refresh(this::refresh)
                .serve(
                        "room:*",
                        Channel.of(Object.class)
                                .join(join -> {
                                    if (join.subtopic().equals("slow")) {
                                        gate.pass();
                                    }
                                    return Join.ok(join.topic());
                                })
                                .authorize(this::mayRead)
                                .answer(Chat.ASK, (text, room) -> {
                                    if (text.text().equals("wait")) {
                                        gate.pass();
                                    }
                                    return Reply.ok(
                                            new Chat.Text(((User) room.socket().assigns()).name()));
                                })
                                .onLeave((why, room) -> left.add(room.topic() + " " + why))
                                .build())
                .serve("open:*", Channel.join(join -> Join.ok(join.topic())).build());
    }

    private boolean mayRead(Socket<Object> socket, String room) throws InterruptedException {
        if (room.equals("held") && holding) {
            holding = false;
            gate.pass();
            return true; // as it was before the gate
        }
        if (room.equals("broken") && closed.contains(room)) {
            throw new IllegalStateException("the database is away");
        }
        return !closed.contains(room) && ((User) socket.assigns()).rooms().contains(room);
    }

    /** A token is a name, a time and rooms. */
    private ConnectOutcome<?> refresh(String token, Socket<Object> socket) throws Exception {
        List<String> parts = new ArrayList<>(List.of(token.split(" ")));
        String name = parts.removeFirst();
        User user = new User(name, Set.copyOf(parts));
        return switch (name) {
            case "bad" -> Connect.refuse(401).text("expired").retryAfter(Duration.ofMillis(1_500));
            case "wait" -> {
                gate.pass();
                yield Connect.ok(user);
            }
            case "down" -> Connect.refuse(503).text("later").because("the keys are\naway");
            case "crash" -> throw new IllegalStateException("no key");
            case "other" -> Connect.ok(user, "users:2");
            case "minute" -> Connect.ok(user, "users:1").validFor(Duration.ofMinutes(1));
            case "until" -> Connect.ok(user).validUntil(Instant.EPOCH.plusSeconds(60));
            case "past" -> Connect.ok(user).validUntil(Instant.EPOCH.minusSeconds(60));
            default -> Connect.ok(user);
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Client ann(String... rooms) {
        return ann(server, rooms);
    }

    private static Client ann(TestServer on, String... rooms) {
        return on.connect(new User("ann", Set.of(rooms)), ID, 0);
    }

    private static void refreshes(Client client, String token) {
        client.sends("[null,'9','phoenix','refresh',{'token':'%s'}]".formatted(token));
    }

    private static final String ACCEPTED = "[null,'9','phoenix','phx_reply',{'status':'ok','response':{}}]";

    private static String refused(String response) {
        return "[null,'9','phoenix','phx_reply',{'status':'error','response':{%s}}]".formatted(response);
    }

    private static void is(Client client, String name) {
        client.sends("['3','5','room:a','ask',{'text':'who'}]");
        client.receives("['3','5','room:a','phx_reply',{'status':'ok','response':{'text':'%s'}}]".formatted(name));
    }

    @Test
    void anAcceptedTokenReplacesTheAssigns() {
        Client client = ann("a");
        client.joins("3", "room:a");
        is(client, "ann");
        refreshes(client, "ben a");
        client.receives(ACCEPTED);
        is(client, "ben");
        assertThat(server.count(Counter.REFRESHES)).isEqualTo(1);
    }

    /** Such as keys of an issuer that cannot be fetched: no other line tells of it while connections stay open. */
    @Test
    void aRefusalBecauseOfAFaultIsLoggedAtARate() {
        RecordedLog.clear();
        Client client = ann("a");
        for (int i = 0; i < 30; i++) {
            refreshes(client, "down");
            client.receives(refused("'status':503,'reason':'later'"));
        }
        assertThat(RecordedLog.linesAbout("refused a token"))
                .hasSizeBetween(20, 29)
                .first()
                .extracting(RecordedLog.Line::text)
                .asString()
                .endsWith("The onRefresh handler refused a token with status 503: the keys are\\u000aaway");
    }

    @Test
    void aRefusedTokenChangesNothing() {
        Client client = ann("a");
        client.joins("3", "room:a");
        refreshes(client, "bad");
        client.receives(refused("'status':401,'reason':'expired','retry_after':2"));
        refreshes(client, "past a");
        client.receives(refused("'status':401,'reason':'expired'"));
        refreshes(client, "other a");
        client.receives(refused("'status':403,'reason':'other id'"));
        refreshes(client, "crash");
        client.receives(refused("'status':500,'reason':'refresh crashed'"));
        refreshes(client, "");
        client.receives(refused("'status':400,'reason':'invalid_payload'"));
        refreshes(client, "x".repeat(8_193));
        client.receives(refused("'status':400,'reason':'invalid_payload'"));
        client.sends("[null,'9','phoenix','refresh',{'token':7}]");
        client.receives(refused("'status':400,'reason':'invalid_payload'"));
        is(client, "ann");
        assertThat(server.count(Counter.REFRESHES_REFUSED)).isEqualTo(7);
    }

    @Test
    void aSecondTokenIsRefusedWhileTheFirstIsHandled() {
        Client client = ann("a");
        client.joins("3", "room:a");
        refreshes(client, "wait a");
        server.awaitReached(gate);
        is(client, "ann");
        refreshes(client, "ben a");
        client.receives(refused("'status':429,'reason':'busy'"));
        gate.open();
        client.receives(ACCEPTED);
        is(client, "wait");
    }

    @Test
    void aClientMayEndWhileItsTokenIsHandled() {
        Client client = ann("a");
        refreshes(client, "wait a");
        server.awaitReached(gate);
        client.drops();
        gate.open();
        server.settle();
        assertThat(server.count(Counter.REFRESHES)).isZero();
    }

    @Test
    void aSocketWithoutAHandlerTakesNoToken() {
        TestServer other = new TestServer()
                .serve("room:*", Channel.join(join -> Join.ok(join.topic())).build());
        try (other) {
            Client client = other.connect();
            refreshes(client, "ann");
            client.receives(refused("'reason':'unmatched topic'"));
        }
    }

    @Test
    void aTokenReplacesTheTimeLimit() {
        Client client = ann("a");
        refreshes(client, "minute");
        client.receives(ACCEPTED);
        server.passes(Duration.ofSeconds(59));
        assertThat(client.closed()).isFalse();
        refreshes(client, "ann");
        client.receives(ACCEPTED);
        client.pongs();
        server.passes(Duration.ofSeconds(59));
        assertThat(client.closed()).isFalse();
        refreshes(client, "minute");
        client.receives(ACCEPTED);
        server.passes(Duration.ofSeconds(60));
        client.isClosedWith(1008);
    }

    @Test
    void aMessageThatIsReadAfterAPauseIsNotExecutedAfterTheEndOfTheToken() {
        AtomicInteger calls = new AtomicInteger();
        try (TestServer other = new TestServer()) {
            other.refresh(this::refresh)
                    .serve(
                            "room:*",
                            Channel.join(join -> Join.ok(join.topic()))
                                    .answer(Chat.ASK, (text, room) -> {
                                        calls.incrementAndGet();
                                        return Reply.ok(text);
                                    })
                                    .build());
            Client client = ann(other, "a");
            client.joins("3", "room:a");
            refreshes(client, "minute");
            client.receives(ACCEPTED);
            other.pausesFor(Duration.ofSeconds(60));
            client.sends("['3','5','room:a','ask',{'text':'who'}]");
            other.settle();
            client.isClosedWith(1008);
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void aTokenIsValidUntilATimeOfTheWallClock() {
        Client client = ann("a");
        server.passes(Duration.ofSeconds(20));
        refreshes(client, "until");
        client.receives(ACCEPTED);
        client.pongs();
        server.passes(Duration.ofSeconds(39));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofSeconds(1));
        client.isClosedWith(1008);
    }

    @Test
    void aJoinWithoutTheRightIsRefused() {
        Client client = ann("a");
        client.sends("['3','3','room:b','phx_join',{}]");
        client.receives("['3','3','room:b','phx_reply',{'status':'error','response':{'reason':'unauthorized'}}]");
        refreshes(client, "ann b");
        client.receives(ACCEPTED);
        client.joins("4", "room:b");
    }

    @Test
    void aTokenEndsTheChannelsThatLoseTheirRight() {
        Client client = ann("a", "b");
        client.joins("3", "room:a");
        client.joins("4", "room:b");
        client.joins("5", "open:c");
        refreshes(client, "ben a");
        client.receives(ACCEPTED, "['4','4','room:b','phx_close',{'reason':'unauthorized'}]");
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left).containsExactly("room:b " + new LeaveReason.Unauthorized());
        assertThat(server.count(Counter.CHANNELS_UNAUTHORIZED)).isEqualTo(1);
        is(client, "ben");
        client.sends("['5','6','open:c','phx_leave',{}]");
        client.receives("['5','6','open:c','phx_reply',{'status':'ok','response':{}}]");
        assertThat(client.next()).contains("phx_close");
    }

    @Test
    void aRightThatIsTakenAwayEndsTheChannelsOfAllEndpoints() {
        PubSub pubsub = PubSub.local();
        TestServer one = new TestServer(pubsub);
        TestServer two = new TestServer(pubsub);
        serve(one);
        serve(two);
        Client here = ann(one, "a", "b");
        Client there = ann(two, "a", "b");
        Client other = two.connect(new User("ben", Set.of("a", "b")), Optional.of("users:2"), 0);
        for (Client client : List.of(here, there, other)) {
            client.joins("3", "room:a");
            client.joins("4", "room:b");
        }
        closed.add("b");
        one.hub.channels().recheck("users:1");
        here.receives("['4','4','room:b','phx_close',{'reason':'unauthorized'}]");
        there.receives("['4','4','room:b','phx_close',{'reason':'unauthorized'}]");
        is(here, "ann");
        is(there, "ann");
        assertThat(other.untaken()).isZero();
        two.close();
        one.close();
    }

    @Test
    void aHandlerThatBlocksDelaysNoCheck() {
        Client client = ann("a");
        client.joins("3", "room:a");
        client.sends("['3','5','room:a','ask',{'text':'wait'}]");
        server.awaitReached(gate);
        closed.add("a");
        server.hub.channels().recheck("users:1");
        client.receives(
                "['3','5','room:a','phx_reply',{'status':'error','response':{'reason':'channel_closed'}}]",
                "['3','3','room:a','phx_close',{'reason':'unauthorized'}]");
        gate.open();
        server.await(() -> left.size() == 1, left::toString);
    }

    @Test
    void aJoinWhoseHandlerRunsIsRefusedWithoutItsRight() {
        Client client = ann("slow");
        client.sends("['3','3','room:slow','phx_join',{}]");
        server.awaitReached(gate);
        closed.add("slow");
        server.hub.channels().recheck("users:1");
        client.receives(
                "['3','3','room:slow','phx_reply',{'status':'error','response':{'reason':'unauthorized'}}]",
                "['3','3','room:slow','phx_close',{'reason':'unauthorized'}]");
        gate.open();
        server.settle();
    }

    @Test
    void aRightThatIsLostDuringACheckIsCheckedAgain() {
        Client client = ann("held");
        client.joins("3", "room:held");
        holding = true;
        server.hub.channels().recheck("users:1");
        server.awaitReached(gate);
        closed.add("held");
        server.hub.channels().recheck("users:1");
        server.settle();
        gate.open();
        client.receives("['3','3','room:held','phx_close',{'reason':'unauthorized'}]");
    }

    @Test
    void aCheckThatFailsEndsItsChannelAsACrash() {
        Client client = ann("broken", "a");
        client.joins("3", "room:a");
        client.joins("4", "room:broken");
        closed.add("broken");
        server.hub.channels().recheck("users:1");
        client.receives("['4','4','room:broken','phx_error',{'reason':'channel_crash'}]");
        is(client, "ann");
        assertThat(server.count(Counter.CHANNELS_FAILED)).isEqualTo(1);
    }

    @Test
    void aRecheckIsSentToOtherNodes() {
        Eviction recheck = new Eviction.Rechecked("users:1");
        assertThat(Eviction.parse(recheck.text())).contains(recheck);
    }

    @Test
    void aClientRefusedAfterItsUpgradeGetsTheReasonAndAFinalCode() {
        Map<Integer, Integer> codes = Map.of(400, 4403, 401, 4401, 403, 4403, 429, 4503, 500, 4503, 503, 4503);
        codes.forEach((status, code) -> {
            Client client = server.connectRefused(Connect.refuse(status).text("why"));
            client.sends("['3','3','room:a','phx_join',{}]");
            client.receives("[null,null,'phoenix','refused',{'status':%s,'reason':'why'}]".formatted(status));
            server.passes(Duration.ofSeconds(1));
            client.isClosedWith(code);
            assertThat(client.untaken()).isZero();
        });
        assertThat(server.count(Counter.CLOSED_REFUSED)).isEqualTo(6);
    }
}
