package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.protocol.MapMessage.Ack;
import io.heliodor.protocol.MapMessage.Delta;
import io.heliodor.protocol.MapMessage.Digest;
import io.heliodor.protocol.MapMessage.Entry;
import io.heliodor.protocol.MapMessage.Pull;
import io.heliodor.protocol.MapMessage.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The replica of one map of a peer. */
final class MapReplica {
    private final int kind;
    private final int maxEntries;
    private final Peer owner;
    private final MapsEffects effects;
    private Map<String, String> entries = Map.of();
    /** The version; -1 before the first complete snapshot. */
    private long version = -1;

    /** The snapshot that is being received. */
    private @Nullable Map<String, String> incoming;

    private long incomingVersion;
    private int parts;
    /** Whether missing changes were pulled, and none of them has arrived. */
    private boolean pulled;

    MapReplica(int kind, int maxEntries, Peer owner, MapsEffects effects) {
        this.kind = kind;
        this.maxEntries = maxEntries;
        this.owner = owner;
        this.effects = effects;
    }

    Map<String, String> entries() {
        return entries;
    }

    /** Whether a complete snapshot has arrived. */
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
            if (incoming.size() < maxEntries) {
                incoming.put(entry.key(), entry.value());
            }
        }
        if (!message.last()) {
            effects.send(owner, new Ack(kind, incomingVersion, parts));
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
        entries.forEach((key, value) -> notifyPut(key, before.get(key), value));
        effects.send(owner, new Ack(kind, version, 0));
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
        } else if (entries.size() < maxEntries || entries.containsKey(key)) {
            String value = message.value().get();
            notifyPut(key, entries.put(key, value), value);
        }
    }

    void digest(Digest message) {
        // The owner sends no digest during a snapshot, so the session of the incoming one has ended.
        incoming = null;
        if (message.version() == version) {
            if (message.requestsAck()) {
                effects.send(owner, new Ack(kind, version, 0));
            }
        } else {
            // An earlier pull may be lost with its session.
            pulled = false;
            pull();
        }
    }

    /** A new session to the owner is open: messages of the previous one may be lost, so they are sent again. */
    void resend() {
        if (pulled) {
            pulled = false;
            pull();
        }
        if (version >= 0) {
            effects.send(owner, new Ack(kind, version, 0));
        }
        if (incoming != null) {
            effects.send(owner, new Ack(kind, incomingVersion, parts));
        }
    }

    void remove() {
        entries.forEach((key, value) -> effects.removed(kind, owner, key, value));
    }

    void checkInvariants() {
        Invariant.check(version >= 0 || entries.isEmpty(), "a replica without a version is empty", owner, kind);
        Invariant.check(entries.size() <= maxEntries, "entries are limited", owner, kind, entries.size());
        Invariant.check(
                incoming == null || (parts > 0 && incoming.size() <= maxEntries),
                "a snapshot that arrives has a part",
                owner,
                kind,
                parts);
    }

    private void pull() {
        if (!pulled && incoming == null) {
            pulled = true;
            effects.send(owner, new Pull(kind, version));
        }
    }

    private void notifyPut(String key, @Nullable String before, String value) {
        if (before == null) {
            effects.added(kind, owner, key, value);
        } else if (!before.equals(value)) {
            effects.changed(kind, owner, key, before, value);
        }
    }
}
