package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.telemetry.Counter;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.Level;

/** Handlers that fail when their channel is ending for another reason: a fault is logged, an expected interrupt is not. */
class LateFaultTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final IllegalStateException crash = new IllegalStateException("crash");
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private Gate gate;
    private Client client;

    /** The exception of a handler that is interrupted. */
    enum Way {
        AS_IT_IS {
            @Override
            Exception of(InterruptedException e) {
                return e;
            }
        },
        WRAPPED {
            @Override
            Exception of(InterruptedException e) {
                return new IllegalStateException(new IOException("the query was not finished", e));
            }
        },
        CHANNEL {
            @Override
            Exception of(InterruptedException e) {
                return new ClosedByInterruptException();
            }
        },
        SOCKET {
            @Override
            Exception of(InterruptedException e) {
                return new IllegalStateException(new SocketException("Closed by interrupt"));
            }
        };

        abstract Exception of(InterruptedException e);
    }

    @BeforeEach
    void openTheGateInTheEnd() {
        gate = server.gate();
    }

    private interface Thrown {
        Exception of(InterruptedException e);
    }

    /** Returns when the handler waits at the gate. It throws when the gate opens or its thread is interrupted. */
    private void handles(Thrown interrupted) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> {
                            try {
                                gate.pass();
                            } catch (InterruptedException e) {
                                throw interrupted.of(e);
                            }
                            throw crash;
                        })
                        .onLeave((why, room) -> ended.add(why.toString()))
                        .build());
        client = server.connect();
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','go',{}]");
        server.awaitReached(gate);
    }

    private void awaitEnd() {
        server.await(() -> !ended.isEmpty(), () -> "the leave hook");
    }

    /** The lines about failures: the interrupt of a handler is a warning. */
    private static List<RecordedLog.Line> errors() {
        return RecordedLog.linesAbout("room:42").stream()
                .filter(line -> line.level() == Level.ERROR)
                .toList();
    }

    private void isLogged(Throwable thrown) {
        List<RecordedLog.Line> lines = errors();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst().level()).isEqualTo(Level.ERROR);
        assertThat(lines.getFirst().text()).contains("ending already");
        assertThat(lines.getFirst().thrown()).isSameAs(thrown);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
    }

    @Test
    void aHandlerThatFailsWhenItsClientIsGoneIsLogged() {
        handles(e -> e);
        client.drops();
        gate.open();
        awaitEnd();
        isLogged(crash);
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatIsInterruptedByTheEndOfItsChannelIsNotLogged(Way way) {
        handles(way::of);
        client.sends("['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        awaitEnd();
        assertThat(gate.interrupted()).isTrue();
        assertThat(errors()).isEmpty();
    }

    @Test
    void aHandlerThatFailsForAnotherReasonWhenItIsInterruptedIsLogged() {
        handles(e -> crash);
        client.sends("['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        awaitEnd();
        isLogged(crash);
    }

    @Test
    void anExceptionWhoseCauseCannotBeReadDoesNotKeepAChannelFromItsEnd() {
        handles(e -> new IllegalStateException("on purpose") {
            @Override
            public synchronized Throwable getCause() {
                throw new NoClassDefFoundError("on purpose");
            }
        });
        client.sends("['4','4','room:42','phx_join',{}]");
        server.passes(Duration.ofSeconds(5));
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        awaitEnd();
        assertThat(errors())
                .singleElement()
                .satisfies(line ->
                        assertThat(line.text()).contains("could not be logged", NoClassDefFoundError.class.getName()));
    }

    @Test
    void anInterruptThatDoesNotComeFromTheEndOfTheChannelIsLogged() {
        var own = new InterruptedException("of the handler's own making");
        server.serve(
                "own:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            throw own;
                        })
                        .onLeave((why, room) -> ended.add(why.toString()))
                        .build());
        client = server.connect();
        client.joins("3", "own:room:42");
        client.sends("['3','8','own:room:42','go',{}]");
        server.awaitReached(gate);
        client.drops();
        gate.open();
        awaitEnd();
        isLogged(own);
    }

    @Test
    void aJoinHandlerThatFailsWhenItsClientIsGoneIsLogged() {
        server.serve(
                "room:*",
                Channel.<String>join(join -> {
                            gate.pass();
                            throw crash;
                        })
                        .build());
        client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        client.drops();
        gate.open();
        server.await(() -> client.session().table().running() == 0, () -> "the end of the join");
        isLogged(crash);
    }

    @Test
    void aJoinHandlerThatIsInterruptedByALaterJoinIsNotLogged() {
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (gate.reached()) {
                                return Join.ok("a");
                            }
                            gate.pass();
                            return Join.ok("b");
                        })
                        .build());
        client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        client.isCareless();
        client.sends("['4','4','room:42','phx_join',{}]");
        server.await(() -> client.session().table().running() == 1, () -> "the end of the first join");
        assertThat(gate.interrupted()).isTrue();
        assertThat(RecordedLog.linesAbout("room:42")).isEmpty();
    }
}
