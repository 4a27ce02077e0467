package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.protocol.SetMessage.Delta;
import io.heliodor.protocol.SetMessage.Digest;
import io.heliodor.protocol.SetMessage.Entry;
import io.heliodor.protocol.SetMessage.Known;
import io.heliodor.protocol.SetMessage.Snapshot;
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

/** One set of this node: its entries, what each peer was sent of it, and who waits until they know it. */
final class OwnSet {
    /** The fewest changes that are remembered for peers to which a snapshot is under way. */
    private static final int RECENT = 1_024;

    /** What one peer was sent in the session to it that is open. */
    private static final class Feed {
        private final Peer peer;
        /** The snapshot under way; changes wait meanwhile. */
        private @Nullable Pages<Entry> pages;

        private long pagesVersion;
        /** The version that was asked for, and not answered yet; -1 for none. */
        private long asked = -1;

        Feed(Peer peer) {
            this.peer = peer;
        }
    }

    private static final class Waiter {
        private final long ticket;
        private final long deadline;
        private final Set<Peer> missing;
        private boolean told;

        Waiter(long ticket, long deadline, Set<Peer> missing) {
            this.ticket = ticket;
            this.deadline = deadline;
            this.missing = missing;
        }
    }

    private final int kind;
    private final int most;
    private final OwnedSets.Effects effects;
    private final Map<String, String> entries = new LinkedHashMap<>();
    private final Deque<Delta> recent = new ArrayDeque<>();
    private final Map<Peer, Feed> feeds = new LinkedHashMap<>();
    private final Map<Peer, Long> known = new HashMap<>();
    private final NavigableMap<Long, List<Waiter>> waiters = new TreeMap<>();
    private long version;

    OwnSet(int kind, int most, OwnedSets.Effects effects) {
        this.kind = kind;
        this.most = most;
        this.effects = effects;
    }

    Map<String, String> entries() {
        return entries;
    }

    long version() {
        return version;
    }

    OwnedSets.Change change(String key, Optional<String> value) {
        @Nullable String before = entries.get(key);
        if (value.equals(Optional.ofNullable(before))) {
            return new OwnedSets.Change.Made(version);
        }
        if (before == null && entries.size() >= most) {
            return new OwnedSets.Change.Full(most);
        }
        value.ifPresentOrElse(text -> entries.put(key, text), () -> entries.remove(key));
        var delta = new Delta(kind, ++version, key, value);
        recent.addLast(delta);
        if (recent.size() > Math.max(RECENT, entries.size() / 4)) {
            recent.removeFirst();
        }
        for (Feed feed : feeds.values()) {
            if (feed.pages == null) {
                effects.send(feed.peer, delta);
            }
        }
        return new OwnedSets.Change.Made(version);
    }

    void opened(Peer peer) {
        // The copy of the peer may be good still: it asks for what it lacks.
        var feed = new Feed(peer);
        feeds.put(peer, feed);
        ask(feed);
        if (feed.asked < 0) {
            effects.send(peer, new Digest(kind, version, false));
        }
    }

    void closed(Peer peer) {
        feeds.remove(peer);
        // It may have closed since the peer dropped its copy.
        known.remove(peer);
    }

    /** A peer has this version, or none if it is -1, and asks for what is missing. */
    void pulled(Peer peer, long has) {
        Feed feed = feeds.get(peer);
        if (feed == null || feed.pages != null) {
            return;
        }
        if (has < 0 || !remembers(has)) {
            snapshot(feed);
        } else {
            // A question that the peer could not answer is asked again behind the changes.
            feed.asked = -1;
            changes(feed, has);
        }
    }

    /** Whether all changes since a version are remembered. */
    private boolean remembers(long since) {
        return since == version || (since < version && recent.getFirst().version() <= since + 1);
    }

    private void changes(Feed feed, long since) {
        for (Delta delta : recent) {
            if (delta.version() > since) {
                effects.send(feed.peer, delta);
            }
        }
        ask(feed);
    }

    private void snapshot(Feed feed) {
        List<Entry> all = new ArrayList<>(entries.size());
        entries.forEach((key, value) -> all.add(new Entry(key, value)));
        feed.pages = new Pages<>(all, Entry::size);
        feed.pagesVersion = version;
        // The last page is answered, as a question would be.
        feed.asked = version;
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
        if (!remembers(feed.pagesVersion)) {
            snapshot(feed);
            return;
        }
        feed.pages = null;
        changes(feed, feed.pagesVersion);
    }

    /** One question at a time: the next one asks for all that changed meanwhile. */
    private void ask(Feed feed) {
        long least = known.getOrDefault(feed.peer, -1L);
        if (feed.pages == null
                && feed.asked <= least
                && !waiters.tailMap(least, false).isEmpty()) {
            feed.asked = version;
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

    void known(Peer peer, Known message) {
        @Nullable Feed feed = feeds.get(peer);
        if (message.parts() > 0) {
            if (feed != null && feed.pages != null && feed.pagesVersion == message.version()) {
                feed.pages.acknowledge(message.parts());
                advance(feed);
            }
            return;
        }
        long before = known.getOrDefault(peer, -1L);
        if (message.version() > version || message.version() <= before) {
            return;
        }
        known.put(peer, message.version());
        for (List<Waiter> some : List.copyOf(
                waiters.subMap(before, false, message.version(), true).values())) {
            some.forEach(waiter -> arrived(waiter, peer));
        }
        waiters.values().removeIf(OwnSet::forget);
        if (feed != null) {
            ask(feed);
        }
    }

    void await(long least, long ticket, long deadline, Collection<Peer> peers) {
        Set<Peer> missing = new LinkedHashSet<>();
        for (Peer peer : peers) {
            if (known.getOrDefault(peer, -1L) < least) {
                missing.add(peer);
            }
        }
        if (missing.isEmpty()) {
            effects.known(ticket, true);
            return;
        }
        waiters.computeIfAbsent(least, _ -> new ArrayList<>()).add(new Waiter(ticket, deadline, missing));
        feeds.values().forEach(this::ask);
    }

    /** Only these are in the view now. */
    void retain(Collection<Peer> peers) {
        feeds.keySet().retainAll(peers);
        known.keySet().retainAll(peers);
        for (List<Waiter> some : List.copyOf(waiters.values())) {
            for (Waiter waiter : some) {
                new HashSet<>(waiter.missing)
                        .stream().filter(peer -> !peers.contains(peer)).sorted().forEach(peer -> arrived(waiter, peer));
            }
        }
        waiters.values().removeIf(OwnSet::forget);
    }

    void tick(long now) {
        for (List<Waiter> some : List.copyOf(waiters.values())) {
            for (Waiter waiter : some) {
                if (!waiter.told && now - waiter.deadline >= 0) {
                    waiter.told = true;
                    effects.known(waiter.ticket, false);
                }
            }
        }
        waiters.values().removeIf(OwnSet::forget);
    }

    private void arrived(Waiter waiter, Peer peer) {
        if (waiter.missing.remove(peer) && waiter.missing.isEmpty() && !waiter.told) {
            waiter.told = true;
            effects.known(waiter.ticket, true);
        }
    }

    private static boolean forget(List<Waiter> some) {
        some.removeIf(waiter -> waiter.told);
        return some.isEmpty();
    }
}
