package io.heliodor.session;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.definition.Expiry;
import io.heliodor.observe.AuditEvent;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.channel.Replies;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Ref;
import io.heliodor.wire.StringField;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one connection: its assigns and principal, which a fresh token replaces. Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
final class Identity<S> {
    /** As of the token of a request to connect. */
    private static final int MAX_TOKEN_LENGTH = 8_192;

    /** Statuses from here on are faults of the server. */
    private static final int FAULT = 500;

    private final Session<S> session;
    private final @Nullable RefreshHandler<S> handler;

    /** Written on the lane's thread, read by any. */
    private volatile User<S> user;

    /** Whether the handler runs, or its outcome is on its way. */
    private boolean refreshing;

    /** The content of an accepted token. */
    record User<S>(S assigns, Optional<Principal> principal) {}

    Identity(Session<S> session, Optional<RefreshHandler<S>> handler, User<S> user) {
        this.session = session;
        this.handler = handler.orElse(null);
        this.user = user;
    }

    /** Any thread. */
    S assigns() {
        return user.assigns();
    }

    /** Any thread. */
    Optional<Principal> principal() {
        return user.principal();
    }

    boolean isRefreshing() {
        return refreshing;
    }

    /** Receives a fresh token. Returns false if the socket takes none. */
    boolean receive(Frame frame) {
        if (handler == null) {
            return false;
        }
        Optional<String> token = StringField.of(frame.payload(), "token")
                .filter(text -> !text.isEmpty() && text.length() <= MAX_TOKEN_LENGTH);
        if (refreshing) {
            refuse(frame, refusal(429, "busy"));
        } else if (token.isEmpty()) {
            session.services().counters().increment(Counter.PAYLOADS_INVALID);
            refuse(frame, refusal(400, "invalid_payload"));
        } else {
            refreshing = true;
            RefreshHandler<S> called = handler;
            session.lane().ready(() -> call(called, frame, token.get()));
        }
        return true;
    }

    /** On the thread of handlers. */
    private void call(RefreshHandler<S> called, Frame frame, String token) {
        if (LogContext.isSupported()) {
            LogContext.enter(session.correlationId());
        }
        ConnectOutcome<? extends S> outcome = refusal(500, "refresh crashed");
        Correlation.Trace trace = session.trace();
        try (Correlation.Scope _ = trace == null ? null : Correlation.traced(trace)) {
            outcome = outcome(called, token);
        } finally {
            LogContext.leave();
            ConnectOutcome<? extends S> decided = outcome;
            session.onLane(() -> decide(frame, decided));
        }
    }

    private ConnectOutcome<? extends S> outcome(RefreshHandler<S> called, String token) {
        try {
            ConnectOutcome<? extends S> returned = called.refresh(token, session);
            if (returned == null) {
                throw new IllegalStateException(
                        "The onRefresh handler returned null; return Connect.ok(assigns) or Connect.refuse().");
            }
            if (returned instanceof ConnectOutcome.Refused<? extends S> refused && refused.status() >= FAULT) {
                session.services().channels().handlerLog().unavailable(session.correlationId(), refused);
            }
            return Expiry.at(returned, session.services().wallClock().instant());
        } catch (Throwable e) {
            session.services()
                    .channels()
                    .handlerLog()
                    .failed(
                            session.correlationId(),
                            Session.OWN_TOPIC,
                            e,
                            () -> "The onRefresh handler failed; the client keeps the identity that it had.");
            return refusal(500, "refresh crashed");
        }
    }

    private void decide(Frame frame, ConnectOutcome<? extends S> outcome) {
        refreshing = false;
        if (session.closed()) {
            return;
        }
        switch (outcome) {
            case ConnectOutcome.Refused<? extends S> refused -> refuse(frame, refused);
            case ConnectOutcome.Accepted<? extends S>(var next, var id, var validFor, var _, var principal) -> {
                if (id.isPresent() && !id.equals(session.id())) {
                    refuse(frame, refusal(403, "other id"));
                    return;
                }
                user = new User<>(next, principal);
                session.limit(validFor);
                session.services().counters().increment(Counter.REFRESHES);
                reply(frame, "ok", Replies.EMPTY);
                session.table().recheck();
            }
        }
    }

    private void refuse(Frame frame, ConnectOutcome.Refused<?> refused) {
        session.services().counters().increment(Counter.REFRESHES_REFUSED);
        session.services()
                .channels()
                .observers()
                .audit()
                .write(
                        AuditEvent.REFRESH_REFUSED,
                        fields -> fields.of(session).with("status", Integer.toString(refused.status())));
        reply(frame, "error", payload(session.services().channels().codec(), refused));
    }

    private void reply(Frame frame, String status, Payload response) {
        if (!frame.ref().isNull()) {
            session.outbox()
                    .offer(session.serializer().reply(Ref.NULL, frame.ref(), Session.OWN_TOPIC, status, response));
        }
    }

    private static <S> ConnectOutcome.Refused<S> refusal(int status, String reason) {
        return new ConnectOutcome.Refused<>(status, Optional.empty(), reason, Optional.empty());
    }

    /** A refusal as clients get it. */
    static Payload payload(PayloadCodec codec, ConnectOutcome.Refused<?> refused) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("status", refused.status());
        fields.put("reason", refused.text());
        refused.retryAfter()
                .ifPresent(after ->
                        fields.put("retry_after", after.plusNanos(999_999_999).toSeconds()));
        return codec.encode("refused", fields);
    }
}
