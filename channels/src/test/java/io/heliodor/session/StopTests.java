package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.V1Serializer;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Channels that are stopped by their context, and events for a connection itself. */
class StopTests {
    private static final String CLOSE = "['3','3','room:%s','phx_close',{}]";

    private final TestServer server = new TestServer();
    private final Gate gate = server.gate();
    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final Queue<String> hooks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();

    StopTests() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.subtopic()))
                        .onJoined(room -> {
                            context.set(room);
                            if (room.assigns().equals("full")) {
                                room.push(Chat.SAY, new Chat.Text("sorry"));
                                room.stop("full");
                                room.stop("twice");
                                room.push(Chat.SAY, new Chat.Text("bye"));
                            }
                        })
                        .onJoined(room -> hooks.add(room.assigns()))
                        .on(Chat.SAY, (text, room) -> {
                            if (text.text().equals("crash")) {
                                throw new IllegalStateException("asked to crash");
                            }
                            if (text.text().equals("wait")) {
                                gate.pass();
                            } else {
                                room.stop(text.text());
                            }
                            return room.push(Chat.SAY, text);
                        })
                        .onLeave((why, room) -> {
                            room.stop("late");
                            left.add(why);
                        })
                        .build());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void isLeft(String why) {
        server.await(() -> !left.isEmpty(), left::toString);
        assertThat(left).containsExactly(new LeaveReason.Stopped(why));
    }

    @Test
    void aHookThatRunsAfterTheJoinStopsTheChannel() {
        Client ana = server.connect();
        ana.joins("3", "room:full");
        ana.receives(
                "['3',null,'room:full','say',{'text':'sorry'}]",
                "['3',null,'room:full','say',{'text':'bye'}]",
                CLOSE.formatted("full"));
        isLeft("full");
        assertThat(hooks).isEmpty();
        server.awaitCount(Counter.CHANNELS, 0);
        ana.joins("4", "room:1");
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
    }

    @Test
    void aHandlerStopsTheChannelWhenItHasReturned() {
        Client ana = server.connect();
        ana.joins("3", "room:1");
        ana.sends("['3','4','room:1','say',{'text':'enough'}]");
        ana.receives("['3',null,'room:1','say',{'text':'enough'}]", CLOSE.formatted("1"));
        isLeft("enough");
    }

    @Test
    void aChannelThatHasFailedIsNotStoppedByItsLeaveHook() {
        Client ana = server.connect();
        ana.joins("3", "room:1");
        ana.sends("['3','4','room:1','say',{'text':'crash'}]");
        ana.receives("['3','3','room:1','phx_error',{'reason':'channel_crash'}]");
        server.await(() -> !left.isEmpty(), left::toString);
        assertThat(left).hasOnlyElementsOfType(LeaveReason.Failed.class);
    }

    @Test
    void anotherThreadStopsTheChannelAtOnce() {
        Client ana = server.connect();
        ana.joins("3", "room:1");
        server.await(() -> context.get() != null, () -> "a joined channel");
        ana.sends("['3','4','room:1','say',{'text':'wait'}]");
        server.awaitReached(gate);
        context.get().push(Chat.SAY, new Chat.Text("last"));
        context.get().stop("moved");
        context.get().stop("twice");
        ana.receives("['3',null,'room:1','say',{'text':'last'}]", CLOSE.formatted("1"));
        assertThat(left).isEmpty();
        gate.open();
        isLeft("moved");
        context.get().stop("afterwards");
        server.settle();
    }

    @Test
    void anEventForTheConnectionComesInTheOrderOfItsThread() {
        Client ana = server.connect();
        ana.joins("3", "room:1");
        server.await(() -> context.get() != null, () -> "a joined channel");
        context.get().push(Chat.SAY, new Chat.Text("one"));
        ana.session().push(Chat.SAY, new Chat.Text("two"));
        context.get().broadcast(Chat.SAY, new Chat.Text("three"));
        ana.session().push(Chat.SAY, new Chat.Text("four"));
        ana.receives(
                "['3',null,'room:1','say',{'text':'one'}]",
                "[null,null,'phoenix','say',{'text':'two'}]",
                "[null,null,'room:1','say',{'text':'three'}]",
                "[null,null,'phoenix','say',{'text':'four'}]");
        ana.drops();
        ana.session().push(Chat.SAY, new Chat.Text("five"));
        server.settle();
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(1);
    }

    @Test
    void bytesForAConnectionThatTakesOnlyTextAreCounted() {
        Client ana = server.connectTo(
                UserSocket.open()
                        .channel("room:*", Channel.join(join -> Join.ok("a")).build())
                        .build(),
                new V1Serializer());
        ana.session().push(Event.of("bytes", ByteBuffer.class), ByteBuffer.allocate(1));
        server.settle();
        assertThat(server.count(Counter.BINARY_SKIPPED)).isEqualTo(1);
    }
}
