package io.heliodor.event.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of I-JSON (RFC 7493) for values that {@link JsonScanner} has validated, in one pass without recursion. */
final class InteroperableJson {
    private InteroperableJson() {}

    /** The first rule that a value breaks, as a phrase for the client; null if there is none. */
    static @Nullable String problem(byte[] json, int from, int to) {
        Deque<Set<String>> open = new ArrayDeque<>(); // the keys of each open object; those of an array are not used
        int at = from;
        while (at < to) {
            byte first = json[at];
            int end = at + 1;
            if (first == '{') {
                open.push(new HashSet<>());
            } else if (first == '[') {
                open.push(Set.of());
            } else if (first == '}' || first == ']') {
                open.pop();
            } else if (first == '"') {
                int quote = JsonString.end(json, at + 1);
                boolean key = isKey(json, quote + 1, to);
                if (key || hasEscape(json, at + 1, quote)) {
                    String text = JsonString.unescaped(json, at + 1, quote);
                    if (hasLoneSurrogate(text)) {
                        return "contains half of a surrogate pair";
                    }
                    if (key && !open.element().add(text)) {
                        return "contains an object with the same key twice";
                    }
                }
                end = quote + 1;
            } else if (isOfNumber(first)) {
                end = numberEnd(json, at, to);
                if (isInfinite(new String(json, at, end - at, StandardCharsets.US_ASCII))) {
                    return "contains a number beyond the range of a double";
                }
            }
            at = end;
        }
        return null;
    }

    private static boolean isKey(byte[] json, int from, int to) {
        int at = from;
        while (at < to && json[at] <= ' ' && json[at] > 0) {
            at++;
        }
        return at < to && json[at] == ':';
    }

    private static boolean hasEscape(byte[] json, int from, int to) {
        for (int at = from; at < to; at++) {
            if (json[at] == '\\') {
                return true;
            }
        }
        return false;
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints()
                .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }

    /** Outside of strings only numbers have these bytes; words contain an {@code e} after another letter. */
    private static boolean isOfNumber(byte next) {
        return next == '-' || (next >= '0' && next <= '9');
    }

    private static int numberEnd(byte[] json, int from, int to) {
        int at = from;
        while (at < to && (isOfNumber(json[at]) || ".eE+".indexOf(json[at]) >= 0)) {
            at++;
        }
        return at;
    }

    private static boolean isInfinite(String number) {
        return Double.isInfinite(Double.parseDouble(number));
    }
}
