package io.heliodor.channel;

import io.heliodor.channel.Outgoing.Kind;
import io.heliodor.event.Event;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Channels whose changes pass a hook; queries do not. */
record HookedChannels(Channels now, SendHook hook) implements Channels {
    private void send(Kind kind, List<String> topics, Runnable action) {
        hook.send(new Outgoing(kind, topics, Optional.empty(), action));
    }

    private void send(Kind kind, List<String> topics, Event<?> event, Runnable action) {
        hook.send(new Outgoing(kind, topics, Optional.of(event.name()), action));
    }

    @Override
    public <T> void broadcast(String topic, Event<T> event, T payload) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(event, "event");
        send(Kind.BROADCAST, List.of(topic), event, () -> now.broadcast(topic, event, payload));
    }

    @Override
    public <T> void broadcast(Collection<String> topics, Event<T> event, T payload) {
        List<String> copy = List.copyOf(Objects.requireNonNull(topics, "topics"));
        Objects.requireNonNull(event, "event");
        send(Kind.BROADCAST, copy, event, () -> now.broadcast(copy, event, payload));
    }

    @Override
    public <T> CompletionStage<Integer> push(String socketId, Event<T> event, T payload) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(event, "event");
        AtomicBoolean sent = new AtomicBoolean();
        CompletableFuture<Integer> count = new HeldCount<>(hook, sent);
        send(Kind.PUSH, List.of(), event, () -> {
            sent.set(true);
            try {
                now.push(socketId, event, payload).whenComplete((connections, failure) -> {
                    if (failure == null) {
                        count.complete(connections);
                    } else {
                        count.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException e) {
                count.completeExceptionally(e);
                throw e;
            }
        });
        return count;
    }

    @Override
    public void disconnect(String socketId) {
        Objects.requireNonNull(socketId, "socketId");
        send(Kind.DISCONNECT, List.of(), () -> now.disconnect(socketId));
    }

    @Override
    public <T> void kick(String socketId, Event<T> event, T payload) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(event, "event");
        send(Kind.KICK, List.of(), event, () -> now.kick(socketId, event, payload));
    }

    @Override
    public void remove(String socketId, String topic) {
        Objects.requireNonNull(socketId, "socketId");
        Objects.requireNonNull(topic, "topic");
        send(Kind.REMOVE, List.of(topic), () -> now.remove(socketId, topic));
    }

    @Override
    public void recheck(String socketId) {
        Objects.requireNonNull(socketId, "socketId");
        send(Kind.RECHECK, List.of(), () -> now.recheck(socketId));
    }

    @Override
    public List<Socket<?>> localConnections(String socketId) {
        return now.localConnections(socketId);
    }

    @Override
    public List<Socket<?>> localMembers(String topic) {
        return now.localMembers(topic);
    }

    @Override
    public int memberCount(String topic) {
        return now.memberCount(topic);
    }

    @Override
    public KeptMessages newest(String topic, int limit) {
        return now.newest(topic, limit);
    }

    @Override
    public KeptMessages since(String topic, String token, int limit) {
        return now.since(topic, token, limit);
    }

    @Override
    public boolean serves(String topic) {
        return now.serves(topic);
    }

    /** The count of a push that may be held back by the thread that waits for it. Its dependents are of the same class. */
    private static final class HeldCount<T> extends CompletableFuture<T> {
        private final SendHook hook;
        private final AtomicBoolean sent;

        HeldCount(SendHook hook, AtomicBoolean sent) {
            this.hook = hook;
            this.sent = sent;
        }

        private void checkMayWait() {
            if (!sent.get() && !isDone()) {
                hook.checkMayWait();
            }
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new HeldCount<>(hook, sent);
        }

        @Override
        public T join() {
            checkMayWait();
            return super.join();
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            checkMayWait();
            return super.get();
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            checkMayWait();
            return super.get(timeout, unit);
        }
    }
}
