package io.heliodor.node;

import io.heliodor.election.Election;
import io.heliodor.election.Election.Leader;
import io.heliodor.election.Election.Term;
import io.heliodor.election.Elections;
import io.heliodor.link.Time;
import io.heliodor.node.election.Candidacies;
import io.heliodor.pubsub.engine.NameRule;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The elections of a process that runs without a cluster: it is the only candidate, so each duty runs in it. They need no
 * network, and are independent of all others. Duties begin, fail, resign and end as {@link Election} states.
 *
 * <p>The leader has the name {@code local}. Its terms have no fencing number, since nothing is kept over a restart.
 */
public final class LocalElections implements Elections {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final Time time;
    private final io.heliodor.node.election.Elections elections;
    private volatile boolean closed;

    // On the thread of the timer, which decides in the order of the requests.

    private final Map<String, Term> terms = new HashMap<>();
    private long granted;

    LocalElections(Time time) {
        this.time = time;
        this.elections = new io.heliodor.node.election.Elections(
                new Candidacies() {
                    @Override
                    public void campaign(String election) {
                        time.after(0, () -> grant(election));
                    }

                    @Override
                    public void resign(String election) {
                        time.after(0, () -> end(election));
                    }
                },
                time);
        time.every(TICK, () -> elections.tick(time.nanos()));
    }

    /**
     * Starts elections of this process.
     *
     * @return open elections, which have a thread until they are closed
     */
    public static LocalElections start() {
        return new LocalElections(Time.machine("of local elections"));
    }

    private void grant(String election) {
        Term term = new Term("local-" + ++granted, OptionalLong.empty());
        terms.put(election, term);
        elections.changed(election, Optional.of(new Leader("local", term)));
        // Its delays begin with the present time.
        elections.tick(time.nanos());
        elections.leading(election, term);
    }

    private void end(String election) {
        Term term = terms.remove(election);
        if (term != null) {
            elections.changed(election, Optional.empty());
            elections.deposed(election, term);
        }
    }

    @Override
    public Election election(String name) {
        Objects.requireNonNull(name, "name");
        NameRule.check("election", name);
        if (closed) {
            throw new IllegalStateException("These elections are closed, so election \"" + name + "\" has no leader.");
        }
        return elections.of(name);
    }

    /**
     * Ends all duties: interrupts each one, and waits until they have returned.
     *
     * <p><b>Blocking:</b> up to a second.
     */
    @Override
    public void close() {
        closed = true;
        elections.close();
        time.close();
    }
}
