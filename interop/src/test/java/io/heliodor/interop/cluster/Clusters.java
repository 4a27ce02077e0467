package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/** Checks that concern several nodes. */
final class Clusters {
    private static final int ENOUGH_PINGS = 10;
    private static final double UNDISTURBED_MILLIS = 100;
    private static final double DELAYED_MILLIS = 500;

    /** From the start of the last node; a cold TLS on a busy machine takes its time. */
    static final Duration FORMED = Duration.ofSeconds(60);

    /** A node whose process ended and whose host is up is removed everywhere after this time. */
    static final Duration GONE = Duration.ofSeconds(2);

    /** A silent one is, after this. */
    static final Duration SILENT = Duration.ofSeconds(15);

    /** After a fault has passed. */
    static final Duration HEALED = Duration.ofSeconds(40);

    private Clusters() {}

    static List<String> names(Collection<NodeShell> shells) {
        return shells.stream().map(NodeShell::name).sorted().toList();
    }

    /** Each of them sees exactly these alive. */
    static void awaitAlive(List<NodeShell> shells, Duration deadline) {
        try {
            eventually(deadline, () -> {
                for (NodeShell shell : shells) {
                    assertThat(alive(shell))
                            .as(() -> shell.name() + " sees alive\n"
                                    + shells.stream().map(NodeShell::describe).collect(Collectors.joining("\n")))
                            .isEqualTo(names(shells));
                }
            });
        } catch (ConditionTimeoutException e) {
            String threads = shells.stream().map(NodeShell::threads).collect(Collectors.joining("\n"));
            throw new AssertionError(e.getMessage() + "\n" + threads, e);
        }
    }

    static List<String> alive(NodeShell shell) {
        Map<String, String> statuses = shell.ok("members").statuses();
        return statuses.keySet().stream()
                .filter(node -> statuses.get(node).equals("alive"))
                .toList();
    }

    static void eventually(Duration deadline, ThrowingRunnable assertion) {
        await().atMost(deadline)
                .pollInterval(Duration.ofMillis(50))
                .pollDelay(Duration.ZERO)
                .untilAsserted(assertion);
    }

    /** The same, counted from a time in the past; it is tried once at least. */
    static void eventually(long since, Duration deadline, ThrowingRunnable assertion) {
        Duration left = deadline.minusNanos(System.nanoTime() - since);
        eventually(left.compareTo(Duration.ofMillis(100)) < 0 ? Duration.ofMillis(100) : left, assertion);
    }

    /** No member was declared dead since these marks. */
    static void noMemberDied(List<NodeShell> shells, Map<NodeShell, Integer> marks) {
        Happening down = Happening.of("down").having("incarnation");
        for (NodeShell shell : shells) {
            assertThat(shell.since(marks.get(shell), down)).as(shell.name()).isEmpty();
        }
    }

    static Map<NodeShell, Integer> marks(List<NodeShell> shells) {
        Map<NodeShell, Integer> marks = new HashMap<>();
        shells.forEach(shell -> marks.put(shell, shell.mark()));
        return marks;
    }

    /** Pings in turn until the time is over; each must be answered. The milliseconds, sorted. */
    static List<Double> pings(NodeShell from, List<NodeShell> to, Duration time) {
        List<Double> millis = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            Answer answer = from.run("ping " + to.get(i % to.size()).name());
            if (!answer.ok()) {
                fail("a ping failed after " + millis.size() + " others\n" + answer + "\n" + from.describe());
            }
            millis.add(answer.decimal("ms"));
            pause(Duration.ofMillis(5));
        }
        return millis.stream().sorted().toList();
    }

    /**
     * Checks that a fault elsewhere delays none of these pings. One that waits behind the fault takes 590 ms or more, and so do
     * all that follow; single slow ones are those of a machine that does other work, so the median decides. Of a few pings it
     * does not: there are few if the machine is slow.
     */
    static void undisturbed(List<Double> millis) {
        List<Double> sorted = millis.stream().sorted().toList();
        if (sorted.size() >= ENOUGH_PINGS) {
            assertThat(sorted.get(sorted.size() / 2)).as("median of " + sorted).isLessThan(UNDISTURBED_MILLIS);
        }
        assertThat(sorted.get(sorted.size() * 95 / 100)).as("p95 of " + sorted).isLessThan(DELAYED_MILLIS);
    }

    /** Time that a fault lasts, or that lies between two messages; never a wait for something to happen. */
    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw NodeShell.interrupted(e);
        }
    }

    /** Checks that all answers to a command have the same value in a field, and returns it. */
    static String agreed(List<NodeShell> shells, String command, String field) {
        Map<String, String> answers = new TreeMap<>();
        shells.forEach(shell -> answers.put(shell.name(), shell.ok(command).text(field)));
        assertThat(answers.values())
                .as(command + ": " + answers)
                .containsOnly(answers.values().iterator().next());
        return answers.values().iterator().next();
    }

    /** Every line was an answer or an event, and came in its place. */
    static void allKeptToTheContract(List<NodeShell> shells) {
        shells.forEach(shell -> assertThat(shell.unexpected()).as(shell.name()).isEmpty());
    }
}
