package io.heliodor.transport.longpoll;

import io.heliodor.session.Hub;

/** The long-polling sessions of an endpoint, and the requests that it forwards to other endpoints. Any thread may use it. */
public final class LongPoll implements AutoCloseable {
    private final PollSessions sessions;
    private final PollForwarder forwarder;
    private final PollOwner owner;

    /** Answers requests that other endpoints forward, from now on. */
    public LongPoll(Hub hub, PollLimits limits) {
        PollPeers peers = new PollPeers(hub.endpoints());
        this.sessions = new PollSessions(limits, peers.self());
        this.forwarder = new PollForwarder(hub, limits, peers);
        this.owner = new PollOwner(hub, sessions, peers);
        peers.handle(message -> switch (message) {
            case PollWire.Answer part -> forwarder.take(part);
            case PollWire.ToOwner other -> owner.answer(other);
        });
    }

    PollSessions sessions() {
        return sessions;
    }

    PollForwarder forwarder() {
        return forwarder;
    }

    /** Refuses further forwarded requests, and ends the polls that wait for other endpoints. */
    @Override
    public void close() {
        owner.close();
        forwarder.close();
    }
}
