package io.heliodor.session.channel;

import io.heliodor.channel.Socket;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.lane.ConnectionOwner;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.Outbox;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The session of a channel, as the channel uses it.
 *
 * @param <S> the type of the connection's assigns
 */
public interface ChannelOwner<S> extends Socket<S>, ConnectionOwner {
    /**
     * The lane that owns the connection. Any thread.
     *
     * @return the lane
     */
    Lane lane();

    /**
     * The outbox of the connection. On the lane's thread.
     *
     * @return the outbox
     */
    Outbox outbox();

    /**
     * Decides whether the client is read.
     *
     * @return the flow control
     */
    FlowControl flow();

    /**
     * The encoder of the client's version of the wire. Any thread.
     *
     * @return the serializer
     */
    Serializer serializer();

    /**
     * The trace of the client's request to connect. Any thread.
     *
     * @return the trace; null if the client gave none
     */
    Correlation.@Nullable Trace trace();

    /**
     * Whether the connection was lost: neither side has closed it. Any thread.
     *
     * @return whether it was lost
     */
    boolean isLost();

    /** All channels that drained have handled their messages. On the lane's thread. */
    void drained();

    /**
     * Replies to a frame for a topic without a channel, unless the session has ended. On the lane's thread.
     *
     * @param frame the frame
     */
    void replyUnmatched(Frame frame);
}
