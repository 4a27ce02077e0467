package io.heliodor.presence;

import io.heliodor.binary.Fnv1a;
import io.heliodor.log.FailureLog;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.crdt.Entries;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.pubsub.PubSub;
import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the announcements of one presence, with their enrichment, and publishes diffs to the endpoints of this node. Its methods
 * are called without a lock, and may block.
 */
final class Announcer<M> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    private final PubSub scope;
    private final Optional<Enrichment<M>> enrichment;

    /** Distinguishes the presences of one node in the refs of their entries. */
    private final long salt;

    /** About user code that fails. */
    final FailureLog failures = new FailureLog(LOG, System::nanoTime);

    private volatile boolean closed;

    Announcer(PubSub scope, String name, Optional<Enrichment<M>> enrichment) {
        this.scope = scope;
        this.enrichment = enrichment;
        this.salt = hash(name);
    }

    /** A hash of the bytes of a name. */
    static long hash(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return Fnv1a.hash(new String(bytes, StandardCharsets.ISO_8859_1)) >>> 1;
    }

    /** The announcement of all entries of a topic. */
    Announcement state(String topic, Entries<M> entries) {
        EntriesView<M, PresenceMeta> all = new EntriesView<>(entries, ofKey -> EntryMeta.all(ofKey, salt));
        return new Announcement(topic, all, additions(topic, all, Map.of()));
    }

    /** The announcement of a diff of a topic. */
    Announcement diff(String topic, PendingDiff<M> diff) {
        Map<String, List<PresenceMeta>> joins = byKey(diff.joins());
        Map<String, List<PresenceMeta>> leaves = byKey(diff.leaves());
        return new Announcement(topic, joins, leaves, additions(topic, joins, leaves));
    }

    /** Publishes a diff to the endpoints of this node. */
    void publish(Announcement diff) {
        if (closed) {
            return;
        }
        try {
            scope.broadcastLocally(Announcement.DIFFS, diff);
        } catch (IllegalStateException e) {
            // The pub/sub and its subscribers have closed: the last leaves of a server that ends have no receiver.
            LOG.debug(
                    "Changes of {} are not announced: the pub/sub is closed.",
                    ControlCharacters.escaped(diff.topic()),
                    e);
        }
    }

    private Map<String, List<PresenceMeta>> byKey(Iterable<Entry<M>> entries) {
        return EntriesByKey.of(entries, entry -> new EntryMeta(entry, salt));
    }

    private Map<String, ?> additions(
            String topic, Map<String, List<PresenceMeta>> joins, Map<String, List<PresenceMeta>> leaves) {
        if (enrichment.isEmpty()) {
            return Map.of();
        }
        Map<String, List<M>> all = new LinkedHashMap<>();
        addMetas(joins, all);
        addMetas(leaves, all);
        try {
            Map<String, ?> additions = enrichment.get().enrich(topic, all);
            return additions == null ? Map.of() : additions;
        } catch (Throwable e) {
            failures.error(
                    "The enrichment of " + ControlCharacters.escaped(topic),
                    e,
                    () -> "failed; its presences are sent without it.");
            return Map.of();
        } finally {
            // An interrupted publisher would not wait for a full lane.
            Thread.interrupted();
        }
    }

    @SuppressWarnings("unchecked") // these are the metas of this presence
    private void addMetas(Map<String, List<PresenceMeta>> from, Map<String, List<M>> to) {
        from.forEach((key, presences) -> {
            List<M> metas = to.computeIfAbsent(key, name -> new ArrayList<>(1));
            presences.forEach(presence -> metas.add((M) presence.meta()));
        });
    }

    /** Ends the announcements, and with them the presence. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The presence is closed and tracks no more users.");
        }
    }
}
