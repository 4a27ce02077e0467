package io.heliodor.process.engine;

import io.heliodor.codec.Decoded;
import io.heliodor.process.Body;
import io.heliodor.process.Down;
import io.heliodor.process.Inbox;
import io.heliodor.process.LimitReached;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.pubsub.Correlation;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The inbox of a process. */
final class ProcessInbox<M> implements Inbox<M> {
    private final Processes node;
    private final LocalProcess<M> process;
    private Correlation.@Nullable Scope scope;

    ProcessInbox(Processes node, LocalProcess<M> process) {
        this.node = node;
        this.process = process;
    }

    @Override
    public Pid<M> self() {
        return process.pid();
    }

    @Override
    public M receive() throws InterruptedException {
        close();
        while (true) {
            Optional<M> message = open(process.mailbox().take());
            if (message.isPresent()) {
                return message.get();
            }
        }
    }

    @Override
    public Optional<M> receive(Duration timeout) throws InterruptedException {
        Objects.requireNonNull(timeout, "timeout");
        close();
        long start = node.time().nanos();
        long nanos = Calls.nanos(timeout);
        while (true) {
            MailboxEntry<M> item = process.mailbox().poll(nanos - (node.time().nanos() - start));
            if (item == null) {
                return Optional.empty();
            }
            Optional<M> message = open(item);
            if (message.isPresent()) {
                return message;
            }
        }
    }

    private Optional<M> open(MailboxEntry<M> item) {
        return switch (item) {
            case MailboxEntry.LocalMessage<M>(var message, var context) -> {
                scope = context == null ? null : context.open();
                yield Optional.of(message);
            }
            case MailboxEntry.RemoteMessage<M> remote -> {
                scope = Correlation.resume(remote.correlation()).orElse(null);
                yield decode(remote);
            }
            case MailboxEntry.Notification<M>(var fires, var message) ->
                fires.getAsBoolean() ? Optional.of(message.get()) : Optional.empty();
        };
    }

    private Optional<M> decode(MailboxEntry.RemoteMessage<M> remote) {
        Decoded<M> decoded = ReplyToReference.decode(process.codec(), remote.payload(), remote.call());
        return switch (decoded) {
            case Decoded.Value<M>(var message) -> Optional.of(message);
            case Decoded.Refused<M>(var problem, var message) -> {
                node.undecodable(remote.from(), process.thread().getName(), problem + ": " + message);
                if (remote.call() != null) {
                    remote.call().failed("undecodable", problem + ": " + message);
                }
                close();
                yield Optional.empty();
            }
        };
    }

    /** Ends the correlation of the last message. */
    void close() {
        checkThread();
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }

    private void checkThread() {
        if (!Thread.currentThread().equals(process.thread())) {
            throw new IllegalStateException("The inbox of " + process.thread().getName()
                    + " belongs to its thread; send a message to the process instead.");
        }
    }

    @Override
    public Monitor monitor(Pid<?> pid, Function<? super Down, ? extends M> message) {
        Objects.requireNonNull(pid, "pid");
        Objects.requireNonNull(message, "message");
        return watch(message, sink -> node.monitors().monitor(pid, sink));
    }

    @Override
    public Monitor monitorNode(String name, Function<? super NodeDown, ? extends M> message) {
        Objects.requireNonNull(name, "node");
        Objects.requireNonNull(message, "message");
        return watch(message, sink -> node.monitors().monitorNode(name, sink));
    }

    /** Sets a monitor, which may fire before it is known here; closing it works in either order. */
    private <D> Monitor watch(Function<? super D, ? extends M> message, Function<Consumer<D>, Monitor> set) {
        checkThread();
        int limit = node.limits().monitors();
        if (process.monitors().size() >= limit) {
            throw new LimitReached("ended monitors of one process without a notice", limit);
        }
        Owned owned = new Owned();
        process.monitors().add(owned);
        try {
            owned.over(set.apply(down -> process.mailbox()
                    .putAlways(new MailboxEntry.Notification<>(owned::fire, () -> message.apply(down)))));
        } catch (RuntimeException e) {
            process.monitors().remove(owned);
            throw e;
        }
        return owned;
    }

    /** A monitor that ends with this process. */
    private final class Owned implements Monitor {
        private static final Monitor OVER = () -> {};

        private final AtomicReference<@Nullable Monitor> inner = new AtomicReference<>();

        void over(Monitor monitor) {
            if (!inner.compareAndSet(null, monitor)) {
                monitor.close();
            }
        }

        boolean fire() {
            process.monitors().remove(this);
            return !OVER.equals(inner.getAndSet(OVER));
        }

        @Override
        public void close() {
            process.monitors().remove(this);
            Monitor monitor = inner.getAndSet(OVER);
            if (monitor != null) {
                monitor.close();
            }
        }
    }

    @Override
    public <C> Pid<C> spawn(Type<C> type, Body<C> body) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(body, "body");
        checkThread();
        return node.spawn(type, body, process);
    }

    @Override
    public boolean stop(Pid<?> child, Duration grace) throws InterruptedException {
        Objects.requireNonNull(child, "child");
        Objects.requireNonNull(grace, "grace");
        checkThread();
        LocalProcess<?> found = node.find(child);
        if (found == null) {
            return true;
        }
        if (!process.equals(found.parent())) {
            throw new IllegalArgumentException(child + " is not a child of " + self() + "; only its parent stops it.");
        }
        return found.stop(Calls.nanos(grace));
    }
}
