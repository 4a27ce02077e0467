package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that sends more than the handlers of a channel take. */
class MailboxBoundTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private Gate gate;
    private Client client;

    @BeforeEach
    void serve() {
        gate = server.gate();
        client = connect(server);
    }

    private Client connect(TestServer to) {
        to.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(context::set)
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .on(Chat.SAY, (text, room) -> NoReply.none())
                        .answer(Chat.ADD, (input, room) -> Reply.ok(input))
                        .onInfo(Chat.WORD, (word, room) -> NoReply.none())
                        .onLeave((why, room) -> left.add(why))
                        .build());
        Client connected = to.connect();
        connected.joins("3", "room:42");
        to.await(() -> context.get() != null, () -> "a joined channel");
        connected.sends("['3',null,'room:42','go',{}]");
        to.awaitReached(gate);
        return connected;
    }

    private void sends(int from, int to) {
        for (int i = from; i <= to; i++) {
            client.sends("['3','%d','room:42','add',{'number':%d}]".formatted(i, i));
        }
    }

    private void isAnswered(int from, int to) {
        for (int i = from; i <= to; i++) {
            client.receives(
                    "['3','%d','room:42','phx_reply',{'status':'ok','response':{'number':%d}}]".formatted(i, i));
        }
    }

    private void fill() {
        sends(1, 1_000);
        assertThat(client.isRead()).as("read with 1 000 messages waiting").isFalse();
    }

    @Test
    void aConnectionIsNotReadWhileAThousandMessagesWaitForAChannel() {
        sends(1, 999);
        assertThat(client.isRead()).as("read with 999 messages waiting").isTrue();
        sends(1_000, 1_000);
        assertThat(client.isRead()).as("read with 1 000 messages waiting").isFalse();
        sends(1_001, 1_100);
        client.sends("[null,'beat','phoenix','heartbeat',{}]");
        assertThat(client.received()).isEmpty();

        gate.open();
        server.await(client::isRead, client::toString);
        server.await(() -> client.untaken() == 1_101, client::toString);
        assertThat(client.received()).anyMatch(message -> message.contains("\"beat\""));
        assertThat(client.received().stream()
                        .filter(message -> message.contains("room:42"))
                        .map(message -> message.replaceAll(".*\"number\":(\\d+).*", "$1"))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .isSorted()
                .hasSize(1_100);
        client.forgets();
    }

    @Test
    void aConnectionIsNotReadWhileAQuarterOfItsMemoryIsFull() {
        // 4 MiB of 16 MiB, and frames count twice.
        String large = "x".repeat(200 << 10);
        for (int i = 1; i <= 10; i++) {
            client.sends("['3',null,'room:42','say',{'text':'%s'}]".formatted(large));
            server.loop().turn();
            assertThat(client.isRead()).as("read with %d messages waiting", i).isTrue();
        }
        client.sends("['3',null,'room:42','say',{'text':'%s'}]".formatted(large));
        server.loop().turn();
        assertThat(client.isRead()).as("read with 11 messages waiting").isFalse();
        gate.open();
        server.await(client::isRead, client::toString);
    }

    @Test
    void oneMessageOfAnySizeFitsIntoAnEmptyMailbox() {
        gate.open();
        String large = "x".repeat(2 << 20);
        for (int i = 0; i < 3; i++) {
            client.sends("['3',null,'room:42','say',{'text':'%s'}]".formatted(large));
            client.sends("['3','%d','room:42','add',{'number':%d}]".formatted(i, i));
            isAnswered(i, i);
            assertThat(client.isRead()).isTrue();
        }
    }

    @Test
    void aMailboxThatStaysFullFor30SecondsEndsTheConnection() {
        fill();
        server.sweep();
        server.passes(Duration.ofMillis(29_999));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        client.isClosedWith(1008);
        assertThat(server.count(Counter.CLOSED_MAILBOX_FULL)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("closed with 1008"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .endsWith(
                                "Client - has not been read for PT30S, since its handlers do not keep up: the handler of"
                                        + " 'go' on room:42. It is closed with 1008."));
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(gate.interrupted()).as("the handler is interrupted").isTrue();
        assertThat(left).containsExactly(new LeaveReason.Closed());
    }

    @Test
    void aMailboxThatHasRoomInBetweenEndsNoConnection() {
        fill();
        server.passes(Duration.ofSeconds(29));
        gate.open();
        server.await(client::isRead, client::toString);
        isAnswered(1, 1_000);
        server.passes(Duration.ofSeconds(29));
        assertThat(client.closed()).isFalse();
    }

    @Test
    void theTimeOfAFullMailboxBeginsWhenItIsFull() {
        server.passes(Duration.ofSeconds(29));
        fill();
        server.passes(Duration.ofSeconds(29));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofSeconds(1));
        client.isClosedWith(1008);
    }

    @Test
    void aClientThatIsNotReadIsNotTakenForSilent() {
        try (var patient = new TestServer(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(2).mailboxTimeout(Duration.ofMinutes(10))))) {
            gate = patient.gate();
            context.set(null);
            Client held = connect(patient);
            held.sends("['3',null,'room:42','say',{'text':'a'}]", "['3',null,'room:42','say',{'text':'b'}]");
            assertThat(held.isRead()).isFalse();
            patient.sweep();
            for (int minute = 0; minute < 9; minute++) {
                patient.passes(Duration.ofMinutes(1));
                assertThat(held.closed()).isFalse();
            }
            gate.open();
            patient.await(held::isRead, held::toString);
            patient.sweep();
            patient.passes(Duration.ofSeconds(59));
            assertThat(held.closed()).as("closed 59 s after it was read again").isFalse();
            patient.passes(Duration.ofSeconds(1));
            held.isClosedWith(1001);
        }
    }

    @Test
    void aFullMailboxDelaysNoOtherConnection() {
        fill();
        Client other = server.connect();
        other.joins("1", "room:43");
        other.sends("['1','5','room:43','add',{'number':5}]");
        other.receives("['1','5','room:43','phx_reply',{'status':'ok','response':{'number':5}}]");
        gate.open();
        isAnswered(1, 1_000);
    }

    @Test
    void messagesOfTheServerSideFillAMailboxToo() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(context.get().send(Chat.WORD, "x")).isTrue();
        }
        assertThat(context.get().send(Chat.WORD, "x")).isFalse();
        assertThat(client.isRead()).as("read before it sends something").isTrue();
        sends(1, 1);
        assertThat(client.isRead()).isFalse();
        gate.open();
        isAnswered(1, 1);
        server.await(client::isRead, client::toString);
    }

    @Test
    void aConnectionThatEndsWithAFullMailboxIsGone() {
        fill();
        client.drops();
        gate.open();
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(left).containsExactly(new LeaveReason.Disconnected());
        server.passes(Duration.ofSeconds(60));
        assertThat(server.count(Counter.CLOSED_MAILBOX_FULL)).isZero();
    }
}
