package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.protocol.SetMessage.Delta;
import io.heliodor.protocol.SetMessage.Digest;
import io.heliodor.protocol.SetMessage.Entry;
import io.heliodor.protocol.SetMessage.Known;
import io.heliodor.protocol.SetMessage.Pull;
import io.heliodor.protocol.SetMessage.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this node has of one set of a peer. */
final class SetCopy {
    private final int kind;
    private final int most;
    private final Peer owner;
    private final OwnedSets.Effects effects;
    private Map<String, String> entries = Map.of();
    /** -1 until a snapshot was complete. */
    private long version = -1;

    /** The snapshot under way. */
    private @Nullable Map<String, String> incoming;

    private long incomingVersion;
    private int parts;
    /** Whether the owner was asked for what is missing, and nothing of it came yet. */
    private boolean pulled;

    SetCopy(int kind, int most, Peer owner, OwnedSets.Effects effects) {
        this.kind = kind;
        this.most = most;
        this.owner = owner;
        this.effects = effects;
    }

    Map<String, String> entries() {
        return entries;
    }

    /** Whether a snapshot came to its end. */
    boolean complete() {
        return version >= 0;
    }

    void snapshot(Snapshot message) {
        if (message.part() == 1) {
            incoming = new LinkedHashMap<>();
            incomingVersion = message.version();
            parts = 0;
        }
        if (incoming == null || incomingVersion != message.version() || parts + 1 != message.part()) {
            return;
        }
        parts++;
        for (Entry entry : message.entries()) {
            if (incoming.size() < most) {
                incoming.put(entry.key(), entry.value());
            }
        }
        if (!message.last()) {
            effects.send(owner, new Known(kind, incomingVersion, parts));
            return;
        }
        Map<String, String> before = entries;
        entries = incoming;
        version = incomingVersion;
        incoming = null;
        pulled = false;
        before.forEach((key, value) -> {
            if (!entries.containsKey(key)) {
                effects.removed(kind, owner, key, value);
            }
        });
        entries.forEach((key, value) -> tell(key, before.get(key), value));
        effects.send(owner, new Known(kind, version, 0));
    }

    void delta(Delta message) {
        if (message.version() <= version) {
            return;
        }
        if (message.version() != version + 1 || version < 0) {
            pull();
            return;
        }
        version++;
        pulled = false;
        String key = message.key();
        if (message.value().isEmpty()) {
            @Nullable String before = entries.remove(key);
            if (before != null) {
                effects.removed(kind, owner, key, before);
            }
        } else if (entries.size() < most || entries.containsKey(key)) {
            String value = message.value().get();
            tell(key, entries.put(key, value), value);
        }
    }

    void digest(Digest message) {
        // None is sent while a snapshot is under way: the session of this one has ended.
        incoming = null;
        if (message.version() == version) {
            if (message.asks()) {
                effects.send(owner, new Known(kind, version, 0));
            }
        } else {
            // A question that was asked before may have been lost with its session.
            pulled = false;
            pull();
        }
    }

    /** The session to the owner is a new one: messages of the one before may be lost. */
    void repeat() {
        if (pulled) {
            pulled = false;
            pull();
        }
        if (version >= 0) {
            effects.send(owner, new Known(kind, version, 0));
        }
        if (incoming != null) {
            effects.send(owner, new Known(kind, incomingVersion, parts));
        }
    }

    void vanish() {
        entries.forEach((key, value) -> effects.removed(kind, owner, key, value));
    }

    private void pull() {
        if (!pulled && incoming == null) {
            pulled = true;
            effects.send(owner, new Pull(kind, version));
        }
    }

    private void tell(String key, @Nullable String before, String value) {
        if (before == null) {
            effects.added(kind, owner, key, value);
        } else if (!before.equals(value)) {
            effects.changed(kind, owner, key, before, value);
        }
    }
}
