package io.heliodor.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The rules of docs/design/anti-entropy.md. The threads of comparisons are run by the test, one after the other. */
class AntiEntropyTests {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final NodeId SELF = new NodeId("self", 1);
    private static final NodeId A = new NodeId("a", 1);
    private static final NodeId B = new NodeId("b", 1);
    private static final NodeId C = new NodeId("c", 1);

    private final View view = new View();
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<NodeId> compared = new ArrayList<>();
    private final Set<NodeId> silent = new HashSet<>();
    private final Set<NodeId> withoutReplica = new HashSet<>();
    private final Set<NodeId> unreadable = new HashSet<>();
    private Runnable during = () -> {};
    private boolean isExhausted;
    private int completed;
    private long now;

    private AntiEntropy open(AntiEntropy.Period period) {
        AntiEntropy antiEntropy = new AntiEntropy("test", view, period, INTERVAL, this::thread, _ -> new TwoRequests());
        antiEntropy.open();
        return antiEntropy;
    }

    /** A comparison of two requests. */
    private final class TwoRequests implements ReplicaComparison {
        private int requests;

        @Override
        public Optional<byte[]> next() {
            return requests++ < 2 ? Optional.of(new byte[] {(byte) requests}) : Optional.empty();
        }

        @Override
        public void merge(byte[] response) throws DecodeException {
            if (response[0] != requests) {
                throw new DecodeException("response " + response[0] + " to request " + requests);
            }
        }

        @Override
        public void complete() {
            completed++;
        }
    }

    /** A thread that runs with {@link #run}. */
    private Thread thread(Runnable task) {
        return new Thread(task) {
            @Override
            public void start() {
                if (isExhausted) {
                    during.run();
                    throw new OutOfMemoryError("planned");
                }
                threads.add(task);
            }
        };
    }

    private void run() {
        for (Runnable thread = threads.poll(); thread != null; thread = threads.poll()) {
            thread.run();
        }
    }

    private void period() {
        now += INTERVAL.toNanos();
        view.tick(now);
        run();
    }

    @Nested
    class Comparisons {
        private final AntiEntropy antiEntropy = open(AntiEntropy.Period.ALL);

        @Test
        void aNodeIsComparedWhenItIsReachable() {
            view.join(A);
            view.listeners.forEach(each -> each.reachable(A));
            run();
            assertThat(compared).containsExactly(A);
        }

        @Test
        void oneThatIsWantedDuringAnotherOneFollowsItOnTheSameThread() {
            view.join(A);
            antiEntropy.compare(A);
            List<Runnable> begun = new ArrayList<>();
            during = () -> {
                during = () -> {};
                antiEntropy.compare(A);
                antiEntropy.compare(A);
                begun.addAll(threads);
            };
            run();
            assertThat(begun).isEmpty();
            assertThat(compared).containsExactly(A, A);
        }

        @Test
        void oneIsCompleteWhenTheNodeHasRespondedToAllRequests() {
            view.join(A, B, C);
            withoutReplica.add(B);
            silent.add(C);
            antiEntropy.compare(A);
            List<Integer> before = new ArrayList<>();
            during = () -> before.add(completed);
            run();
            assertThat(before).containsExactly(0);
            assertThat(completed).isEqualTo(1);
            antiEntropy.compare(B);
            antiEntropy.compare(C);
            run();
            assertThat(completed).isEqualTo(2);
            assertThat(antiEntropy.isSilent(B)).isFalse();
        }

        @Test
        void nodesAreComparedAtTheSameTime() {
            view.join(A, B);
            antiEntropy.compare(A);
            antiEntropy.compare(B);
            assertThat(threads).hasSize(2);
        }

        @Test
        void aNodeOutsideOfTheViewIsNotCompared() {
            antiEntropy.compare(A);
            assertThat(threads).isEmpty();
        }

        @Test
        void aNodeThatLeftDuringAComparisonIsNotComparedAgain() {
            view.join(A);
            antiEntropy.compare(A);
            during = () -> {
                antiEntropy.compare(A);
                view.leave(A);
            };
            run();
            assertThat(compared).containsExactly(A);
        }

        @Test
        void afterAFailureTheNodeIsComparedAgain() {
            view.join(A);
            antiEntropy.compare(A);
            during = () -> {
                during = () -> {};
                antiEntropy.compare(A);
                throw new AssertionError("planned");
            };
            run();
            assertThat(compared).containsExactly(A, A);
            assertThat(antiEntropy.isSilent(A)).isFalse();
            during = () -> {
                during = () -> {};
                throw new IllegalStateException("planned");
            };
            antiEntropy.compare(A);
            run();
            assertThat(antiEntropy.isSilent(A)).isTrue();
        }

        @Test
        void aNodeWithAnUnreadableResponseIsSilent() {
            view.join(A);
            unreadable.add(A);
            antiEntropy.compare(A);
            run();
            assertThat(antiEntropy.isSilent(A)).isTrue();
            assertThat(completed).isZero();
        }

        @Test
        void oneWithoutAThreadIsRepeatedWithTheNextPeriod() {
            view.join(A);
            view.tick(now);
            isExhausted = true;
            antiEntropy.begin();
            assertThat(antiEntropy.isSilent(A)).isTrue();
            assertThat(antiEntropy.caughtUp()).isCompleted();
            isExhausted = false;
            period();
            assertThat(compared).containsExactly(A);
            assertThat(antiEntropy.isSilent(A)).isFalse();
        }

        @Test
        void aNodeThatLeavesBeforeItsThreadStartsIsNotSilent() {
            view.join(A);
            isExhausted = true;
            during = () -> view.leave(A);
            antiEntropy.compare(A);
            assertThat(antiEntropy.isSilent(A)).isFalse();
        }

        @Test
        void noneFollowsTheClose() {
            view.join(A);
            antiEntropy.compare(A);
            during = () -> {
                antiEntropy.compare(A);
                antiEntropy.close();
            };
            run();
            antiEntropy.compare(A);
            run();
            assertThat(compared).containsExactly(A);
            assertThat(view.listeners).isEmpty();
        }
    }

    @Nested
    class Periods {
        @Test
        void anIntervalAfterTheFirstTickAllAreCompared() {
            AntiEntropy _ = open(AntiEntropy.Period.ALL);
            view.join(A, B);
            view.tick(now);
            view.tick(now + INTERVAL.toNanos() - 1);
            assertThat(threads).isEmpty();
            period();
            assertThat(compared).containsExactly(A, B);
            period();
            assertThat(compared).containsExactly(A, B, A, B);
        }

        @Test
        void theTimeOfANodeMayBeNegative() {
            now = Long.MIN_VALUE;
            AntiEntropy _ = open(AntiEntropy.Period.ALL);
            view.join(A);
            view.tick(now);
            period();
            assertThat(compared).containsExactly(A);
        }

        @Test
        void orOneAfterTheOther() {
            AntiEntropy _ = open(AntiEntropy.Period.NEXT);
            view.join(A, B, C);
            view.tick(now);
            for (int i = 0; i < 3; i++) {
                period();
            }
            assertThat(compared).containsExactlyInAnyOrder(A, B, C);
        }

        @Test
        void oneThatDidNotRespondIsComparedWithEachUntilItResponds() {
            AntiEntropy antiEntropy = open(AntiEntropy.Period.NEXT);
            view.join(A, B, C);
            view.tick(now);
            silent.add(B);
            antiEntropy.compare(B);
            run();
            assertThat(antiEntropy.isSilent(B)).isTrue();
            compared.clear();
            for (int i = 0; i < 3; i++) {
                period();
            }
            assertThat(compared).containsExactlyInAnyOrder(A, B, B, B, C);
            silent.clear();
            period();
            assertThat(antiEntropy.isSilent(B)).isFalse();
            compared.clear();
            for (int i = 0; i < 3; i++) {
                period();
            }
            assertThat(compared).containsExactlyInAnyOrder(A, B, C);
        }

        @Test
        void oneThatLeftIsForgotten() {
            AntiEntropy antiEntropy = open(AntiEntropy.Period.NEXT);
            view.join(A);
            silent.add(A);
            antiEntropy.compare(A);
            run();
            view.leave(A);
            assertThat(antiEntropy.isSilent(A)).isFalse();
        }

        @Test
        void noneFollowsAComparisonThatIsUnderWay() {
            AntiEntropy antiEntropy = open(AntiEntropy.Period.ALL);
            view.join(A);
            view.tick(now);
            antiEntropy.compare(A);
            period();
            assertThat(compared).containsExactly(A);
        }
    }

    @Nested
    class CaughtUp {
        private final AntiEntropy antiEntropy = open(AntiEntropy.Period.ALL);

        @Test
        void atOnceWithoutOthers() {
            assertThat(antiEntropy.caughtUp()).isNotDone();
            antiEntropy.begin();
            assertThat(antiEntropy.caughtUp()).isCompleted();
        }

        @Test
        void afterTheFirstComparisonOfEachEvenWithoutAResponse() {
            view.join(A, B);
            silent.add(B);
            antiEntropy.begin();
            threads.remove().run();
            assertThat(antiEntropy.caughtUp()).isNotDone();
            run();
            assertThat(antiEntropy.caughtUp()).isCompleted();
        }

        @Test
        void notByAComparisonThatBeganBefore() {
            view.join(A);
            antiEntropy.compare(A);
            List<Boolean> caughtUp = new ArrayList<>();
            during = () -> {
                during = () -> caughtUp.add(antiEntropy.caughtUp().isDone());
                antiEntropy.begin();
            };
            run();
            assertThat(caughtUp).containsExactly(false);
            assertThat(compared).containsExactly(A, A);
            assertThat(antiEntropy.caughtUp()).isCompleted();
        }

        @Test
        void afterAComparisonThatBeganBeforeAndHasNoThread() {
            view.join(A);
            isExhausted = true;
            during = () -> {
                during = () -> {};
                antiEntropy.begin();
                assertThat(antiEntropy.caughtUp()).isNotDone();
            };
            antiEntropy.compare(A);
            assertThat(antiEntropy.caughtUp()).isCompleted();
        }

        @Test
        void withTheClose() {
            view.join(A);
            antiEntropy.begin();
            antiEntropy.close();
            assertThat(antiEntropy.caughtUp()).isCompleted();
        }
    }

    /** Nodes of which a test sets the view. */
    private final class View implements Nodes {
        private final Set<Listener> listeners = new LinkedHashSet<>();
        private final Set<NodeId> members = new LinkedHashSet<>(Set.of(SELF));

        void join(NodeId... nodes) {
            members.addAll(List.of(nodes));
        }

        void leave(NodeId node) {
            members.remove(node);
            listeners.forEach(each -> each.left(node));
        }

        void tick(long nanos) {
            listeners.forEach(each -> each.tick(nanos));
        }

        @Override
        public NodeId self() {
            return SELF;
        }

        @Override
        public Set<NodeId> members() {
            return members;
        }

        @Override
        public Subscription subscribe(Listener listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public List<NodeId> interestedIn(Topic<?> topic) {
            throw new AssertionError();
        }

        @Override
        public List<NodeId> listing(Topic<?> topic) {
            throw new AssertionError();
        }

        @Override
        public CompletableFuture<Void> interestKnown() {
            throw new AssertionError();
        }

        @Override
        public Optional<HandlerRegistration> handleIfFree(String name, RequestHandler handler) {
            throw new AssertionError();
        }

        @Override
        public Subscription share(String name, RequestHandler handler) {
            throw new AssertionError();
        }

        @Override
        public RequestOutcome sendRequest(NodeId node, String name, byte[] request, Duration timeout) {
            if (!name.equals("test")) {
                return new RequestOutcome.NoHandler();
            }
            if (request[0] == 1) {
                compared.add(node);
            } else {
                during.run();
            }
            if (withoutReplica.contains(node)) {
                return new RequestOutcome.NoHandler();
            }
            if (silent.contains(node)) {
                return new RequestOutcome.NoResponse();
            }
            return new RequestOutcome.Response(unreadable.contains(node) ? new byte[1] : request);
        }

        @Override
        public void addCatchUp(CompletableFuture<Void> done) {
            throw new AssertionError();
        }

        @Override
        public boolean awaitCaughtUp(Duration timeout) {
            throw new AssertionError();
        }

        @Override
        public Health health(Duration timeout) {
            throw new AssertionError();
        }

        @Override
        public <T> MessageFormat<T> format(Type<T> type) {
            throw new AssertionError();
        }
    }
}
