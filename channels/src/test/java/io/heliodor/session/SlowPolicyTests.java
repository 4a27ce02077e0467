package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Events that are dropped or replaced for lagging clients. */
class SlowPolicyTests {
    record Cursor(String user, int x) {}

    private static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    private static final Event<Chat.Text> TYPING = Event.of("typing", Chat.Text.class);
    private static final SlowPolicy<Cursor> LATEST = SlowPolicy.latest(Cursor::user);

    /** More than the socket of a client holds until it is not writable. */
    private static final String LARGE = "x".repeat(Client.HIGH_WATER);

    private static final Duration WHILE = Duration.ofMillis(250);

    @AutoClose
    private final TestServer server = new TestServer();

    private final List<Context<?, String>> members = new CopyOnWriteArrayList<>();

    private Channel.Builder<Object, String> room() {
        return Channel.join(join -> Join.ok(join.topic())).onJoined(members::add);
    }

    private static Channel.Builder<Object, String> policy(Channel.Builder<Object, String> room) {
        return room.whenSlow(CURSOR, LATEST).whenSlow(TYPING, SlowPolicy.drop());
    }

    private void serve(UnaryOperator<Channel.Builder<Object, String>> change) {
        server.serve("room:*", change.apply(room()).build());
    }

    private Client member() {
        return joins(server.connect(), "3", "room:42");
    }

    private Client joins(Client client, String ref, String topic) {
        int before = members.size();
        client.joins(ref, topic);
        server.await(() -> members.size() > before, members::toString);
        return client;
    }

    private void cursor(String user, int x) {
        server.hub.channels().broadcast("room:42", CURSOR, new Cursor(user, x));
    }

    private void typing(String text) {
        server.hub.channels().broadcast("room:42", TYPING, new Chat.Text(text));
    }

    private void say(String text) {
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
    }

    private static String cursorOf(String user, int x) {
        return "[null,null,'room:42','cursor',{'user':'%s','x':%d}]".formatted(user, x);
    }

    private static String text(String event, String text) {
        return "[null,null,'room:42','%s',{'text':'%s'}]".formatted(event, text);
    }

    /** A large message fills the sockets of clients, and a small one waits after it for a while. */
    private void startToLag(Client... clients) {
        for (Client client : clients) {
            client.stopsTaking();
        }
        say(LARGE);
        say("waits");
        server.passes(WHILE);
    }

    private static String[] laggedMessages(String... then) {
        List<String> all = new ArrayList<>(List.of(text("say", LARGE), text("say", "waits")));
        all.addAll(List.of(then));
        return all.toArray(String[]::new);
    }

    @Test
    void aClientThatKeepsUpGetsEverything() {
        serve(SlowPolicyTests::policy);
        Client client = member();
        for (int i = 0; i < 5_000; i++) {
            cursor("ann", i);
            typing("" + i);
        }
        for (int i = 0; i < 5_000; i++) {
            client.receives(cursorOf("ann", i), text("typing", "" + i));
        }
        assertThat(server.count(Counter.SLOW_REPLACED)).isZero();
        assertThat(server.count(Counter.SLOW_DROPPED)).isZero();
    }

    @Test
    void aClientForWhichSomethingWaitsForAMomentGetsEverything() {
        serve(SlowPolicyTests::policy);
        Client client = member();
        client.stopsTaking();
        say(LARGE);
        say("waits");
        server.passes(WHILE.minusNanos(1));
        cursor("ann", 1);
        typing("1");
        cursor("ann", 2);
        server.settle();
        client.takesAgain();
        client.receives(laggedMessages(cursorOf("ann", 1), text("typing", "1"), cursorOf("ann", 2)));
    }

    @Test
    void aClientThatLaggedOnceIsEvaluatedAnew() {
        serve(SlowPolicyTests::policy);
        Client client = member();
        startToLag(client);
        typing("0");
        server.settle();
        client.takesAgain();
        client.receives(laggedMessages());
        client.stopsTaking();
        say(LARGE);
        say("waits");
        server.passes(WHILE.minusNanos(1));
        typing("1");
        server.settle();
        client.takesAgain();
        client.receives(laggedMessages(text("typing", "1")));
        assertThat(server.count(Counter.SLOW_DROPPED)).isEqualTo(1);
    }

    @Test
    void aFastReaderGetsABurstWholeHoweverNearTheBoundIs() {
        try (var narrow = new TestServer(Limits.openInternet().memory(m -> m.maxConnectionBytes(Client.HIGH_WATER)))) {
            narrow.serve("room:*", policy(room()).build());
            Client quick = narrow.connect();
            quick.joins("3", "room:42");
            for (int i = 0; i < 3_000; i++) {
                narrow.hub.channels().broadcast("room:42", TYPING, new Chat.Text("" + i));
            }
            for (int i = 0; i < 3_000; i++) {
                quick.receives(text("typing", "" + i));
            }
            assertThat(narrow.count(Counter.SLOW_DROPPED)).isZero();
        }
    }

    @Test
    void aClientForWhichAlmostTheBoundWaitsLagsAtOnce() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        slow.stopsTaking();
        for (int i = 0; i < 20_000; i++) {
            typing("" + i);
        }
        server.settle();
        assertThat(slow.closed()).isFalse();
        assertThat(server.count(Counter.SLOW_DROPPED)).isPositive();
        slow.isCareless();
    }

    @Test
    void aLaggingClientDoesNotGetDroppedEventsAndTheOthersDo() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        Client quick = member();
        startToLag(slow);
        typing("1");
        say("2");
        typing("3");
        quick.receives(laggedMessages(text("typing", "1"), text("say", "2"), text("typing", "3")));
        slow.takesAgain();
        slow.receives(laggedMessages(text("say", "2")));
        assertThat(server.count(Counter.SLOW_DROPPED)).isEqualTo(2);

        typing("4");
        slow.receives(text("typing", "4"));
        quick.receives(text("typing", "4"));
    }

    @Test
    void aLaggingClientGetsTheLatestOfEachKeyAndTheOthersEverything() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        Client quick = member();
        startToLag(slow);
        for (int i = 1; i <= 3; i++) {
            cursor("ann", i);
            cursor("ben", i);
        }
        quick.receives(laggedMessages(
                cursorOf("ann", 1),
                cursorOf("ben", 1),
                cursorOf("ann", 2),
                cursorOf("ben", 2),
                cursorOf("ann", 3),
                cursorOf("ben", 3)));
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 3), cursorOf("ben", 3)));
        assertThat(server.count(Counter.SLOW_REPLACED)).isEqualTo(4);
    }

    @Test
    void aReplacementOvertakesNoOrdinaryEvent() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        startToLag(slow);
        cursor("ann", 1);
        cursor("ben", 1);
        say("between");
        cursor("ann", 2);
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ben", 1), text("say", "between"), cursorOf("ann", 2)));
    }

    @Test
    void earlierBroadcastsOfTheTurnGoOutBeforeAnEventWithAPolicy() {
        serve(SlowPolicyTests::policy);
        Client client = member();
        Client other = member();
        say("1");
        cursor("ann", 1);
        say("2");
        typing("3");
        say("4");
        for (Client each : List.of(client, other)) {
            each.receives(
                    text("say", "1"), cursorOf("ann", 1), text("say", "2"), text("typing", "3"), text("say", "4"));
        }
    }

    @Test
    void aPushFollowsThePolicyOfABroadcastAndSharesItsKey() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        startToLag(slow);
        cursor("ann", 1);
        server.settle();
        members.getFirst().push(CURSOR, new Cursor("ann", 2));
        members.getFirst().push(CURSOR, new Cursor("ben", 3));
        members.getFirst().push(TYPING, new Chat.Text("no"));
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(
                "['3',null,'room:42','cursor',{'user':'ann','x':2}]",
                "['3',null,'room:42','cursor',{'user':'ben','x':3}]"));
        assertThat(server.count(Counter.SLOW_REPLACED)).isEqualTo(1);
        assertThat(server.count(Counter.SLOW_DROPPED)).isEqualTo(1);
    }

    @Test
    void aBroadcastWithAPolicySkipsItsSender() {
        serve(SlowPolicyTests::policy);
        Client sender = member();
        Client slow = member();
        startToLag(slow);
        sender.receives(laggedMessages());
        members.getFirst().broadcastFrom(CURSOR, new Cursor("ann", 1));
        members.getFirst().broadcastFrom(CURSOR, new Cursor("ann", 2));
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 2)));
        assertThat(sender.received()).isEmpty();
    }

    @Test
    void theKeyHoldsForOneTopic() {
        serve(SlowPolicyTests::policy);
        Client slow = joins(member(), "4", "room:43");
        startToLag(slow);
        cursor("ann", 1);
        server.hub.channels().broadcast("room:43", CURSOR, new Cursor("ann", 2));
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 1), "[null,null,'room:43','cursor',{'user':'ann','x':2}]"));
    }

    @Test
    void thePolicyAppliesToTheResultOfAnIntercept() {
        serve(room -> policy(room).intercept(CURSOR, (cursor, in) -> switch (cursor.user()) {
            case "nobody" -> Out.drop();
            case "ann" -> Out.pass();
            default -> Out.replace(new Cursor("someone", cursor.x()));
        }));
        Client slow = member();
        startToLag(slow);
        for (int i = 1; i <= 3; i++) {
            for (String user : List.of("ann", "ben", "nobody")) {
                cursor(user, i);
            }
        }
        server.awaitCount(Counter.SLOW_REPLACED, 4);
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 3), cursorOf("someone", 3)));
    }

    @Test
    void eachMemberIsServedByTheDefinitionOfItsOwnChannel() {
        serve(SlowPolicyTests::policy);
        Client latest = member();
        Client patient = joins(
                server.connectTo(
                        UserSocket.open().channel("room:*", room().build()).build()),
                "3",
                "room:42");
        Client dropping = joins(
                server.connectTo(UserSocket.open()
                        .channel(
                                "room:*",
                                room().whenSlow(CURSOR, SlowPolicy.drop()).build())
                        .build()),
                "3",
                "room:42");
        startToLag(latest, patient, dropping);
        cursor("ann", 1);
        cursor("ann", 2);
        server.settle();
        for (Client each : List.of(latest, patient, dropping)) {
            each.takesAgain();
        }
        latest.receives(laggedMessages(cursorOf("ann", 2)));
        patient.receives(laggedMessages(cursorOf("ann", 1), cursorOf("ann", 2)));
        dropping.receives(laggedMessages());
    }

    @Test
    void anEventThatOnlyAnotherChannelKeepsFollowsThePolicyOfThisOne() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        Channel<Object, String> keeping =
                room().history(History.of(10, Duration.ofMinutes(5), CURSOR)).build();
        Client other =
                server.connectTo(UserSocket.open().channel("room:*", keeping).build());
        other.sends("['3','3','room:42','phx_join',{}]");
        assertThat(other.next()).contains("history");
        startToLag(slow);
        cursor("ann", 1);
        cursor("ann", 2);
        other.receives(laggedMessages());
        assertThat(other.next()).contains("@1");
        assertThat(other.next()).contains("@2");
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 2)));
    }

    @Test
    void thePublisherOfABroadcastComputesItsKeyOnce() {
        var keys = new AtomicInteger();
        var threads = new CopyOnWriteArrayList<Thread>();
        try (var two = new TestServer(Limits.openInternet(), List.of(TestLoop.started(), TestLoop.started()))) {
            two.serve(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .whenSlow(CURSOR, SlowPolicy.latest(cursor -> {
                                keys.incrementAndGet();
                                threads.add(Thread.currentThread());
                                return cursor.user();
                            }))
                            .build());
            List<Client> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Client client = two.connectTo(i % 2);
                client.joins("3", "room:42");
                all.add(client);
            }
            two.hub.channels().broadcast("room:42", CURSOR, new Cursor("ann", 1));
            all.forEach(client -> client.receives(cursorOf("ann", 1)));
        }
        assertThat(keys).hasValue(1);
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void aRawBroadcastIsReadForItsKey() {
        Event<Raw> raw = Event.of("cursor", Raw.class);
        serve(room -> policy(room).on(raw, (payload, in) -> in.broadcast(raw, payload)));
        Client slow = member();
        Client sender = member();
        startToLag(slow);
        sender.receives(laggedMessages());
        for (int i = 1; i <= 3; i++) {
            sender.sends("['3','8','room:42','cursor',{'user':'ann','x':%d}]".formatted(i));
            sender.receives(cursorOf("ann", i));
        }
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 3)));
    }

    @Test
    void bytesHaveAPolicyOfTheirOwnKind() {
        Event<ByteBuffer> bytes = Event.of("cursor", ByteBuffer.class);
        serve(room -> room.whenSlow(bytes, SlowPolicy.latest(payload -> payload.get(0))));
        Client slow = member();
        startToLag(slow);
        cursor("ann", 1);
        cursor("ann", 2);
        for (String text : List.of("a1", "a2")) {
            server.hub.channels().broadcast("room:42", bytes, StandardCharsets.US_ASCII.encode(text));
        }
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 1), cursorOf("ann", 2)));
        assertThat(slow.next()).endsWith("a2");
        assertThat(RecordedLog.linesAbout("cannot be computed")).isEmpty();
    }

    @Test
    void anEventWhoseKeyCannotBeComputedWaitsAsAnyOther() {
        serve(room -> room.whenSlow(CURSOR, SlowPolicy.latest(cursor -> {
            if (cursor.user().equals("bad")) {
                throw new IllegalStateException("no key");
            }
            return cursor.user().equals("none") ? null : cursor.user();
        })));
        Client slow = member();
        startToLag(slow);
        List<String> users = List.of("bad", "bad", "none", "none", "good", "good");
        for (int i = 0; i < users.size(); i++) {
            cursor(users.get(i), i);
        }
        Event<Chat.Amount> other = Event.of("cursor", Chat.Amount.class);
        server.hub.channels().broadcast("room:42", other, new Chat.Amount(1));
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(
                cursorOf("bad", 0),
                cursorOf("bad", 1),
                cursorOf("none", 2),
                cursorOf("none", 3),
                cursorOf("good", 5),
                "[null,null,'room:42','cursor',{'number':1}]"));
        assertThat(RecordedLog.linesAbout("cannot be computed")).hasSize(5);
    }

    @Test
    void aChannelGetsNoEventsOfTheOneThatItReplaces() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        startToLag(slow);
        cursor("ann", 1);
        server.settle();
        slow.sends("['5','5','room:42','phx_join',{}]");
        server.await(() -> members.size() == 2, members::toString);
        cursor("ann", 2);
        server.settle();
        slow.takesAgain();
        slow.receives(laggedMessages(
                "['3','3','room:42','phx_close',{}]",
                "['5','5','room:42','phx_reply',{'status':'ok','response':{}}]",
                cursorOf("ann", 2)));
    }

    @Test
    void droppedEventsDoNotCloseAClientThatReceivesALargeMessage() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        slow.stopsTaking();
        String larger = "x".repeat(2 << 20);
        say(larger);
        server.settle();
        typing("1");
        server.settle();
        assertThat(slow.closed()).isFalse();
        slow.takesAgain();
        typing("2");
        slow.receives(text("say", larger), text("typing", "2"));
        assertThat(server.count(Counter.SLOW_DROPPED)).isEqualTo(1);
    }

    @Test
    void replacedEventsDoNotCloseAClientHoweverManyTheyAre() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        startToLag(slow);
        for (int i = 10_000; i < 60_000; i++) {
            cursor("ann", i);
            cursor("ben", i);
            typing("" + i);
        }
        server.settle();
        assertThat(slow.closed()).isFalse();
        assertThat(server.loop().buffers()).as("waiting buffers").isLessThan(10);
        say("end");
        server.settle();
        assertThat(slow.closed()).as("closed by an ordinary event").isFalse();
        slow.takesAgain();
        slow.receives(laggedMessages(cursorOf("ann", 59_999), cursorOf("ben", 59_999), text("say", "end")));
    }

    @Test
    void moreKeysThanTheBoundAllowsCloseTheConnection() {
        try (var narrow = new TestServer(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 20)))) {
            narrow.serve("room:*", policy(room()).build());
            Client slow = narrow.connect();
            slow.joins("3", "room:42");
            slow.stopsTaking();
            for (int i = 0; i < 30_000 && !slow.closed(); i++) {
                narrow.hub.channels().broadcast("room:42", CURSOR, new Cursor("user " + i, 0));
                narrow.settle();
            }
            slow.isClosedWith(4408);
            assertThat(narrow.count(Counter.SLOW_REPLACED)).isZero();
        }
    }

    @Test
    void atTheBoundAReplacementMayNotBeLarger() {
        try (var narrow =
                new TestServer(Limits.openInternet().memory(m -> m.maxConnectionBytes(Client.HIGH_WATER + 1_000)))) {
            narrow.serve("room:*", policy(room()).build());
            Client slow = narrow.connect();
            slow.joins("3", "room:42");
            narrow.settle();
            slow.stopsTaking();
            narrow.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(LARGE));
            narrow.hub.channels().broadcast("room:42", CURSOR, new Cursor("ann", 10));
            narrow.settle();
            narrow.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("x".repeat(1_000)));
            narrow.hub.channels().broadcast("room:42", CURSOR, new Cursor("ann", 11));
            narrow.settle();
            assertThat(slow.closed()).as("closed by a replacement as large").isFalse();
            narrow.hub.channels().broadcast("room:42", CURSOR, new Cursor("ann", 100));
            slow.isClosedWith(4408);
        }
    }

    @Test
    void waitingBuffersAreReleasedWhenTheClientDisconnects() {
        serve(SlowPolicyTests::policy);
        Client slow = member();
        startToLag(slow);
        for (int i = 0; i < 50; i++) {
            cursor("user " + i % 5, i);
            say("" + i);
        }
        server.settle();
        assertThat(server.loop().buffers()).isPositive();
        slow.drops();
        assertThat(server.loop().buffers()).isZero();
    }
}
