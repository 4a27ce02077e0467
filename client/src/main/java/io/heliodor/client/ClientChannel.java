package io.heliodor.client;

import io.heliodor.client.session.ClientCounter;
import io.heliodor.client.session.Delivery;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.Recovery;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * One topic of a client: its events, calls, presences and state. It does nothing before {@link #join()}.
 *
 * <p>Any thread may use it. No method blocks except {@link #call}. Callbacks of all channels of a client run one at a time, in the order of
 * the frames, on the executor of the client; a slow one slows the server down, and nothing is dropped. An exception of a callback is
 * logged, and stops nothing.
 *
 * <p>If the channel of the server keeps a history, each callback gets the kept messages once and in order, over reconnects and at any node
 * of the server, or {@link #onState} gets the state anew, and {@link #onRecovered} the notice that messages are missing. Messages without
 * a history are received at most once.
 */
public final class ClientChannel {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MAX_CALL_TIMEOUT = Duration.ofDays(1);

    private final ClientRuntime client;
    private final long number;
    private final String topic;
    private final Payload params;

    private final Map<String, Listeners<Delivery.Message>> events = new ConcurrentHashMap<>();
    private final Map<String, Presences<?>> presences = new ConcurrentHashMap<>();
    private final Listeners<Payload> states = new Listeners<>(this::isLeft);
    private final Listeners<Recovery> recoveries = new Listeners<>(this::isLeft);
    private final Listeners<ChannelStatus> statuses = new Listeners<>(this::isLeft);

    /** Held while a join or a leave is submitted, so that one of them is the last for the loop, too. No code of the application runs under it. */
    private final Object lock = new Object();

    private volatile ChannelStatus status = new ChannelStatus.Idle();
    private volatile boolean isLeft;
    private volatile boolean wasJoined;

    ClientChannel(ClientRuntime client, long number, String topic, Payload params) {
        this.client = client;
        this.number = number;
        this.topic = topic;
        this.params = params;
    }

    /**
     * The topic.
     *
     * @return its name
     */
    public String topic() {
        return topic;
    }

    /**
     * The present status.
     *
     * @return the status
     */
    public ChannelStatus status() {
        return status;
    }

    /**
     * Registers a callback for each later status. After {@link #leave} it is not called any more.
     *
     * @param callback gets the status
     * @return the registration
     */
    public Registration onStatus(Consumer<? super ChannelStatus> callback) {
        return statuses.add(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Joins the topic, and connects if that is the first join of the client. Returns at once. The client joins again after each reconnect,
     * and after refusals that pass. On a channel that has joined it has no effect; after a final refusal or a close by the server it joins
     * anew.
     *
     * @return this channel
     * @throws IllegalStateException if the channel was left, or the client is closed
     */
    public ClientChannel join() {
        client.checkOpen("join()");
        synchronized (lock) {
            checkNotLeft("join()");
            wasJoined = true;
            if (status.isOver()) {
                status = new ChannelStatus.Joining(); // so that a push is accepted from now on
            }
            boolean hasState = !states.isEmpty();
            client.loop().submit((state, now) -> state.join(now, number, topic, params, hasState));
        }
        return this;
    }

    /**
     * Leaves the topic for good. Events that were pushed before are sent, if the channel has joined; calls without a result are completed as
     * {@link CallResult.Closed}, or {@link CallResult.NotSent}. After this method returns no callback of the channel begins on this thread, except for those of calls; on
     * another one a callback may be about to begin.
     *
     * <p>To join the topic again, make another channel. A second call has no effect.
     */
    public void leave() {
        synchronized (lock) {
            if (isLeft) {
                return;
            }
            isLeft = true;
            status = new ChannelStatus.Left();
            client.loop().submit((state, now) -> state.leave(now, number));
        }
        client.remove(this); // now another channel may have the topic: its join comes after this leave
    }

    private boolean isLeft() {
        return isLeft;
    }

    /**
     * Registers a callback for an event. A payload that does not fit its type is logged once, counted, and dropped.
     *
     * @param event the event
     * @param callback gets each payload
     * @param <T> the type of the payload
     * @return the registration
     */
    public <T> Registration on(Event<T> event, Consumer<? super T> callback) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(callback, "callback");
        return events.computeIfAbsent(event.name(), key -> new Listeners<>(this::isLeft))
                .add(message -> client.read(event.name(), event.type(), message.payload(), callback));
    }

    /**
     * Registers a callback for the state of the topic: the reply of the join handler, at the first join and at each later one that recovers
     * nothing. It is called before all messages that follow that state. If it is registered after the join, the channel joins anew, so
     * that other callbacks get the state again, too.
     *
     * <p>With such a callback the channel also joins anew, within a second, after a gap in the history.
     *
     * @param type the class of the reply
     * @param callback gets the state
     * @param <S> the type of the reply
     * @return the registration
     */
    public <S> Registration onState(Class<S> type, Consumer<? super S> callback) {
        return onState(Type.of(Objects.requireNonNull(type, "type")), callback);
    }

    /**
     * The same with a type that need not be a class.
     *
     * @param type the type of the reply
     * @param callback gets the state
     * @param <S> the type of the reply
     * @return the registration
     */
    public <S> Registration onState(Type<S> type, Consumer<? super S> callback) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(callback, "callback");
        Registration registration = states.add(reply -> client.read("phx_join", type, reply, callback));
        observe(true);
        return registration;
    }

    /**
     * Registers a callback for the outcome of each join, before the state and the missed messages, and for gaps in the history.
     *
     * @param callback gets the outcome
     * @return the registration
     */
    public Registration onRecovered(Consumer<? super Recovery> callback) {
        return recoveries.add(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * The presences that the server tracks for this channel under the name {@code presence}, the one of Phoenix.
     *
     * @param type the class of the metadata
     * @param <M> the type of the metadata
     * @return the presences, the same object for each call
     */
    public <M> Presences<M> presences(Class<M> type) {
        return presences("presence", type);
    }

    /**
     * The presences under another name: the prefix of {@code NAME_state} and {@code NAME_diff}. If they are first requested after the join,
     * the channel joins anew.
     *
     * @param name the name
     * @param type the class of the metadata
     * @param <M> the type of the metadata
     * @return the presences, the same object for each call
     * @throws IllegalArgumentException if they were requested with another type before
     */
    public <M> Presences<M> presences(String name, Class<M> type) {
        return presences(name, Type.of(Objects.requireNonNull(type, "type")));
    }

    /**
     * The same with a type that need not be a class.
     *
     * @param name the name
     * @param type the type of the metadata
     * @param <M> the type of the metadata
     * @return the presences, the same object for each call
     * @throws IllegalArgumentException if they were requested with another type before
     */
    @SuppressWarnings("unchecked") // the type is compared
    public <M> Presences<M> presences(String name, Type<M> type) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Presences<M> fresh = new Presences<>(name, type, client.payloads(), client.diagnostics(), this::isLeft);
        Presences<?> known = presences.putIfAbsent(name, fresh);
        if (known == null) {
            observe(false);
            return fresh;
        }
        if (!known.type().equals(fresh.type())) {
            throw new IllegalArgumentException("The presences '" + name + "' of topic '" + topic + "' are of type "
                    + known.type() + ", not " + fresh.type() + "; request them with the same type.");
        }
        return (Presences<M>) known;
    }

    /**
     * Registers a callback for a number of presences, which the server sends as {@code NAME_count}. If it is registered after the join,
     * the channel joins anew.
     *
     * @param name the name
     * @param callback gets the number
     * @return the registration
     */
    public Registration onCount(String name, IntConsumer callback) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(callback, "callback");
        Registration registration = events.computeIfAbsent(name + "_count", key -> new Listeners<>(this::isLeft))
                .add(message ->
                        callback.accept(message.payload().tree().path("count").asInt(0)));
        observe(false);
        return registration;
    }

    /** Messages that came with the join have passed for a callback that is registered after it. */
    private void observe(boolean hasState) {
        if (wasJoined && !isLeft) {
            client.loop().submit((state, now) -> state.observe(now, number, hasState));
        }
    }

    /**
     * Pushes an event. It is sent once the channel has joined; if that takes more than 10 s, it is dropped and counted. Nothing is sent
     * twice, so an event is received at most once.
     *
     * @param event the event
     * @param payload the payload
     * @param <T> the type of the payload
     * @return whether it was accepted; false if too many messages wait, or the channel is over
     * @throws IllegalStateException before {@link #join()}
     * @throws IllegalArgumentException if the payload is not written as a JSON object, or is larger than all that may wait
     */
    public <T> boolean push(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        checkJoined("push(\"" + event.name() + "\")");
        Payload written = client.payloads().write(event.name(), event.type(), payload);
        int size = client.size(this, event.name(), written);
        if (isLeft || status.isOver() || client.isClosed() || !client.room().take(size)) {
            client.count(ClientCounter.REJECTED_PUSHES);
            return false;
        }
        client.loop().submit((state, now) -> state.push(now, number, event.name(), written, size));
        return true;
    }

    /**
     * Calls, and waits for the result: for 10 s at most, or five minutes if the call is declared with {@code once}.
     *
     * @param call the call
     * @param request the request
     * @param <Q> the type of the request
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     * @return the result
     * @throws IllegalStateException before {@link #join()}, or on a thread of the client itself
     * @throws IllegalArgumentException if the request is not written as a JSON object, or is larger than all that may wait
     */
    public <Q, R, E> CallResult<R, E> call(Call<Q, R, E> call, Q request) {
        return call(call, request, CALL_TIMEOUT);
    }

    /**
     * Calls, and waits for the result. It may be called within a callback; the other callbacks of the client wait meanwhile.
     *
     * <p>A call that is declared with {@code once} is repeated with its key until it is answered, for five minutes: after lost connections,
     * timeouts and refusals that pass. Any other call is sent at most once.
     *
     * <p>If the thread is interrupted, the method returns {@link CallResult.TimedOut}, and the thread stays interrupted.
     *
     * @param call the call
     * @param request the request
     * @param timeout the time for the reply, the time for the join included, 1 ms to a day; for each request if the call is repeated
     * @param <Q> the type of the request
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     * @return the result
     * @throws IllegalStateException before {@link #join()}, or on a thread of the client itself
     * @throws IllegalArgumentException if the timeout is out of range, or the request is not written as a JSON object, or is larger than
     *     all that may wait
     */
    public <Q, R, E> CallResult<R, E> call(Call<Q, R, E> call, Q request, Duration timeout) {
        return client.calls().await(this, call, request, timeout);
    }

    /**
     * Calls without waiting, as {@link #call(Call, Object)}.
     *
     * @param call the call
     * @param request the request
     * @param <Q> the type of the request
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     * @return the result, completed on a thread of the common pool and never with an exception
     * @throws IllegalStateException before {@link #join()}
     * @throws IllegalArgumentException as {@link #call(Call, Object)}
     */
    public <Q, R, E> CompletableFuture<CallResult<R, E>> callAsync(Call<Q, R, E> call, Q request) {
        return callAsync(call, request, CALL_TIMEOUT);
    }

    /**
     * Calls without waiting, as {@link #call(Call, Object, Duration)}.
     *
     * @param call the call
     * @param request the request
     * @param timeout the time for the reply
     * @param <Q> the type of the request
     * @param <R> the type of the reply
     * @param <E> the type of the declared error
     * @return the result, completed on a thread of the common pool and never with an exception
     * @throws IllegalStateException before {@link #join()}
     * @throws IllegalArgumentException as {@link #call(Call, Object, Duration)}
     */
    public <Q, R, E> CompletableFuture<CallResult<R, E>> callAsync(Call<Q, R, E> call, Q request, Duration timeout) {
        return client.calls().begin(this, call, request, timeout);
    }

    long number() {
        return number;
    }

    boolean isOver() {
        return isLeft || status.isOver();
    }

    static long nanos(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_CALL_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "The timeout of a call is " + timeout + "; give it between a millisecond and a day.");
        }
        return timeout.toNanos();
    }

    void checkJoined(String what) {
        if (!wasJoined) {
            throw new IllegalStateException(
                    what + " on \"" + topic + "\" before join(): call join() first, which returns at once.");
        }
    }

    private void checkNotLeft(String what) {
        if (isLeft) {
            throw new IllegalStateException(what + " on \"" + topic
                    + "\" after leave(): make another channel with client.channel(\"" + topic + "\").");
        }
    }

    /** On the loop: the status is that of {@link #status} before its callbacks run. */
    void become(ChannelStatus next) {
        synchronized (lock) {
            if (!isLeft) {
                status = next;
            }
        }
    }

    /** With the other callbacks. */
    void run(Delivery delivery) {
        if (isLeft) {
            return;
        }
        Diagnostics diagnostics = client.diagnostics();
        String place = "topic '" + topic + "'";
        if (delivery instanceof Delivery.Message message) {
            presences.values().forEach(each -> each.receive(message.event(), message.payload()));
            Listeners<Delivery.Message> listeners = events.get(message.event());
            if (listeners != null) {
                listeners.notify(message, diagnostics, place);
            }
        } else if (delivery instanceof Delivery.State reply) {
            states.notify(reply.reply(), diagnostics, place);
        } else if (delivery instanceof Delivery.Recovered recovered) {
            recoveries.notify(recovered.recovery(), diagnostics, place);
        } else if (delivery instanceof Delivery.ChannelChanged changed) {
            if (changed.status().isOver()) {
                presences.values().forEach(Presences::clear);
            }
            statuses.notify(changed.status(), diagnostics, place);
        }
    }

    @Override
    public String toString() {
        return "ClientChannel[" + topic + ", " + status + "]";
    }
}
