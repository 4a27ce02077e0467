package io.heliodor.pubsub.engine;

import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;

/** The rule for names of topics, scopes and elections: 1 to 255 bytes of UTF-8 without control characters. */
public final class NameRule {
    private static final int MAX_BYTES = 255;
    private static final int MAX_SHOWN = 80;

    private NameRule() {}

    /**
     * Checks a name.
     *
     * @param kind the kind of the named object, for the text of the exception
     * @param name the name
     * @throws IllegalArgumentException if it breaks the rule
     */
    public static void check(String kind, String name) {
        // The number of bytes is never less than that of characters, so a long name is refused unread.
        if (name.isEmpty() || name.length() > MAX_BYTES || !(isPrintableAscii(name) || isClean(name))) {
            throw new IllegalArgumentException(
                    "The name of %s %s is 1 to %d bytes of UTF-8 without control characters, not \"%s\" (%d characters)."
                            .formatted(article(kind), kind, MAX_BYTES, shown(name), name.length()));
        }
    }

    private static String article(String noun) {
        return "aeiou".indexOf(noun.charAt(0)) < 0 ? "a" : "an";
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
        return !ControlCharacters.isIn(name)
                && StandardCharsets.UTF_8.newEncoder().canEncode(name)
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    /** The name for logs: control characters are escaped, and the length is limited. */
    private static String shown(String name) {
        return name.length() > MAX_SHOWN
                ? ControlCharacters.escaped(name.substring(0, MAX_SHOWN)) + "..."
                : ControlCharacters.escaped(name);
    }
}
