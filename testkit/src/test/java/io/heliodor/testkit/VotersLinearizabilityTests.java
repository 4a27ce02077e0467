package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.election.Election;
import io.heliodor.fixtures.linearizability.NameHistory;
import io.heliodor.fixtures.linearizability.NameHistory.Answer;
import io.heliodor.fixtures.linearizability.NameHistory.Call;
import io.heliodor.fixtures.linearizability.NameHistory.Incarnation;
import io.heliodor.fixtures.linearizability.NameHistory.Owner;
import io.heliodor.fixtures.linearizability.TermHistory;
import io.heliodor.membership.ClusterException;
import io.heliodor.node.Node;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Unregistered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients on all nodes register, release and look up names at the same time, and campaign, while nodes crash, pause, are cut off
 * and lose messages in one direction. All answers must be those of one registry without faults.
 */
@Timeout(600)
class VotersLinearizabilityTests {
    private static final List<String> NODES = List.of("a@host", "b@host", "c@host");
    private static final int SEEDS = 3;
    private static final int CLIENTS = 5;

    private static final List<Name<String>> NAMES = Stream.of("w", "x", "y", "z")
            .map(name -> Name.of(name, String.class))
            .toList();

    /** A node that is absent for less time stays in the view, and keeps its names. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    /** A fault of one node, or of the messages from it to another one. */
    private enum Fault {
        CRASH,
        PAUSE,
        PARTITION,
        ONE_WAY,
        DELAY
    }

    /** The others elect meanwhile, and a request whose answers are lost ends. */
    private static final Map<Fault, Duration> LEAST = Map.of(
            Fault.PAUSE, Duration.ofSeconds(4),
            Fault.ONE_WAY, Duration.ofSeconds(6),
            Fault.DELAY, Duration.ofSeconds(4));

    /** {@code -Dheliodor.voters.seeds=100} runs more histories, {@code -Dheliodor.seed=17} that one alone. */
    @Test
    void allOperationsHaveOneOrder() {
        Optional<Long> only = Optional.ofNullable(Long.getLong("heliodor.seed"));
        long first = only.orElse(1L);
        long count =
                only.isPresent() ? Long.getLong("heliodor.seeds", 1) : Long.getLong("heliodor.voters.seeds", SEEDS);
        for (long seed = first; seed < first + count; seed++) {
            Run run = new Run(seed);
            try {
                run.play();
            } catch (AssertionError e) {
                throw new AssertionError(run + "\n" + e.getMessage(), e);
            }
        }
    }

    /** One history. The thread of the test draws faults and operations; each operation has a thread of its own. */
    private static final class Run {
        private final long seed;

        /** The order of threads does not change the faults of a seed, only the operations. */
        private final Random faulty;

        private final Random random;
        private final ClusterKit kit;
        private final NameHistory history = new NameHistory();
        private final TermHistory terms = new TermHistory();
        private final Map<String, Incarnation> incarnations = new HashMap<>();
        private final Map<Pid<?>, Owner> owners = new ConcurrentHashMap<>();
        private final List<Client> clients = new ArrayList<>();
        private final List<String> faults = new ArrayList<>();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private long processes;

        Run(long seed) {
            this.seed = seed;
            this.faulty = new Random(seed);
            this.random = new Random(~seed);
            this.kit = ClusterKit.builder()
                    .nodes(NODES.toArray(String[]::new))
                    .seed(seed)
                    .configure(node -> node.voters(NODES.toArray(String[]::new)))
                    .start();
        }

        void play() {
            try (kit) {
                NODES.forEach(node -> {
                    serve(node, 1);
                    for (int i = 0; i < CLIENTS; i++) {
                        clients.add(new Client(node, i == 0));
                    }
                });
                kit.await(this::isWhole);
                List<Fault> all = new ArrayList<>(List.of(Fault.values()));
                Collections.shuffle(all, faulty);
                all.forEach(this::causeAtAll);
                pass(Duration.ofSeconds(1));
                kit.await(() -> clients.stream().noneMatch(Client::isBusy));
            }
            assertThat(failures).isEmpty();
            assertThat(history.violation()).isEmpty();
            assertThat(terms.violations()).isEmpty();
            assertThat(history.size()).isGreaterThan(100);
            assertThat(terms.terms()).isGreaterThan(1);
        }

        /** An incarnation of a node begins, as a candidate. */
        private void serve(String name, long number) {
            Incarnation incarnation = new Incarnation(name, number);
            incarnations.put(name, incarnation);
            long before = terms.highest();
            var _ = kit.node(name).election("boss").whileLeading(term -> {
                terms.leads(term.fencing().orElseThrow(), incarnation, before);
                new CountDownLatch(1).await();
            });
        }

        /** All nodes see each other, and the voters answer each of them. */
        private boolean isWhole() {
            return NODES.stream()
                    .allMatch(name -> kit.node(name).membership().peers().size() == NODES.size() - 1
                            && kit.node(name).voters().notVoting().isEmpty()
                            && answers(kit.node(name)));
        }

        private static boolean answers(Node node) {
            try {
                var _ = node.registry().lookup(NAMES.getFirst());
                return true;
            } catch (ClusterException _) {
                return false;
            }
        }

        private void pass(Duration time) {
            Duration end = kit.elapsed().plus(time);
            while (kit.elapsed().compareTo(end) < 0) {
                clients.forEach(Client::act);
                kit.advance(Duration.ofMillis(random.nextInt(100)));
                observeLeaders();
            }
        }

        private void observeLeaders() {
            for (String name : NODES) {
                if (kit.exists(name)) {
                    Optional<Election.Leader> leader =
                            kit.node(name).election("boss").leader();
                    leader.ifPresent(
                            each -> terms.observed(each.term().fencing().orElseThrow(), each.node()));
                }
            }
        }

        /** One node after the other: the leader of the log is among them, as it changes only by a fault of it. */
        private void causeAtAll(Fault fault) {
            List<String> nodes = new ArrayList<>(NODES);
            Collections.shuffle(nodes, faulty);
            for (String node : nodes) {
                pass(Duration.ofMillis(500));
                cause(fault, node);
            }
        }

        /** A fault for a while, and the time until all are whole again. */
        private void cause(Fault fault, String one) {
            List<String> others =
                    NODES.stream().filter(node -> !node.equals(one)).toList();
            String other = others.get(faulty.nextInt(others.size()));
            Duration time = LEAST.getOrDefault(fault, Duration.ZERO).plusMillis(faulty.nextInt(3_000));
            Incarnation incarnation = Objects.requireNonNull(incarnations.get(one));
            boolean mayLoseNames = fault == Fault.CRASH || time.compareTo(SHORT) > 0;
            if (mayLoseNames) {
                history.mayLoseNames(incarnation);
            }
            faults.add(fault + " " + one + " " + other + " " + time);
            switch (fault) {
                case CRASH -> {
                    kit.crash(one);
                    clients.stream().filter(client -> client.name.equals(one)).forEach(Client::giveUp);
                }
                case PAUSE -> kit.pause(one);
                case PARTITION -> kit.partition(List.of(one), others);
                case ONE_WAY -> kit.oneWay(one, other);
                case DELAY -> kit.delay(one, other);
            }
            pass(time);
            switch (fault) {
                case CRASH -> {
                    var _ = kit.restart(one);
                    serve(one, incarnation.number() + 1);
                }
                case PAUSE -> kit.resume(one);
                case PARTITION, ONE_WAY, DELAY -> kit.heal();
            }
            pass(Duration.ofMillis(500));
            kit.await(this::isWhole);
            if (mayLoseNames && fault != Fault.CRASH) {
                history.keepsNames(incarnation);
            }
        }

        private Pid<String> spawn(Node node) {
            Pid<String> pid = node.spawn(String.class, inbox -> {
                String _ = inbox.receive();
            });
            owners.put(pid, new Owner(Objects.requireNonNull(incarnations.get(node.name())), "p" + ++processes));
            return pid;
        }

        @Override
        public String toString() {
            return "seed " + seed + ": " + String.join(", ", faults);
        }

        /** An operation that has one answer at most. */
        private final class Operation {
            private final Call call;
            private final long invoked;
            private boolean recorded;

            Operation(Call call, long invoked) {
                this.call = call;
                this.invoked = invoked;
            }

            synchronized boolean isRecorded() {
                return recorded;
            }

            synchronized void answered(Answer answer) {
                if (!recorded) {
                    recorded = true;
                    history.record(call, answer, invoked);
                }
            }
        }

        /** A client of a node, with a process. It performs one operation at a time. */
        private final class Client {
            private final String name;

            /** A client that only reads does not wait for the end of a fault, unless reads do. */
            private final boolean readsOnly;

            private Optional<Pid<String>> process = Optional.empty();
            private Optional<Operation> running = Optional.empty();

            Client(String name, boolean readsOnly) {
                this.name = name;
                this.readsOnly = readsOnly;
            }

            boolean isBusy() {
                return running.filter(operation -> !operation.isRecorded()).isPresent();
            }

            /** The node has crashed: its operation has no answer. */
            void giveUp() {
                running.ifPresent(operation -> operation.answered(new Answer.Unknown()));
            }

            void act() {
                if (isBusy() || !kit.exists(name) || random.nextInt(3) == 0) {
                    return;
                }
                Node node = kit.node(name);
                Incarnation incarnation = Objects.requireNonNull(incarnations.get(name));
                if (process.filter(pid -> owner(pid).incarnation().equals(incarnation))
                        .isEmpty()) {
                    process = Optional.of(spawn(node));
                } else if (random.nextInt(20) == 0) {
                    history.ends(owner(process.get()));
                    process.get().send("end");
                    process = Optional.of(spawn(node));
                }
                Pid<String> pid = process.orElseThrow();
                Name<String> on = NAMES.get(random.nextInt(NAMES.size()));
                int kind = readsOnly ? 9 : random.nextInt(10);
                if (kind < 3) {
                    begin(
                            new Call.Register(on.value(), owner(pid)),
                            () -> answer(node.registry().register(on, pid)));
                } else if (kind < 6) {
                    begin(
                            new Call.Unregister(on.value(), incarnation),
                            () -> answer(node.registry().unregister(on)));
                } else {
                    begin(
                            new Call.Lookup(on.value(), incarnation),
                            () -> found(node.registry().lookup(on)));
                }
            }

            private void begin(Call call, Supplier<Answer> request) {
                Operation operation = new Operation(call, history.now());
                running = Optional.of(operation);
                var _ = kit.async(() -> request.get()).whenComplete((answer, failure) -> {
                    if (failure == null) {
                        operation.answered(answer);
                    } else if (failure instanceof ClusterException) {
                        operation.answered(new Answer.Refused());
                    } else {
                        failures.add(failure);
                    }
                });
            }

            private Owner owner(Pid<?> pid) {
                return Objects.requireNonNull(owners.get(pid), () -> pid + " of " + owners);
            }

            private Answer found(Optional<Pid<String>> pid) {
                return pid.<Answer>map(each -> owned(owner(each))).orElse(new Answer.NoOwner());
            }

            private static Answer owned(Owner owner) {
                return new Answer.Owned(owner.incarnation().node(), owner.process());
            }

            private static Answer answer(Registered result) {
                return switch (result) {
                    case Registered.Ok _ -> new Answer.Done();
                    case Registered.Taken(String by) -> new Answer.Owned(by, "");
                    case Registered.NoQuorum _ -> new Answer.Refused();
                    // The process ended, perhaps after the registration.
                    case Registered.NoProcess _, Registered.Unknown _ -> new Answer.Unknown();
                    case Registered.Full _ -> throw new AssertionError("there are four names");
                };
            }

            private static Answer answer(Unregistered result) {
                return switch (result) {
                    case Unregistered.Ok _ -> new Answer.Done();
                    case Unregistered.NotOwner(String by) -> new Answer.Owned(by, "");
                    case Unregistered.NoProcess _ -> new Answer.NoOwner();
                    case Unregistered.NoQuorum _ -> new Answer.Refused();
                    case Unregistered.Unknown _ -> new Answer.Unknown();
                };
            }
        }
    }
}
