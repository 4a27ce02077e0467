package io.heliodor.transport.longpoll;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The parsed body of a POST. */
public sealed interface PollBody {
    /** The maximum of messages in a body; phoenix.js sends no more at once. */
    int MAX_MESSAGES = 100;

    /**
     * Messages for the session, in order.
     *
     * @param messages at most {@link #MAX_MESSAGES}
     */
    record Messages(List<Message> messages) implements PollBody {}

    /**
     * One message.
     *
     * @param binary whether it is a binary frame
     * @param bytes a copy, so that a waiting payload does not retain the whole body
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(boolean binary, byte[] bytes) {}

    /**
     * An invalid body, of which no message is handled.
     *
     * @param why the reason, for people
     */
    record Refused(String why) implements PollBody {}

    /**
     * Parses a body.
     *
     * @param type its content type, if there is one: {@code application/x-ndjson} for lines, any other for one message
     * @param body the whole body
     * @param maxBytes the maximum of a message
     */
    static PollBody read(@Nullable String type, byte[] body, int maxBytes) {
        if (!isLines(type)) {
            return body.length > maxBytes ? tooLarge(maxBytes) : new Messages(List.of(new Message(false, body)));
        }
        List<Message> messages = new ArrayList<>();
        for (int from = 0; from < body.length && messages.size() < MAX_MESSAGES; ) {
            int end = endOfLine(body, from);
            int to = end > from && body[end - 1] == '\r' ? end - 1 : end;
            if (to > from) {
                byte[] line = Arrays.copyOfRange(body, from, to);
                boolean binary = line[0] != '[';
                if ((binary ? line.length / 4 * 3L : line.length) > maxBytes) {
                    return tooLarge(maxBytes);
                }
                try {
                    messages.add(
                            new Message(binary, binary ? Base64.getDecoder().decode(line) : line));
                } catch (IllegalArgumentException e) {
                    return new Refused("a line is neither a JSON array nor base64");
                }
            }
            from = end + 1;
        }
        return new Messages(messages);
    }

    private static boolean isLines(@Nullable String type) {
        return type != null
                && type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT).equals("application/x-ndjson");
    }

    private static int endOfLine(byte[] body, int from) {
        int at = from;
        while (at < body.length && body[at] != '\n') {
            at++;
        }
        return at;
    }

    private static Refused tooLarge(int maxBytes) {
        return new Refused("a message has more than " + maxBytes + " bytes");
    }
}
