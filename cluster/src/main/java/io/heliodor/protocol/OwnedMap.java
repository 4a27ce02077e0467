package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.protocol.MapMessage.Ack;
import io.heliodor.protocol.MapMessage.Delta;
import io.heliodor.protocol.MapMessage.Digest;
import io.heliodor.protocol.MapMessage.Entry;
import io.heliodor.protocol.MapMessage.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A map of this node: its entries, how far each peer was sent them, and the waits for acknowledgements. */
final class OwnedMap {
    /** The minimum number of changes that are kept for peers that still receive a snapshot. */
    private static final int MIN_RECENT = 1_024;

    /** The progress of one peer in the present session. */
    private static final class Feed {
        private final Peer peer;
        /** The snapshot that is being sent; changes wait until then. */
        private @Nullable Pages<Entry> pages;

        private long pagesVersion;
        /** The version whose acknowledgement was requested and has not arrived; -1 for none. */
        private long ackRequested = -1;

        Feed(Peer peer) {
            this.peer = peer;
        }
    }

    private static final class AckWaiter {
        private final long ticket;
        private final long deadline;
        private final Set<Peer> missing;
        private boolean done;

        AckWaiter(long ticket, long deadline, Set<Peer> missing) {
            this.ticket = ticket;
            this.deadline = deadline;
            this.missing = missing;
        }
    }

    private final int kind;
    private final int maxEntries;
    private final MapsEffects effects;
    private final Map<String, String> entries = new LinkedHashMap<>();
    private final Deque<Delta> recent = new ArrayDeque<>();
    private final Map<Peer, Feed> feeds = new LinkedHashMap<>();
    private final Map<Peer, Long> acked = new HashMap<>();
    private final NavigableMap<Long, List<AckWaiter>> waiters = new TreeMap<>();

    /** The peers that are not waited for. */
    private final Set<Peer> suspects = new HashSet<>();

    private long version;

    OwnedMap(int kind, int maxEntries, MapsEffects effects) {
        this.kind = kind;
        this.maxEntries = maxEntries;
        this.effects = effects;
    }

    Map<String, String> entries() {
        return entries;
    }

    long version() {
        return version;
    }

    ReplicatedMaps.Change change(String key, Optional<String> value) {
        @Nullable String before = entries.get(key);
        if (value.equals(Optional.ofNullable(before))) {
            return new ReplicatedMaps.Change.Made(version);
        }
        if (before == null && entries.size() >= maxEntries) {
            return new ReplicatedMaps.Change.Full(maxEntries);
        }
        value.ifPresentOrElse(text -> entries.put(key, text), () -> entries.remove(key));
        var delta = new Delta(kind, ++version, key, value);
        recent.addLast(delta);
        if (recent.size() > Math.max(MIN_RECENT, entries.size() / 4)) {
            recent.removeFirst();
        }
        for (Feed feed : feeds.values()) {
            if (feed.pages == null) {
                effects.send(feed.peer, delta);
            }
        }
        return new ReplicatedMaps.Change.Made(version);
    }

    void opened(Peer peer) {
        // The replica of the peer may still be valid: it pulls what it lacks.
        var feed = new Feed(peer);
        feeds.put(peer, feed);
        requestAck(feed);
        if (feed.ackRequested < 0) {
            effects.send(peer, new Digest(kind, version, false));
        }
    }

    void closed(Peer peer) {
        feeds.remove(peer);
        // Perhaps because the peer dropped its replica.
        acked.remove(peer);
    }

    /** A peer pulls what it lacks. It has the given version; -1 for none. */
    void pull(Peer peer, long has) {
        Feed feed = feeds.get(peer);
        if (feed == null || feed.pages != null) {
            return;
        }
        if (has < 0 || !keeps(has)) {
            snapshot(feed);
        } else {
            // A request that the peer could not acknowledge is repeated after the changes.
            feed.ackRequested = -1;
            changes(feed, has);
        }
    }

    /** Whether all changes since a version are still kept. */
    private boolean keeps(long since) {
        return since == version || (since < version && recent.getFirst().version() <= since + 1);
    }

    private void changes(Feed feed, long since) {
        for (Delta delta : recent) {
            if (delta.version() > since) {
                effects.send(feed.peer, delta);
            }
        }
        requestAck(feed);
    }

    private void snapshot(Feed feed) {
        List<Entry> all = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> all.add(new Entry(key, value)));
        feed.pages = new Pages<>(all, Entry::size);
        feed.pagesVersion = version;
        // The last page is acknowledged without a request.
        feed.ackRequested = version;
        advance(feed);
    }

    private void advance(Feed feed) {
        Pages<Entry> pages = feed.pages;
        if (pages == null) {
            return;
        }
        pages.send(
                (part, last, page) -> effects.send(feed.peer, new Snapshot(kind, feed.pagesVersion, part, last, page)));
        if (!pages.complete()) {
            return;
        }
        if (!keeps(feed.pagesVersion)) {
            snapshot(feed);
            return;
        }
        feed.pages = null;
        changes(feed, feed.pagesVersion);
    }

    /** Requests an acknowledgement, one at a time: the next one covers all changes until then. */
    private void requestAck(Feed feed) {
        long least = acked.getOrDefault(feed.peer, -1L);
        if (feed.pages == null
                && feed.ackRequested <= least
                && !waiters.tailMap(least, false).isEmpty()) {
            feed.ackRequested = version;
            effects.send(feed.peer, new Digest(kind, version, true));
        }
    }

    void digest() {
        for (Feed feed : feeds.values()) {
            if (feed.pages == null) {
                effects.send(feed.peer, new Digest(kind, version, false));
            }
        }
    }

    void acked(Peer peer, Ack message) {
        @Nullable Feed feed = feeds.get(peer);
        if (message.parts() > 0) {
            if (feed != null && feed.pages != null && feed.pagesVersion == message.version()) {
                feed.pages.acknowledge(message.parts());
                advance(feed);
            }
            return;
        }
        long before = acked.getOrDefault(peer, -1L);
        if (message.version() > version || message.version() <= before) {
            return;
        }
        acked.put(peer, message.version());
        for (List<AckWaiter> some : List.copyOf(
                waiters.subMap(before, false, message.version(), true).values())) {
            some.forEach(waiter -> arrived(waiter, peer));
        }
        waiters.values().removeIf(OwnedMap::forget);
        if (feed != null) {
            requestAck(feed);
        }
    }

    void await(long least, long ticket, long deadline, Collection<Peer> peers) {
        Set<Peer> missing = new LinkedHashSet<>();
        for (Peer peer : peers) {
            if (acked.getOrDefault(peer, -1L) < least) {
                missing.add(peer);
            }
        }
        if (suspects.containsAll(missing)) {
            effects.acked(ticket, missing.isEmpty());
            return;
        }
        waiters.computeIfAbsent(least, _ -> new ArrayList<>()).add(new AckWaiter(ticket, deadline, missing));
        feeds.values().forEach(this::requestAck);
    }

    /** A suspicion of a peer begins or ends. */
    void suspected(Peer peer, boolean suspect) {
        if (!suspect) {
            suspects.remove(peer);
            return;
        }
        suspects.add(peer);
        List.copyOf(waiters.values()).forEach(some -> some.forEach(this::endIfOnlySuspectsAreMissing));
        waiters.values().removeIf(OwnedMap::forget);
    }

    /** A view with these peers was installed. */
    void retain(Collection<Peer> peers) {
        suspects.retainAll(peers);
        feeds.keySet().retainAll(peers);
        acked.keySet().retainAll(peers);
        for (List<AckWaiter> some : List.copyOf(waiters.values())) {
            for (AckWaiter waiter : some) {
                new HashSet<>(waiter.missing)
                        .stream().filter(peer -> !peers.contains(peer)).sorted().forEach(peer -> arrived(waiter, peer));
            }
        }
        waiters.values().removeIf(OwnedMap::forget);
    }

    void tick(long now) {
        for (List<AckWaiter> some : List.copyOf(waiters.values())) {
            for (AckWaiter waiter : some) {
                if (!waiter.done && now - waiter.deadline >= 0) {
                    waiter.done = true;
                    effects.acked(waiter.ticket, false);
                }
            }
        }
        waiters.values().removeIf(OwnedMap::forget);
    }

    /** Checks the kept changes against the entries, and what is known of the peers. */
    void checkInvariants(Collection<Peer> peers) {
        Invariant.check(entries.size() <= maxEntries, "entries are limited", kind, entries.size());
        long at = version - recent.size();
        Map<String, Optional<String>> last = new HashMap<>();
        for (Delta delta : recent) {
            Invariant.check(delta.version() == ++at, "versions have no gap", kind, delta.version(), version);
            last.put(delta.key(), delta.value());
        }
        last.forEach((key, value) -> Invariant.check(
                value.equals(Optional.ofNullable(entries.get(key))),
                "the last change of a key is its entry",
                kind,
                key));
        Invariant.check(
                peers.containsAll(feeds.keySet()) && peers.containsAll(acked.keySet()),
                "the peers are members",
                feeds.keySet(),
                acked.keySet(),
                peers);
        Invariant.check(
                acked.values().stream().allMatch(each -> each <= version)
                        && feeds.values().stream().allMatch(each -> each.ackRequested <= version),
                "a peer has what was changed",
                acked,
                version);
        waiters.forEach((least, some) -> some.forEach(waiter -> {
            Invariant.check(!waiter.done && !waiter.missing.isEmpty(), "a wait that is over is dropped", waiter.ticket);
            Invariant.check(
                    peers.containsAll(waiter.missing)
                            && waiter.missing.stream().allMatch(peer -> acked.getOrDefault(peer, -1L) < least),
                    "a wait is for members that lack the version",
                    waiter.missing,
                    least,
                    acked);
        }));
    }

    private void arrived(AckWaiter waiter, Peer peer) {
        if (waiter.missing.remove(peer)) {
            endIfOnlySuspectsAreMissing(waiter);
        }
    }

    private void endIfOnlySuspectsAreMissing(AckWaiter waiter) {
        if (suspects.containsAll(waiter.missing) && !waiter.done) {
            waiter.done = true;
            effects.acked(waiter.ticket, waiter.missing.isEmpty());
        }
    }

    private static boolean forget(List<AckWaiter> some) {
        some.removeIf(waiter -> waiter.done);
        return some.isEmpty();
    }
}
