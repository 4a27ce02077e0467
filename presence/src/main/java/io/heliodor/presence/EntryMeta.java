package io.heliodor.presence;

import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The metadata of an entry, as clients receive it.
 *
 * @param entry the entry
 * @param salt a hash of the name of its presence: it makes the refs of the presences of one node different
 */
record EntryMeta(Entry<?> entry, long salt) implements PresenceMeta {
    private static final int RADIX = 36;

    /** Two numbers of 13 digits with their signs, and the dot between them. */
    private static final int MAX_REF_LENGTH = 29;

    static <M> List<PresenceMeta> all(List<Entry<M>> ofKey, long salt) {
        return ofKey.size() == 1
                ? List.of(new EntryMeta(ofKey.getFirst(), salt))
                : ofKey.stream()
                        .<PresenceMeta>map(entry -> new EntryMeta(entry, salt))
                        .toList();
    }

    @Override
    public Object meta() {
        return entry.meta();
    }

    @Override
    public String ref() {
        return ref(entry.dot());
    }

    @Override
    public Optional<String> previous() {
        return Optional.ofNullable(entry.previous()).map(this::ref);
    }

    /**
     * The text of a dot. The incarnation distinguishes it from the refs of all other nodes, the salt from those of other presences
     * of the node. The shard and the counter distinguish it within its presence.
     */
    private String ref(Dot dot) {
        // Written digit by digit, since a state may have many thousands of refs.
        byte[] text = new byte[MAX_REF_LENGTH];
        int at = digits(dot.counter() * ShardIndex.COUNT + ShardIndex.of(entry.topic()), text, MAX_REF_LENGTH);
        text[--at] = '.';
        at = digits(dot.replica().incarnation() ^ salt, text, at);
        return new String(text, at, MAX_REF_LENGTH - at, StandardCharsets.ISO_8859_1);
    }

    /** Writes a number that ends before an index; returns the index of its first character. */
    private static int digits(long number, byte[] text, int end) {
        int at = end;
        long rest = number;
        do {
            text[--at] = (byte) Character.forDigit((int) Math.abs(rest % RADIX), RADIX);
            rest /= RADIX;
        } while (rest != 0);
        if (number < 0) {
            text[--at] = '-';
        }
        return at;
    }
}
