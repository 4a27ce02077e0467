package io.heliodor.link;

/** A listener that counts the envelopes, and has no interest in other events. */
final class EventCounter implements Link.Listener {
    private final Runnable counter;

    EventCounter(Runnable counter) {
        this.counter = counter;
    }

    @Override
    public void view(View view) {}

    @Override
    public void opened(Peer peer) {}

    @Override
    public void closed(Peer peer) {}

    @Override
    public void suspected(Peer peer, boolean suspect) {}

    @Override
    public void received(Peer from, byte[] envelope) {
        counter.run();
    }
}
