package io.heliodor.session.channel;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.wire.JsonWriter;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON of announcements of presence: {@code {key: {"metas": [{"phx_ref", ...}], ...}}}, as phoenix.js,
 * JavaPhoenixClient and supabase-js read it.
 */
public final class PresenceJson {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.presence");

    /** When one of so many keys is written, it shows how long the whole will be. */
    private static final int SAMPLE = 16;

    private final PayloadCodec codec;
    private final MemoryBudget memory;

    public PresenceJson(PayloadCodec codec, MemoryBudget memory) {
        this.codec = codec;
        this.memory = memory;
    }

    /**
     * The payload of a state or diff.
     *
     * @param json the payload
     * @param memory counts it once while messages of several clients hold it
     */
    record Encoded(Payload.Json json, SharedMemory memory) {}

    /** The payload of a {@code presence_state}, made once for all clients that joined within one window. */
    Encoded state(Announcement state) {
        return state.encodeOnce(this, announcement -> {
            JsonWriter json = new JsonWriter();
            keys(json, announcement.joins(), announcement.additions());
            return encoded(json);
        });
    }

    private Encoded encoded(JsonWriter json) {
        Payload.Json payload = json.payload();
        return new Encoded(payload, new SharedMemory(memory, payload.length()));
    }

    /** The payload of a {@code presence_diff}. */
    public Payload.Json diff(Announcement diff) {
        return encodedDiff(diff).json();
    }

    /** The payload of a diff, made once for the members of its topic and all followers. */
    Encoded encodedDiff(Announcement diff) {
        return diff.encodeOnce(this, announcement -> {
            JsonWriter json = new JsonWriter();
            json.raw("{\"joins\":");
            keys(json, announcement.joins(), announcement.additions());
            json.raw(",\"leaves\":");
            keys(json, announcement.leaves(), announcement.additions());
            json.raw("}");
            return encoded(json);
        });
    }

    private void keys(JsonWriter json, Map<String, List<PresenceMeta>> presents, Map<String, ?> additions) {
        json.raw("{");
        int sample = presents.size() / SAMPLE;
        int written = 0;
        for (Map.Entry<String, List<PresenceMeta>> each : presents.entrySet()) {
            if (written == sample) {
                json.expect(json.length() * SAMPLE);
            }
            json.raw(written++ == 0 ? "" : ",").string(each.getKey()).raw(":{\"metas\":[");
            boolean firstMeta = true;
            for (PresenceMeta present : each.getValue()) {
                json.raw(firstMeta ? "" : ",");
                firstMeta = false;
                meta(json, present);
            }
            json.raw("]");
            add(json, Optional.ofNullable(additions.get(each.getKey())));
            json.raw("}");
        }
        json.raw("}");
    }

    /** The server's names come last: of a name that is there twice, clients take the last. */
    private void meta(JsonWriter json, PresenceMeta present) {
        json.raw("{");
        json.raw(fields(json, Optional.of(present.meta())) ? "," : "");
        json.raw("\"phx_ref\":\"").raw(present.ref()).raw("\"");
        present.previous()
                .ifPresent(ref -> json.raw(",\"phx_ref_prev\":\"").raw(ref).raw("\""));
        json.raw("}");
    }

    private void add(JsonWriter json, Optional<?> addition) {
        int before = json.length();
        json.raw(",");
        if (!fields(json, addition)) {
            json.cut(before);
        }
    }

    /** The fields of an object, without its braces. False if it has none. */
    private boolean fields(JsonWriter json, Optional<?> object) {
        if (object.isEmpty()) {
            return false;
        }
        try {
            if (codec.encode(object.get()) instanceof Payload.Json fields) {
                int from = fields.from() + 1;
                int to = fields.to() - 1;
                // An object from a client may contain only spaces.
                while (from < to && fields.bytes()[from] <= ' ') {
                    from++;
                }
                json.raw(fields.bytes(), from, to);
                return from < to;
            }
        } catch (IllegalArgumentException e) {
            LOG.error("A presence cannot be encoded for clients.", e);
        }
        return false;
    }
}
