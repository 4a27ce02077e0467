package io.heliodor.protocol;

import io.heliodor.link.Peer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The messages that {@link Names} sends. Those of this node to itself wait here until the call that sent them is done. */
final class NamesOutbox {
    private final Peer self;
    private final NamesEffects effects;
    private final Set<Peer> open = new HashSet<>();
    private final Deque<NamesMessage> toMyself = new ArrayDeque<>();

    NamesOutbox(Peer self, NamesEffects effects) {
        this.self = self;
        this.effects = effects;
    }

    /** A session to a peer was opened. */
    void opened(Peer peer) {
        open.add(peer);
    }

    /** A session to a peer was closed. */
    void closed(Peer peer) {
        open.remove(peer);
    }

    /** Only these peers are still members. */
    void retain(Collection<Peer> members) {
        open.retainAll(members);
    }

    /** Sends a message. Returns false, and drops it, without a session. */
    boolean send(Peer to, NamesMessage message) {
        if (to.equals(self)) {
            toMyself.add(message);
            return true;
        }
        boolean session = open.contains(to);
        if (session) {
            effects.send(to, message);
        }
        return session;
    }

    /** Takes the next message of this node to itself; null if there is none. */
    @Nullable
    NamesMessage pollToMyself() {
        return toMyself.poll();
    }
}
