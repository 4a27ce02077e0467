package io.heliodor.link;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two links with a session between them. Their steps wait in one queue until an actor runs them; packets arrive at once. */
final class LinkedPair {
    static final Peer ANN = new Peer("ann", 1);
    static final Peer BEN = new Peer("ben", 2);

    final StepQueue steps = new StepQueue();

    /** The envelopes that Ben received. */
    final List<Integer> received = new ArrayList<>();

    private final Direct annWire = new Direct(ANN);
    private final Direct benWire = new Direct(BEN);
    final SessionLink ann = start(annWire, new EventCounter(() -> {}));
    final SessionLink ben = start(benWire, new Received());
    private int views;

    LinkedPair() {
        annWire.other = benWire;
        benWire.other = annWire;
        annView(ANN, BEN);
        benWire.listener.view(view(ANN, BEN));
        steps.runAll();
    }

    private SessionLink start(Direct wire, Link.Listener listener) {
        Time time = new TimerlessTime();
        return SessionLink.start(wire::open, listener, time, SessionLink.CAPACITY, steps);
    }

    private View view(Peer... members) {
        return new View(new ViewId(++views, ANN), List.of(members), false);
    }

    /** Installs a view at Ann. */
    void annView(Peer... members) {
        annWire.listener.view(view(members));
    }

    /** Sends a number from Ann to Ben. */
    Link.Sent offer(int number) {
        return ann.offer(BEN, new byte[] {(byte) number});
    }

    /** Records what Ben receives; one thread at a time calls it. */
    private final class Received implements Link.Listener {
        private final EventCounter others = new EventCounter(() -> {});

        @Override
        public void view(View view) {
            others.view(view);
        }

        @Override
        public void opened(Peer peer) {
            others.opened(peer);
        }

        @Override
        public void closed(Peer peer) {
            others.closed(peer);
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            others.suspected(peer, suspect);
        }

        @Override
        public void received(Peer from, byte[] envelope) {
            received.add((int) envelope[0]);
        }
    }

    /** A wire that passes a packet to the other end on the thread of the sender. */
    private static final class Direct implements Wire {
        private final Peer self;
        private Wire.Listener listener;
        private Direct other;

        Direct(Peer self) {
            this.self = self;
        }

        Wire open(Wire.Listener listener) {
            this.listener = listener;
            return this;
        }

        @Override
        public Peer self() {
            return self;
        }

        @Override
        public void send(Peer to, byte[] packet) {
            other.listener.received(self, packet, 0, packet.length);
        }

        @Override
        public @Nullable Way way(Peer to) {
            return null;
        }

        @Override
        public boolean takesParts(Peer to) {
            return true;
        }

        @Override
        public void close() {}
    }
}
