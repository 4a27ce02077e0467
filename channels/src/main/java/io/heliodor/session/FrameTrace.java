package io.heliodor.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.Socket;
import io.heliodor.inspect.FrameObserver;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.inspect.TracedFrame;
import io.heliodor.inspect.TracedFrame.Kind;
import io.heliodor.log.FailureLog;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.SentFrame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One trace: the frames that belong to it, and the requests whose replies it awaits. Any thread. */
final class FrameTrace {
    /** The limit for the requests without a reply; the oldest are forgotten. */
    private static final int MAX_REQUESTS = 1_000;

    /** The characters of a topic, an event or a ref, beyond which a request is not remembered: a client may send a megabyte of each. */
    private static final int MAX_NAME = 255;

    /** The event of a reply whose request is not known. */
    private static final String UNKNOWN = "phx_reply";

    private final TraceTarget target;
    private final FrameObserver observer;
    private final FailureLog failures;

    /** The events of requests without a reply. */
    @GuardedBy("this")
    private final Map<Request, String> requests = new LinkedHashMap<>();

    @GuardedBy("this")
    private boolean ended;

    private record Request(Socket<?> session, String topic, Ref ref) {}

    FrameTrace(TraceTarget target, FrameObserver observer, FailureLog failures) {
        this.target = target;
        this.observer = observer;
        this.failures = failures;
    }

    TraceTarget target() {
        return target;
    }

    /** Whether a message of a session may belong to it, whatever its topic. */
    boolean mayBeOf(Socket<?> session) {
        return target instanceof TraceTarget.OfTopic || isOfUser(session);
    }

    /** Whether all of a session belongs to it. */
    boolean isOfUser(Socket<?> session) {
        return target instanceof TraceTarget.User(var id)
                && session.id().filter(id::equals).isPresent();
    }

    boolean isOfTopic(String topic) {
        return target instanceof TraceTarget.OfTopic(var wanted) && wanted.equals(topic);
    }

    boolean isOf(Socket<?> session, String topic) {
        return isOfTopic(topic) || isOfUser(session);
    }

    /** Notes a frame of a client. */
    void received(Socket<?> session, Frame frame, int bytes) {
        Kind kind = switch (frame.event()) {
            case "phx_join" -> Kind.JOIN;
            case "phx_leave" -> Kind.LEAVE;
            default -> Kind.MESSAGE;
        };
        if (!frame.ref().isNull()
                && frame.topic().length() <= MAX_NAME
                && frame.event().length() <= MAX_NAME
                && frame.ref().json().length <= MAX_NAME) {
            remember(new Request(session, frame.topic(), frame.ref()), frame.event());
        }
        note(session, frame.topic(), frame.event(), kind, bytes, 1, frame.payload());
    }

    private synchronized void remember(Request request, String event) {
        if (ended) {
            return;
        }
        // Of two requests with one ref it is not known whose reply comes first, and one of them may be a join.
        requests.merge(request, event, (one, other) -> one.equals(other) ? one : UNKNOWN);
        if (requests.size() > MAX_REQUESTS) {
            requests.remove(requests.keySet().iterator().next());
        }
    }

    /** Notes a message for one client. */
    void sent(Socket<?> session, SentFrame frame, int bytes) {
        Kind kind = switch (frame.event()) {
            case UNKNOWN -> Kind.REPLY;
            case "phx_close", "phx_error" -> Kind.CLOSE;
            default -> Kind.PUSH;
        };
        String event = frame.event();
        if (kind == Kind.REPLY) {
            event = take(new Request(session, frame.topic(), frame.ref()));
        }
        note(session, frame.topic(), event, kind, bytes, frame.status(), 1, frame.payload());
    }

    private synchronized String take(Request request) {
        String event = requests.getOrDefault(request, UNKNOWN);
        if (!event.equals(UNKNOWN)) {
            requests.remove(request);
        }
        return event;
    }

    /** Forgets its requests, and with them their connections. */
    synchronized void end() {
        ended = true;
        requests.clear();
    }

    void note(
            @Nullable Socket<?> session,
            String topic,
            String event,
            Kind kind,
            long bytes,
            int count,
            @Nullable Payload payload) {
        note(session, topic, event, kind, bytes, "", count, payload);
    }

    private void note(
            @Nullable Socket<?> session,
            String topic,
            String event,
            Kind kind,
            long bytes,
            String status,
            int count,
            @Nullable Payload payload) {
        IntFunction<Optional<String>> text = payload instanceof Payload.Json json && !isOfProtocol(topic, event)
                ? max -> Optional.of(text(json, max))
                : _ -> Optional.empty();
        try {
            observer.traced(new TracedFrame(
                    session == null ? "" : session.correlationId(),
                    session == null ? Optional.empty() : session.id(),
                    topic,
                    event,
                    kind,
                    bytes,
                    status,
                    count,
                    text));
        } catch (Throwable e) {
            failures.error("An observer of frames", e, () -> "failed.");
        }
    }

    /** Whether a payload is that of the protocol, such as a join with its parameters, or of a connection, such as a fresh token. */
    private static boolean isOfProtocol(String topic, String event) {
        return event.startsWith("phx_") || topic.equals(Session.OWN_TOPIC);
    }

    /** The beginning of a payload as text; never that of bytes. */
    private static String text(Payload.Json payload, int maxBytes) {
        int to = payload.to();
        if (payload.length() > maxBytes) {
            to = payload.from() + maxBytes;
            while (to > payload.from() && (payload.bytes()[to] & 0xc0) == 0x80) {
                to--; // within a character
            }
        }
        String text = new String(payload.bytes(), payload.from(), to - payload.from(), StandardCharsets.UTF_8);
        return to < payload.to() ? text + "…" : text;
    }
}
