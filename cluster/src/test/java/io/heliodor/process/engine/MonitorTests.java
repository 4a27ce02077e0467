package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.type.Type;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The notifications of ends: their receivers and their number. */
@Timeout(60)
class MonitorTests {
    enum Where {
        HERE,
        THERE
    }

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");
    private final List<Exit> exits = new CopyOnWriteArrayList<>();
    private Pid<String> there;
    private Pid<String> pid;

    private void start(Where where) {
        nodes.join(a, b);
        there = (where == Where.HERE ? a : b).processes.spawn(Type.of(String.class), inbox -> {
            String order = inbox.receive();
            if (order.equals("fail")) {
                throw new IllegalStateException("as told");
            }
        });
        pid = a.processes.pid(Processes.idOf(there), Type.of(String.class));
    }

    private Monitor watch() {
        return a.processes.monitor(pid, down -> {
            assertThat(down.pid()).isEqualTo(pid);
            exits.add(down.exit());
        });
    }

    /** Waits until the request for a monitor has arrived at the other node. */
    private void arrived(int monitors) {
        if (there.node().equals("b@local")) {
            eventually().until(() -> b.stat("monitors_served") == monitors);
        }
    }

    private void assertExits(Exit... expected) {
        eventually().untilAsserted(() -> assertThat(exits).containsExactly(expected));
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAProcessIsReportedOnceWithItsReason(Where where) {
        start(where);
        watch();
        watch();
        arrived(2);
        there.send("end");
        assertExits(new Exit.Normal(), new Exit.Normal());
        eventually().until(() -> a.stat("monitors") == 0 && b.stat("monitors_served") == 0);
        nodes.view(a);
        assertExits(new Exit.Normal(), new Exit.Normal());
    }

    @ParameterizedTest
    @EnumSource
    void aFailureIsReportedWithoutItsStackTrace(Where where) {
        start(where);
        watch();
        arrived(1);
        there.send("fail");
        assertExits(new Exit.Failed("java.lang.IllegalStateException: as told"));
    }

    @ParameterizedTest
    @EnumSource
    void aMonitorOfAProcessThatHasEndedFiresAtOnce(Where where) {
        start(where);
        there.send("end");
        eventually().until(() -> a.stat("processes") + b.stat("processes") == 0);
        watch();
        assertExits(new Exit.NoProcess());
    }

    @ParameterizedTest
    @EnumSource
    void aClosedMonitorIsSilent(Where where) {
        start(where);
        watch().close();
        eventually().until(() -> a.stat("monitors") == 0 && b.stat("monitors_served") == 0);
        CompletableFuture<Exit> other = new CompletableFuture<>();
        a.processes.monitor(pid, down -> other.complete(down.exit()));
        there.send("end");
        soon(other);
        assertThat(exits).isEmpty();
    }

    @Test
    void aNodeThatLeavesEndsItsProcessesForTheOthers() {
        start(Where.THERE);
        watch();
        nodes.view(a);
        assertExits(new Exit.NoConnection("b@local"));
        watch();
        assertExits(new Exit.NoConnection("b@local"), new Exit.NoConnection("b@local"));
        nodes.view(b);
        assertThat(b.stat("monitors_served")).isZero();
        there.send("end");
        eventually().until(() -> b.stat("processes") == 0);
        nodes.join(a, b);
        assertThat(exits).hasSize(2);
    }

    @Test
    void aSessionThatEndsFiresTheMonitorsOfIt() {
        start(Where.THERE);
        watch();
        eventually().until(() -> b.stat("monitors_served") == 1);
        a.link.close(b.link);
        assertExits(new Exit.NoConnection("b@local"));
        a.link.open(b.link);
        eventually().until(() -> b.stat("monitors_served") == 0);
    }

    @Test
    void anEndThatIsLostWithTheSessionOfTheOtherSideIsRequestedAgain() {
        start(Where.THERE);
        watch();
        eventually().until(() -> b.stat("monitors_served") == 1);
        b.link.hold(a.link);
        there.send("end");
        eventually().until(() -> b.stat("processes") == 0 && b.link.waiting(a.link) == 1);
        b.link.close(a.link);
        assertThat(exits).isEmpty();
        b.link.open(a.link);
        assertExits(new Exit.NoProcess());
    }

    @Test
    void aMonitorOutlivesTheSessionOfTheOtherSide() {
        start(Where.THERE);
        watch();
        eventually().until(() -> b.stat("monitors_served") == 1);
        b.link.close(a.link);
        b.link.open(a.link);
        there.send("end");
        assertExits(new Exit.Normal());
    }

    @Test
    void aMonitorThatIsRequestedAgainWhileItsProcessEndsGetsTheExit() {
        nodes.join(a, b);
        CompletableFuture<Pid<String>> child = new CompletableFuture<>();
        Pid<String> parent = b.processes.spawn(Type.of(String.class), inbox -> {
            child.complete(inbox.spawn(String.class, own -> {
                String _ = own.receive();
            }));
            String _ = inbox.receive();
        });
        there = soon(child);
        pid = a.processes.pid(Processes.idOf(there), Type.of(String.class));
        watch();
        arrived(1);
        LocalProcess<?> held = Objects.requireNonNull(b.processes.find(parent));
        // The process leaves the table, then its parent, and then notifies its monitors.
        synchronized (held) {
            there.send("end");
            eventually().until(() -> b.stat("processes") == 1);
            a.link.hold(b.link);
            b.link.close(a.link);
            b.link.open(a.link);
            eventually().until(() -> a.link.waiting(b.link) == 1);
            a.processes.monitor(a.processes.pid(Processes.idOf(parent), Type.of(String.class)), down -> {});
            a.link.release(b.link);
            arrived(2);
        }
        assertExits(new Exit.Normal());
    }

    sealed interface Signal {
        record Ended(Down down) implements Signal {}

        record NodeLeft(NodeDown down) implements Signal {}

        record Watch(Pid<String> pid) implements Signal {}

        record Forget() implements Signal {}
    }

    /** Starts a process that monitors the given processes, and keeps the notifications. */
    private Pid<Signal> watcher(List<Signal> seen) {
        return a.processes.spawn(Type.of(Signal.class), inbox -> {
            Monitor last = () -> {};
            while (true) {
                switch (inbox.receive()) {
                    case Signal.Watch(var watched) -> {
                        last = inbox.monitor(watched, Signal.Ended::new);
                        inbox.monitorNode(watched.node(), Signal.NodeLeft::new);
                    }
                    case Signal.Forget() -> last.close();
                    case Signal other -> seen.add(other);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aProcessReceivesTheEndOfAnotherAsAMessage(Where where) {
        start(where);
        List<Signal> seen = new CopyOnWriteArrayList<>();
        watcher(seen).send(new Signal.Watch(pid));
        eventually().until(() -> a.stat("monitors") == 2);
        arrived(1);
        there.send("end");
        eventually()
                .untilAsserted(
                        () -> assertThat(seen).containsExactly(new Signal.Ended(new Down(pid, new Exit.Normal()))));
    }

    @ParameterizedTest
    @EnumSource
    void aProcessReceivesNoMessageOfAMonitorThatItClosed(Where where) {
        start(where);
        List<Signal> seen = new CopyOnWriteArrayList<>();
        Pid<Signal> watcher = watcher(seen);
        watcher.send(new Signal.Watch(pid));
        watcher.send(new Signal.Forget());
        eventually().until(() -> a.stat("monitors") == 1);
        there.send("end");
        eventually().until(() -> a.stat("processes") + b.stat("processes") == 1);
        watcher.send(new Signal.Watch(pid));
        eventually()
                .untilAsserted(
                        () -> assertThat(seen).containsExactly(new Signal.Ended(new Down(pid, new Exit.NoProcess()))));
    }

    @Test
    void theMonitorsOfAProcessEndWithIt() {
        start(Where.THERE);
        Pid<Signal> watcher = watcher(new CopyOnWriteArrayList<>());
        watcher.send(new Signal.Watch(pid));
        eventually().until(() -> b.stat("monitors_served") == 1);
        a.processes.stop(watcher);
        eventually().until(() -> a.stat("monitors") == 0 && b.stat("monitors_served") == 0);
    }

    @Test
    void aNodeThatLeavesIsReportedOnce() {
        nodes.join(a, b);
        List<NodeDown> left = new CopyOnWriteArrayList<>();
        a.processes.monitorNode("b@local", left::add);
        a.processes.monitorNode("a@local", left::add);
        a.processes.monitorNode("b@local", left::add).close();
        nodes.view(a, b);
        assertThat(left).isEmpty();
        nodes.view(a);
        eventually().untilAsserted(() -> assertThat(left).containsExactly(new NodeDown("b@local")));
        a.processes.monitorNode("b@local", left::add);
        a.processes.monitorNode("nobody@local", left::add);
        eventually().until(() -> left.size() == 3);
        assertThat(a.stat("monitors")).isEqualTo(1);
    }

    @Test
    void aNodeThatWasStartedAgainHasLeft() {
        nodes.join(a, b);
        CompletableFuture<NodeDown> left = new CompletableFuture<>();
        a.processes.monitorNode("b@local", left::complete);
        Nodes.One again = nodes.alone("b");
        nodes.view(a, again);
        assertThat(soon(left)).isEqualTo(new NodeDown("b@local"));
    }

    @Test
    void aListenerThatThrowsDoesNotAffectOthers() {
        start(Where.THERE);
        a.processes.monitor(pid, down -> {
            throw new IllegalStateException("a listener of this test fails");
        });
        watch();
        arrived(2);
        there.send("end");
        assertExits(new Exit.Normal());
    }
}
