package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Pid;
import io.heliodor.process.ReplyTo;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A pid on a node. Without a codec, since it was declared as {@code Pid<?>}, it can be monitored and passed on only. */
record NodePid<M>(
        ProcessNode processes, ProcessId id, @Nullable Codec<M> codec) implements Pid<M> {
    /**
     * A pid as the library made it.
     *
     * @throws IllegalArgumentException if the library did not make it
     */
    static NodePid<?> of(Pid<?> pid) {
        if (pid instanceof NodePid<?> address) {
            return address;
        }
        throw new IllegalArgumentException(
                "Only a Pid that a node gave can be used, not one of " + pid.getClass() + ".");
    }

    @Override
    public String node() {
        return id.peer().node();
    }

    private boolean isHere() {
        return id.peer().equals(processes.self());
    }

    /** The time of the node that created it. */
    Time time() {
        return processes.time();
    }

    private byte[] encode(M message) {
        if (codec == null) {
            throw new IllegalArgumentException(
                    "It is not known what " + this + " takes: declare it as Pid<Message>, not Pid<?>.");
        }
        return codec.encode(message);
    }

    @Override
    public boolean send(M message) {
        Objects.requireNonNull(message, "message");
        return isHere()
                ? processes.send(id.number(), message)
                : processes.peers().send(id.peer(), new ProcessMessage.Send(id.number(), encode(message)));
    }

    @Override
    public boolean trySend(M message) {
        Objects.requireNonNull(message, "message");
        return isHere()
                ? processes.send(id.number(), message)
                : processes.peers().offer(id.peer(), new ProcessMessage.Send(id.number(), encode(message)));
    }

    @Override
    public <R> CallOutcome<R> call(Function<ReplyTo<R>, ? extends M> message, Duration timeout) {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timeout, "timeout");
        Peer peer = id.peer();
        return processes.calls().call(peer, timeout, (PendingCall<R> call) -> {
            M request = message.apply(new LocalReplyTo<>(call, processes));
            if (isHere()) {
                processes.deliver(this, request, call);
            } else {
                byte[] payload = encode(request);
                if (!call.isReadable()) {
                    throw new IllegalArgumentException("The message of a call to " + this
                            + " does not hold the ReplyTo that it was made with, so it could not be answered.");
                }
                processes.calls().send(call, timeout, new ProcessMessage.Call(call.id(), id.number(), payload));
            }
        });
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NodePid<?> that && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
