package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The monitors of this node. Each is in its map until it fires or is closed; the thread that removes it does so. Sinks are
 * called by any thread and must not block.
 */
public final class Monitors {
    private final Processes node;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Long, ProcessMonitor> processes = new ConcurrentHashMap<>();
    private final Map<Long, NodeMonitor> nodes = new ConcurrentHashMap<>();

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
            node.counters().increment(NodeCounter.OVER_LIMIT);
            throw new LimitReached("monitors", limit);
        }
    }

    Monitor monitor(Pid<?> pid, Consumer<? super Down> sink) {
        ProcessId target = Processes.idOf(pid);
        reserve();
        ProcessMonitor monitor = new ProcessMonitor(ids.incrementAndGet(), target, pid, sink);
        processes.put(monitor.id, monitor);
        monitor.set();
        return monitor;
    }

    void ended(Peer from, long id, Exit exit) {
        ProcessMonitor monitor = processes.get(id);
        if (monitor != null && monitor.target.peer().equals(from)) {
            monitor.fire(exit);
        }
    }

    /** A new session: ends that the peer reported may be lost. It reports them again on a repeated request. */
    void renew(PeerSession session) {
        for (PeerSession.Waiter waiting : session.waiting()) {
            if (waiting instanceof ProcessMonitor monitor) {
                monitor.request();
            }
        }
    }

    private final class ProcessMonitor implements Monitor, PeerSession.Waiter {
        private final long id;
        private final ProcessId target;
        private final Pid<?> pid;
        private final Consumer<? super Down> sink;
        private volatile @Nullable PeerSession session;

        ProcessMonitor(long id, ProcessId target, Pid<?> pid, Consumer<? super Down> sink) {
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
                request();
            }
        }

        void request() {
            node.peers().post(target.peer(), new ProcessMessage.Monitor(id, target.number()));
        }

        private boolean remove() {
            boolean mine = processes.remove(id) != null;
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
        public void sessionLost(Exit exit) {
            fire(exit);
        }

        @Override
        public void close() {
            if (remove()) {
                if (session != null) {
                    node.peers().post(target.peer(), new ProcessMessage.Demonitor(id));
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
        NodeMonitor monitor =
                new NodeMonitor(ids.incrementAndGet(), name, node.peers().member(name), sink);
        nodes.put(monitor.id, monitor);
        // A view may have been installed since the member was found.
        monitor.check();
        return monitor;
    }

    void viewChanged() {
        nodes.values().forEach(NodeMonitor::check);
    }

    private final class NodeMonitor implements Monitor {
        private final long id;
        private final String name;
        private final @Nullable Peer peer;
        private final Consumer<? super NodeDown> sink;

        NodeMonitor(long id, String name, @Nullable Peer peer, Consumer<? super NodeDown> sink) {
            this.id = id;
            this.name = name;
            this.peer = peer;
            this.sink = sink;
        }

        void check() {
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
