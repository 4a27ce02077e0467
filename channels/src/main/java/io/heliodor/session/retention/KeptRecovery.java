package io.heliodor.session.retention;

import io.heliodor.history.ResumeResult;
import io.heliodor.history.VersionVector;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.lane.Replay;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Serializer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The state of a member that joins a topic with a history. It holds the messages that it is sent until they are written, handled or
 * {@linkplain #dispose disposed}.
 *
 * @param recovered whether {@code missed} is all that it missed
 * @param token the token of the join reply; later messages follow it. Empty if the first message is to bring the token
 * @param missed the messages that it is sent, in order
 * @param ahead what it has and this node has not; empty for most
 * @param position the position of the history when its join began
 */
record KeptRecovery(
        boolean recovered,
        String token,
        List<ResumeResult.Missed<KeptBroadcast>> missed,
        VersionVector ahead,
        VersionVector position)
        implements Recovery {
    KeptRecovery {
        missed.forEach(each -> each.kept().content().memory().retain());
    }

    /** Other messages for a member that has recovered nothing, in the place of none. */
    KeptRecovery with(String firstToken, List<ResumeResult.Missed<KeptBroadcast>> first) {
        dispose();
        return new KeptRecovery(false, firstToken, first, ahead, position);
    }

    @Override
    public boolean isEmpty() {
        return missed.isEmpty();
    }

    @Override
    public Replay replay(Serializer serializer, String topic) {
        return new KeptReplay(missed, serializer, topic, bytes());
    }

    @Override
    public Iterable<Message> messages(Serializer serializer, String topic) {
        return () -> missed.stream()
                .map(each -> new Message(
                        each.kept().content().broadcast(),
                        KeptBroadcast.ref(each),
                        KeptBroadcast.message(each, serializer, topic)))
                .iterator();
    }

    @Override
    public void dispose() {
        missed.forEach(each -> each.kept().content().memory().release());
    }

    @Override
    public long bytes() {
        return missed.stream().mapToLong(each -> each.kept().content().bytes()).sum();
    }

    /** The reply to a join with {@code history} as its last field: where a name is given twice, that one counts. */
    @Override
    public Payload.Json in(Payload.Json reply) {
        String first = token.isEmpty() ? "" : "\"token\":\"" + token + "\",";
        String field = "\"history\":{" + first + "\"recovered\":" + recovered + "}}";
        // Without its last brace, and without white space before that: a reply may be as some client wrote it.
        int end = reply.to() - 1;
        while (reply.bytes()[end - 1] <= ' ') {
            end--;
        }
        var both = new ByteArrayOutputStream(reply.length() + 1 + field.length());
        both.write(reply.bytes(), reply.from(), end - reply.from());
        if (end > reply.from() + 1) {
            both.write(',');
        }
        both.writeBytes(field.getBytes(StandardCharsets.US_ASCII));
        return new Payload.Json(both.toByteArray(), 0, both.size());
    }
}
