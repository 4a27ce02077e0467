package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.RecentDisconnects;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How channels end: for each reason the leave hooks run exactly once, and the client gets its reply or close. */
class LeavingTests {
    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(2)));

    private final Queue<String> hooks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private final IllegalStateException crash = new IllegalStateException("crash");
    private Gate gate;
    private Client client;

    @BeforeEach
    void join() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(room -> {
                            context.set(room);
                            room.onEnd(() -> hooks.add("end"));
                        })
                        .on(Chat.GO, (nothing, room) -> Stop.because("enough"))
                        .on(Chat.SAY, (text, room) -> {
                            gate.pass();
                            throw crash;
                        })
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .onInfo(Chat.WORD, (word, room) -> NoReply.none())
                        .onLeave((why, room) -> hooks.add("first " + why))
                        .onLeave((why, room) -> {
                            hooks.add("second " + why);
                            room.push(Chat.SHOUT, new Chat.Text("bye"));
                            room.broadcast(Chat.SHOUT, new Chat.Text("bye all"));
                        })
                        .build());
        client = server.connectAs("users:1");
        client.joins("3", "room:42");
    }

    private void expectHooks(LeaveReason why) {
        server.await(() -> hooks.size() >= 3, hooks::toString);
        assertThat(hooks).containsExactly("first " + why, "second " + why, "end");
        hooks.clear();
    }

    private void receivesFarewell() {
        client.receives(
                "['3',null,'room:42','shout',{'text':'bye'}]", "[null,null,'room:42','shout',{'text':'bye all'}]");
    }

    @Test
    void theClientLeft() {
        client.sends("['3','8','room:42','phx_leave',{}]");
        receivesFarewell();
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        expectHooks(new LeaveReason.Left());
    }

    @Test
    void aHandlerStoppedTheChannel() {
        client.sends("['3','8','room:42','go',{}]");
        receivesFarewell();
        client.receives("['3','3','room:42','phx_close',{}]");
        expectHooks(new LeaveReason.Stopped("enough"));
    }

    @Test
    void aHandlerThrew() {
        gate.open();
        client.sends("['3','8','room:42','say',{'text':'x'}]");
        receivesFarewell();
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        expectHooks(new LeaveReason.Failed(crash));
    }

    @Test
    void theClientJoinedAgain() {
        client.sends("['7','7','room:42','phx_join',{}]");
        expectHooks(new LeaveReason.Replaced());
        // The leave hook of the old channel may send before its close; after it nothing is sent. The new channel is a
        // member, and may get the broadcast.
        client.isCareless();
        String next = client.next();
        while (!next.equals("[\"3\",\"3\",\"room:42\",\"phx_close\",{}]")) {
            assertThat(next).contains("\"shout\",{\"text\":\"bye");
            next = client.next();
        }
    }

    @Test
    void theConnectionWentAway() {
        client.drops();
        expectHooks(new LeaveReason.Disconnected());
        assertThat(client.received()).isEmpty();
    }

    @Test
    void theServerDisconnectedTheSocketById() {
        server.hub.channels().disconnect("users:1");
        client.isClosedWith(1001);
        expectHooks(new LeaveReason.Closed());
        assertThat(client.received()).isEmpty();
    }

    @Test
    void theClientWasSilent() {
        server.sweep();
        server.sweep();
        server.passes(Duration.ofSeconds(60));
        client.isClosedWith(1001);
        expectHooks(new LeaveReason.HeartbeatTimeout());
    }

    @Test
    void theServerDrains() {
        server.loop().perform(() -> client.session().close(SessionEnd.DRAINED));
        client.isClosedWith(1001);
        expectHooks(new LeaveReason.Draining());
    }

    @Test
    void theFirstReasonCounts() {
        client.sends("['3','8','room:42','say',{'text':'x'}]", "['3','9','room:42','phx_leave',{}]");
        server.awaitReached(gate);
        client.drops();
        server.hub.channels().disconnect("users:1");
        gate.open();
        expectHooks(new LeaveReason.Disconnected());
    }

    @Test
    void aConnectionThatEndsClosesAllItsChannels() {
        client.joins("5", "room:43");
        server.hub.channels().disconnect("users:1");
        client.isClosedWith(1001);
        server.await(() -> hooks.size() == 6, hooks::toString);
        assertThat(server.hub.topics()).isZero();
        assertThat(server.count(Counter.CHANNELS)).isZero();
    }

    @Test
    void everyConnectionOfAnIdIsClosedAndNoOther() {
        Client second = server.connectAs("users:1");
        Client stranger = server.connectAs("users:2");
        Client nameless = server.connect();
        server.hub.channels().disconnect("users:1");
        server.hub.channels().disconnect("users:3");
        client.isClosedWith(1001);
        second.isClosedWith(1001);
        server.settle();
        assertThat(stranger.closed()).isFalse();
        assertThat(nameless.closed()).isFalse();
        assertThat(server.hub.registry().ids()).containsOnly("users:2");
    }

    @Test
    void anIdMayConnectAgainAfterItsDisconnect() {
        server.hub.channels().disconnect("users:1");
        client.isClosedWith(1001);
        // Broadcasts of the hooks reach the members of that moment.
        expectHooks(new LeaveReason.Closed());
        Client again = server.connectAs("users:1");
        again.joins("1", "room:42");
        server.hub.channels().disconnect("users:1");
        again.isClosedWith(1001);
    }

    @Test
    void aClientWhoseIdIsDisconnectedWhileItIsAcceptedIsClosedWhenItOpens() {
        Acceptance before = server.hub.accept();
        server.hub.channels().disconnect("users:2");
        server.connectAs("users:2", before).isClosedWith(1001);
        assertThat(server.count(Counter.CLOSED_DISCONNECTED)).isEqualTo(1);
        assertThat(server.hub.registry().ids()).containsOnly("users:1");
        Client other = server.connectAs("users:3", before);
        Client again = server.connectAs("users:2", server.hub.accept());
        server.settle();
        assertThat(other.closed()).isFalse();
        assertThat(again.closed()).isFalse();
        server.hub.channels().disconnect("users:2");
        again.isClosedWith(1001);
    }

    @Test
    void aClientThatIsAcceptedDuringMoreDisconnectsThanAreKeptIsClosed() {
        Acceptance before = server.hub.accept();
        for (int i = 0; i < 10 * RecentDisconnects.MAX_IDS; i++) {
            server.hub.channels().disconnect("nobody:" + i % RecentDisconnects.MAX_IDS);
        }
        Client other = server.connectAs("users:2", before);
        server.settle();
        assertThat(other.closed()).isFalse();
        server.hub.channels().disconnect("users:3");
        server.connectAs("users:4", before).isClosedWith(1001);
        server.connectAs("users:3", before).isClosedWith(1001);
        Client later = server.connectAs("users:4", server.hub.accept());
        server.settle();
        assertThat(later.closed()).isFalse();
    }

    @Test
    void aConnectHandlerMayDisconnectTheEarlierConnectionsOfTheIdThatItAccepts() {
        try (var neighbour = new TestServer(server.pubsub)) {
            neighbour.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Acceptance there = neighbour.hub.accept();
            Acceptance here = server.hub.accept();
            here.call(() -> {
                neighbour.hub.channels().disconnect("users:1");
                return "accepted";
            });
            client.isClosedWith(1001);
            expectHooks(new LeaveReason.Closed());
            Client next = server.connectAs("users:1", here);
            neighbour.connectAs("users:1", there).isClosedWith(1001);
            server.settle();
            assertThat(next.closed()).isFalse();
            server.hub.channels().disconnect("users:1");
            next.isClosedWith(1001);
        }
    }

    @Test
    void aHandlerMayDisconnectItsClient() {
        server.await(() -> context.get() != null, () -> "a joined channel");
        client.session().disconnect();
        client.session().disconnect();
        client.isClosedWith(1001);
        expectHooks(new LeaveReason.Closed());
    }

    @Test
    void messagesOfAClosedConnectionAreIgnored() {
        server.hub.channels().disconnect("users:1");
        client.isClosedWith(1001);
        server.loop().perform(() -> {
            byte[] frame =
                    "[\"5\",\"5\",\"room:43\",\"phx_join\",{}]".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            client.session().text(frame, 0, frame.length);
            client.session().binary(new byte[9], 0, 9);
            client.session().closing().disconnected();
        });
        assertThat(client.pings()).isFalse();
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isZero();
        expectHooks(new LeaveReason.Closed());
    }

    @Test
    void aCleanupTaskRunsAtOnceWhenTheChannelHasEnded() {
        client.drops();
        expectHooks(new LeaveReason.Disconnected());
        context.get().onEnd(() -> hooks.add("late"));
        assertThat(hooks).containsExactly("late");
    }

    @Test
    void writesAfterTheEndAreRefused() {
        client.sends("['3','8','room:42','go',{}]");
        receivesFarewell();
        client.receives("['3','3','room:42','phx_close',{}]");
        long dropped = server.count(Counter.WRITES_AFTER_END);
        context.get().push(Chat.SAY, new Chat.Text("late"));
        context.get().broadcast(Chat.SAY, new Chat.Text("late"));
        context.get().broadcastFrom(Chat.SAY, new Chat.Text("late"));
        assertThat(context.get().send(Chat.WORD, "late")).isFalse();
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(dropped + 3);
        expectHooks(new LeaveReason.Stopped("enough"));
    }

    @Test
    void aLeaveHookThatThrowsDoesNotKeepTheOthersFromRunning() {
        var ran = new ConcurrentLinkedQueue<String>();
        try (var another = new TestServer()) {
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok(join.topic()))
                            .onJoined(room -> {
                                room.onEnd(() -> {
                                    throw new IllegalStateException("at the end");
                                });
                                room.onEnd(() -> ran.add("end"));
                            })
                            .onLeave((why, room) -> {
                                throw new AssertionError("in the hook");
                            })
                            .onLeave((why, room) -> ran.add("second"))
                            .build());
            Client leaver = another.connect();
            leaver.joins("3", "room:badhooks");
            leaver.sends("['3','8','room:badhooks','phx_leave',{}]");
            leaver.receives(
                    "['3','8','room:badhooks','phx_reply',{'status':'ok','response':{}}]",
                    "['3','3','room:badhooks','phx_close',{}]");
        }
        assertThat(ran).containsExactly("second", "end");
        assertThat(RecordedLog.linesAbout("room:badhooks")).hasSize(2);
        hooks.clear();
    }

    /** The handler stands at its gate, two messages fill the mailbox, the connection holds the others. */
    private void fills(String... frames) {
        client.sends("['3','6','room:42','say',{'text':'x'}]");
        server.awaitReached(gate);
        client.sends(frames);
        assertThat(client.isRead()).as("read with a full mailbox").isFalse();
        gate.open();
        receivesFarewell();
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
    }

    @Test
    void messagesThatWaitForAChannelThatEndsAreAnsweredInOrderAfterItsEnd() {
        fills(
                "['3','7','room:42','ping',{}]",
                "['3','8','room:42','phx_leave',{}]",
                "['3','9','room:42','ping',{}]",
                "[null,'10','phoenix','heartbeat',{}]");
        String unmatched =
                "[null,'%s','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]";
        client.receives(
                unmatched.formatted("7"),
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]",
                unmatched.formatted("9"),
                "[null,'10','phoenix','phx_reply',{'status':'ok','response':{}}]");
        assertThat(client.isRead()).isTrue();
    }

    @Test
    void aJoinThatWaitsForTheEndOfItsTopicsChannelIsAnswered() {
        fills(
                "['3','7','room:42','ping',{}]",
                "['3','8','room:42','ping',{}]",
                "['4','4','room:42','phx_join',{}]",
                "['4','9','room:42','ping',{}]");
        String unmatched =
                "[null,'%s','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]";
        client.receives(
                unmatched.formatted("7"),
                unmatched.formatted("8"),
                "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['4','9','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aLeaveIsAnsweredThoughTheClientJoinsAgainMeanwhile() {
        for (int round = 0; round < 200; round++) {
            String old = "a" + round;
            String next = "b" + round;
            client.joins(old, "room:43");
            client.isCareless();
            client.sends(
                    "['%s','leave','room:43','phx_leave',{}]".formatted(old),
                    "['%s','%s','room:43','phx_join',{}]".formatted(next, next));
            String reply =
                    "[\"%s\",\"leave\",\"room:43\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]".formatted(old);
            String joined = "[\"%s\",\"%s\",\"room:43\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]"
                    .formatted(next, next);
            server.await(() -> client.received().containsAll(List.of(reply, joined)), client::toString);
            client.sends("['%s','gone','room:43','phx_leave',{}]".formatted(next));
            server.await(
                    () -> client.received()
                            .contains("[\"%s\",\"%s\",\"room:43\",\"phx_close\",{}]".formatted(next, next)),
                    client::toString);
            client.forgets();
        }
    }

    @Test
    void aLeaveWhoseHookRunsIsAnsweredWhenTheClientJoinsAgain() {
        Gate hook = server.gate();
        try (var another = new TestServer()) {
            another.serve(
                    "room:*",
                    Channel.join(join -> Join.ok(join.topic()))
                            .onLeave((why, room) -> hook.pass())
                            .build());
            Client leaver = another.connect();
            leaver.joins("3", "room:42");
            leaver.sends("['3','8','room:42','phx_leave',{}]");
            another.awaitReached(hook);
            leaver.sends("['4','4','room:42','phx_join',{}]");
            leaver.receives(
                    "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]",
                    "['3','3','room:42','phx_close',{}]",
                    "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
            hook.open();
        }
    }
}
