package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.SetMessage.Delta;
import io.heliodor.protocol.SetMessage.Digest;
import io.heliodor.protocol.SetMessage.Known;
import io.heliodor.protocol.SetMessage.Pull;
import io.heliodor.protocol.SetMessage.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each node says of itself and all others need to know, as sets of keys with values. Only the owner writes, all others
 * have a copy of what the owner had a moment ago. A copy lives as long as its owner is in the view.
 */
public final class OwnedSets {
    /** The most bytes of a key. */
    public static final int KEY_BYTES = 1_024;
    /** The most bytes of a value. */
    public static final int VALUE_BYTES = 64 * 1_024;

    private static final long DIGEST_NANOS = 10_000_000_000L;

    /** What this state wants done. */
    public interface Effects {
        /**
         * A message to a peer. Without a session, or when it ends by this message, nothing else is to be done.
         *
         * @param to whom
         * @param message what to say
         */
        void send(Peer to, SetMessage message);

        /**
         * A peer has a key that it had not.
         *
         * @param kind which set
         * @param owner whose
         * @param key the key
         * @param value its value
         */
        void added(int kind, Peer owner, String key, String value);

        /**
         * A key of a peer has another value.
         *
         * @param kind which set
         * @param owner whose
         * @param key the key
         * @param before the value before
         * @param value the value now
         */
        void changed(int kind, Peer owner, String key, String before, String value);

        /**
         * A peer has a key no longer, or is itself gone from the view.
         *
         * @param kind which set
         * @param owner whose
         * @param key the key
         * @param before the value that it had
         */
        void removed(int kind, Peer owner, String key, String before);

        /**
         * The wait for a version is over. Told once for each ticket.
         *
         * @param ticket which wait
         * @param all whether all who were waited for know it, or are gone; false when the time was up
         */
        void known(long ticket, boolean all);
    }

    /** What became of a change. */
    public sealed interface Change {
        /**
         * It was made, or there was nothing to change.
         *
         * @param version of the set that has it
         */
        record Made(long version) implements Change {}

        /**
         * The set has as many entries as it may.
         *
         * @param most how many that is
         */
        record Full(int most) implements Change {}

        /**
         * The key or the value cannot be sent.
         *
         * @param problem what is wrong with it
         */
        record Refused(String problem) implements Change {}
    }

    private final Peer self;
    private final Effects effects;
    private final int[] most;
    private final List<OwnSet> own = new ArrayList<>();
    private final Map<Peer, List<SetCopy>> copies = new LinkedHashMap<>();
    private List<Peer> others = List.of();
    private long digestAt;
    private boolean ticked;

    /**
     * Empty sets.
     *
     * @param self this node
     * @param effects what does what is wanted
     * @param most for each kind, from 0, the most entries that a node has; the same on all nodes
     */
    public OwnedSets(Peer self, Effects effects, int... most) {
        this.self = self;
        this.effects = effects;
        this.most = most.clone();
        for (int kind = 0; kind < most.length; kind++) {
            own.add(new OwnSet(kind, most[kind], effects));
        }
    }

    /**
     * A view was installed.
     *
     * @param view the view
     */
    public void view(View view) {
        others = view.members().stream().filter(peer -> !peer.equals(self)).toList();
        own.forEach(set -> set.retain(others));
        copies.entrySet().removeIf(entry -> {
            boolean gone = !others.contains(entry.getKey());
            if (gone) {
                entry.getValue().forEach(SetCopy::vanish);
            }
            return gone;
        });
        for (Peer peer : others) {
            copies.computeIfAbsent(peer, this::copiesOf);
        }
    }

    private List<SetCopy> copiesOf(Peer peer) {
        List<SetCopy> made = new ArrayList<>();
        for (int kind = 0; kind < most.length; kind++) {
            made.add(new SetCopy(kind, most[kind], peer, effects));
        }
        return made;
    }

    /**
     * A session to a peer is open.
     *
     * @param peer whose
     */
    public void opened(Peer peer) {
        if (others.contains(peer)) {
            own.forEach(set -> set.opened(peer));
            copies.getOrDefault(peer, List.of()).forEach(SetCopy::repeat);
        }
    }

    /**
     * A session to a peer was closed.
     *
     * @param peer whose
     */
    public void closed(Peer peer) {
        own.forEach(set -> set.closed(peer));
    }

    /**
     * A peer said something. Of who is not in the view, and of kinds that this node does not have, nothing is taken.
     *
     * @param from who
     * @param message what
     */
    public void received(Peer from, SetMessage message) {
        int kind = message.kind();
        List<SetCopy> copy = copies.get(from);
        if (kind >= most.length || copy == null) {
            return;
        }
        switch (message) {
            case Snapshot snapshot -> copy.get(kind).snapshot(snapshot);
            case Delta delta -> copy.get(kind).delta(delta);
            case Digest digest -> copy.get(kind).digest(digest);
            case Pull pull -> own.get(kind).pulled(from, pull.version());
            case Known known -> own.get(kind).known(from, known);
        }
    }

    /**
     * Changes an entry of this node.
     *
     * @param kind which set
     * @param key the key
     * @param value its value; none to remove it
     * @return what became of it
     */
    public Change change(int kind, String key, Optional<String> value) {
        Optional<String> problem = Texts.problem("The key", key, KEY_BYTES)
                .or(() -> value.flatMap(text -> Texts.problem("The value", text, VALUE_BYTES)));
        return problem.isPresent()
                ? new Change.Refused(problem.get())
                : own.get(kind).change(key, value);
    }

    /**
     * Waits until all peers that are in the view now know a version of a set of this node, or have left.
     *
     * @param kind which set
     * @param version which version
     * @param ticket what to tell then
     * @param deadline when to tell at the latest that not all do
     */
    public void awaitKnown(int kind, long version, long ticket, long deadline) {
        own.get(kind).await(version, ticket, deadline, others);
    }

    /**
     * Time passes.
     *
     * @param now what time it is
     */
    public void tick(long now) {
        own.forEach(set -> set.tick(now));
        if (!ticked || now - digestAt >= 0) {
            own.forEach(OwnSet::digest);
            digestAt = now + DIGEST_NANOS;
            ticked = true;
        }
    }

    /**
     * Whether a snapshot of each set of each other member of the view is complete.
     *
     * @return true if so, also in a view of this node alone
     */
    public boolean complete() {
        return copies.values().stream().flatMap(List::stream).allMatch(SetCopy::complete);
    }

    /**
     * What a node has, as far as is known here.
     *
     * @param kind which set
     * @param owner whose; may be this node
     * @return its entries as they are now: a view, valid until the next call; empty for a node that is not in the view
     */
    public Map<String, String> entries(int kind, Peer owner) {
        if (owner.equals(self)) {
            return Collections.unmodifiableMap(own.get(kind).entries());
        }
        @Nullable List<SetCopy> copy = copies.get(owner);
        return copy == null
                ? Map.of()
                : Collections.unmodifiableMap(copy.get(kind).entries());
    }

    /**
     * The version of a set of this node.
     *
     * @param kind which set
     * @return 0 or more
     */
    public long version(int kind) {
        return own.get(kind).version();
    }
}
