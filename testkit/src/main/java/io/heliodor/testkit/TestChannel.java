package io.heliodor.testkit;

import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.testkit.ClientCodec.ServerFrame;
import io.heliodor.testkit.Transcript.Received;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a channel that it has joined in a {@link ChannelKit}.
 *
 * {@snippet :
 * Saved saved = ana.call(SAY, new NewMessage("hi"));
 * assertThat(ben.expect(SAID).by()).isEqualTo("ana");
 * ben.expectNothing(TYPING);
 * }
 *
 * <p>Received events wait here until the test expects them. {@link #expect} takes the oldest one of its event, whatever else
 * waits; {@link #expectNext} takes the oldest of all.
 *
 * <p><b>Failures</b> are {@link AssertionError}s. They contain the expectation and its deadline, the frames that the client
 * sent and received, the running handlers, and the failure of a channel of this topic.
 *
 * <p><b>Threads:</b> any thread may use it, except threads that run handlers, which would wait for themselves.
 * <b>Blocking:</b> methods that wait do so until the {@linkplain ChannelKit.Builder#deadline deadline} at most.
 */
public final class TestChannel {
    private static final Type<Map<String, Object>> OBJECT = new Type<>() {};

    private enum State {
        JOINED,
        CLOSED,
        CRASHED
    }

    private final TestClient client;
    private final String topic;
    private final String joinRef;
    private final Payload.Json params;

    // Guarded by the client.
    private final List<Received> inbox = new ArrayList<>();
    private final PresenceView presence = new PresenceView();
    private State state = State.JOINED;
    private @Nullable Payload reply;
    private Optional<String> token = Optional.empty();
    private boolean recovered;

    TestChannel(TestClient client, String topic, String joinRef, Payload.Json params) {
        this.client = client;
        this.topic = topic;
        this.joinRef = joinRef;
        this.params = params;
    }

    String joinRef() {
        return joinRef;
    }

    Payload.Json params() {
        return params;
    }

    /** The last token of a history, if there is one. */
    Optional<String> token() {
        synchronized (client) {
            return token;
        }
    }

    // Input, under the client's monitor.

    void joined(Payload response) {
        reply = response;
        if (response instanceof Payload.Json json
                && json.isObject()
                && PresenceView.ANY.decode(OBJECT, response)
                        instanceof PayloadOutcome.Valid<Map<String, Object>>(var fields)
                && fields.get("history") instanceof Map<?, ?> history
                && history.get("token") instanceof String text) {
            token = Optional.of(text);
            recovered = Boolean.TRUE.equals(history.get("recovered"));
        }
    }

    void received(Received line) {
        ServerFrame received = line.received;
        switch (received.event()) {
            case "phx_close" -> state = State.CLOSED;
            case "phx_error" -> state = State.CRASHED;
            default -> {
                if (received.event().equals("presence_state")) {
                    presence.state(received.payload());
                } else if (received.event().equals("presence_diff")) {
                    presence.diff(received.payload());
                }
                token = received.ref().filter(ref -> ref.startsWith("@")).or(() -> token);
                line.waits = true;
                inbox.add(line);
            }
        }
    }

    boolean ended() {
        return state != State.JOINED;
    }

    /** The reason why no further message comes. */
    String end() {
        return state == State.CRASHED ? topic + " has crashed" : topic + " is closed";
    }

    // For tests.

    /**
     * Returns the client that joined.
     *
     * @return the client
     */
    public TestClient client() {
        return client;
    }

    /**
     * Returns the topic.
     *
     * @return the topic
     */
    public String topic() {
        return topic;
    }

    /**
     * Returns the reply to the join.
     *
     * @param type the type of the reply
     * @param <T> the type of the reply
     * @return the reply
     * @throws AssertionError if it does not match the type; the message has the field and the reason
     */
    public <T> T reply(Class<T> type) {
        Objects.requireNonNull(type, "type");
        Payload response;
        synchronized (client) {
            response = reply;
        }
        if (response == null) {
            throw new IllegalStateException("The join of " + topic + " has no reply yet.");
        }
        return decode(Type.of(type), response, "The reply to the join of " + topic);
    }

    /**
     * Whether the history delivered the missed messages when this channel was {@linkplain TestClient#rejoin rejoined}.
     *
     * @return false also if the topic keeps no messages
     */
    public boolean recovered() {
        synchronized (client) {
            return recovered;
        }
    }

    /**
     * Pushes an event and returns immediately.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload cannot be encoded
     */
    public <T> void push(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        String _ = client.send(this, event.name(), encode(event.type(), payload), false);
    }

    /**
     * Pushes an event without a payload and returns immediately.
     *
     * @param event the event
     */
    public void push(Event<Empty> event) {
        Objects.requireNonNull(event, "event");
        push(event, Empty.EMPTY);
    }

    /**
     * Pushes an event and expects an error reply.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @return the refusal
     * @throws AssertionError if there is no error reply when all caused work is done
     */
    public <T> Refusal pushRefused(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        String what = "the event '" + event.name() + "' on " + topic;
        String ref = client.send(this, event.name(), encode(event.type(), payload), true);
        client.kit().settle();
        ServerFrame received = client.replied(ref);
        if (received == null || !received.is("error")) {
            throw client.failed("Expected " + what + " to be refused; it was not.", topic);
        }
        return Refusals.of(received.payload(), codec());
    }

    /**
     * Calls and waits for the reply.
     *
     * @param call the call
     * @param request its payload
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @return the reply
     * @throws AssertionError if no reply comes in time, if it is an error or does not match its type, or if the channel ends
     */
    public <Q, R> R call(Call<Q, R, ?> call, Q request) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(request, "request");
        String what = "the call '" + call.name() + "' on " + topic;
        ServerFrame received = ask(call, request, "an answer to " + what);
        if (!received.is("ok")) {
            throw client.failed(
                    "Expected an answer to " + what + "; it was refused with " + Transcript.text(received.payload())
                            + ". If intended, use callRefused.",
                    topic);
        }
        return decode(call.reply(), received.payload(), "The answer to " + what);
    }

    /**
     * Calls without a payload and waits for the reply.
     *
     * @param call the call
     * @param <R> the type of the reply
     * @return the reply
     * @throws AssertionError as for {@link #call(Call, Object)}
     */
    public <R> R call(Call<Empty, R, ?> call) {
        Objects.requireNonNull(call, "call");
        return call(call, Empty.EMPTY);
    }

    /**
     * Calls and waits for an error reply.
     *
     * <p>A payload that the call's own type cannot hold needs a call with a wider type, here one that lacks a field:
     * {@code Call.of("new_msg", Empty.class, Saved.class)}.
     *
     * @param call the call
     * @param request its payload
     * @param <Q> the type of the payload
     * @return the refusal
     * @throws AssertionError if no reply comes in time, if it is not an error, or if the channel ends
     */
    public <Q> Refusal callRefused(Call<Q, ?, ?> call, Q request) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(request, "request");
        return Refusals.of(refused(call, request), codec());
    }

    private <Q> Payload refused(Call<Q, ?, ?> call, Q request) {
        String what = "the call '" + call.name() + "' on " + topic;
        ServerFrame received = ask(call, request, what + " to be refused");
        if (!received.is("error")) {
            throw client.failed(
                    "Expected " + what + " to be refused; it was answered with " + Transcript.text(received.payload())
                            + ".",
                    topic);
        }
        return received.payload();
    }

    /**
     * Calls and waits for an error reply of the call's own type.
     *
     * @param call the call
     * @param request its payload
     * @param <Q> the type of the payload
     * @param <E> the type of an error's payload
     * @return the error's payload
     * @throws AssertionError if no reply comes in time, if it is not an error or does not match the type, or if the channel ends
     */
    public <Q, E> E callError(Call<Q, ?, E> call, Q request) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(request, "request");
        return decode(call.error(), refused(call, request), "The error of the call '" + call.name() + "' on " + topic);
    }

    private <Q> ServerFrame ask(Call<Q, ?, ?> call, Q request, String what) {
        String ref = client.send(this, call.name(), encode(call.request(), request), true);
        ServerFrame received = client.await(() -> client.take(ref), what, this);
        // The end of the channel follows, with the exception of its handler: a crash is not a refusal that a test
        // expects.
        return received.is("error") && Transcript.text(received.payload()).equals("{\"reason\":\"crashed\"}")
                ? client.await(() -> client.take(ref), what, this)
                : received;
    }

    /**
     * Takes the oldest occurrence of an event, or waits for one.
     *
     * @param event the expected event
     * @param <T> the type of the payload
     * @return its payload
     * @throws AssertionError if none comes in time, if the payload does not match its type, or if the channel ends
     */
    public <T> T expect(Event<T> event) {
        Objects.requireNonNull(event, "event");
        ServerFrame received = client.await(() -> take(is(event)), describe(event), this);
        return decode(event.type(), received.payload(), "The payload of '" + event.name() + "' on " + topic);
    }

    /**
     * Takes the oldest event that was not taken yet, or waits for one. Replies are ignored, and so are events of presences
     * unless such an event is expected.
     *
     * @param event the expected event
     * @param <T> the type of the payload
     * @return its payload
     * @throws AssertionError if another event comes, if none comes in time, if the payload does not match its type, or if the
     *     channel ends
     */
    public <T> T expectNext(Event<T> event) {
        Objects.requireNonNull(event, "event");
        Predicate<ServerFrame> wanted = is(event);
        ServerFrame received = client.await(
                () -> take(each -> wanted.test(each) || !each.event().startsWith("presence_")),
                "next " + describe(event),
                this);
        if (!wanted.test(received)) {
            throw client.failed(
                    "Expected next " + describe(event) + "; '" + received.event() + "' came before: "
                            + Transcript.text(received.payload()) + ".",
                    topic);
        }
        return decode(event.type(), received.payload(), "The payload of '" + event.name() + "' on " + topic);
    }

    /** A received event with its ref. */
    record Taken<T>(T payload, Optional<String> ref) {}

    /** Takes the received events of a name that were not taken yet, the oldest first. */
    <T> List<Taken<T>> takeAll(Event<T> event) {
        List<Taken<T>> all = new ArrayList<>();
        synchronized (client) {
            for (ServerFrame each = take(is(event)); each != null; each = take(is(event))) {
                T payload = decode(event.type(), each.payload(), "The payload of '" + event.name() + "' on " + topic);
                all.add(new Taken<>(payload, each.ref()));
            }
        }
        return all;
    }

    /**
     * Waits until all caused work is done, as {@link ChannelKit#settle} does, and checks that an event was not received, or
     * was taken.
     *
     * @param event the unexpected event
     * @throws AssertionError if the event came, or if a handler still runs at the deadline
     */
    public void expectNothing(Event<?> event) {
        Objects.requireNonNull(event, "event");
        client.kit().settle();
        nothing(is(event), "no '" + event.name() + "'");
    }

    /**
     * Waits as above, and checks this for all events except those of presences.
     *
     * @throws AssertionError if an event was not taken, or if a handler still runs at the deadline
     */
    public void expectNothing() {
        client.kit().settle();
        nothing(received -> !received.event().startsWith("presence_"), "nothing more");
    }

    private void nothing(Predicate<ServerFrame> unwanted, String what) {
        ServerFrame received;
        synchronized (client) {
            received = take(unwanted);
        }
        if (received != null) {
            throw client.failed(
                    "Expected " + what + " on " + topic + "; '" + received.event() + "' came: "
                            + Transcript.text(received.payload()) + ".",
                    topic);
        }
    }

    /**
     * Waits until the server has closed this channel, because a handler stopped it, or the client left or rejoined the topic.
     *
     * @throws AssertionError if it crashes, the connection ends, or the close does not come in time
     */
    public void expectClose() {
        expectEnd(State.CLOSED, "the close of " + topic);
    }

    /**
     * Waits until this channel has crashed, because a handler threw. The client may join the topic again.
     *
     * @throws AssertionError if it is closed, the connection ends, or the crash does not come in time
     */
    public void expectError() {
        expectEnd(State.CRASHED, "the crash of " + topic);
    }

    private void expectEnd(State wanted, String what) {
        State seen = client.await(() -> state == State.JOINED ? null : state, what, null);
        if (seen != wanted) {
            throw client.failed("Expected " + what + "; " + end() + ".", topic);
        }
    }

    /**
     * Leaves, and waits for the reply and the close.
     *
     * @throws AssertionError if they do not come in time, or the channel has crashed
     */
    public void leave() {
        String ref = client.send(this, "phx_leave", codec().encodeResponse(Empty.EMPTY), true);
        ServerFrame received = client.await(() -> client.take(ref), "an answer to the leave of " + topic, null);
        if (!received.is("ok")) {
            throw client.failed("Expected to leave " + topic + "; that was refused.", topic);
        }
        expectClose();
    }

    /**
     * Returns the presence state as phoenix.js keeps it: by key an object with {@code metas} and the fields that an enrichment
     * adds. It first waits until all caused work is done. The state then includes all changes of the presences of {@link
     * ChannelKit.Builder#presence}, and of other presences the changes received so far.
     *
     * <p>It is empty until a {@code presence_state} was received, usually because this channel was tracked.
     *
     * @return a copy
     */
    public Map<String, Map<String, Object>> presence() {
        client.kit().settle();
        synchronized (client) {
            return presence.now();
        }
    }

    /**
     * Returns the typed metas of the presence state.
     *
     * @param meta the type of a meta
     * @param <M> the type of a meta
     * @return the metas by key, in the client's order
     * @throws AssertionError if a meta does not match the type
     */
    public <M> Map<String, List<M>> presence(Class<M> meta) {
        Objects.requireNonNull(meta, "meta");
        client.kit().settle();
        Map<String, List<Map<String, Object>>> all;
        synchronized (client) {
            all = presence.metas();
        }
        Map<String, List<M>> typed = new LinkedHashMap<>();
        all.forEach((key, metas) -> typed.put(
                key,
                metas.stream()
                        .map(each -> decode(
                                Type.of(meta), PresenceView.ANY.encode(each), "A meta of '" + key + "' on " + topic))
                        .toList()));
        return typed;
    }

    private static Predicate<ServerFrame> is(Event<?> event) {
        return received -> received.event().equals(event.name())
                && received.payload() instanceof Payload.Binary == event.isBinary();
    }

    private String describe(Event<?> event) {
        return "the event '" + event.name() + "' on " + topic;
    }

    private @Nullable ServerFrame take(Predicate<ServerFrame> wanted) {
        return Received.take(inbox, wanted);
    }

    private PayloadCodec codec() {
        return client.kit().codec();
    }

    private Payload encode(Type<?> type, Object payload) {
        return codec().encodeResponse(type, payload);
    }

    private <T> T decode(Type<T> type, Payload payload, String what) {
        PayloadOutcome<T> outcome;
        try {
            outcome = codec().decode(type, payload);
        } catch (IllegalArgumentException e) {
            throw client.failed(what + " cannot be read as " + type + ": " + e.getMessage(), topic);
        }
        return switch (outcome) {
            case PayloadOutcome.Valid<T>(var value) -> value;
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw client.failed(
                        what + " does not fit " + type + ": " + (field.isEmpty() ? "it" : "'" + field + "'") + " "
                                + message + ". It was " + Transcript.text(payload) + ".",
                        topic);
        };
    }
}
