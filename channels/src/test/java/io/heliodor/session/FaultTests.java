package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of the server: each ends the connection in which it happened, and no other one. */
class FaultTests {
    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(2)));

    private final Error fault = new StackOverflowError("on purpose");
    private final Map<String, LeaveReason> left = new ConcurrentHashMap<>();
    private Gate gate;

    @BeforeEach
    void serve() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .onLeave((why, room) -> left.put(room.assigns(), why))
                        .build());
        server.serve(
                "slow:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onLeave((why, room) -> gate.pass())
                        .build());
    }

    private void isCountedAndLoggedOnce() {
        assertThat(server.count(Counter.CLOSED_FAULT)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("fault"))
                .hasSize(1)
                .first()
                .satisfies(line -> assertThat(line.thrown()).isSameAs(fault));
    }

    private static void goesOn(Client client) {
        client.sends("['3','8','room:2','ping',{}]");
        client.receives("['3','8','room:2','phx_reply',{'status':'ok','response':{}}]");
    }

    private Client other() {
        Client other = server.connect();
        other.joins("3", "room:2");
        return other;
    }

    @Test
    void aFaultWhileHeldMessagesAreReadEndsTheirConnectionAndNotTheTurn() {
        Client other = other();
        Client client = server.connect(new HookedSerializer(message -> {
            if (message.contains("poison")) {
                throw fault;
            }
        }));
        client.joins("3", "room:1");
        client.sends("['3','4','room:1','go',{}]");
        server.awaitReached(gate);
        client.sends(
                "['3','5','room:1','ping',{}]",
                "['3','6','room:1','ping',{}]",
                "['3','7','room:1','poison',{}]",
                "['3','8','room:1','ping',{}]");
        assertThat(client.isRead()).isFalse();
        client.isCareless();
        gate.open();
        client.isClosedWith(1011);
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left).containsEntry("room:1", new LeaveReason.Closed());
        isCountedAndLoggedOnce();
        goesOn(other);
    }

    @Test
    void aFaultDuringASweepEndsItsConnectionAndTheSweepGoesOn() {
        Client silent = server.connect();
        Client faulty = server.connect();
        faulty.failsToReportPending(fault);
        server.sweep();
        faulty.isClosedWith(1011);
        isCountedAndLoggedOnce();
        server.passes(Duration.ofSeconds(60));
        silent.isClosedWith(1001);
    }

    @Test
    void aFaultOfOneConnectionEndsNoWalkOverAll() {
        List<Client> clients = List.of(server.connect(), server.connect(), server.connect());
        List<Session<?>> visited = new ArrayList<>();
        server.loop()
                .perform(() -> server.lane().forEach(session -> {
                    visited.add(session);
                    if (session.equals(clients.get(1).session())) {
                        throw fault;
                    }
                }));
        assertThat(visited).hasSize(3);
        clients.get(1).isClosedWith(1011);
        assertThat(server.count(Counter.CONNECTIONS)).isEqualTo(2);
        isCountedAndLoggedOnce();
    }

    @Test
    void aFaultAtTheEndOfOneChannelKeepsNoOtherOfItsConnectionOpen() {
        Client other = other();
        Client client = server.connectAs("users:1");
        client.joins("1", "slow:1");
        client.joins("2", "room:1");
        client.sends("['1','9','slow:1','phx_leave',{}]");
        server.awaitReached(gate);
        // The leave is answered when the connection ends; that cannot be written.
        client.failsToWrite(fault);
        server.hub.channels().disconnect("users:1");
        client.isClosedWith(1001);
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left).containsEntry("room:1", new LeaveReason.Closed());
        assertThat(server.count(Counter.CONNECTIONS)).isEqualTo(1);
        assertThat(server.count(Counter.CHANNELS)).isEqualTo(1);
        assertThat(server.count(Counter.CLOSED_DISCONNECTED)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("fault")).hasSize(1);
        goesOn(other);
    }

    @Test
    void aFaultDuringAJoinRemovesNoOtherMemberFromItsTopic() {
        Client other = other();
        Client client = server.connect();
        client.failsToWrite(fault);
        client.sends("['3','3','room:2','phx_join',{}]");
        awaitFaultOf(client);
        server.hub.channels().broadcast("room:2", Chat.SHOUT, new Chat.Text("hi"));
        other.receives("[null,null,'room:2','shout',{'text':'hi'}]");
    }

    @Test
    void aFaultWhileAChannelIsReplacedStillEndsTheChannel() {
        Client client = server.connect();
        client.joins("3", "room:1");
        client.failsToWrite(fault);
        server.loop().perform(() -> {
            try {
                client.sends("['4','4','room:1','phx_join',{}]");
            } catch (StackOverflowError e) {
                client.session().fault(e);
            }
        });
        client.isClosedWith(1011);
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left).containsEntry("room:1", new LeaveReason.Replaced());
    }

    /** Runs turns until the connection is closed for its fault, by the lane or, if the turn itself fails, here. */
    private void awaitFaultOf(Client client) {
        try {
            client.isClosedWith(1011);
        } catch (StackOverflowError e) {
            server.loop().perform(() -> client.session().fault(e));
            client.isClosedWith(1011);
        }
    }

    @Test
    void aFaultOfAConnectionThatCannotBeClosedEndsItsChannels() {
        Client other = other();
        Client client = server.connect();
        client.joins("3", "room:1");
        client.failsToClose(new IllegalStateException("cannot be closed"));
        server.loop().perform(() -> client.session().fault(fault));
        assertThat(server.count(Counter.CONNECTIONS)).isEqualTo(1);
        assertThat(fault.getSuppressed()).hasSize(1);
        isCountedAndLoggedOnce();
        server.await(() -> left.size() == 1, left::toString);
        goesOn(other);
    }
}
