package io.heliodor.interop.attack;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Runs vectors in a random order, some at a time and each as often as the others. Used by one thread. */
final class Schedule {
    private static final int AT_ONCE = 4;
    private static final long SHORTEST = TimeUnit.SECONDS.toNanos(4);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(12);

    private final Reactor reactor;
    private final int port;
    private final List<AttackVector> vectors;
    private final Random random;
    private final long interval;
    private final Deque<AttackVector> next = new ArrayDeque<>();
    private final List<Run> running = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private int runs;
    private long nextBegins = System.nanoTime();

    private record Run(AttackVector vector, Swarm swarm, long ends) {}

    Schedule(Reactor reactor, int port, List<AttackVector> vectors, long seed) {
        this.reactor = reactor;
        this.port = port;
        this.vectors = vectors;
        random = new Random(seed);
        interval = (SHORTEST + LONGEST) / 2 / Math.min(AT_ONCE, vectors.size());
    }

    /** Begins and ends what is due. */
    void advance() {
        long now = System.nanoTime();
        if (now - nextBegins >= 0) {
            nextBegins = now + interval;
            begin(now);
        }
        running.stream().filter(run -> now - run.ends >= 0).forEach(run -> reactor.execute(run.swarm::end));
        running.removeIf(run -> {
            boolean ended = run.swarm.ended().getCount() == 0;
            if (ended) {
                violations.addAll(run.swarm.violations());
            }
            return ended;
        });
    }

    private void begin(long now) {
        if (next.isEmpty()) {
            List<AttackVector> shuffled = new ArrayList<>(vectors);
            Collections.shuffle(shuffled, random);
            next.addAll(shuffled);
        }
        AttackVector vector = next.remove();
        Swarm swarm = new Swarm(reactor, port, vector.name() + "-" + ++runs, random.nextLong());
        running.add(new Run(vector, swarm, now + random.nextLong(SHORTEST, LONGEST)));
        reactor.execute(() -> vector.begin(swarm));
    }

    /** The names of the vectors that run now. */
    List<String> names() {
        return running.stream().map(run -> run.vector.name()).toList();
    }

    /** Ends all; returns the violations of promises to clients that behave. */
    List<String> finish(Duration deadline) throws InterruptedException {
        running.forEach(run -> reactor.execute(run.swarm::end));
        for (Run run : running) {
            if (!run.swarm.ended().await(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                violations.add(run.vector.name() + " does not end");
            }
            violations.addAll(run.swarm.violations());
        }
        running.clear();
        return violations;
    }
}
