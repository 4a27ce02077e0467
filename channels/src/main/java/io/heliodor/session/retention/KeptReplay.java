package io.heliodor.session.retention;

import io.heliodor.history.ResumeResult;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Replay;
import io.heliodor.wire.Serializer;
import java.util.Iterator;
import java.util.List;

/** A replay of kept broadcasts. Each is released when it is written or dropped. */
final class KeptReplay implements Replay {
    private final Iterator<ResumeResult.Missed<KeptBroadcast>> left;
    private final int messages;
    private final Serializer serializer;
    private final String topic;
    private final long bytes;

    KeptReplay(List<ResumeResult.Missed<KeptBroadcast>> missed, Serializer serializer, String topic, long bytes) {
        this.left = missed.iterator();
        this.messages = missed.size();
        this.serializer = serializer;
        this.topic = topic;
        this.bytes = bytes;
    }

    @Override
    public int writeNext(Connection connection) {
        ResumeResult.Missed<KeptBroadcast> next = left.next();
        try {
            byte[] message = KeptBroadcast.message(next, serializer, topic);
            connection.write(message);
            return message.length;
        } finally {
            next.kept().content().memory().release();
        }
    }

    @Override
    public boolean hasNext() {
        return left.hasNext();
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public int messages() {
        return messages;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void dispose() {
        left.forEachRemaining(each -> each.kept().content().memory().release());
    }
}
