package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.heliodor.channel.Channel;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Rate;
import io.heliodor.session.Chat.Text;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;

/** A client that the server closes for a fault of its own gets the replies to what it sent before, and nothing that it sends after is read. */
class RepliesBeforeCloseTests {
    private static final String CALL = "['3','8','room:1','ask',{'text':'a'}]";
    private static final String REPLY = "['3','8','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]";
    private static final String DEFERRED = "['3','7','room:1','defer',{'text':'b'}]";
    private static final String DEFERRED_REPLY =
            "['3','7','room:1','phx_reply',{'status':'ok','response':{'text':'b'}}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Gate gate = new Gate();
    private final Queue<Text> said = new ConcurrentLinkedQueue<>();
    private final Queue<DeferredReply<Text, Reason>> due = new ConcurrentLinkedQueue<>();

    private Client client;

    @BeforeEach
    void join() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .answer(Chat.ASK, (text, _) -> {
                            gate.pass();
                            return Reply.ok(text);
                        })
                        .answerLater(Chat.DEFER, (_, _, reply) -> due.add(reply))
                        .on(Chat.SAY, (text, _) -> {
                            said.add(text);
                            return NoReply.none();
                        })
                        .build());
        server.serve(
                "limited:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .messageRate(Rate.perSecond(1))
                        .on(Chat.GO, (_, _) -> NoReply.none())
                        .build());
        client = server.connect();
        client.joins("3", "room:1");
        client.joins("4", "limited:1");
    }

    @AfterEach
    void release() {
        gate.open();
        for (DeferredReply<Text, Reason> reply = due.poll(); reply != null; reply = due.poll()) {
            reply.send(Reply.ok(new Text("late")));
        }
    }

    private static Arguments fault(String name, int code, Consumer<Client> fault) {
        return arguments(name, code, fault);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("malformed frames", 4400, client -> repeat(6, () -> client.sends("[]"))),
                fault("text that is not UTF-8", 1007, client -> client.sends(new byte[] {'[', '"', (byte) 0xc3})),
                fault("pings", 4429, client -> repeat(101, client::pings)),
                fault("a flood", 4429, client -> repeat(1_100, () -> client.sends("['4',null,'limited:1','go',{}]"))));
    }

    private static void repeat(int times, Runnable action) {
        for (int i = 0; i < times; i++) {
            action.run();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void theRepliesPrecedeTheClose(String name, int code, Consumer<Client> fault) {
        client.sends(DEFERRED, CALL);
        server.awaitReached(gate);
        fault.accept(client);
        client.sends("['3',null,'room:1','say',{'text':'late'}]");
        fault.accept(client);
        assertThat(client.closed()).isFalse();
        assertThat(client.pings()).isFalse();
        gate.open();
        client.receives(REPLY);
        assertThat(client.closed()).isFalse();
        due.remove().send(Reply.ok(new Text("b")));
        client.receives(DEFERRED_REPLY);
        client.isClosedWith(code);
        assertThat(said).isEmpty();
    }

    /** The transport may have read more already: the rest of a packet, or the body of a post. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void inputThatIsPassedOnAfterTheFaultIsIgnored(String name, int code, Consumer<Client> fault) {
        client.sends(DEFERRED);
        server.await(() -> !due.isEmpty(), due::toString);
        fault.accept(client);
        byte[] late =
                "['3','9','room:1','say',{'text':'late'}]".replace('\'', '"').getBytes(UTF_8);
        server.loop().perform(() -> client.session().text(late, 0, late.length));
        server.loop().perform(() -> client.session().binary(late, 0, late.length));
        due.remove().send(Reply.ok(new Text("b")));
        client.receives(DEFERRED_REPLY);
        client.isClosedWith(code);
        assertThat(said).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aClientWithoutCallsIsClosedAtOnce(String name, int code, Consumer<Client> fault) {
        fault.accept(client);
        client.isClosedWith(code);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void theLogHasOneLineForTheClose(String name, int code, Consumer<Client> fault) {
        fault.accept(client);
        fault.accept(client);
        client.isClosedWith(code);
        assertThat(RecordedLog.lines(Level.WARN, "Client - at 127.0.0.1 is closed with " + code + ": "))
                .hasSize(1);
    }

    /** A flood of one kind hides no other. */
    @Test
    void theLinesOfEachKindHaveARate() {
        for (int i = 0; i < 100; i++) {
            server.connect().sends(new byte[] {'[', '"', (byte) 0xc3});
        }
        assertThat(RecordedLog.lines(Level.WARN, "is closed with 1007: text is not UTF-8"))
                .hasSize(20);
        repeat(101, client::pings);
        client.isClosedWith(4429);
        assertThat(RecordedLog.lines(Level.WARN, "is closed with 4429: too many pings"))
                .hasSize(1);
        server.passes(Duration.ofSeconds(1));
        server.connect().sends(new byte[] {'[', '"', (byte) 0xc3});
        assertThat(RecordedLog.lines(
                        Level.WARN, "80 more lines about closed connections (text is not UTF-8) were left out"))
                .hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void theCloseWaitsForFiveSeconds(String name, int code, Consumer<Client> fault) {
        client.sends(DEFERRED, CALL);
        server.awaitReached(gate);
        fault.accept(client);
        server.passes(Duration.ofMillis(4_999));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        assertThat(client.closed()).isTrue();
        client.isClosedWith(code);
    }

    @Test
    void aDrainOfTheServerDoesNotProlongTheWait() {
        client.sends(CALL);
        server.awaitReached(gate);
        client.sends(new byte[] {'[', '"', (byte) 0xc3});
        server.passes(Duration.ofMillis(4_999));
        client.session().onLane(client.session().closing()::drain);
        server.passes(Duration.ofMillis(1));
        assertThat(client.closed()).isTrue();
        client.isClosedWith(1007);
    }
}
