package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Link;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.process.Body;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of a node. The node creates it, adds its routes before the link starts, and passes the events of the link
 * to it.
 *
 * <p>Any thread may use it. {@link #view}, {@link #opened} and {@link #closed} are called like the listener of a link, one
 * at a time. They and the routes do not block and run no user code.
 */
public final class Processes implements ProcessNode, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Processes.class);
    private final Time time;
    private final ProcessLimits limits;
    private final EnumCounters<NodeCounter> counters = new EnumCounters<>(NodeCounter.class);
    private final Codecs codecs;
    private final Peers peers;
    private final Calls calls;
    private final InboundRequests inbound;
    private final Monitors monitors;
    private final BoundedLog unreadable;
    private final BoundedLog inboxes;

    /** About processes, procedures and listeners, which are user code. */
    private final FailureLog failures;

    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Long, LocalProcess<?>> processes = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * A node without processes.
     *
     * @param self this node
     * @param link the link; called after the first {@link #view}
     * @param time the time of timeouts
     * @param codecs the codecs of messages; those of pids and reply addresses are added
     * @param limits the limits
     */
    public Processes(Peer self, Supplier<? extends Link> link, Time time, Codecs.Builder codecs, ProcessLimits limits) {
        this.time = time;
        this.limits = limits;
        this.peers = new Peers(self, link, time, limits.sendTimeout().toNanos(), counters);
        this.calls = new Calls(peers, time, limits.calls(), counters);
        this.inbound = new InboundRequests(peers, limits, counters);
        this.monitors = new Monitors(this);
        this.unreadable = new BoundedLog(log, "unreadable messages", time::nanos);
        this.inboxes = new BoundedLog(log, "inboxes that are full", time::nanos);
        this.failures = new FailureLog(log, time::nanos);
        this.codecs = codecs.reference(new PidReference(this))
                .reference(new ReplyToReference(this))
                .build();
    }

    @Override
    public Peer self() {
        return peers.self();
    }

    @Override
    public Codecs codecs() {
        return codecs;
    }

    @Override
    public EnumCounters<NodeCounter> counters() {
        return counters;
    }

    @Override
    public Calls calls() {
        return calls;
    }

    /** The calls and monitors of other nodes. */
    public InboundRequests inbound() {
        return inbound;
    }

    @Override
    public Time time() {
        return time;
    }

    @Override
    public Peers peers() {
        return peers;
    }

    /** The monitors of this node that have not fired. */
    public Monitors monitors() {
        return monitors;
    }

    BoundedLog inboxes() {
        return inboxes;
    }

    FailureLog failures() {
        return failures;
    }

    ProcessLimits limits() {
        return limits;
    }

    /**
     * The member with a name.
     *
     * @param name the name of a node
     * @return its incarnation in the view; this node also before the first view
     */
    public Optional<Peer> member(String name) {
        return Optional.ofNullable(peers.member(name));
    }

    /**
     * Whether a peer is a member of the view that the link reported last.
     *
     * @param peer the peer
     * @return true if it is
     */
    public boolean isMember(Peer peer) {
        return peers.has(peer);
    }

    /**
     * Sends a message that may be lost. Waits for a session and for capacity, as {@code Pid.send} does.
     *
     * @param to the receiver
     * @param message the message
     * @return whether it was queued
     */
    public boolean send(Peer to, Message message) {
        return peers.send(to, message);
    }

    /**
     * Registers the receiver of messages about processes and calls.
     *
     * @param routes the routes of the node
     */
    public void route(MessageRoutes routes) {
        ProcessMessage.route(routes, this::received);
    }

    private void received(Peer from, ProcessMessage message, String correlation) {
        switch (message) {
            case ProcessMessage.Send(long process, byte[] payload) -> received(from, process, payload, correlation);
            case ProcessMessage.SendAll(long[] all, byte[] payload) -> {
                for (long process : all) {
                    received(from, process, payload, correlation);
                }
            }
            case ProcessMessage.Call call -> called(from, call, correlation);
            case ProcessMessage.Answer answer -> calls.answered(from, answer);
            case ProcessMessage.Cancel(long call) -> inbound.cancel(from, call);
            case ProcessMessage.Monitor monitor -> watched(from, monitor);
            case ProcessMessage.Demonitor(long monitor) -> inbound.unwatch(from, monitor);
            case ProcessMessage.Ended(long monitor, Exit exit) -> monitors.ended(from, monitor, exit);
            case ProcessMessage.Begin() -> begun(from);
        }
    }

    /**
     * A view was installed.
     *
     * @param view the view
     */
    public void view(View view) {
        peers.view(view);
        inbound.viewChanged();
        monitors.viewChanged();
    }

    /**
     * A session was opened.
     *
     * @param peer the peer
     */
    public void opened(Peer peer) {
        peers.opened(peer);
    }

    /**
     * A session was closed.
     *
     * @param peer the peer
     */
    public void closed(Peer peer) {
        peers.closed(peer);
    }

    private void begun(Peer from) {
        inbound.drop(from);
        PeerSession session = peers.session(from);
        if (session != null) {
            monitors.renew(session);
        }
    }

    private void received(Peer from, long number, byte[] payload, String correlation) {
        LocalProcess<?> process = processes.get(number);
        if (process == null) {
            counters.increment(NodeCounter.NO_PROCESS);
        } else {
            boolean _ = process.put(new MailboxEntry.RemoteMessage<>(from, payload, correlation, null));
        }
    }

    private void called(Peer from, ProcessMessage.Call message, String correlation) {
        IncomingCall call = inbound.begin(from, message.call()).orElse(null);
        LocalProcess<?> process = processes.get(message.process());
        if (call != null && process == null) {
            call.down(new Exit.NoProcess());
        } else if (call != null && process != null) {
            process.put(new MailboxEntry.RemoteMessage<>(from, message.payload(), correlation, call), call);
        }
    }

    private void watched(Peer from, ProcessMessage.Monitor message) {
        LocalProcess<?> process = processes.get(message.process());
        ProcessId watcher = new ProcessId(from, message.monitor());
        if (process == null) {
            // A process that is ending has left the table before its monitors are notified: its exit follows.
            if (!inbound.watches(from, message.monitor())) {
                sendEnded(watcher, new Exit.NoProcess());
            }
        } else if (inbound.watch(from, message.monitor(), () -> process.unwatch(watcher))) {
            boolean _ = process.watch(watcher, exit -> sendEnded(watcher, exit));
        } else {
            sendEnded(watcher, new Exit.NoConnection(self().node()));
        }
    }

    private void sendEnded(ProcessId watcher, Exit exit) {
        peers.post(watcher.peer(), new ProcessMessage.Ended(watcher.number(), exit));
        // After it: a repeated request finds either the monitor or no process, and its response comes second.
        inbound.unwatch(watcher.peer(), watcher.number());
    }

    /**
     * Starts a process without a parent. It ends with its body, when it is {@linkplain #stop stopped}, and with the node.
     *
     * @param type the type of its messages
     * @param body its body
     * @param <M> the type of its messages
     * @return its address
     * @throws IllegalArgumentException when messages of the type cannot go to other nodes
     * @throws LimitReached when the limit of processes is reached
     * @throws IllegalStateException when the node is closed
     */
    public <M> Pid<M> spawn(Type<M> type, Body<M> body) {
        return spawn(type, body, null);
    }

    <M> Pid<M> spawn(Type<M> type, Body<M> body, @Nullable LocalProcess<?> parent) {
        Codec<M> codec = codecs.of(type);
        if (count.incrementAndGet() > limits.processes()) {
            count.decrementAndGet();
            counters.increment(NodeCounter.OVER_LIMIT);
            throw new LimitReached("processes", limits.processes());
        }
        ProcessId id = new ProcessId(self(), numbers.incrementAndGet());
        LocalProcess<M> process =
                new LocalProcess<>(this, new NodePid<>(this, id, codec), codec, body, parent, simple(type.type()));
        processes.put(id.number(), process);
        // Close sets its flag before it lists the processes: either it finds this one, or the flag is seen here.
        if (closed) {
            processes.remove(id.number());
            count.decrementAndGet();
            throw new IllegalStateException("The node " + self().node() + " is closed; no process can be started.");
        }
        if (parent != null) {
            parent.adopt(process);
        }
        process.start();
        return process.pid();
    }

    private static String simple(java.lang.reflect.Type type) {
        return type instanceof Class<?> plain ? plain.getSimpleName() : type.getTypeName();
    }

    void ended(LocalProcess<?> process) {
        processes.remove(process.pid().id().number());
        count.decrementAndGet();
    }

    @Nullable
    LocalProcess<?> find(Pid<?> pid) {
        ProcessId id = idOf(pid);
        return id.peer().equals(self()) ? processes.get(id.number()) : null;
    }

    @Override
    @SuppressWarnings("unchecked") // the process was started with messages of the type of its address
    public <M> void deliver(NodePid<M> pid, M request, PendingCall<?> call) {
        LocalProcess<M> process = (LocalProcess<M>) processes.get(pid.id().number());
        if (process == null) {
            call.down(new Exit.NoProcess());
        } else {
            process.put(new MailboxEntry.LocalMessage<>(request), call);
        }
    }

    /**
     * The identity of a pid.
     *
     * @param pid a pid of this library
     * @return its id
     */
    public static ProcessId idOf(Pid<?> pid) {
        return NodePid.of(pid).id();
    }

    /**
     * The time of a process of this JVM.
     *
     * @param pid its own pid
     * @return the time of its node
     */
    public static Time timeOf(Pid<?> pid) {
        return NodePid.of(pid).time();
    }

    /**
     * The pid of a process.
     *
     * @param id its identity
     * @param type the type of its messages
     * @param <M> that type
     * @return its pid, whether it runs or not
     */
    public <M> Pid<M> pid(ProcessId id, Type<M> type) {
        return new NodePid<>(this, id, codecs.of(type));
    }

    /**
     * Sends a message to several processes: one envelope for each node, encoded once. It waits for capacity as {@link
     * Pid#send} does, with one timeout for all nodes, but not for nodes that do not read.
     *
     * @param to the processes
     * @param type the type of their messages
     * @param message the message
     * @param <M> the type of their messages
     * @return the number of processes that it was sent to
     * @throws IllegalArgumentException when messages of the type cannot go to other nodes
     */
    public <M> int sendAll(Recipients to, Type<M> type, M message) {
        Codec<M> codec = codecs.of(type);
        int sent = to.peers().isEmpty() ? 0 : peers.sendAll(to, codec.encode(message));
        for (long number : to.numbersHere()) {
            sent += send(number, message) ? 1 : 0;
        }
        return sent;
    }

    /** Sends to a process of this node, whose type the sender knows. */
    @SuppressWarnings("unchecked")
    @Override
    public <M> boolean send(long number, M message) {
        LocalProcess<M> process = (LocalProcess<M>) processes.get(number);
        if (process == null) {
            counters.increment(NodeCounter.NO_PROCESS);
            return false;
        }
        return process.put(new MailboxEntry.LocalMessage<>(message));
    }

    /**
     * Whether a process of this node runs.
     *
     * @param id its identity
     * @return false if it has ended, or is a process of another node
     */
    public boolean runs(ProcessId id) {
        return id.peer().equals(self()) && processes.containsKey(id.number());
    }

    /**
     * Calls a listener when a process ends: once, on a virtual thread; at once if it has ended. For a process of another
     * node it may wait for a session, as {@code Pid.send} does.
     *
     * @param pid the process
     * @param listener the listener
     * @return ends the monitor when closed
     * @throws LimitReached when the limit of monitors is reached
     */
    public Monitor monitor(Pid<?> pid, Consumer<? super Down> listener) {
        return monitors.monitor(pid, down -> callListener(listener, down));
    }

    /**
     * Calls a listener when a node leaves the view: once, on a virtual thread; at once if it is not in it.
     *
     * @param name the name of the node
     * @param listener the listener
     * @return ends the monitor when closed
     * @throws LimitReached when the limit of monitors is reached
     */
    public Monitor monitorNode(String name, Consumer<? super NodeDown> listener) {
        return monitors.monitorNode(name, down -> callListener(listener, down));
    }

    private <D> void callListener(Consumer<? super D> listener, D down) {
        Thread.ofVirtual().name("monitor").inheritInheritableThreadLocals(false).start(() -> {
            try {
                listener.accept(down);
            } catch (RuntimeException e) {
                failures.error("A listener", e, () -> "failed for " + down + ".");
            }
        });
    }

    /**
     * Requests the end of a process of this node, as {@code Inbox.stop} does. Does not wait.
     *
     * @param pid the process
     * @return whether it runs on this node
     */
    public boolean stop(Pid<?> pid) {
        LocalProcess<?> process = find(pid);
        if (process == null) {
            return false;
        }
        process.requestEnd();
        Time.Task interrupt = time.after(limits.grace().toNanos(), process::interrupt);
        CompletableFuture<Void> _ = process.ended().thenRun(interrupt::cancel);
        return true;
    }

    /** The number of processes. */
    public int count() {
        return count.get();
    }

    void undecodable(Peer from, String process, String problem) {
        counters.increment(NodeCounter.UNDECODABLE);
        unreadable.warn("{} received an unreadable message from {}, and dropped it: {}", process, from, problem);
    }

    /**
     * Ends all processes and waits for them, up to 15 seconds. Then open calls end as {@code TargetDown}, those of others are
     * cancelled, and no process or call can begin.
     */
    @Override
    public void close() {
        closed = true;
        List<LocalProcess<?>> roots = processes.values().stream()
                .filter(process -> process.parent() == null)
                .toList();
        roots.reversed().forEach(process -> stop(process.pid()));
        CompletableFuture<Void> all =
                CompletableFuture.allOf(roots.stream().map(LocalProcess::ended).toArray(CompletableFuture<?>[]::new));
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        CompletableFuture<Void> _ = all.thenRun(() -> over.complete(true));
        Time.Task giveUp = time.after(3 * limits.grace().toNanos(), () -> over.complete(false));
        awaitEnd(over);
        if (!over.join()) {
            log.error("{} processes of {} do not end; they are abandoned.", count.get(), self().node());
        }
        giveUp.cancel();
        calls.close();
        inbound.close();
    }

    private void awaitEnd(CompletableFuture<?> over) {
        boolean interrupted = false;
        while (!over.isDone()) {
            try {
                time.await(over, limits.grace().toNanos());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
