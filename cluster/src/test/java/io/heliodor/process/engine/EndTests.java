package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.process.Exit;
import io.heliodor.process.Inbox;
import io.heliodor.process.Pid;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The waits of processes, their ends, and the ends of their children. */
@Timeout(60)
class EndTests {
    private static final Duration GRACE = Duration.ofSeconds(5);

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final List<String> log = new CopyOnWriteArrayList<>();

    private CompletableFuture<Exit> exitOf(Pid<?> pid) {
        CompletableFuture<Exit> exit = new CompletableFuture<>();
        a.processes.monitor(pid, down -> exit.complete(down.exit()));
        return exit;
    }

    private static void idle(Inbox<String> inbox) throws InterruptedException {
        while (true) {
            inbox.receive();
        }
    }

    @Test
    void aProcessThatIsStoppedFinishesItsMessageAndNoOther() {
        var busy = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Pid<String> pid = a.processes.spawn(Type.of(String.class), inbox -> {
            while (true) {
                log.add(inbox.receive());
                busy.countDown();
                gate.await();
                log.add("finished");
            }
        });
        var exit = exitOf(pid);
        pid.send("first");
        pid.send("second");
        eventually().until(() -> busy.getCount() == 0);
        assertThat(a.processes.stop(pid)).isTrue();
        assertThat(exit).isNotDone();
        gate.countDown();
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        assertThat(log).containsExactly("first", "finished");
        assertThat(a.processes.stop(pid)).isFalse();
        assertThat(pid.trySend("x")).isFalse();
        assertThat(a.count(NodeCounter.NO_PROCESS)).isEqualTo(1);
    }

    @Test
    void aProcessThatDoesNotEndByItselfIsInterruptedAfterTheGrace() {
        var stuck = new CountDownLatch(1);
        Pid<String> pid = a.processes.spawn(Type.of(String.class), inbox -> {
            stuck.countDown();
            new CountDownLatch(1).await();
        });
        var exit = exitOf(pid);
        eventually().until(() -> stuck.getCount() == 0);
        a.processes.stop(pid);
        nodes.time.advance(GRACE.minusNanos(1));
        assertThat(exit).isNotDone();
        nodes.time.advance(Duration.ofNanos(1));
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        assertThat(a.count(NodeCounter.INTERRUPTED)).isEqualTo(1);
    }

    @Test
    void aProcessThatIsInterruptedButNotStoppedHasFailed() {
        var self = new CompletableFuture<Thread>();
        Pid<String> pid = a.processes.spawn(Type.of(String.class), inbox -> {
            self.complete(Thread.currentThread());
            inbox.receive();
        });
        var exit = exitOf(pid);
        soon(self).interrupt();
        assertThat(soon(exit)).isInstanceOf(Exit.Failed.class);
    }

    @Test
    void anErrorEndsAProcessAsAnExceptionDoes() {
        Pid<String> pid = a.processes.spawn(Type.of(String.class), inbox -> {
            inbox.receive();
            throw new AssertionError("x".repeat(2_000));
        });
        var exit = exitOf(pid);
        pid.send("go");
        assertThat(soon(exit))
                .isInstanceOfSatisfying(
                        Exit.Failed.class,
                        failed -> assertThat(failed.message())
                                .startsWith("java.lang.AssertionError: xxx")
                                .hasSize(1_000));
        assertThat(a.count(NodeCounter.PROCESSES_FAILED)).isEqualTo(1);
    }

    @Test
    void receiveReturnsNothingAfterItsTimeout() {
        var got = new CompletableFuture<Optional<String>>();
        a.processes.spawn(Type.of(String.class), inbox -> got.complete(inbox.receive(SECOND)));
        eventually().until(() -> nodes.time.waiting() == 1);
        nodes.time.advance(SECOND.minusNanos(1));
        assertThat(got).isNotDone();
        nodes.time.advance(Duration.ofNanos(1));
        assertThat(soon(got)).isEmpty();
    }

    @Test
    void receiveReturnsAMessageThatArrivesInTimeAndCancelsItsTimer() {
        var got = new CompletableFuture<Optional<String>>();
        Pid<String> pid = a.processes.spawn(Type.of(String.class), inbox -> got.complete(inbox.receive(SECOND)));
        eventually().until(() -> nodes.time.waiting() == 1);
        pid.send("x");
        assertThat(soon(got)).contains("x");
        eventually().until(() -> nodes.time.waiting() == 0);
    }

    @Test
    void anInboxBelongsToItsThread() {
        var leaked = new CompletableFuture<Inbox<String>>();
        a.processes.spawn(Type.of(String.class), inbox -> {
            leaked.complete(inbox);
            inbox.receive();
        });
        Inbox<String> inbox = soon(leaked);
        assertThatThrownBy(inbox::receive).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> inbox.spawn(String.class, EndTests::idle)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> inbox.monitor(inbox.self(), down -> "")).isInstanceOf(IllegalStateException.class);
    }

    /** Starts children that write into the log when they end; the parent ends at the first message. */
    private Pid<String> family(List<Pid<String>> children) {
        var ready = new CountDownLatch(1);
        Pid<String> parent = a.processes.spawn(Type.of(String.class), inbox -> {
            for (String name : List.of("one", "two", "three")) {
                children.add(inbox.spawn(String.class, child -> {
                    try {
                        idle(child);
                    } finally {
                        log.add(name);
                    }
                }));
            }
            ready.countDown();
            if (inbox.receive().equals("fail")) {
                throw new IllegalStateException("as told");
            }
        });
        eventually().until(() -> ready.getCount() == 0);
        return parent;
    }

    @Test
    void childrenEndWithTheirParentTheYoungestFirst() {
        List<Pid<String>> children = new CopyOnWriteArrayList<>();
        Pid<String> parent = family(children);
        var exit = exitOf(parent);
        parent.send("fail");
        assertThat(soon(exit)).isInstanceOf(Exit.Failed.class);
        assertThat(log).as("before the end of the parent is reported").containsExactly("three", "two", "one");
        eventually().until(() -> a.stat("processes") == 0);
    }

    @Test
    void childrenEndWhenTheirParentIsStopped() {
        Pid<String> parent = family(new CopyOnWriteArrayList<>());
        var exit = exitOf(parent);
        a.processes.stop(parent);
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        assertThat(log).containsExactly("three", "two", "one");
    }

    @Test
    void theEndOfAChildDoesNotAffectItsParent() {
        List<Pid<String>> children = new CopyOnWriteArrayList<>();
        Pid<String> parent = family(children);
        a.processes.stop(children.get(1));
        eventually().untilAsserted(() -> assertThat(log).containsExactly("two"));
        var exit = exitOf(parent);
        parent.send("end");
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        assertThat(log).containsExactly("two", "three", "one");
    }

    @Test
    void aParentStopsItsChildrenAndNoOthers() {
        Pid<String> stranger = a.processes.spawn(Type.of(String.class), EndTests::idle);
        var done = new CompletableFuture<String>();
        a.processes.spawn(Type.of(String.class), inbox -> {
            Pid<String> child = inbox.spawn(String.class, EndTests::idle);
            boolean first = inbox.stop(child, GRACE);
            boolean again = inbox.stop(child, GRACE);
            try {
                inbox.stop(stranger, GRACE);
                done.complete("stopped a stranger");
            } catch (IllegalArgumentException e) {
                done.complete(first + " " + again + " " + e.getMessage());
            }
        });
        assertThat(soon(done)).startsWith("true true").contains("is not a child");
        assertThat(nodes.time.waiting()).isZero();
    }

    @Test
    void aChildThatIgnoresInterruptsIsAbandonedAfterTheGrace() {
        var gate = new CountDownLatch(1);
        var done = new CompletableFuture<Boolean>();
        a.processes.spawn(Type.of(String.class), inbox -> {
            Pid<String> child = inbox.spawn(String.class, stubborn -> {
                while (true) {
                    try {
                        gate.await();
                        return;
                    } catch (InterruptedException e) {
                        log.add("interrupted");
                    }
                }
            });
            done.complete(inbox.stop(child, GRACE));
        });
        eventually().until(() -> nodes.time.waiting() == 2);
        nodes.time.advance(GRACE);
        eventually().untilAsserted(() -> assertThat(log).containsExactly("interrupted"));
        assertThat(done).isNotDone();
        nodes.time.advance(GRACE);
        assertThat(soon(done)).isFalse();
        gate.countDown();
    }

    @Test
    void aNodeThatIsClosedHasNoProcessesAndStartsNone() {
        Pid<String> pid = a.processes.spawn(Type.of(String.class), EndTests::idle);
        family(new CopyOnWriteArrayList<>());
        a.processes.close();
        assertThat(a.stat("processes")).isZero();
        assertThat(pid.trySend("x")).isFalse();
        assertThat(log).containsExactly("three", "two", "one");
        assertThatThrownBy(() -> a.processes.spawn(Type.of(String.class), EndTests::idle))
                .hasMessageContaining("is closed");
    }

    @Test
    void theTypeOfMessagesIsCheckedWhenAProcessIsStarted() {
        assertThatThrownBy(() -> a.processes.spawn(Type.of(Runnable.class), inbox -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(a.stat("processes")).isZero();
    }

    @Test
    void aThreadIsNamedAfterItsProcess() {
        var name = new CompletableFuture<String>();
        a.processes.spawn(
                Type.of(String.class),
                inbox -> name.complete(Thread.currentThread().getName()));
        assertThat(soon(name)).isEqualTo("process 1 String");
    }
}
