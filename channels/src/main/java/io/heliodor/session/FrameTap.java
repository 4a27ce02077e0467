package io.heliodor.session;

import io.heliodor.session.channel.ChannelOwner;
import io.heliodor.session.lane.Replay;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.Frame;

/** Notes the frames of single connections for traces. On the lane of the session. */
interface FrameTap {
    /** A frame came from a client. */
    void received(ChannelOwner<?> session, Frame frame, int bytes);

    /** Bytes that are not a frame came from a client. */
    void malformed(ChannelOwner<?> session, int bytes);

    /** A message for one client is written, or waits. */
    void sent(ChannelOwner<?> session, byte[] message);

    /** A large message for one client waits. */
    void sent(ChannelOwner<?> session, StreamedMessage message);

    /** Messages that a client missed are written, or wait. */
    void sent(ChannelOwner<?> session, Replay replay);
}
