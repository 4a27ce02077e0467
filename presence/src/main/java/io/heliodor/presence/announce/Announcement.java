package io.heliodor.presence.announce;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A message to the clients of a topic: its state, which has no leaves, or a diff.
 *
 * <p>Immutable, apart from its cached encoding. Any thread may use it.
 */
public final class Announcement {
    /** The topic of the diffs of one node, in {@link #scope}. */
    public static final Topic<Announcement> DIFFS = Topic.of("diffs", Announcement.class);

    private final String topic;
    private final Map<String, List<PresenceMeta>> joins;
    private final Map<String, List<PresenceMeta>> leaves;
    private final Map<String, ?> additions;

    private volatile @Nullable Encoding encoding;

    private record Encoding(Object encoder, Object value) {}

    /**
     * An announcement.
     *
     * @param topic the topic
     * @param joins the presences that were added, or all of a state, by key
     * @param leaves the presences that were removed, by key
     * @param additions objects whose fields are added to the metas of a key, by key
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
     * The announcement of a state.
     *
     * @param topic the topic
     * @param state all presences, by key
     * @param additions objects whose fields are added to the metas of a key, by key
     */
    public Announcement(String topic, StateParts<PresenceMeta> state, Map<String, ?> additions) {
        this(topic, state, Map.of(), additions);
    }

    /**
     * The scope of a pub/sub in which presences publish to the endpoints.
     *
     * @param pubsub the pub/sub
     * @return its scope
     */
    public static PubSub scope(PubSub pubsub) {
        return pubsub.scope("heliodor.presence");
    }

    /**
     * The topic.
     *
     * @return the topic
     */
    public String topic() {
        return topic;
    }

    /**
     * The presences that were added, or all of a state.
     *
     * @return presences by key
     */
    public Map<String, List<PresenceMeta>> joins() {
        return joins;
    }

    /**
     * The encoding of {@link #joins}, without the additions. Parts of a state keep their encoding.
     *
     * @param encoder identifies the encoding
     * @param encode encodes keys, of which there is at least one; a pure function
     * @param <T> the type of the encoding, immutable, and the same for each call with this encoder
     * @return the encodings of the parts, in order
     */
    public <T> List<T> encodeJoins(
            Object encoder, Function<Iterator<Map.Entry<String, List<PresenceMeta>>>, T> encode) {
        return joins instanceof StateParts<PresenceMeta> state
                ? state.encode(encoder, encode)
                : List.of(encode.apply(joins.entrySet().iterator()));
    }

    /**
     * The presences that were removed.
     *
     * @return presences by key
     */
    public Map<String, List<PresenceMeta>> leaves() {
        return leaves;
    }

    /**
     * The objects whose fields are added to the metas of a key.
     *
     * @return objects by key
     */
    public Map<String, ?> additions() {
        return additions;
    }

    /**
     * The encoding of this announcement, computed once for many readers. Only the latest encoder's result is cached.
     *
     * @param encoder the key of the cached result
     * @param encode computes the encoding
     * @param <T> the type of the encoding, the same for each call with this encoder
     * @return the encoding
     */
    @SuppressWarnings("unchecked") // by the contract of the encoder
    public <T> T encodeOnce(Object encoder, Function<Announcement, T> encode) {
        Encoding known = encoding;
        if (known == null || !known.encoder().equals(encoder)) {
            known = new Encoding(encoder, encode.apply(this));
            encoding = known;
        }
        return (T) known.value();
    }
}
