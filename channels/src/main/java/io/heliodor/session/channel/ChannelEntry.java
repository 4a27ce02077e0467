package io.heliodor.session.channel;

import io.heliodor.session.lane.Entry;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.lane.StreamedMessage;
import org.jspecify.annotations.Nullable;

/** An entry for one channel. */
abstract sealed class ChannelEntry extends Entry {
    final WireChannel<?, ?> channel;

    ChannelEntry(WireChannel<?, ?> channel) {
        this.channel = channel;
    }

    @Override
    public final void fault(Throwable fault) {
        channel.fault(fault);
    }

    /** A message for the channel. */
    static final class Unicast extends ChannelEntry {
        private final byte[] message;

        /** Null for an ordinary message. */
        private final @Nullable SlowDelivery slowDelivery;

        Unicast(WireChannel<?, ?> channel, byte[] message, @Nullable SlowDelivery slowDelivery) {
            super(channel);
            this.message = message;
            this.slowDelivery = slowDelivery;
        }

        @Override
        public void perform() {
            channel.write(message, slowDelivery);
        }

        @Override
        public int bytes() {
            return OVERHEAD + message.length;
        }
    }

    /** A large message for the channel. */
    static final class Streamed extends ChannelEntry {
        private final StreamedMessage message;

        Streamed(WireChannel<?, ?> channel, StreamedMessage message) {
            super(channel);
            this.message = message;
        }

        @Override
        public void perform() {
            channel.write(message);
        }
    }

    /** The last messages of a channel that has ended; none of its messages comes after them. */
    static final class Closed extends ChannelEntry {
        private final byte[][] last;

        Closed(WireChannel<?, ?> channel, byte[]... last) {
            super(channel);
            this.last = last;
        }

        @Override
        public void perform() {
            channel.finished(last);
        }
    }

    /** The mailbox of an idle channel became non-empty on another thread. */
    static final class Ready extends ChannelEntry {
        Ready(WireChannel<?, ?> channel) {
            super(channel);
        }

        @Override
        public void perform() {
            channel.lane().readyInTurn(channel.process());
        }
    }
}
