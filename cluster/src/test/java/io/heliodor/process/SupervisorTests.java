package io.heliodor.process;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.process.Child.Restart;
import io.heliodor.process.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SupervisorTests {
    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Map<String, Pid<String>> pids = new ConcurrentHashMap<>();
    private Pid<Supervisor.Message> supervisor;
    private CompletableFuture<Exit> exit;

    private Child<String> child(String name) {
        return Child.of(name, String.class, inbox -> {
                    try {
                        if (inbox.receive().equals("fail")) {
                            throw new IllegalStateException("as told");
                        }
                    } finally {
                        log.add("-" + name);
                    }
                })
                .onStart(pid -> {
                    log.add("+" + name);
                    pids.put(name, pid);
                });
    }

    private void start(Supervisor.Builder builder) {
        supervisor = a.processes.spawn(Type.of(Supervisor.Message.class), builder.build());
        exit = new CompletableFuture<>();
        a.processes.monitor(supervisor, down -> exit.complete(down.exit()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void logged(String... expected) {
        eventually().untilAsserted(() -> assertThat(log).containsExactly(expected));
    }

    private void send(String name, String what) {
        pids.get(name).send(what);
    }

    private Map<String, Pid<?>> running() {
        return supervisor.call(Supervisor.Message.Children::new, SECOND).orThrow();
    }

    @Test
    void childrenStartInOrderAndEndInReverse() {
        start(Supervisor.oneForOne().child(child("a")).child(child("b")).child(child("c")));
        logged("+a", "+b", "+c");
        assertThat(running())
                .containsExactly(
                        Map.entry("a", pids.get("a")), Map.entry("b", pids.get("b")), Map.entry("c", pids.get("c")));
        a.processes.stop(supervisor);
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        logged("+a", "+b", "+c", "-c", "-b", "-a");
    }

    @Test
    void oneForOneStartsTheOneThatEndedAgain() {
        start(Supervisor.oneForOne().child(child("a")).child(child("b")));
        logged("+a", "+b");
        Pid<String> before = pids.get("a");
        send("a", "fail");
        logged("+a", "+b", "-a", "+a");
        assertThat(pids.get("a")).isNotEqualTo(before);
        send("a", "end");
        logged("+a", "+b", "-a", "+a", "-a", "+a");
    }

    @Test
    void restForOneStartsThoseAfterItAgain() {
        start(Supervisor.restForOne().child(child("a")).child(child("b")).child(child("c")));
        logged("+a", "+b", "+c");
        send("b", "fail");
        logged("+a", "+b", "+c", "-b", "-c", "+b", "+c");
        assertThat(running()).containsOnlyKeys("a", "b", "c");
    }

    @Test
    void allForOneStartsAllAgain() {
        start(Supervisor.allForOne()
                .child(child("a"))
                .child(child("b"))
                .child(child("c").restart(Restart.TEMPORARY)));
        logged("+a", "+b", "+c");
        send("b", "fail");
        logged("+a", "+b", "+c", "-b", "-c", "-a", "+a", "+b");
        assertThat(running()).containsOnlyKeys("a", "b");
    }

    @Test
    void aTransientChildIsStartedAgainWhenItFailed() {
        start(Supervisor.oneForOne().child(child("a").restart(Restart.TRANSIENT)));
        logged("+a");
        send("a", "fail");
        logged("+a", "-a", "+a");
        send("a", "end");
        eventually().untilAsserted(() -> assertThat(running()).isEmpty());
        logged("+a", "-a", "+a", "-a");
    }

    @Test
    void aTemporaryChildIsNeverStartedAgain() {
        start(Supervisor.oneForOne()
                .child(child("a").restart(Restart.TEMPORARY))
                .child(child("b")));
        logged("+a", "+b");
        send("a", "fail");
        eventually().untilAsserted(() -> assertThat(running()).containsOnlyKeys("b"));
        logged("+a", "+b", "-a");
    }

    @Test
    void tooManyRestartsInAPeriodEndTheSupervisorAsFailed() {
        start(Supervisor.oneForOne().restarts(2, SECOND).child(child("a")).child(child("b")));
        logged("+a", "+b");
        send("a", "fail");
        logged("+a", "+b", "-a", "+a");
        send("b", "fail");
        logged("+a", "+b", "-a", "+a", "-b", "+b");
        nodes.time.advance(SECOND.minusNanos(1));
        send("a", "fail");
        assertThat(soon(exit))
                .isInstanceOfSatisfying(
                        Exit.Failed.class,
                        failed -> assertThat(failed.message())
                                .contains("more than 2 times within PT1S", "\"a\"", "as told"));
        logged("+a", "+b", "-a", "+a", "-b", "+b", "-a", "-b");
        eventually().until(() -> a.stat("processes") == 0);
    }

    @Test
    void restartsThatArePastDoNotCount() {
        start(Supervisor.oneForOne().restarts(1, SECOND).child(child("a")));
        logged("+a");
        send("a", "fail");
        logged("+a", "-a", "+a");
        nodes.time.advance(SECOND);
        send("a", "fail");
        logged("+a", "-a", "+a", "-a", "+a");
    }

    @Test
    void aSupervisorThatFailsIsStartedAgainByItsSupervisor() {
        start(Supervisor.oneForOne()
                .child(Child.of(
                        "inner",
                        Supervisor.oneForOne()
                                .restarts(0, SECOND)
                                .child(child("a"))
                                .child(child("b"))
                                .build())));
        logged("+a", "+b");
        send("a", "fail");
        logged("+a", "+b", "-a", "-b", "+a", "+b");
        assertThat(exit).isNotDone();
        a.processes.stop(supervisor);
        logged("+a", "+b", "-a", "-b", "+a", "+b", "-b", "-a");
    }

    @Test
    void aChildThatDoesNotEndByItselfIsInterruptedAfterTheGrace() {
        var stuck = new CountDownLatch(1);
        start(Supervisor.oneForOne()
                .grace(Duration.ofSeconds(2))
                .child(child("a"))
                .child(Child.of("stuck", String.class, inbox -> {
                    stuck.countDown();
                    new CountDownLatch(1).await();
                })));
        eventually().until(() -> stuck.getCount() == 0);
        a.processes.stop(supervisor);
        eventually().until(() -> nodes.time.waiting() == 3);
        assertThat(log).as("before the younger has ended").containsExactly("+a");
        nodes.time.advance(Duration.ofSeconds(2));
        assertThat(soon(exit)).isEqualTo(new Exit.Normal());
        logged("+a", "-a");
    }

    @Test
    void aListenerThatThrowsEndsTheSupervisorAndItsChildren() {
        var watched = new CountDownLatch(1);
        start(Supervisor.oneForOne().child(child("a")).child(child("b").onStart(pid -> {
            await(watched);
            throw new IllegalStateException("name taken");
        })));
        watched.countDown();
        assertThat(soon(exit))
                .isInstanceOfSatisfying(
                        Exit.Failed.class,
                        failed -> assertThat(failed.message()).contains("name taken"));
        eventually().until(() -> a.stat("processes") == 0);
    }

    @Test
    void aNameOfAChildIsUsedOnce() {
        assertThatThrownBy(() -> Supervisor.oneForOne().child(child("a")).child(child("a")))
                .hasMessageContaining("\"a\" already");
        assertThatThrownBy(() -> Supervisor.oneForOne().restarts(-1, SECOND)).hasMessageContaining("-1");
    }

    @Test
    void aForgedEndIsIgnored() {
        start(Supervisor.oneForOne().child(child("a")));
        logged("+a");
        supervisor.send(new Supervisor.Message.Ended(new Down(supervisor, new Exit.Normal())));
        assertThat(running()).containsOnlyKeys("a");
        logged("+a");
    }
}
