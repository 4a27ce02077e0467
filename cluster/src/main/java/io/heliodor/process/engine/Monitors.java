package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.Counters.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whose end this node wants to hear of. Each watch is in its map until it fires or is closed; whoever removes it does
 * that. Sinks are called by any thread and must not block.
 */
public final class Monitors {
    private final Processes node;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
    private final Map<Long, NodeWatch> nodes = new ConcurrentHashMap<>();

    Monitors(Processes node) {
        this.node = node;
    }

    /** The number of monitors that have not fired. */
    public int count() {
        return count.get();
    }

    private void reserve() {
        int limit = node.limits().monitors();
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            node.counters().add(Counter.OVER_LIMIT);
            throw new LimitReached("monitors", limit);
        }
    }

    Monitor monitor(Pid<?> pid, Consumer<? super Down> sink) {
        ProcessId target = Processes.idOf(pid);
        reserve();
        Watch watch = new Watch(ids.incrementAndGet(), target, pid, sink);
        watches.put(watch.id, watch);
        watch.set();
        return watch;
    }

    void ended(Peer from, long id, Exit exit) {
        Watch watch = watches.get(id);
        if (watch != null && watch.target.peer().equals(from)) {
            watch.fire(exit);
        }
    }

    /** What the peer said of ends may be lost: it says it again if it is asked again. */
    void renew(PeerSession session) {
        for (PeerSession.Waiter waiting : session.waiting()) {
            if (waiting instanceof Watch watch) {
                watch.ask();
            }
        }
    }

    private final class Watch implements Monitor, PeerSession.Waiter {
        private final long id;
        private final ProcessId target;
        private final Pid<?> pid;
        private final Consumer<? super Down> sink;
        private volatile @Nullable PeerSession session;

        Watch(long id, ProcessId target, Pid<?> pid, Consumer<? super Down> sink) {
            this.id = id;
            this.target = target;
            this.pid = pid;
            this.sink = sink;
        }

        private ProcessId key() {
            return new ProcessId(node.self(), id);
        }

        void set() {
            Peer peer = target.peer();
            if (peer.equals(node.self())) {
                LocalProcess<?> process = node.find(pid);
                if (process == null) {
                    fire(new Exit.NoProcess());
                } else {
                    boolean _ = process.watch(key(), this::fire);
                }
                return;
            }
            PeerSession open = node.peers().awaitSession(peer, Long.MAX_VALUE);
            if (open == null) {
                fire(new Exit.NoConnection(peer.node()));
            } else {
                session = open;
                open.add(this);
                ask();
            }
        }

        void ask() {
            node.peers().post(target.peer(), new ProcessMessages.Monitor(id, target.number()));
        }

        private boolean remove() {
            boolean mine = watches.remove(id) != null;
            if (mine) {
                count.decrementAndGet();
            }
            PeerSession open = session;
            if (open != null) {
                open.remove(this);
            }
            return mine;
        }

        void fire(Exit exit) {
            if (remove()) {
                sink.accept(new Down(pid, exit));
            }
        }

        @Override
        public void lost(Exit exit) {
            fire(exit);
        }

        @Override
        public void close() {
            if (remove()) {
                if (session != null) {
                    node.peers().post(target.peer(), new ProcessMessages.Demonitor(id));
                } else {
                    LocalProcess<?> process = node.find(pid);
                    if (process != null) {
                        process.unwatch(key());
                    }
                }
            }
        }
    }

    Monitor monitorNode(String name, Consumer<? super NodeDown> sink) {
        reserve();
        NodeWatch watch =
                new NodeWatch(ids.incrementAndGet(), name, node.peers().member(name), sink);
        nodes.put(watch.id, watch);
        // A view may have come since the member was looked up.
        watch.look();
        return watch;
    }

    void viewed() {
        nodes.values().forEach(NodeWatch::look);
    }

    private final class NodeWatch implements Monitor {
        private final long id;
        private final String name;
        private final @Nullable Peer peer;
        private final Consumer<? super NodeDown> sink;

        NodeWatch(long id, String name, @Nullable Peer peer, Consumer<? super NodeDown> sink) {
            this.id = id;
            this.name = name;
            this.peer = peer;
            this.sink = sink;
        }

        void look() {
            if ((peer == null || !(peer.equals(node.self()) || node.peers().has(peer))) && remove()) {
                sink.accept(new NodeDown(name));
            }
        }

        private boolean remove() {
            boolean mine = nodes.remove(id) != null;
            if (mine) {
                count.decrementAndGet();
            }
            return mine;
        }

        @Override
        public void close() {
            boolean _ = remove();
        }
    }
}
