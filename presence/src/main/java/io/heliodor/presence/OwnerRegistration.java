package io.heliodor.presence;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.type.text.ControlCharacters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A registered owner: its number in the states, and the totals of its presences in all shards. Any thread may use it. */
final class OwnerRegistration {
    /** The maximum number of presences, and of topics that are followed. */
    static final int MAX = 1_000;

    private final PresenceOwner owner;
    private final long number;
    private volatile boolean watched;
    private volatile boolean ended;

    /** The shards in which it may have presences, a bit for each. */
    @GuardedBy("this")
    private long shards;

    @GuardedBy("this")
    private int presences;

    /** Whether its client was sent the state of its topic. */
    @GuardedBy("this")
    private boolean hasState;

    /** The heap that is reserved for its presences, if it has a client. */
    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private long bytesAtEnd;

    /** The followers of its client by name. */
    @GuardedBy("this")
    private final Map<String, Follower> follows = new HashMap<>(0);

    OwnerRegistration(PresenceOwner owner, long number) {
        this.owner = owner;
        this.number = number;
    }

    PresenceOwner owner() {
        return owner;
    }

    long number() {
        return number;
    }

    synchronized void addShard(int shard) {
        shards |= 1L << shard;
    }

    /** The shards in which it may have presences, a bit for each. */
    synchronized long shards() {
        return shards;
    }

    /** Whether this is the first call: its client has not been sent the state before. */
    synchronized boolean firstState() {
        boolean first = !hasState;
        hasState = true;
        return first;
    }

    /** Whether its end has been reported. */
    boolean hasEnded() {
        return ended;
    }

    /** The heap that a presence takes; 0 for an owner without a client. Without a lock, as it may encode the meta. */
    long cost(String key, Object meta) {
        return owner instanceof StateRecipient recipient ? recipient.cost(key, meta) : 0;
    }

    /**
     * Counts a new presence, and reserves its heap.
     *
     * @throws IllegalStateException if the owner has too many, or they take too much memory; nothing is counted then
     */
    synchronized void add(long cost) {
        if (presences >= MAX) {
            throw new IllegalStateException(
                    "The owner has " + MAX + " presences; untrack some, or use several owners.");
        }
        reserve(cost);
        presences++;
    }

    /** Subtracts removed presences, and releases their heap. Without a lock, as {@link #cost}. */
    <M> void remove(List<Entry<M>> removed) {
        long cost = removed.stream()
                .mapToLong(entry -> cost(entry.key(), entry.meta()))
                .sum();
        remove(removed.size(), cost);
    }

    private synchronized void remove(int count, long cost) {
        presences -= count;
        reserve(-cost);
    }

    /** Reserves heap for its client, or releases it if negative. An owner that has ended has none. */
    synchronized void reserve(long more) {
        if (more == 0 || ended || !(owner instanceof StateRecipient recipient)) {
            return;
        }
        if (more > 0) {
            recipient.reserve(more);
        } else {
            recipient.release(-more);
        }
        bytes += more;
    }

    /**
     * Adds a follower of its client.
     *
     * @return false if the owner has ended
     * @throws IllegalStateException if the client follows a topic under the same name, or too many
     */
    synchronized boolean add(Follower follower) {
        if (ended) {
            return false;
        }
        Follower known = follows.get(follower.name());
        if (known != null) {
            throw new IllegalStateException("The channel '" + ControlCharacters.escaped(owner.topic()) + "' follows '"
                    + ControlCharacters.escaped(known.topic()) + "' as '" + known.name()
                    + "' already; close that subscription, or choose another name.");
        }
        if (follows.size() >= MAX) {
            throw new IllegalStateException("The channel '" + ControlCharacters.escaped(owner.topic()) + "' follows "
                    + MAX + " topics; close the subscriptions of some.");
        }
        follows.put(follower.name(), follower);
        return true;
    }

    synchronized void remove(Follower follower) {
        boolean _ = follows.remove(follower.name(), follower);
    }

    private synchronized List<Follower> follows() {
        return List.copyOf(follows.values());
    }

    /** Those who share memory with it; an owner without a client is a party of its own. */
    Object party() {
        return owner instanceof StateRecipient recipient ? recipient.party() : this;
    }

    /** The heap that was reserved when it ended. */
    synchronized long bytesAtEnd() {
        return bytesAtEnd;
    }

    /** Whether it ended because its connection was lost. */
    boolean isLost() {
        return owner instanceof StateRecipient recipient && recipient.isLost();
    }

    /** Marks it as ended, and releases its heap. False if it had ended before. */
    private synchronized boolean end() {
        boolean first = !ended;
        if (first) {
            bytesAtEnd = bytes;
        }
        reserve(-bytes);
        ended = true;
        return first;
    }

    /**
     * Subscribes to the end of the owner; the listener is called at once if it has ended. Threads that track an owner for the first
     * time at the same moment may each subscribe; the listener is called once.
     */
    void watchEnd(Consumer<OwnerRegistration> listener) {
        if (watched) {
            return;
        }
        Runnable end = () -> {
            if (end()) {
                follows().forEach(Follower::close);
                listener.accept(this);
            }
        };
        if (owner instanceof StateRecipient recipient) {
            recipient.onUnreachable(end);
        } else {
            owner.onEnd(end);
        }
        watched = true;
    }
}
