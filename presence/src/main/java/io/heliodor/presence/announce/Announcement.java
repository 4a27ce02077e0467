package io.heliodor.presence.announce;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is told about a topic: a state, whose {@code leaves} are empty, or a diff.
 *
 * <p>Immutable but for what its readers made of it. Any thread may use it.
 */
public final class Announcement {
    /** Where diffs are published on each node, in {@link #scope}. */
    public static final Topic<Announcement> DIFFS = Topic.of("diffs", Announcement.class);

    private final String topic;
    private final Map<String, List<PresenceMeta>> joins;
    private final Map<String, List<PresenceMeta>> leaves;
    private final Map<String, ?> additions;

    private volatile @Nullable Made made;

    private record Made(Object by, Object value) {}

    /**
     * An announcement.
     *
     * @param topic about which topic
     * @param joins by key who came, or is there
     * @param leaves by key who went
     * @param additions by key what is put beside
     */
    public Announcement(
            String topic,
            Map<String, List<PresenceMeta>> joins,
            Map<String, List<PresenceMeta>> leaves,
            Map<String, ?> additions) {
        this.topic = topic;
        this.joins = joins;
        this.leaves = leaves;
        this.additions = additions;
    }

    /**
     * The part of a pub/sub in which presences speak to endpoints.
     *
     * @param pubsub what carries it
     * @return the scope
     */
    public static PubSub scope(PubSub pubsub) {
        return pubsub.scope("heliodor.presence");
    }

    /**
     * About which topic.
     *
     * @return the topic
     */
    public String topic() {
        return topic;
    }

    /**
     * Who came, or is there.
     *
     * @return presences by key
     */
    public Map<String, List<PresenceMeta>> joins() {
        return joins;
    }

    /**
     * Who went.
     *
     * @return presences by key
     */
    public Map<String, List<PresenceMeta>> leaves() {
        return leaves;
    }

    /**
     * What is put beside the presences of a key.
     *
     * @return objects by key
     */
    public Map<String, ?> additions() {
        return additions;
    }

    /**
     * Makes something of it once for many readers: its encoding.
     *
     * @param by who makes it; another one makes its own
     * @param make makes it
     * @param <T> what is made
     * @return what was made
     */
    @SuppressWarnings("unchecked") // who made it knows what it made
    public <T> T once(Object by, Function<Announcement, T> make) {
        Made known = made;
        if (known == null || !known.by().equals(by)) {
            known = new Made(by, make.apply(this));
            made = known;
        }
        return (T) known.value();
    }
}
