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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A channel that a client of a {@link ChannelKit} has joined, as the client sees it.
 *
 * {@snippet :
 * Saved saved = ana.call(SAY, new NewMessage("hi"));
 * assertThat(ben.expect(SAID).by()).isEqualTo("ana");
 * ben.expectNothing(TYPING);
 * }
 *
 * <p>What comes waits here until the test expects it, each once. {@link #expect} takes the oldest of its event, whatever
 * else waits; {@link #expectNext} takes what came first.
 *
 * <p><b>Failures</b> are {@link AssertionError}s. They say what was expected, within which time, what the client sent and
 * got, in order, which handlers still run, and with what a channel of this topic failed.
 *
 * <p><b>Threads:</b> any thread may use it, but none that runs a handler: it would wait for itself. <b>Blocking:</b> what
 * waits for something waits for the {@linkplain ChannelKit.Builder#deadline deadline} at the most.
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

    /** The last token that it has of a history. */
    Optional<String> token() {
        synchronized (client) {
            return token;
        }
    }

    // What comes, under the client's monitor.

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

    /** Why nothing comes any more. */
    String end() {
        return state == State.CRASHED ? topic + " has crashed" : topic + " is closed";
    }

    // For tests.

    /**
     * The client that joined.
     *
     * @return the client
     */
    public TestClient client() {
        return client;
    }

    /**
     * What was joined.
     *
     * @return the topic
     */
    public String topic() {
        return topic;
    }

    /**
     * What the join was answered with.
     *
     * @param type what to read it as
     * @param <T> what to read it as
     * @return the reply
     * @throws AssertionError if it does not fit, saying which field and why
     */
    public <T> T reply(Class<T> type) {
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
     * Whether a topic with a history gave what was missed, when this channel was {@linkplain TestClient#rejoin rejoined}.
     *
     * @return false too where nothing is kept
     */
    public boolean recovered() {
        synchronized (client) {
            return recovered;
        }
    }

    /**
     * Says something, and does not wait for anything.
     *
     * @param event what is said
     * @param payload with which payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload cannot be written
     */
    public <T> void push(Event<T> event, T payload) {
        String _ = client.send(this, event.name(), encode(payload), false);
    }

    /**
     * Says something without a payload.
     *
     * @param event what is said
     */
    public void push(Event<Empty> event) {
        push(event, Empty.EMPTY);
    }

    /**
     * Says something that is answered with an error.
     *
     * @param event what is said
     * @param payload with which payload
     * @param <T> the type of the payload
     * @return what it was refused with
     * @throws AssertionError if all that it caused is done and it was not refused
     */
    public <T> Refusal pushRefused(Event<T> event, T payload) {
        String what = "the event '" + event.name() + "' on " + topic;
        String ref = client.send(this, event.name(), encode(payload), true);
        client.kit().settle();
        ServerFrame received = client.replied(ref);
        if (received == null || !received.is("error")) {
            throw client.failed("Expected " + what + " to be refused; it was not.", topic);
        }
        return Refusals.of(received.payload(), codec());
    }

    /**
     * Asks and waits for the answer.
     *
     * @param call what is asked
     * @param request with which payload
     * @param <Q> the type of the payload
     * @param <R> the type of the answer
     * @return the answer
     * @throws AssertionError if none comes in time, if it is an error or does not fit, or if the channel ends
     */
    public <Q, R> R call(Call<Q, R, ?> call, Q request) {
        String what = "the call '" + call.name() + "' on " + topic;
        ServerFrame received = ask(call, request, "an answer to " + what);
        if (!received.is("ok")) {
            throw client.failed(
                    "Expected an answer to " + what + "; it was refused with " + Transcript.text(received.payload())
                            + ". If that is right, say callRefused.",
                    topic);
        }
        return decode(call.reply(), received.payload(), "The answer to " + what);
    }

    /**
     * Asks without a payload and waits for the answer.
     *
     * @param call what is asked
     * @param <R> the type of the answer
     * @return the answer
     * @throws AssertionError as for {@link #call(Call, Object)}
     */
    public <R> R call(Call<Empty, R, ?> call) {
        return call(call, Empty.EMPTY);
    }

    /**
     * Asks and waits for the error that it is answered with.
     *
     * <p>A payload that the call's own type cannot hold needs a call with a wider type, here one that lacks a field:
     * {@code Call.of("new_msg", Empty.class, Saved.class)}.
     *
     * @param call what is asked
     * @param request with which payload
     * @param <Q> the type of the payload
     * @return what it was refused with
     * @throws AssertionError if no answer comes in time, if it is none that refuses, or if the channel ends
     */
    public <Q> Refusal callRefused(Call<Q, ?, ?> call, Q request) {
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
     * @throws AssertionError if no reply comes in time, if it is not an error or does not fit the type, or if the channel ends
     */
    public <Q, E> E callError(Call<Q, ?, E> call, Q request) {
        return decode(call.error(), refused(call, request), "The error of the call '" + call.name() + "' on " + topic);
    }

    private <Q> ServerFrame ask(Call<Q, ?, ?> call, Q request, String what) {
        String ref = client.send(this, call.name(), encode(request), true);
        return client.await(() -> client.take(ref), what, this);
    }

    /**
     * Takes the oldest of an event, and waits for it if none has come.
     *
     * @param event what is expected
     * @param <T> the type of the payload
     * @return its payload
     * @throws AssertionError if none comes in time or the payload does not fit, or if the channel ends
     */
    public <T> T expect(Event<T> event) {
        ServerFrame received = client.await(() -> take(is(event)), describe(event), this);
        return decode(event.type(), received.payload(), "The payload of '" + event.name() + "' on " + topic);
    }

    /**
     * Takes what came first of all that was not taken yet, or waits for it. Replies do not count, nor does what presences
     * tell, unless it is expected here.
     *
     * @param event what it must be
     * @param <T> the type of the payload
     * @return its payload
     * @throws AssertionError if it is another event, if none comes in time or the payload does not fit, or if the channel
     *     ends
     */
    public <T> T expectNext(Event<T> event) {
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

    /**
     * Waits until all that was caused is done, as {@link ChannelKit#settle} does, and sees to it that nothing of an event
     * waits to be expected.
     *
     * @param event what must not have come
     * @throws AssertionError if it came, or if that is not known since a handler still runs when the deadline is over
     */
    public void expectNothing(Event<?> event) {
        client.kit().settle();
        nothing(is(event), "no '" + event.name() + "'");
    }

    /**
     * The same for all events, but for what presences tell.
     *
     * @throws AssertionError if something came that was not expected, or if that is not known since a handler still runs
     *     when the deadline is over
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
     * Waits until the server has closed this channel: a handler stopped it, the client left or joined the topic again.
     *
     * @throws AssertionError if it crashes instead, the connection ends, or nothing of that happens in time
     */
    public void expectClose() {
        expectEnd(State.CLOSED, "the close of " + topic);
    }

    /**
     * Waits until this channel has crashed: a handler threw. The client may join the topic again.
     *
     * @throws AssertionError if it is closed instead, the connection ends, or nothing of that happens in time
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
     * Leaves, and waits for the answer and the close.
     *
     * @throws AssertionError if they do not come in time, or the channel has crashed
     */
    public void leave() {
        String ref = client.send(this, "phx_leave", encode(Empty.EMPTY), true);
        ServerFrame received = client.await(() -> client.take(ref), "an answer to the leave of " + topic, null);
        if (!received.is("ok")) {
            throw client.failed("Expected to leave " + topic + "; that was refused.", topic);
        }
        expectClose();
    }

    /**
     * Who is present, as phoenix.js has it: by key an object with {@code metas}, and beside them what an enrichment adds.
     * Waits first until all that was caused is done. What the presences of {@link ChannelKit.Builder#presence} did is told
     * by then; of others, this is what has come.
     *
     * <p>It is empty until a {@code presence_state} has come: as a rule, until this channel was tracked.
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
     * The same with the metas alone, typed.
     *
     * @param meta what is said about somebody
     * @param <M> what is said about somebody
     * @return by key, in the order in which a client has them
     * @throws AssertionError if a meta does not fit
     */
    public <M> Map<String, List<M>> presence(Class<M> meta) {
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
        for (Iterator<Received> each = inbox.iterator(); each.hasNext(); ) {
            Received line = each.next();
            if (wanted.test(line.received)) {
                each.remove();
                line.waits = false;
                return line.received;
            }
        }
        return null;
    }

    private PayloadCodec codec() {
        return client.kit().codec();
    }

    private Payload encode(Object payload) {
        return codec().encodeResponse(payload);
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
