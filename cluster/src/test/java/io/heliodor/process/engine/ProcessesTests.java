package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.process.Body;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Inbox;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import io.heliodor.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of a message from one node to another, and back. */
@Timeout(60)
class ProcessesTests {
    sealed interface NodeCounter {
        record Add(int amount) implements NodeCounter {}

        record Read(ReplyTo<Integer> reply) implements NodeCounter {}

        record Meet(Pid<NodeCounter> other) implements NodeCounter {}
    }

    static void count(Inbox<NodeCounter> inbox) throws InterruptedException {
        int total = 0;
        while (true) {
            switch (inbox.receive()) {
                case NodeCounter.Add(int amount) -> total += amount;
                case NodeCounter.Read(var reply) -> reply.reply(total);
                case NodeCounter.Meet(var other) -> other.send(new NodeCounter.Add(total));
            }
        }
    }

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");

    private Pid<NodeCounter> counterAt(Nodes.One node) {
        return node.processes.spawn(Type.of(NodeCounter.class), ProcessesTests::count);
    }

    /** The address that {@code at} gets when it finds a process by name or in a message. */
    private static <M> Pid<M> seen(Nodes.One at, Pid<M> pid, Class<M> type) {
        return at.processes.pid(Processes.idOf(pid), Type.of(type));
    }

    @Test
    void messagesAndCallsWorkOnOneNode() {
        Pid<NodeCounter> counter = counterAt(a);
        counter.send(new NodeCounter.Add(2));
        assertThat(counter.trySend(new NodeCounter.Add(3))).isTrue();
        assertThat(counter.call(NodeCounter.Read::new, SECOND)).isEqualTo(new CallOutcome.Ok<>(5));
        assertThat(counter.node()).isEqualTo("a@local");
    }

    @Test
    void messagesAndCallsWorkFromNodeToNode() {
        nodes.join(a, b);
        Pid<NodeCounter> counter = seen(a, counterAt(b), NodeCounter.class);
        counter.send(new NodeCounter.Add(2));
        assertThat(counter.trySend(new NodeCounter.Add(3))).isTrue();
        assertThat(counter.call(NodeCounter.Read::new, SECOND)).isEqualTo(new CallOutcome.Ok<>(5));
        assertThat(counter.node()).isEqualTo("b@local");
        assertThat(List.of(a.unrouted, b.unrouted)).allMatch(java.util.Collection::isEmpty);
    }

    record Line(String text) {}

    private static int toAll(Nodes.One sender, List<Pid<Line>> to) {
        List<ProcessId> ids = to.stream().map(Processes::idOf).sorted().toList();
        Recipients recipients = Recipients.of(sender.processes.self(), ids);
        return sender.processes.sendAll(recipients, Type.of(Line.class), new Line("all"));
    }

    @Test
    void aMessageForManyIsEncodedOnce() {
        AtomicInteger written = new AtomicInteger();
        Codec<Line> counting = Codec.text().map(Line::new, line -> {
            written.incrementAndGet();
            return line.text();
        });
        Queue<String> received = new ConcurrentLinkedQueue<>();
        Nodes.One sender = nodes.alone("c", Codecs.builder().codec(Line.class, counting));
        Nodes.One other = nodes.alone("d", Codecs.builder().codec(Line.class, counting));
        nodes.join(sender, other);
        Body<Line> body = inbox -> {
            while (true) {
                received.add(inbox.receive().text());
            }
        };
        Pid<Line> near = sender.processes.spawn(Type.of(Line.class), body);
        Pid<Line> far = seen(sender, other.processes.spawn(Type.of(Line.class), body), Line.class);
        Pid<Line> farther = seen(sender, other.processes.spawn(Type.of(Line.class), body), Line.class);
        assertThat(toAll(sender, List.of(far, near, farther))).isEqualTo(3);
        Nodes.eventually().untilAsserted(() -> assertThat(received).containsExactly("all", "all", "all"));
        assertThat(written).hasValue(1);
    }

    @Test
    void aMessageForManyProcessesOfANodeIsOneEnvelope() {
        nodes.join(a, b);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        List<Pid<Line>> far = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Pid<Line> pid = b.processes.spawn(
                    Type.of(Line.class), inbox -> received.add(inbox.receive().text()));
            far.add(seen(a, pid, Line.class));
        }
        Nodes.eventually().until(() -> a.link.waiting(b.link) == 0);
        a.link.hold(b.link);
        assertThat(toAll(a, far)).isEqualTo(3);
        assertThat(a.link.waiting(b.link)).isEqualTo(1);
        a.link.release(b.link);
        Nodes.eventually().untilAsserted(() -> assertThat(received).containsExactly("all", "all", "all"));
    }

    @Test
    void aNodeWithoutRoomDoesNotDelayOthers() {
        Nodes.One c = nodes.alone("c");
        nodes.join(a, b, c);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        Body<Line> body = inbox -> received.add(inbox.receive().text());
        Pid<Line> full = seen(a, b.processes.spawn(Type.of(Line.class), body), Line.class);
        Pid<Line> free = seen(a, c.processes.spawn(Type.of(Line.class), body), Line.class);
        Nodes.eventually().until(() -> a.link.waiting(b.link) == 0 && a.link.waiting(c.link) == 0);
        a.link.hold(b.link);
        nodes.loopback.capacity(1);
        assertThat(full.send(new Line("fills"))).isTrue();
        assertThat(toAll(a, List.of(full, free))).isEqualTo(1);
        Nodes.eventually().untilAsserted(() -> assertThat(received).containsExactly("all"));
        assertThat(a.count(io.heliodor.process.engine.NodeCounter.UNSENT)).isEqualTo(1);
    }

    @Test
    void aPidInsideAMessageWorksAtTheOtherEnd() {
        nodes.join(a, b);
        Pid<NodeCounter> near = counterAt(a);
        Pid<NodeCounter> far = seen(a, counterAt(b), NodeCounter.class);
        far.send(new NodeCounter.Add(7));
        far.send(new NodeCounter.Meet(near));
        Nodes.eventually()
                .untilAsserted(() ->
                        assertThat(near.call(NodeCounter.Read::new, SECOND)).isEqualTo(new CallOutcome.Ok<>(7)));
    }
}
