package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells a topic's clients, through the pub/sub of this node: first the state to those who asked, then the diff to all. */
final class TopicAnnouncer<M> extends PacedPublisher<M> {
    private List<StateRecipient> asking = new ArrayList<>();
    private List<StateRecipient> asked = List.of();

    TopicAnnouncer(Presence<M> presence, Shard<M> shard, String topic) {
        super(presence, shard, topic);
    }

    /** Under the shard's lock. */
    void ask(StateRecipient audience) {
        asking.add(audience);
    }

    @Override
    boolean due() {
        return !asking.isEmpty() || super.due();
    }

    @Override
    void taken() {
        asked = asking;
        asking = new ArrayList<>();
    }

    @Override
    void silent() {
        shard.quiet(this);
    }

    @Override
    void speak(State<M> state, PendingDiff<M> gathered) {
        if (!asked.isEmpty()) {
            Map<String, List<PresenceMeta>> all = new ToldState<>(state.topic(topic), presence.salt());
            Announcement announcement =
                    new Announcement(topic, all, Map.of(), presence.additions(topic, all, Map.of()));
            for (StateRecipient audience : asked) {
                audience.present(announcement);
            }
            asked = List.of();
        }
        if (!gathered.isEmpty()) {
            Map<String, List<PresenceMeta>> joins = byKey(gathered.joins());
            Map<String, List<PresenceMeta>> leaves = byKey(gathered.leaves());
            presence.announce(new Announcement(topic, joins, leaves, presence.additions(topic, joins, leaves)));
        }
    }

    private Map<String, List<PresenceMeta>> byKey(Iterable<Entry<M>> entries) {
        Map<String, List<PresenceMeta>> byKey = new LinkedHashMap<>();
        for (Entry<M> entry : entries) {
            byKey.computeIfAbsent(entry.key(), key -> new ArrayList<>(1)).add(new EntryMeta(entry, presence.salt()));
        }
        return byKey;
    }
}
