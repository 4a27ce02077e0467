package io.heliodor.process;

import io.heliodor.link.Time;
import io.heliodor.process.engine.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The body of a process that starts others and starts them again when they end. Immutable; it may be spawned more than
 * once, and be the {@linkplain Child#of(String, Supervisor) child} of another.
 *
 * <pre>{@code
 * Supervisor shop = Supervisor.oneForOne()
 *     .child(Child.of("stock", Stock.class, Stock::run).onStart(pid -> registry.register(STOCK, pid)))
 *     .child(Child.of("mail", Mail.class, Mail::run).restart(Child.Restart.TRANSIENT))
 *     .build();
 * node.spawn(Supervisor.Message.class, shop);
 * }</pre>
 *
 * <p>Children are started in the order in which they were given. Each start gives a new pid. When a child has to be started
 * again too often (more than 3 times in 5 seconds, by default), the supervisor ends as failed. However it
 * ends, it ends its children first, in reverse order, each with the grace that was given.
 */
public final class Supervisor implements Body<Supervisor.Message> {
    /** A message to a supervisor. */
    public sealed interface Message {
        /**
         * Requests the children that run.
         *
         * @param reply gets their pids by name, in the order in which they are started
         */
        record Children(ReplyTo<Map<String, Pid<?>>> reply) implements Message {
            /** Checks that no value is null. */
            public Children {
                Objects.requireNonNull(reply, "reply");
            }
        }

        /**
         * A child has ended. Sent by the supervisor itself.
         *
         * @param down which, and why
         */
        record Ended(Down down) implements Message {
            /** Checks that no value is null. */
            public Ended {
                Objects.requireNonNull(down, "down");
            }
        }
    }

    private enum Strategy {
        ONE_FOR_ONE,
        REST_FOR_ONE,
        ALL_FOR_ONE
    }

    private final Strategy strategy;
    private final List<Child<?>> children;
    private final int restarts;
    private final Duration period;
    private final Duration grace;

    private Supervisor(Builder builder) {
        this.strategy = builder.strategy;
        this.children = List.copyOf(builder.children);
        this.restarts = builder.restarts;
        this.period = builder.period;
        this.grace = builder.grace;
    }

    /**
     * A child that ends is started again alone.
     *
     * @return to be given the children
     */
    public static Builder oneForOne() {
        return new Builder(Strategy.ONE_FOR_ONE);
    }

    /**
     * When a child is started again, those that were given after it are ended and started again, too.
     *
     * @return to be given the children
     */
    public static Builder restForOne() {
        return new Builder(Strategy.REST_FOR_ONE);
    }

    /**
     * When a child is started again, all others are ended and started again, too.
     *
     * @return to be given the children
     */
    public static Builder allForOne() {
        return new Builder(Strategy.ALL_FOR_ONE);
    }

    /** Starts the children, and restarts them until its end is requested or it gives up. */
    @Override
    public void run(Inbox<Message> inbox) throws InterruptedException {
        Objects.requireNonNull(inbox, "inbox");
        Run run = new Run(inbox);
        try {
            run.start(children);
            while (true) {
                switch (inbox.receive()) {
                    case Message.Children(var reply) -> reply.reply(run.pids());
                    case Message.Ended(var down) -> run.ended(down);
                }
            }
        } finally {
            run.stop(children);
        }
    }

    /** One run of a supervisor. */
    private final class Run {
        private final Inbox<Message> inbox;
        private final Time time;
        private final Restarts limit = new Restarts(restarts, period.toNanos());
        private final Map<Child<?>, Pid<?>> running = new LinkedHashMap<>();

        Run(Inbox<Message> inbox) {
            this.inbox = inbox;
            this.time = Processes.timeOf(inbox.self());
        }

        Map<String, Pid<?>> pids() {
            Map<String, Pid<?>> pids = new LinkedHashMap<>();
            for (Child<?> child : children) {
                Pid<?> pid = running.get(child);
                if (pid != null) {
                    pids.put(child.name(), pid);
                }
            }
            return pids;
        }

        void start(List<Child<?>> some) {
            some.forEach(this::start);
        }

        private <M> void start(Child<M> child) {
            Pid<M> pid = inbox.spawn(child.type(), child.body());
            running.put(child, pid);
            Monitor _ = inbox.monitor(pid, Message.Ended::new);
            child.started().accept(pid);
        }

        /** An unknown pid is that of a child that was ended here, or of a forged message. */
        void ended(Down down) throws InterruptedException {
            for (Child<?> child : children) {
                if (down.pid().equals(running.get(child))) {
                    running.remove(child);
                    if (isDue(child, down.exit())) {
                        restart(child, down.exit());
                    }
                    return;
                }
            }
        }

        private boolean isDue(Child<?> child, Exit exit) {
            return switch (child.restart()) {
                case PERMANENT -> true;
                case TRANSIENT -> !(exit instanceof Exit.Normal);
                case TEMPORARY -> false;
            };
        }

        private void restart(Child<?> child, Exit exit) throws InterruptedException {
            if (!limit.allow(time.nanos())) {
                throw new IllegalStateException(
                        "Children had to be started again more than %d times within %s; the last was \"%s\": %s"
                                .formatted(restarts, period, child.name(), exit));
            }
            int at = children.indexOf(child);
            List<Child<?>> affected = switch (strategy) {
                case ONE_FOR_ONE -> List.of();
                case REST_FOR_ONE -> children.subList(at + 1, children.size());
                case ALL_FOR_ONE -> children;
            };
            List<Child<?>> again = new ArrayList<>();
            for (Child<?> one : children) {
                boolean ran = affected.contains(one) && running.containsKey(one);
                if (one.equals(child) || (ran && one.restart() != Child.Restart.TEMPORARY)) {
                    again.add(one);
                }
            }
            stop(affected);
            start(again);
        }

        void stop(List<Child<?>> some) throws InterruptedException {
            for (Child<?> child : some.reversed()) {
                Pid<?> pid = running.remove(child);
                if (pid != null) {
                    boolean _ = inbox.stop(pid, grace);
                }
            }
        }
    }

    /** Builds a supervisor. Not thread-safe. */
    public static final class Builder {
        private final Strategy strategy;
        private final List<Child<?>> children = new ArrayList<>();
        private int restarts = 3;
        private Duration period = Duration.ofSeconds(5);
        private Duration grace = Duration.ofSeconds(5);

        private Builder(Strategy strategy) {
            this.strategy = strategy;
        }

        /**
         * Another child, started after those that were given before.
         *
         * @param child the child
         * @return this
         * @throws IllegalArgumentException when another has its name
         */
        public Builder child(Child<?> child) {
            Objects.requireNonNull(child, "child");
            if (children.stream().anyMatch(other -> other.name().equals(child.name()))) {
                throw new IllegalArgumentException(
                        "A child is named \"" + child.name() + "\" already; give each a name of its own.");
            }
            children.add(child);
            return this;
        }

        /**
         * How often children may be started again before the supervisor gives up.
         *
         * @param max how many times in a period, all children together; 0 or more
         * @param within the period, which moves with the time
         * @return this
         */
        public Builder restarts(int max, Duration within) {
            Objects.requireNonNull(within, "within");
            if (max < 0 || !within.isPositive()) {
                throw new IllegalArgumentException(
                        "Restarts are 0 or more in a time above 0, not " + max + " in " + within + ".");
            }
            restarts = max;
            period = within;
            return this;
        }

        /**
         * How long a child may take to end by itself before its thread is interrupted.
         *
         * @param time by default 5 seconds
         * @return this
         */
        public Builder grace(Duration time) {
            grace = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * The supervisor.
         *
         * @return the supervisor; later calls of this builder do not change it
         */
        public Supervisor build() {
            return new Supervisor(this);
        }
    }
}
