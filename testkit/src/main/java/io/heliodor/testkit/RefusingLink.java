package io.heliodor.testkit;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A link that refuses single messages, as a link whose queue has no room for them does: the session goes on, and the
 * sender knows. Messages of protocols, which {@link #post(Peer, byte[])} queues, are not refused: a session does not go on without one.
 */
final class RefusingLink implements Link {
    private final Link inner;
    private final NetworkFaults faults;

    RefusingLink(Link inner, NetworkFaults faults) {
        this.inner = inner;
        this.faults = faults;
    }

    private boolean refuses(Peer to) {
        return faults.refusesMessage(inner.self().node(), to.node());
    }

    @Override
    public Peer self() {
        return inner.self();
    }

    @Override
    public Sent offer(Peer to, byte[] envelope) {
        return refuses(to) ? Sent.FULL : inner.offer(to, envelope);
    }

    @Override
    public Sent post(Peer to, byte[] envelope) {
        return inner.post(to, envelope);
    }

    @Override
    public Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException {
        return refuses(to) ? Sent.FULL : inner.send(to, envelope, nanos);
    }

    @Override
    public void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals) {
        List<Integer> accepted = new ArrayList<>();
        for (int i = 0; i < to.size(); i++) {
            if (refuses(to.get(i))) {
                byte[] _ = envelopes.apply(i);
                refusals.refused(i, Sent.FULL);
            } else {
                accepted.add(i);
            }
        }
        inner.sendAll(
                accepted.stream().map(to::get).toList(),
                index -> envelopes.apply(accepted.get(index)),
                nanos,
                (index, why) -> refusals.refused(accepted.get(index), why));
    }

    @Override
    public void close() {
        inner.close();
    }
}
