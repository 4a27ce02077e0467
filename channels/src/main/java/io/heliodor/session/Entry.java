package io.heliodor.session;

import io.heliodor.wire.Ref;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is put into a {@link Lane}'s queue. Everything that a channel causes goes through it, so that its order holds.
 * An entry is its own node in the queue, hence used once.
 */
abstract sealed class Entry {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** The next entry of the queue; written by the producer behind this one. */
    volatile @Nullable Entry next;

    /** The cost of an entry in addition to its message. */
    private static final int OVERHEAD = 64;

    /**
     * The bytes that it holds, for the limit of the queue.
     *
     * @return bytes
     */
    int bytes() {
        return OVERHEAD;
    }

    /**
     * Ends the connections that it was for, since it was performed in part.
     *
     * @param fault what was thrown
     */
    void fault(Throwable fault) {
        LOG.error("A task of a lane failed.", fault);
    }

    /** An entry for one channel. */
    abstract static sealed class OfChannel extends Entry {
        final ChannelProcess<?, ?> channel;

        OfChannel(ChannelProcess<?, ?> channel) {
            this.channel = channel;
        }

        @Override
        void fault(Throwable fault) {
            channel.fault(fault);
        }
    }

    /** A message for one channel. */
    static final class Direct extends OfChannel {
        final byte[] message;

        /** Null for an ordinary message. */
        final @Nullable SlowDelivery slowDelivery;

        Direct(ChannelProcess<?, ?> channel, byte[] message, @Nullable SlowDelivery slowDelivery) {
            super(channel);
            this.message = message;
            this.slowDelivery = slowDelivery;
        }

        @Override
        int bytes() {
            return OVERHEAD + message.length;
        }
    }

    /** A message for one connection, of no channel. */
    static final class ForConnection extends Entry {
        final Session<?> session;
        final byte[] message;

        ForConnection(Session<?> session, byte[] message) {
            this.session = session;
            this.message = message;
        }

        @Override
        void fault(Throwable fault) {
            session.fault(fault);
        }

        @Override
        int bytes() {
            return OVERHEAD + message.length;
        }
    }

    /** A large message for one channel. */
    static final class Large extends OfChannel {
        final StreamedMessage streamed;

        Large(ChannelProcess<?, ?> channel, StreamedMessage streamed) {
            super(channel);
            this.streamed = streamed;
        }
    }

    /** A message for the members of one topic on this lane. */
    static final class ToMembers extends Entry {
        final Members members;
        final Broadcast broadcast;

        /** Of what is kept; else {@link Ref#NULL}. */
        final Ref offset;

        final byte[] message;

        /** Null for an ordinary broadcast. */
        final @Nullable SlowDelivery slowDelivery;

        private @Nullable SharedMemory shared;

        ToMembers(
                Members members, Broadcast broadcast, Ref offset, byte[] message, @Nullable SlowDelivery slowDelivery) {
            this.members = members;
            this.broadcast = broadcast;
            this.offset = offset;
            this.message = message;
            this.slowDelivery = slowDelivery;
        }

        @Override
        void fault(Throwable fault) {
            members.fault(fault);
        }

        /** The memory of the message while mailboxes hold it. On the lane's thread. */
        SharedMemory shared(MemoryBudget budget) {
            if (shared == null) {
                shared = new SharedMemory(budget, message.length);
            }
            return shared;
        }

        /** Offers the message to one client, in a buffer of its own. */
        void offerTo(Outbox outbox) {
            if (slowDelivery == null) {
                outbox.offer(message);
            } else {
                outbox.offer(message, slowDelivery);
            }
        }

        @Override
        int bytes() {
            return OVERHEAD + message.length;
        }
    }

    /** A join handler said yes: the reply, what the member missed, then the membership, in one step. */
    static final class Joined extends OfChannel {
        final Members members;
        final @Nullable Recovery recovery;

        Joined(ChannelProcess<?, ?> channel, Members members, @Nullable Recovery recovery) {
            super(channel);
            this.members = members;
            this.recovery = recovery;
        }
    }

    /** A channel's last messages; nothing of it goes out behind them. */
    static final class Ended extends OfChannel {
        final byte[][] last;

        Ended(ChannelProcess<?, ?> channel, byte[]... last) {
            super(channel);
            this.last = last;
        }
    }

    /** The mailbox of an idle channel became non-empty on another thread. */
    static final class Ready extends OfChannel {
        Ready(ChannelProcess<?, ?> channel) {
            super(channel);
        }
    }

    /** Anything else that belongs on the lane's thread. */
    static final class Task extends Entry {
        final Runnable task;

        Task(Runnable task) {
            this.task = task;
        }
    }

    /** The mark that an empty queue holds. */
    static final class Stub extends Entry {}
}
