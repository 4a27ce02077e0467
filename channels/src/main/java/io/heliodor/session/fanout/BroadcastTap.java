package io.heliodor.session.fanout;

/** Notes broadcasts for traces. */
public interface BroadcastTap {
    /** Notes none. */
    BroadcastTap NONE = new BroadcastTap() {
        @Override
        public boolean isActive() {
            return false;
        }

        @Override
        public void enqueued(String topic, Broadcast broadcast, int bytes, int members) {}

        @Override
        public void sent(Members members, BroadcastEntry entry) {}

        @Override
        public void sent(TopicMember member, BroadcastEntry entry) {}
    };

    /** Whether a trace runs: one read of a volatile field. The other methods need not be called if not. Any thread. */
    boolean isActive();

    /** A broadcast was enqueued for some members of a topic on this endpoint. Any thread. */
    void enqueued(String topic, Broadcast broadcast, int bytes, int members);

    /** A broadcast is sent to members. On their lane. */
    void sent(Members members, BroadcastEntry entry);

    /** A broadcast that waited for the end of a join is sent to one member. On its lane. */
    void sent(TopicMember member, BroadcastEntry entry);
}
