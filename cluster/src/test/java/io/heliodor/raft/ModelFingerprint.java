package io.heliodor.raft;

import io.heliodor.link.Peer;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a {@link Raft} and of all its parts, as a text. Two states with one text process all later events in the same way:
 * it has each field that a rule reads. Times are relative to now, and equal if they are far away.
 */
final class ModelFingerprint {
    private static final long SECOND = 1_000_000_000L;

    /** The storage has a text of its own, the last three are for operators, and the rest is not changed by an event. */
    private static final Set<String> LEFT_OUT = Set.of(
            "now",
            "storage",
            "random",
            "effects",
            "configured",
            "snapshotBytes",
            "knownVotes",
            "lag",
            "committedBefore");

    private static final Set<String> TIMES =
            Set.of("electAt", "heartbeatAt", "lastReply", "since", "until", "seen", "ledUntil");

    private static final Map<Class<?>, List<Field>> FIELDS = new HashMap<>();
    private static final MessageDigest SHA = sha();

    private final StringBuilder text = new StringBuilder(1_000);
    private final IdentityHashMap<Object, Boolean> visited = new IdentityHashMap<>();
    private final long now;

    private ModelFingerprint(long now) {
        this.now = now;
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A hash of a state and of its storage. */
    static String of(Raft raft, Storage storage, long now) {
        ModelFingerprint print = new ModelFingerprint(now);
        print.add(raft);
        print.text.append(storage.directory()).append(storage.condition());
        print.add(storage.content());
        byte[] hash = SHA.digest(print.text.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 16);
    }

    private void add(@Nullable Object value) {
        switch (value) {
            case null -> text.append('-');
            case byte[] bytes -> text.append(HexFormat.of().formatHex(bytes));
            case String _, Number _, Boolean _, Enum<?> _ -> text.append(value);
            case Peer peer -> text.append(peer.node()).append(peer.incarnation());
            case Optional<?> optional -> add(optional.orElse(null));
            case OptionalLong optional -> text.append(optional);
            case LinkedHashMap<?, ?> _, HashMap<?, ?> _ -> sorted((Map<?, ?>) value);
            case Map<?, ?> map -> map.forEach(this::pair);
            case List<?> list -> inOrder(list);
            case Deque<?> deque -> inOrder(deque);
            case Set<?> set -> {
                Map<Object, Object> all = new HashMap<>();
                set.forEach(each -> all.put(each, ""));
                sorted(all);
            }
            default -> object(value);
        }
        text.append(' ');
    }

    private void inOrder(Collection<?> all) {
        text.append('[');
        all.forEach(this::add);
        text.append(']');
    }

    /** The order of these entries is not that of any message to one node. */
    private void sorted(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        entries.sort((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()));
        entries.forEach(entry -> pair(entry.getKey(), entry.getValue()));
    }

    private void pair(Object key, Object value) {
        add(key);
        text.append('=');
        add(value);
    }

    private void object(Object object) {
        if (!object.getClass().isRecord() && visited.put(object, true) != null) {
            text.append('#');
            return;
        }
        text.append('{');
        for (Field field : fields(object.getClass())) {
            try {
                Object value = field.get(object);
                text.append(field.getName()).append(':');
                add(TIMES.contains(field.getName()) ? Long.valueOf(relative(object, (long) value)) : value);
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
        text.append('}');
    }

    /** No rule compares a time with one that is further away. */
    private long relative(Object of, long time) {
        return Math.clamp(time - now, (of instanceof Rival || of instanceof OtherLogs ? -31 : -3) * SECOND, 4 * SECOND);
    }

    private static List<Field> fields(Class<?> type) {
        return FIELDS.computeIfAbsent(type, _ -> {
            List<Field> fields = new ArrayList<>();
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !LEFT_OUT.contains(field.getName())) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
            return Collections.unmodifiableList(fields);
        });
    }
}
