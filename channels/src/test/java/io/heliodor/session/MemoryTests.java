package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.channel.Mail;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory that the endpoint holds for clients, and its limits. */
class MemoryTests {
    private static final int MIB = 1 << 20;

    /** Joins are refused from 6 MiB on, connections closed at 8 MiB; one connection is not read from 512 KiB on. */
    private final TestServer server = new TestServer(Limits.openInternet()
            .memory(m -> m.maxHeapBytes(8 * MIB).maxConnectionBytes(2 * MIB))
            .sessions(s ->
                    s.maxMessageBytes(128 << 10).maxMailboxMessages(1_000_000).mailboxTimeout(Duration.ofMinutes(10))));

    private final Gate gate = server.gate();
    private final List<Client> clients = new ArrayList<>();

    {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .build());
    }

    @AfterEach
    void nothingIsLeft() {
        gate.open();
        server.close();
    }

    private Client joined() {
        Client client = server.connect();
        client.isCareless();
        client.joins("1", "room:1");
        clients.add(client);
        return client;
    }

    @Test
    void theTraceOfAConnectionCounts() {
        server.connect();
        long plain = server.hub.memory().used();
        server.connectTraced(new Correlation.Trace("00-1-2-01", "a=" + "x".repeat(510)));
        assertThat(server.hub.memory().used() - 2 * plain).isBetween(512L, 1_024L);
    }

    private static String frame(int bytes) {
        return "['1',null,'room:1','say',{'text':'%s'}]".formatted("x".repeat(bytes));
    }

    /** Returns a client whose channel holds this many bytes. */
    private Client holding(int bytes) {
        return holding(bytes, 1).getFirst();
    }

    /** Returns clients whose channels hold this many bytes each; all have joined before. */
    private List<Client> holding(int bytes, int count) {
        List<Client> all = Stream.generate(this::joined).limit(count).toList();
        all.forEach(client -> client.sends(frame(bytes / 2)));
        return all;
    }

    @Test
    void aMessageCountsUntilItsHandlerReturns() {
        Client client = holding(MIB);
        server.await(gate::reached, () -> "the handler");
        assertThat(client.session().memory().held()).isBetween((long) MIB, MIB + 2_000L);
        assertThat(server.hub.memory().used()).isGreaterThan(MIB);
        gate.open();
        server.await(() -> client.session().memory().held() == 0, client::toString);
    }

    @Test
    void allChannelsOfAConnectionShareItsMemory() {
        Client client = joined();
        for (int i = 2; i < 50; i++) {
            client.sends("['%d','%d','room:%d','phx_join',{}]".formatted(i, i, i));
        }
        server.settle();
        for (int i = 2; i < 50 && client.isRead(); i++) {
            client.sends("['%d',null,'room:%d','say',{'text':'%s'}]".formatted(i, i, "x".repeat(20_000)));
            server.loop().turn();
        }
        assertThat(client.isRead()).isFalse();
        assertThat(client.session().memory().held()).isBetween(MIB / 2L, MIB / 2L + 50_000);
        gate.open();
        server.await(client::isRead, client::toString);
    }

    @Test
    void joinsAreRefusedWhileMemoryIsShort() {
        holding(MIB / 2, 13);
        assertThat(server.hub.memory().tight()).isTrue();
        Client late = server.connect();
        late.sends("['1','1','room:1','phx_join',{}]");
        late.receives("['1','1','room:1','phx_reply',{'status':'error','response':{'reason':'overloaded'}}]");
        assertThat(server.count(Counter.JOINS_OVERLOADED)).isEqualTo(1);
        gate.open();
        server.await(
                () -> !server.hub.memory().tight(), () -> server.hub.memory().used() + " bytes");
        late.joins("2", "room:1");
    }

    @Test
    void aConnectionThatHoldsLittleIsReadWhileMemoryIsShort() {
        Client small = joined();
        holding(MIB / 2, 13);
        small.sends("[null,'1','phoenix','heartbeat',{}]");
        small.receives("[null,'1','phoenix','phx_reply',{'status':'ok','response':{}}]");
        small.sends(frame(1_000));
        assertThat(small.isRead()).isTrue();
        small.sends(frame(10_000));
        assertThat(small.isRead()).as("read while it holds 22 KB").isFalse();
    }

    @Test
    void theConnectionsThatHoldMostAreClosedWhenAllIsUsed() {
        List<Client> modest = Stream.generate(this::joined).limit(3).toList();
        List<Client> greedy = Stream.generate(this::joined).limit(9).toList();
        modest.forEach(client -> client.sends(frame(100_000)));
        greedy.forEach(client -> client.sends(frame(MIB / 2)));
        server.settle();
        assertThat(greedy).anyMatch(Client::closed);
        greedy.stream().filter(Client::closed).forEach(client -> client.isClosedWith(1013));
        assertThat(modest).noneMatch(Client::closed);
        assertThat(server.count(Counter.CLOSED_OVERLOADED)).isPositive();
    }

    @Test
    void memoryThatStaysShortClosesTheConnectionsThatHoldMostAfterTwoSeconds() {
        holding(MIB / 2, 13);
        server.sweep();
        server.passes(Duration.ofMillis(1_999));
        assertThat(clients).noneMatch(Client::closed);
        server.passes(Duration.ofMillis(1));
        server.settle();
        assertThat(clients).anyMatch(Client::closed);
        gate.open();
        server.await(
                () -> !server.hub.memory().tight(), () -> server.hub.memory().used() + " bytes");
        assertThat(clients)
                .as("only as many as needed")
                .filteredOn(Client::closed)
                .hasSizeLessThan(4);
    }

    @Test
    void anInfoMessageThatFindsTheMemoryOfItsConnectionFullIsDropped() {
        Client client = holding(MIB);
        server.settle();
        assertThat(client.isRead()).isFalse();
        assertThat(client.session().table().channels().getFirst().deliver(new Mail.InfoMail(Chat.WORD, "x")))
                .isFalse();
    }

    @Test
    void unreadRepliesCount() {
        Client slow = joined();
        slow.stopsTaking();
        for (int i = 0; i < 10_000 && slow.isRead(); i++) {
            slow.sends("[null,'%s','phoenix','heartbeat',{}]".formatted("r".repeat(200)));
            server.loop().turn();
        }
        assertThat(slow.isRead()).isFalse();
        assertThat(slow.session().memory().held()).isGreaterThan(MIB / 2);
        slow.takesAgain();
        server.await(slow::isRead, slow::toString);
        assertThat(slow.session().memory().held()).isZero();
    }

    /** Returns a client of a channel that tracks each received payload as metadata. */
    private Client tracked(Presence<Chat.Text> presence) {
        server.serve(
                "here:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> {
                            presence.track(room, "key" + presence.size(), text);
                            return NoReply.none();
                        })
                        .build());
        Client client = server.connect();
        client.isCareless();
        client.joins("1", "here:1");
        return client;
    }

    private static String track(int bytes) {
        return "['1',null,'here:1','say',{'text':'%s'}]".formatted("x".repeat(bytes));
    }

    @Test
    void presencesOfAClientCountUntilTheyGo() {
        Presence<Chat.Text> presence = Presence.over(server.pubsub, Chat.Text.class);
        Client client = tracked(presence);
        client.sends(track(10_000), track(20_000));
        server.await(() -> presence.size() == 2, presence::toString);
        // The frames count until their handlers have returned, which is after the presences are there.
        server.await(
                () -> client.session().memory().held() < 62_000,
                () -> client.session().memory().held() + " bytes");
        assertThat(client.session().memory().held()).isGreaterThan(60_000);
        assertThat(server.hub.memory().used()).isGreaterThan(60_000);
        client.drops();
        server.await(
                () -> server.hub.memory().used() == 0, () -> server.hub.memory().used() + " bytes");
    }

    @Test
    void aClientIsReadWhateverItsPresencesTakeAndThoughMemoryIsShort() {
        Presence<Chat.Text> presence = Presence.over(server.pubsub, Chat.Text.class);
        Client client = tracked(presence);
        client.sends(track(30_000), track(30_000));
        server.await(() -> presence.size() == 2, presence::toString);
        holding(MIB / 2, 13);
        assertThat(server.hub.memory().tight()).isTrue();
        client.sends("[null,'1','phoenix','heartbeat',{}]");
        server.settle();
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void presencesMayTakeASixteenthOfTheMemoryOfAConnection() {
        Presence<Chat.Text> presence = Presence.over(server.pubsub, Chat.Text.class);
        Client client = tracked(presence);
        client.sends(track(30_000), track(30_000), track(30_000));
        server.await(() -> server.count(Counter.CHANNELS_FAILED) == 1, client::toString);
        server.await(() -> client.session().memory().held() == 0, client::toString);
        assertThat(RecordedLog.linesAbout("here:1"))
                .anyMatch(
                        line -> line.thrown().getMessage().contains("a sixteenth of MemoryLimits.maxConnectionBytes"));
    }
}
