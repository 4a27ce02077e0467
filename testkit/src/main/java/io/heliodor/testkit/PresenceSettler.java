package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.presence.Presence;
import io.heliodor.presence.PresenceOwner;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits until clients have received all changes of some presences. A presence notifies a topic in rounds: first it sends the
 * state to new recipients, then the diff to all. The settler requests a state, which ends a round. Its entries were sent when
 * the sum of all diffs equals it, or when the next round begins.
 */
final class PresenceSettler implements AutoCloseable {
    private final KitThreads threads = KitThreads.current();
    private final List<Presence<?>> presences;
    private final Subscription diffs;

    /** By topic, the references of all entries that were announced as joined and not as left. */
    @GuardedBy("this")
    private final Map<String, Set<String>> announced = new HashMap<>();

    /** Created after the hub, whose subscription is then notified first: a diff that arrives here was sent to clients. */
    PresenceSettler(PubSub pubsub, List<Presence<?>> presences) {
        this.presences = presences;
        this.diffs = Announcement.scope(pubsub).subscribeInline(Announcement.DIFFS, this::diffPublished);
    }

    private synchronized void diffPublished(Announcement diff) {
        Set<String> refs = announced.computeIfAbsent(diff.topic(), topic -> new HashSet<>());
        refs.removeAll(refs(diff.leaves()));
        refs.addAll(refs(diff.joins()));
        if (refs.isEmpty()) {
            announced.remove(diff.topic());
        }
        notifyAll();
    }

    private static Set<String> refs(Map<String, List<PresenceMeta>> presents) {
        Set<String> refs = new HashSet<>();
        presents.values().forEach(all -> all.forEach(each -> refs.add(each.ref())));
        return refs;
    }

    /** One that asks for the state. */
    private record Asking(String topic, CompletableFuture<Set<String>> state) implements PresenceOwner, StateRecipient {
        @Override
        public void onEnd(Runnable done) {}

        @Override
        public void onUnreachable(Runnable done) {}

        @Override
        public boolean isLost() {
            return false;
        }

        @Override
        public Object party() {
            throw new AssertionError("it is not tracked");
        }

        @Override
        public long cost(String key, Object meta) {
            throw new AssertionError("it is not tracked");
        }

        @Override
        public void reserve(long bytes) {
            throw new AssertionError("it is not tracked");
        }

        @Override
        public void release(long bytes) {
            throw new AssertionError("it is not tracked");
        }

        @Override
        public void receiveState(String event, Announcement announced) {
            state.complete(refs(announced.joins()));
        }

        @Override
        public void receiveDiff(String event, Announcement diff) {
            throw new AssertionError("it follows no other topic");
        }

        @Override
        public void receiveCount(String event, int keys) {
            throw new AssertionError("it follows no count");
        }
    }

    /** Waits until all changes on some topics were sent; false at a timeout, a value of {@code nanoTime}. */
    boolean await(Collection<String> topics, long end) throws InterruptedException {
        for (String topic : topics) {
            if (!presences.isEmpty() && !await(topic, end)) {
                return false;
            }
        }
        return true;
    }

    private boolean await(String topic, long end) throws InterruptedException {
        CompletableFuture<Set<String>> first = ask(topic);
        if (!until(first::isDone, end)) {
            return false;
        }
        Set<String> present = first.join();
        if (isAnnounced(topic, present)) {
            return true;
        }
        CompletableFuture<Set<String>> second = ask(topic);
        boolean known = until(() -> isAnnounced(topic, present) || second.isDone(), end);
        add(topic, present);
        return known;
    }

    private synchronized boolean until(BooleanSupplier condition, long end) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            long left = end - threads.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    private synchronized boolean isAnnounced(String topic, Set<String> present) {
        return announced.getOrDefault(topic, Set.of()).equals(present);
    }

    /** Adds entries from before the kit, so that the next request needs one round only. */
    private synchronized void add(String topic, Set<String> present) {
        if (!present.isEmpty()) {
            announced.computeIfAbsent(topic, name -> new HashSet<>()).addAll(present);
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** The references of all entries, after each presence has begun a round with the changes from before this call. */
    private CompletableFuture<Set<String>> ask(String topic) {
        CompletableFuture<Set<String>> all = CompletableFuture.completedFuture(Set.of());
        for (Presence<?> presence : presences) {
            Asking asking = new Asking(topic, new CompletableFuture<>());
            presence.follow(asking);
            all = all.thenCombine(asking.state(), PresenceSettler::union);
        }
        // Not the result of whenComplete, which completes only after the call that wakes.
        CompletableFuture<Set<String>> refs = all;
        CompletableFuture<Set<String>> _ = refs.whenComplete((present, failure) -> wake());
        return refs;
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> both = new HashSet<>(some);
        both.addAll(others);
        return both;
    }

    @Override
    public void close() {
        diffs.close();
    }
}
