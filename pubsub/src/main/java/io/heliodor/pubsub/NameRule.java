package io.heliodor.pubsub;

import java.nio.charset.StandardCharsets;

/** What the names of topics and scopes are made of: 1 to 255 bytes of UTF-8 without control characters. */
final class NameRule {
    private static final int MOST_BYTES = 255;
    private static final int MOST_SHOWN = 80;

    private NameRule() {}

    static void check(String kind, String name) {
        // No name has fewer bytes than characters, so one that is far too long is refused unread.
        if (name.isEmpty() || name.length() > MOST_BYTES || !(isPrintableAscii(name) || isClean(name))) {
            throw new IllegalArgumentException(
                    "The name of a %s is 1 to %d bytes of UTF-8 without control characters, not \"%s\" (%d characters)."
                            .formatted(kind, MOST_BYTES, shown(name), name.length()));
        }
    }

    private static boolean isPrintableAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean isClean(String name) {
        return name.chars().noneMatch(Character::isISOControl)
                && StandardCharsets.UTF_8.newEncoder().canEncode(name)
                && name.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
    }

    /** The text ends up in logs: what could break a line there is escaped, and a flood is cut. */
    private static String shown(String name) {
        var shown = new StringBuilder();
        name.chars().limit(MOST_SHOWN).forEach(c -> {
            if (c >= ' ' && c <= '~') {
                shown.append((char) c);
            } else {
                shown.append("\\u%04x".formatted(c));
            }
        });
        return name.length() > MOST_SHOWN ? shown.append("...").toString() : shown.toString();
    }
}
