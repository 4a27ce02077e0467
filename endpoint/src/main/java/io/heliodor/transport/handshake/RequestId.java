package io.heliodor.transport.handshake;

import io.heliodor.pubsub.Correlation;
import io.heliodor.session.telemetry.LogContext;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The correlation id of a connection's log lines: that of a trusted proxy, or a new one. Only plain ids are accepted, because they are
 * logged.
 */
public final class RequestId {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,64}");

    private RequestId() {}

    /** The id of a request of a trusted proxy; as {@link #fresh} if it has none. */
    public static Optional<String> of(HttpHeaders headers, Optional<Correlation.Trace> trace) {
        return Optional.ofNullable(headers.get("x-request-id"))
                .filter(id -> ID.matcher(id).matches())
                .or(() -> trace.map(TraceHeaders::id))
                .or(RequestId::fresh);
    }

    /** A new id; empty if no log line needs one yet: the session creates one later. */
    static Optional<String> fresh() {
        return LogContext.isSupported() || LOG.isDebugEnabled() ? Optional.of(LogContext.newId()) : Optional.empty();
    }
}
