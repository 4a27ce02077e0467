package io.heliodor.session.channel;

import io.heliodor.log.FailureLog;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.JsonWriter;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
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

    private static final Slice OPEN = new Slice(new byte[] {'{'});
    private static final Slice CLOSE = new Slice(new byte[] {'}'});

    private final PayloadCodec codec;
    private final MemoryBudget memory;
    private final FailureLog failures;

    public PresenceJson(PayloadCodec codec, MemoryBudget memory, LongSupplier clock) {
        this.codec = codec;
        this.memory = memory;
        this.failures = new FailureLog(LOG, clock);
    }

    /**
     * The payload of a state or diff.
     *
     * @param slices the payload
     * @param length their length together
     * @param memory counts it once while messages of several clients hold it
     */
    record Encoded(List<Slice> slices, int length, SharedMemory memory) {
        /** The payload as one array; not for a large state, which would be copied. */
        Payload.Json json() {
            Slice all = slices.getFirst();
            return new Payload.Json(all.bytes(), all.from(), all.to());
        }
    }

    /** The payload of a {@code presence_state}, made once for all clients that joined within one window. */
    Encoded state(Announcement state) {
        return state.encodeOnce(this, announcement -> {
            if (announcement.additions().isEmpty()) {
                return kept(announcement.encodeJoins(this, this::part));
            }
            JsonWriter json = new JsonWriter();
            keys(json, announcement.joins(), announcement.additions());
            return encoded(json);
        });
    }

    /** The payload of the parts of a state. A large one shares their bytes with all other states that have them. */
    private Encoded kept(List<Slice> parts) {
        List<Slice> slices = new ArrayList<>(parts.size() + 2);
        slices.add(OPEN);
        for (Slice part : parts) {
            // Only the first has no comma before it.
            slices.add(slices.size() == 1 ? part.part(1, part.length()) : part);
        }
        slices.add(CLOSE);
        int length = slices.stream().mapToInt(Slice::length).reduce(0, Math::addExact);
        if (length >= StreamedMessage.LARGE) {
            return encoded(slices, length);
        }
        JsonWriter json = new JsonWriter();
        slices.forEach(slice -> json.raw(slice.bytes(), slice.from(), slice.to()));
        return encoded(json);
    }

    /** The keys of a part of a state, each after a comma. */
    private Slice part(Iterator<Map.Entry<String, List<PresenceMeta>>> presents) {
        JsonWriter json = new JsonWriter();
        while (presents.hasNext()) {
            json.raw(",");
            key(json, presents.next(), Map.of());
        }
        Payload.Json all = json.payload();
        return new Slice(Arrays.copyOf(all.bytes(), all.length())); // not with the room of the writer: it is kept
    }

    private Encoded encoded(JsonWriter json) {
        Payload.Json all = json.payload();
        return encoded(List.of(new Slice(all.bytes(), all.from(), all.to())), all.length());
    }

    private Encoded encoded(List<Slice> slices, int length) {
        return new Encoded(slices, length, new SharedMemory(memory, length));
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
            json.raw(written++ == 0 ? "" : ",");
            key(json, each, additions);
        }
        json.raw("}");
    }

    private void key(JsonWriter json, Map.Entry<String, List<PresenceMeta>> present, Map<String, ?> additions) {
        json.string(present.getKey()).raw(":{\"metas\":[");
        boolean firstMeta = true;
        for (PresenceMeta meta : present.getValue()) {
            json.raw(firstMeta ? "" : ",");
            firstMeta = false;
            meta(json, meta);
        }
        json.raw("]");
        add(json, Optional.ofNullable(additions.get(present.getKey())));
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
            failures.error("A presence", e, () -> "cannot be encoded for clients.");
        }
        return false;
    }
}
