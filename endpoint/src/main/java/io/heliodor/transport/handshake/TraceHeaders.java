package io.heliodor.transport.handshake;

import io.heliodor.channel.Connect;
import io.heliodor.pubsub.Correlation;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The W3C trace context of a request to connect that a trusted proxy sent: of the parameter {@code traceparent}, since a page cannot set headers, or else of the
 * header. A proxy may begin a trace of its own in the header, so the parameter has precedence.
 */
final class TraceHeaders {
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";
    private static final int MAX_STATE = 512;

    /** Version, trace, parent, flags. Zeros and the version ff are invalid. */
    private static final Pattern VALID =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final Pattern STATE_TEXT = Pattern.compile("[ -~]*");

    private TraceHeaders() {}

    /** The trace of a request; empty if it gives none, or an invalid one. */
    static Optional<Correlation.Trace> of(Connect request) {
        Optional<Correlation.Trace> parameter =
                request.param(PARENT).filter(TraceHeaders::isValid).map(parent -> new Correlation.Trace(parent, ""));
        return parameter.isPresent()
                ? parameter
                : request.header(PARENT)
                        .filter(TraceHeaders::isValid)
                        .map(parent -> new Correlation.Trace(parent, state(request)));
    }

    /** The 32 digits of the trace. */
    static String id(Correlation.Trace trace) {
        return trace.parent().substring(3, 35);
    }

    private static boolean isValid(String parent) {
        return VALID.matcher(parent).matches();
    }

    private static String state(Connect request) {
        return request.header(STATE)
                .filter(state ->
                        state.length() <= MAX_STATE && STATE_TEXT.matcher(state).matches())
                .orElse("");
    }
}
