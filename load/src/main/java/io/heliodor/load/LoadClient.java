package io.heliodor.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.ClientCounters;
import io.heliodor.client.socket.ClientSocket;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** One client: its connection, its channel, and what it receives. */
final class LoadClient implements AutoCloseable {
    private final LoadPlan plan;
    private final int number;
    private final TopicMessages messages;
    private final Measurements measurements;
    private final Arrivals arrivals;
    private final Client client;
    private final ClientChannel channel;
    private volatile boolean isClosing;
    private final CompletableFuture<LoadClient> joined = new CompletableFuture<>();

    LoadClient(
            LoadPlan plan,
            int number,
            TopicMessages messages,
            Measurements measurements,
            Executor callbacks,
            Supplier<ClientSocket> sockets) {
        this.plan = plan;
        this.number = number;
        this.messages = messages;
        this.measurements = measurements;
        this.arrivals = new Arrivals(messages.capacity());
        Client.Builder builder =
                Client.to(plan.url()).callbacks(callbacks).sockets(sockets).maxTopics(1);
        if (!plan.tokens().isEmpty()) {
            String token = plan.tokens().get(number % plan.tokens().size());
            builder.token(() -> token);
        }
        client = builder.build();
        channel = client.channel(plan.topic(number), Raw.of(plan.params(number)));
    }

    /** Begins to join. The future ends when that has succeeded, or was refused for good. */
    CompletableFuture<LoadClient> join() {
        client.onStatus(this::connection);
        channel.onStatus(this::membership);
        plan.receives().ifPresent(event -> channel.on(Event.of(event, Raw.class), this::received));
        channel.join();
        return joined;
    }

    private void connection(ConnectionStatus status) {
        if (status instanceof ConnectionStatus.Refused refused) {
            fail("is refused with "
                    + (refused.status() == 0 ? "close code " + refused.code() : "status " + refused.status())
                    + detail(refused.reason()) + hint(refused.status()));
        } else if (status instanceof ConnectionStatus.Reconnecting again && number == 0 && !joined.isDone()) {
            fail("cannot connect to " + plan.url() + ": " + again.cause() + "; is the server running?");
        }
    }

    private String hint(int status) {
        if (status == 401 || status == 403) {
            return plan.tokens().isEmpty() ? "; give a token by --token-file" : "; look at the token in --token-file";
        }
        return status == 404 ? "; is there a socket at " + plan.url() + "?" : "";
    }

    private void membership(ChannelStatus status) {
        if (status instanceof ChannelStatus.Joined) {
            joined.complete(this);
        } else if (status instanceof ChannelStatus.Refused refused && refused.isFinal()) {
            fail("may not join " + channel.topic() + detail(refused.refusal().reason()));
        } else if (status instanceof ChannelStatus.Closed closed) {
            fail("joined " + channel.topic() + ", which the server ended" + detail(closed.reason()));
        }
    }

    private static String detail(String reason) {
        return reason.isEmpty() ? "" : ": " + reason;
    }

    /** A client that has joined counts an error from then on: the run goes on without it. */
    private void fail(String what) {
        if (!joined.completeExceptionally(new LoadRun.Failed("client " + number + " " + what))
                && !joined.isCompletedExceptionally()
                && !isClosing) {
            measurements.error(what);
        }
    }

    /** Sends the message that is due at a time. Does not block. */
    void send(String event, long dueAt) {
        String id = messages.add(number, dueAt);
        Raw payload = Raw.of(plan.payload(number, id));
        if (plan.isCall() ? call(event, payload, dueAt) : channel.push(Event.of(event, Raw.class), payload)) {
            measurements.sent.increment();
        } else {
            measurements.notSent.increment();
            messages.takeBack();
        }
    }

    /** Returns whether the call was accepted. */
    private boolean call(String event, Raw payload, long dueAt) {
        CompletableFuture<CallResult<Raw, Reason>> result =
                channel.callAsync(Call.of(event, Raw.class, Raw.class), payload, plan.timeout());
        if (result.isDone() && isLost(result.join())) {
            return false;
        }
        CompletableFuture<Void> unused = result.thenAccept(outcome -> answered(outcome, dueAt));
        return true;
    }

    private static boolean isLost(CallResult<Raw, Reason> result) {
        return result instanceof CallResult.NotSent || result instanceof CallResult.Closed;
    }

    private void answered(CallResult<Raw, Reason> result, long dueAt) {
        if (result instanceof CallResult.Ok) {
            measurements.answered.increment();
            measurements.replies.add(System.nanoTime() - dueAt);
        } else if (result instanceof CallResult.Failed<Raw, Reason> failed) {
            measurements.error(failed.error().reason());
        } else if (result instanceof CallResult.Refused<Raw, Reason> refused) {
            measurements.error(refused.refusal().reason());
        } else {
            measurements.repliesMissing.increment();
        }
    }

    private void received(Raw payload) {
        long now = System.nanoTime();
        long message = messages.number(new String(payload.json(), UTF_8));
        if (message < 0 || message >= messages.sent()) {
            return; // of another run, or of the application
        }
        long dueAt = messages.dueAt(message);
        if (!isFor(message)) {
            return;
        }
        switch (arrivals.take(message)) {
            case NEW -> {
                measurements.received.increment();
                if (dueAt != TopicMessages.UNKNOWN) {
                    measurements.deliveries.add(now - dueAt);
                }
            }
            case REPEATED -> measurements.repeated.increment();
            case LATE -> measurements.late.increment();
        }
    }

    private boolean isFor(long message) {
        return switch (plan.receivers()) {
            case ALL -> true;
            case OTHERS -> messages.sender(message) != number;
            case SENDER -> messages.sender(message) == number;
        };
    }

    /** The accepted pushes that were never sent, for want of a connection. */
    long unsent() {
        ClientCounters counters = client.counters();
        return counters.droppedPushes() + counters.waitingMessages();
    }

    long arrived() {
        return arrivals.received();
    }

    @Override
    public void close() {
        isClosing = true;
        client.close();
    }
}
