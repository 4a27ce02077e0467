package io.heliodor.presence.announce;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * All presences of a topic by key, in parts that keep their encoding until one of their presences changes.
 *
 * @param <V> the values of a key
 */
public interface StateParts<V> extends Map<String, List<V>> {
    /**
     * The encoding of each part, in the order of iteration. Parts that were encoded before and have not changed are not encoded again.
     *
     * @param encoder identifies the encoding; only that of the latest one is kept
     * @param encode encodes the keys of a part, of which there is at least one; a pure function
     * @param <T> the type of the encoding, immutable, and the same for each call with this encoder
     * @return the encodings, not to be modified
     */
    <T> List<T> encode(Object encoder, Function<Iterator<Entry<String, List<V>>>, T> encode);
}
