package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tokens of a single node: a stream, a counter, no ended streams. */
final class HistoryToken {
    private static final int RADIX = 36;
    private static final Pattern IN_REPLY =
            Pattern.compile("\"history\":\\{\"token\":\"@([0-9a-z]+)-([0-9a-z]+)\\.0\"");
    private static final Pattern IN_REF = Pattern.compile("(\\[null,|\"ref\":)\"@[0-9a-z]+-([0-9a-z]+)\\.0\"");

    private HistoryToken() {}

    static String of(String stream, long counter) {
        return "@%s-%s.0".formatted(stream, Long.toString(counter, RADIX));
    }

    /** Returns the stream in a reply to a join. */
    static String stream(String reply) {
        return inReply(reply).group(1);
    }

    /** Returns the counter in a reply to a join. */
    static long counter(String reply) {
        return Long.parseLong(inReply(reply).group(2), RADIX);
    }

    private static Matcher inReply(String reply) {
        Matcher matcher = IN_REPLY.matcher(reply);
        assertThat(matcher.find()).as(reply).isTrue();
        return matcher;
    }

    /** Returns a message with only the counter as its ref, in decimal digits. */
    static String counted(String message) {
        return IN_REF.matcher(message)
                .replaceAll(ref ->
                        String.format(Locale.ROOT, "%s\"@%d\"", ref.group(1), Long.parseLong(ref.group(2), RADIX)));
    }
}
