package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.link.Link;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.process.Body;
import io.heliodor.process.Correlation;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.Counters.Counter;
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
 * The processes of one node. A node builds one, tells it what its link tells, and adds its routes before the link starts.
 *
 * <p>Any thread may use it. {@link #view}, {@link #opened} and {@link #closed} come as the listener of a link gets them, one
 * at a time; they and the routes do not block and run no code of users.
 */
public final class Processes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Processes.class);
    private static final int LONGEST_REASON = 1_000;

    private final Time time;
    private final ProcessLimits limits;
    private final Counters counters = new Counters();
    private final Codecs codecs;
    private final Peers peers;
    private final Calls calls;
    private final InboundRequests inbound;
    private final Monitors monitors;
    private final LogRateLimiter unreadable;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Long, LocalProcess<?>> processes = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * No processes yet.
     *
     * @param self this node
     * @param link asked for when something is sent to a peer of the view, so not before one was told by {@link #view}
     * @param time when calls time out
     * @param codecs how messages are written; pids and reply addresses are added to it
     * @param limits what bounds it
     */
    public Processes(Peer self, Supplier<? extends Link> link, Time time, Codecs.Builder codecs, ProcessLimits limits) {
        this.time = time;
        this.limits = limits;
        this.peers = new Peers(self, link, time, limits.room().toNanos(), counters);
        this.calls = new Calls(peers, time, limits.calls(), counters);
        this.inbound = new InboundRequests(peers, limits, counters);
        this.monitors = new Monitors(this);
        this.unreadable = new LogRateLimiter(time);
        this.codecs = codecs.reference(new PidReference(this))
                .reference(new ReplyToReference(this))
                .build();
    }

    /**
     * This node.
     *
     * @return its peer
     */
    public Peer self() {
        return peers.self();
    }

    /**
     * How values of users are written on this node.
     *
     * @return the codecs, which know pids and reply addresses
     */
    public Codecs codecs() {
        return codecs;
    }

    /**
     * What was lost or refused.
     *
     * @return the counters
     */
    public Counters counters() {
        return counters;
    }

    /**
     * The calls that wait for an answer.
     *
     * @return those of this node
     */
    public Calls calls() {
        return calls;
    }

    /**
     * The calls that this node has been given.
     *
     * @return those of other nodes
     */
    public InboundRequests inbound() {
        return inbound;
    }

    /**
     * The time of this node.
     *
     * @return clock and timers
     */
    public Time time() {
        return time;
    }

    Peers peers() {
        return peers;
    }

    /**
     * The monitors of this node.
     *
     * @return those that have not fired
     */
    public Monitors monitors() {
        return monitors;
    }

    ProcessLimits limits() {
        return limits;
    }

    /**
     * The member of a name.
     *
     * @param name the name of a node
     * @return the life of it that is in the view; this node even before there is one
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
     * Sends a message that may be lost. Waits for a session and for room, as {@code Pid.send} does.
     *
     * @param to whom
     * @param message what
     * @return whether it was queued
     */
    public boolean send(Peer to, Message message) {
        return peers.send(to, message);
    }

    /**
     * Says that the messages of processes and calls are for this.
     *
     * @param routes those of the node
     */
    public void route(Routes routes) {
        routes.add(ProcessMessages.BEGIN, ProcessMessages.Begin::read, (from, message, id) -> begun(from))
                .add(ProcessMessages.SEND, ProcessMessages.Send::read, this::received)
                .add(ProcessMessages.SEND_ALL, ProcessMessages.SendAll::read, this::receivedAll)
                .add(ProcessMessages.CALL, ProcessMessages.Call::read, this::called)
                .add(
                        ProcessMessages.ANSWER,
                        ProcessMessages.Answer::read,
                        (from, message, id) -> calls.answered(from, message))
                .add(
                        ProcessMessages.CANCEL,
                        ProcessMessages.Cancel::read,
                        (from, message, id) -> inbound.cancel(from, message.call()))
                .add(
                        ProcessMessages.MONITOR,
                        ProcessMessages.Monitor::read,
                        (from, message, id) -> watched(from, message))
                .add(
                        ProcessMessages.DEMONITOR,
                        ProcessMessages.Demonitor::read,
                        (from, message, id) -> inbound.unwatch(from, message.monitor()))
                .add(
                        ProcessMessages.ENDED,
                        ProcessMessages.Ended::read,
                        (from, message, id) -> monitors.ended(from, message.monitor(), message.exit()));
    }

    /**
     * A view was installed.
     *
     * @param view which
     */
    public void view(View view) {
        peers.view(view);
        inbound.viewed();
        monitors.viewed();
    }

    /**
     * A session was opened.
     *
     * @param peer to whom
     */
    public void opened(Peer peer) {
        peers.opened(peer);
    }

    /**
     * A session was closed.
     *
     * @param peer to whom it was
     */
    public void closed(Peer peer) {
        peers.closed(peer);
    }

    private void begun(Peer from) {
        inbound.forget(from);
        PeerSession session = peers.session(from);
        if (session != null) {
            monitors.renew(session);
        }
    }

    private void received(Peer from, ProcessMessages.Send message, String correlation) {
        received(from, message.process(), message.payload(), correlation);
    }

    private void receivedAll(Peer from, ProcessMessages.SendAll message, String correlation) {
        for (long process : message.processes()) {
            received(from, process, message.payload(), correlation);
        }
    }

    private void received(Peer from, long number, byte[] payload, String correlation) {
        LocalProcess<?> process = processes.get(number);
        if (process == null) {
            counters.add(Counter.NO_PROCESS);
        } else {
            boolean _ = process.put(new MailboxEntry.RemoteMessage<>(from, payload, correlation, null));
        }
    }

    private void called(Peer from, ProcessMessages.Call message, String correlation) {
        IncomingCall call = inbound.begin(from, message.call()).orElse(null);
        LocalProcess<?> process = processes.get(message.process());
        if (call != null && process == null) {
            call.down(new Exit.NoProcess());
        } else if (call != null && process != null) {
            process.put(new MailboxEntry.RemoteMessage<>(from, message.payload(), correlation, call), call);
        }
    }

    private void watched(Peer from, ProcessMessages.Monitor message) {
        LocalProcess<?> process = processes.get(message.process());
        ProcessId watcher = new ProcessId(from, message.monitor());
        if (process == null) {
            tellEnd(watcher, new Exit.NoProcess());
        } else if (inbound.watch(from, message.monitor(), () -> process.unwatch(watcher))) {
            boolean _ = process.watch(watcher, exit -> tellEnd(watcher, exit));
        } else {
            tellEnd(watcher, new Exit.NoConnection(self().node()));
        }
    }

    private void tellEnd(ProcessId watcher, Exit exit) {
        inbound.unwatch(watcher.peer(), watcher.number());
        peers.post(watcher.peer(), new ProcessMessages.Ended(watcher.number(), exit));
    }

    /**
     * Starts a process that has no parent: it ends when its body does, when it is {@linkplain #stop stopped}, and with its
     * node.
     *
     * @param type the type of its messages
     * @param body what it does
     * @param <M> the type of its messages
     * @return its address
     * @throws IllegalArgumentException when messages of the type cannot go to other nodes
     * @throws LimitReached when there are too many processes
     * @throws IllegalStateException when the node is closed
     */
    public <M> Pid<M> spawn(Type<M> type, Body<M> body) {
        return spawn(type, body, null);
    }

    <M> Pid<M> spawn(Type<M> type, Body<M> body, @Nullable LocalProcess<?> parent) {
        Codec<M> codec = codecs.of(type);
        if (count.incrementAndGet() > limits.processes()) {
            count.decrementAndGet();
            counters.add(Counter.OVER_LIMIT);
            throw new LimitReached("processes", limits.processes());
        }
        ProcessId id = new ProcessId(self(), numbers.incrementAndGet());
        LocalProcess<M> process =
                new LocalProcess<>(this, new NodePid<>(this, id, codec), codec, body, parent, simple(type.type()));
        processes.put(id.number(), process);
        // Closing looks at the processes after it has said so: either it finds this one, or this finds that.
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

    @SuppressWarnings("unchecked") // the process was started with messages of the type of its address
    <M> @Nullable LocalProcess<M> find(NodePid<M> pid) {
        return (LocalProcess<M>) processes.get(pid.id().number());
    }

    /**
     * What a pid is when it travels.
     *
     * @param pid one that this library made
     * @return its id
     */
    public static ProcessId idOf(Pid<?> pid) {
        return address(pid).id();
    }

    /**
     * By which time a process of this JVM lives.
     *
     * @param pid its own, as it sees it
     * @return the time of its node
     */
    public static Time timeOf(Pid<?> pid) {
        return address(pid).time();
    }

    private static NodePid<?> address(Pid<?> pid) {
        if (pid instanceof NodePid<?> address) {
            return address;
        }
        throw new IllegalArgumentException(
                "Only a Pid that a node gave can be used, not one of " + pid.getClass() + ".");
    }

    /**
     * The pid of a process.
     *
     * @param id what it is
     * @param type the type of the messages that it takes
     * @param <M> that type
     * @return its address, whether it lives or not
     */
    public <M> Pid<M> pid(ProcessId id, Type<M> type) {
        return new NodePid<>(this, id, codecs.of(type));
    }

    /**
     * Sends a message to several processes: one envelope for each node, encoded once. It waits for room as {@link Pid#send}
     * does, for all nodes together, but not for nodes that take nothing.
     *
     * @param to the processes
     * @param type the type of their messages
     * @param message the message
     * @param <M> the type of their messages
     * @return to how many it was sent
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

    /** Sends to a process of this node. The sender knows what it takes. */
    @SuppressWarnings("unchecked")
    <M> boolean send(long number, M message) {
        LocalProcess<M> process = (LocalProcess<M>) processes.get(number);
        if (process == null) {
            counters.add(Counter.NO_PROCESS);
            return false;
        }
        return process.put(new MailboxEntry.LocalMessage<>(message, Correlation.carried()));
    }

    /**
     * Whether a process of this node runs.
     *
     * @param id what it is
     * @return false when it has ended, or is of another node
     */
    public boolean runs(ProcessId id) {
        return id.peer().equals(self()) && processes.containsKey(id.number());
    }

    /**
     * Tells when a process ends: once, on a virtual thread; at once if it has ended. It may wait for a session that is about
     * to open, as {@code Pid.send} does, if the process is of another node.
     *
     * @param pid whose end
     * @param listener who is told
     * @return closing it ends the watch
     * @throws LimitReached when there are too many monitors
     */
    public Monitor monitor(Pid<?> pid, Consumer<? super Down> listener) {
        return monitors.monitor(pid, down -> tell(listener, down));
    }

    /**
     * Tells when a node leaves the view: once, on a virtual thread; at once if it is not in it.
     *
     * @param name the name of the node
     * @param listener who is told
     * @return closing it ends the watch
     * @throws LimitReached when there are too many monitors
     */
    public Monitor monitorNode(String name, Consumer<? super NodeDown> listener) {
        return monitors.monitorNode(name, down -> tell(listener, down));
    }

    private static <D> void tell(Consumer<? super D> listener, D down) {
        Thread.ofVirtual().name("monitor").inheritInheritableThreadLocals(false).start(() -> {
            try {
                listener.accept(down);
            } catch (RuntimeException e) {
                log.error("A listener failed when it was told of {}.", down, e);
            }
        });
    }

    /**
     * Asks a process of this node to end, as {@code Inbox.stop} does. Does not wait.
     *
     * @param pid which
     * @return whether it was running here
     */
    public boolean stop(Pid<?> pid) {
        LocalProcess<?> process = find(pid);
        if (process == null) {
            return false;
        }
        process.ask();
        Time.Task interrupt = time.after(limits.grace().toNanos(), process::interrupt);
        CompletableFuture<Void> _ = process.ended().thenRun(interrupt::cancel);
        return true;
    }

    /**
     * The number of processes.
     *
     * @return 0 or more
     */
    public int count() {
        return count.get();
    }

    void undecodable(Peer from, String process, String problem) {
        counters.add(Counter.UNDECODABLE);
        if (unreadable.permits()) {
            log.warn("{} got something from {} that it cannot read, and dropped it: {}", process, from, problem);
        }
    }

    /**
     * What is said of an exception where no stack trace may go.
     *
     * @param thrown the exception
     * @return its class and its message, cut if it is long
     */
    public static String describe(Throwable thrown) {
        String message = thrown.getMessage();
        String all = thrown.getClass().getName() + (message == null ? "" : ": " + message);
        return all.length() > LONGEST_REASON ? all.substring(0, LONGEST_REASON) : all;
    }

    /**
     * Ends all processes and waits for them, 15 seconds at most. Then calls that still wait end as {@code TargetDown}, those of
     * others are cancelled, and nothing can be started or called any more.
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
        Time.Task surrender = time.after(3 * limits.grace().toNanos(), () -> over.complete(false));
        awaitEnd(over);
        if (!over.join()) {
            log.error("{} processes of {} do not end; they are left to themselves.", count.get(), self().node());
        }
        surrender.cancel();
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
