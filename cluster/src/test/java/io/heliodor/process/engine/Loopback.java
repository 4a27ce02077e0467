package io.heliodor.process.engine;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/**
 * Links between nodes of one JVM, for tests that open, close and hold sessions. An envelope in an open session arrives
 * once and in order, on a separate thread for each direction of each pair.
 */
public final class Loopback implements AutoCloseable {
    private final List<End> ends = new ArrayList<>();
    private volatile int capacity = 10_000;
    private long views;

    /** Sets the number of envelopes that a session holds. */
    public void capacity(int envelopes) {
        capacity = envelopes;
    }

    /** Creates the link of a node that is alone. */
    public End end(Peer self) {
        End end = new End(self);
        ends.add(end);
        return end;
    }

    /** Installs one view of these on all of them, with sessions between all. */
    public void join(End... members) {
        view(members);
        for (End from : members) {
            for (End to : members) {
                if (from != to) {
                    from.open(to);
                }
            }
        }
    }

    /** Installs one view of these on all of them; the other nodes keep theirs. No session opens. */
    public void view(End... members) {
        views++;
        List<Peer> peers = List.of(members).stream().map(end -> end.self).toList();
        for (End member : members) {
            member.view(new View(new ViewId(views, members[0].self), peers, false));
        }
    }

    @Override
    public void close() {
        ends.forEach(End::close);
    }

    /** One node's link. */
    public final class End implements Link {
        private final Peer self;
        private final ReentrantLock events = new ReentrantLock();
        private final Map<Peer, Pipe> pipes = new HashMap<>();
        private Link.Listener listener;

        End(Peer self) {
            this.self = self;
        }

        /** Sets the listener. */
        public void listener(Link.Listener next) {
            this.listener = next;
        }

        private void view(View view) {
            events.lock();
            try {
                for (Peer peer : List.copyOf(pipes.keySet())) {
                    if (!view.has(peer)) {
                        closeTo(peer);
                    }
                }
                listener.view(view);
            } finally {
                events.unlock();
            }
        }

        /** Opens a session to another node, which must be in the view. */
        public void open(End to) {
            events.lock();
            try {
                Pipe pipe = new Pipe(this, to);
                synchronized (pipes) {
                    if (pipes.putIfAbsent(to.self, pipe) != null) {
                        return;
                    }
                }
                pipe.start();
                listener.opened(to.self);
            } finally {
                events.unlock();
            }
        }

        /** Ends the session to another node; envelopes under way are lost. */
        public void close(End to) {
            closeTo(to.self);
        }

        private void closeTo(Peer to) {
            events.lock();
            try {
                Pipe pipe;
                synchronized (pipes) {
                    pipe = pipes.remove(to);
                }
                if (pipe != null) {
                    pipe.close();
                    listener.closed(to);
                }
            } finally {
                events.unlock();
            }
        }

        /** Holds all envelopes to another node until {@link #release}. */
        public void hold(End to) {
            pipe(to.self).hold(true);
        }

        /** Delivers the held envelopes. */
        public void release(End to) {
            pipe(to.self).hold(false);
        }

        /** The number of envelopes that wait on the way to another node. */
        public int waiting(End to) {
            return pipe(to.self).size();
        }

        private Pipe pipe(Peer to) {
            synchronized (pipes) {
                return pipes.get(to);
            }
        }

        /** Ends the session and opens the next one at once. Another thread notifies the listener, as in a real link. */
        private Sent overflow(Pipe pipe) {
            Thread.ofVirtual().start(() -> {
                closeTo(pipe.to.self);
                open(pipe.to);
            });
            return Sent.FULL;
        }

        @Override
        public Peer self() {
            return self;
        }

        @Override
        public Sent offer(Peer to, byte[] envelope) {
            Pipe pipe = pipe(to);
            return pipe == null ? Sent.NO_SESSION : pipe.offer(envelope, 0);
        }

        @Override
        public Sent post(Peer to, byte[] envelope) {
            Pipe pipe = pipe(to);
            Sent sent = offer(to, envelope);
            return sent == Sent.FULL ? overflow(pipe) : sent;
        }

        @Override
        public Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Pipe pipe = pipe(to);
            return pipe == null ? Sent.NO_SESSION : pipe.offer(envelope, nanos);
        }

        @Override
        public void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals) {
            for (int i = 0; i < to.size(); i++) {
                Sent sent = offer(to.get(i), envelopes.apply(i));
                if (sent != Sent.QUEUED) {
                    refusals.refused(i, sent);
                }
            }
        }

        @Override
        public void close() {
            synchronized (pipes) {
                pipes.values().forEach(Pipe::close);
                pipes.clear();
            }
        }
    }

    /** One session. */
    private final class Pipe {
        private final End from;
        private final End to;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        private boolean held;
        private boolean closed;

        Pipe(End from, End to) {
            this.from = from;
            this.to = to;
        }

        void start() {
            Thread.ofVirtual().name("pipe " + from.self + " " + to.self).start(this::run);
        }

        private void run() {
            for (byte[] next = take(); next != null; next = take()) {
                to.listener.received(from.self, next);
            }
        }

        private byte[] take() {
            lock.lock();
            try {
                while (!closed && (held || waiting.isEmpty())) {
                    changed.awaitUninterruptibly();
                }
                byte[] next = closed ? null : waiting.remove();
                changed.signalAll();
                return next;
            } finally {
                lock.unlock();
            }
        }

        Link.Sent offer(byte[] envelope, long nanos) {
            lock.lock();
            try {
                long left = nanos;
                while (!closed && waiting.size() >= capacity && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (closed) {
                    return Link.Sent.NO_SESSION;
                }
                if (waiting.size() >= capacity) {
                    return Link.Sent.FULL;
                }
                waiting.add(envelope);
                changed.signalAll();
                return Link.Sent.QUEUED;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Link.Sent.NO_SESSION;
            } finally {
                lock.unlock();
            }
        }

        void hold(boolean hold) {
            lock.lock();
            try {
                held = hold;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        int size() {
            lock.lock();
            try {
                return waiting.size();
            } finally {
                lock.unlock();
            }
        }

        void close() {
            lock.lock();
            try {
                closed = true;
                waiting.clear();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
