package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The numbers of all received presences, so that the state of a client is a bit set. */
final class PresenceNumbers {
    /** Neither is in a key or a ref: JSON escapes it. */
    private static final char BETWEEN = '\n';

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> keys = new ArrayList<>();
    private byte[] name = new byte[64];

    /** The number of a presence: the same for the same key and ref. */
    int number(ByteBuffer bytes, int key, int keyEnd, int ref, int refEnd) {
        int keyLength = keyEnd - key;
        int length = keyLength + 1 + refEnd - ref;
        if (name.length < length) {
            name = new byte[2 * length];
        }
        bytes.get(key, name, 0, keyLength);
        name[keyLength] = BETWEEN;
        bytes.get(ref, name, keyLength + 1, refEnd - ref);
        String both = new String(name, 0, length, ISO_8859_1);
        Integer known = numbers.get(both);
        if (known != null) {
            return known;
        }
        numbers.put(both, keys.size());
        keys.add(both.substring(0, keyLength));
        return keys.size() - 1;
    }

    /** The keys of some presences, one for each of them. */
    List<String> keys(BitSet presences) {
        return presences.stream().mapToObj(keys::get).toList();
    }
}
