package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.go;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The behaviour at each limit of processes. */
@Timeout(60)
class LimitTests {
    record Ask(ReplyTo<String> reply) {}

    /** Two processes, three messages, two calls, two monitors. */
    @AutoClose
    private final Nodes nodes = new Nodes(new ProcessLimits(2, 3, 2, 2, Duration.ofMillis(50), Duration.ofSeconds(5)));

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");
    private final CountDownLatch gate = new CountDownLatch(1);
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

    private Pid<String> gated(Nodes.One at) {
        return at.processes.spawn(Type.of(String.class), inbox -> {
            gate.await();
            while (true) {
                got.add(inbox.receive());
            }
        });
    }

    private <M> Pid<M> seen(Nodes.One at, Pid<M> pid, Class<M> type) {
        return at.processes.pid(Processes.idOf(pid), Type.of(type));
    }

    private static Pid<Ask> silent(Nodes.One at) {
        return at.processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                inbox.receive();
            }
        });
    }

    /** Returns when b has the messages that a sent when the session from b opened: the answer follows them. */
    private void settle() {
        Pid<Ask> echo = a.processes.spawn(
                Type.of(Ask.class), inbox -> inbox.receive().reply().reply("echo"));
        assertThat(seen(b, echo, Ask.class).call(Ask::new, SECOND)).isEqualTo(new CallOutcome.Ok<>("echo"));
    }

    @Test
    void aFullInboxDropsNewMessagesAndCountsThem() {
        Pid<String> here = gated(a);
        for (int i = 0; i < 5; i++) {
            assertThat(here.trySend("m" + i)).isEqualTo(i < 3);
        }
        gate.countDown();
        eventually().untilAsserted(() -> assertThat(got).containsExactly("m0", "m1", "m2"));
        assertThat(a.count(NodeCounter.INBOX_DROPPED)).isEqualTo(2);
        here.send("again");
        eventually().untilAsserted(() -> assertThat(got).contains("again"));
    }

    @Test
    void aCallToAFullInboxFailsAtOnce() {
        nodes.join(a, b);
        Pid<Ask> far = b.processes.spawn(Type.of(Ask.class), inbox -> gate.await());
        Pid<Ask> near = seen(a, far, Ask.class);
        for (int i = 0; i < 3; i++) {
            near.send(new Ask(seenReply()));
        }
        eventually().until(() -> a.link.waiting(b.link) == 0);
        Nodes.eventually()
                .untilAsserted(() -> assertThat(near.call(Ask::new, SECOND))
                        .isInstanceOfSatisfying(
                                CallOutcome.Failed.class,
                                failed -> assertThat(failed.type()).isEqualTo("inbox_full")));
        gate.countDown();
    }

    /** The address of an answer that no caller awaits, to fill an inbox with. */
    private ReplyTo<String> seenReply() {
        return new RemoteReplyTo<>(
                a.processes, new ProcessId(a.self, 999), a.processes.codecs().of(String.class), null);
    }

    @Test
    void callsBeyondTheLimitAreRefusedByTheCallersNode() {
        Pid<Ask> silent = silent(a);
        var first = go(() -> silent.call(Ask::new, SECOND));
        var second = go(() -> silent.call(Ask::new, SECOND));
        eventually().until(() -> a.processes.calls().waiting() == 2);
        assertThat(silent.call(Ask::new, SECOND))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("limit"));
        assertThat(a.count(NodeCounter.OVER_LIMIT)).isEqualTo(1);
        nodes.time.advance(SECOND);
        CompletableFuture.allOf(first, second).join();
        assertThat(a.processes.calls().waiting()).isZero();
    }

    @Test
    void callsBeyondTheLimitAreRefusedByTheCalleesNode() {
        Nodes.One c = nodes.alone("c");
        nodes.join(a, b, c);
        Pid<Ask> silent = silent(b);
        var first = go(() -> seen(a, silent, Ask.class).call(Ask::new, SECOND));
        var second = go(() -> seen(a, silent, Ask.class).call(Ask::new, SECOND));
        eventually().until(() -> b.stat("calls_served") == 2);
        assertThat(seen(c, silent, Ask.class).call(Ask::new, SECOND))
                .isInstanceOfSatisfying(
                        CallOutcome.Failed.class,
                        failed -> assertThat(failed.type()).isEqualTo("limit"));
        nodes.time.advance(SECOND);
        soon(first);
        soon(second);
        eventually().until(() -> b.stat("calls_served") == 0);
    }

    @Test
    void processesBeyondTheLimitAreRefused() {
        silent(a);
        Pid<Ask> second = silent(a);
        assertThatThrownBy(() -> silent(a)).isInstanceOf(LimitReached.class).hasMessageContaining("2 processes");
        a.processes.stop(second);
        eventually().untilAsserted(() -> assertThat(a.stat("processes")).isEqualTo(1));
        silent(a);
    }

    @Test
    void monitorsBeyondTheLimitAreRefused() {
        Pid<Ask> silent = silent(a);
        var first = a.processes.monitor(silent, down -> {});
        a.processes.monitorNode("a@local", down -> {});
        assertThatThrownBy(() -> a.processes.monitor(silent, down -> {})).isInstanceOf(LimitReached.class);
        first.close();
        a.processes.monitor(silent, down -> {}).close();
        assertThat(a.stat("monitors")).isEqualTo(1);
    }

    @Test
    void monitorsOfOthersBeyondTheLimitFireAtOnce() {
        Nodes.One c = nodes.alone("c");
        nodes.join(a, b, c);
        Pid<Ask> silent = silent(b);
        a.processes.monitor(seen(a, silent, Ask.class), down -> {});
        a.processes.monitor(seen(a, silent, Ask.class), down -> {});
        eventually().until(() -> b.stat("monitors_served") == 2);
        CompletableFuture<Exit> third = new CompletableFuture<>();
        c.processes.monitor(seen(c, silent, Ask.class), down -> third.complete(down.exit()));
        assertThat(soon(third)).isEqualTo(new Exit.NoConnection("b@local"));
    }

    @Test
    void aMonitorThatIsRequestedAgainTakesNoMoreRoom() {
        nodes.join(a, b);
        Pid<Ask> silent = silent(b);
        CompletableFuture<Exit> fired = new CompletableFuture<>();
        a.processes.monitor(seen(a, silent, Ask.class), down -> fired.complete(down.exit()));
        a.processes.monitor(seen(a, silent, Ask.class), down -> fired.complete(down.exit()));
        eventually().until(() -> b.stat("monitors_served") == 2);
        b.link.close(a.link);
        b.link.open(a.link);
        settle();
        b.processes.stop(silent);
        assertThat(soon(fired)).isEqualTo(new Exit.Normal());
    }

    @Test
    void aSendWithoutRoomInTimeFailsAndTheSessionContinues() {
        nodes.join(a, b);
        Pid<String> far = seen(a, gated(b), String.class);
        CompletableFuture<Exit> down = new CompletableFuture<>();
        a.processes.monitor(far, event -> down.complete(event.exit()));
        eventually().until(() -> b.stat("monitors_served") == 1);
        settle();
        a.link.hold(b.link);
        nodes.loopback.capacity(1);
        assertThat(far.send("waits in the session")).isTrue();
        assertThat(far.trySend("has no room")).isFalse();
        assertThat(far.send("waits in vain")).isFalse();
        assertThat(a.count(NodeCounter.UNSENT)).isEqualTo(2);
        nodes.loopback.capacity(100);
        a.link.release(b.link);
        gate.countDown();
        assertThat(far.send("in the same session")).isTrue();
        eventually()
                .untilAsserted(() -> assertThat(got).containsExactly("waits in the session", "in the same session"));
        assertThat(down).isNotDone();
    }

    @Test
    void aSenderThatWaitsContinuesWhenThereIsRoom() {
        try (Nodes patient = new Nodes(new ProcessLimits(2, 3, 2, 2, Duration.ofSeconds(20), Duration.ofSeconds(5)))) {
            Nodes.One from = patient.alone("a");
            Nodes.One to = patient.alone("b");
            patient.join(from, to);
            Pid<String> far = seen(from, gated(to), String.class);
            gate.countDown();
            eventually().until(() -> from.link.waiting(to.link) == 0);
            from.link.hold(to.link);
            patient.loopback.capacity(1);
            assertThat(far.trySend("first")).isTrue();
            assertThat(far.trySend("too much")).isFalse();
            var second = go(() -> {
                far.send("second");
                return true;
            });
            from.link.release(to.link);
            soon(second);
            eventually().untilAsserted(() -> assertThat(got).containsExactly("first", "second"));
        }
    }
}
