package io.heliodor.transport.handshake;

import io.heliodor.session.telemetry.LogContext;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The correlation id of a connection's log lines: that of the client or of a proxy, or a new one. Only plain ids are
 * accepted, because they are logged.
 */
public final class RequestId {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,64}");

    /** W3C Trace Context: version, trace, parent, flags. */
    private static final Pattern TRACE_PARENT =
            Pattern.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}");

    private RequestId() {}

    /** The id of a request; empty if it has none and no log line needs one yet: the session creates one later. */
    public static Optional<String> of(HttpHeaders headers) {
        return match(ID, headers.get("x-request-id"), 0)
                .or(() -> match(TRACE_PARENT, headers.get("traceparent"), 1))
                .or(RequestId::fresh);
    }

    private static Optional<String> match(Pattern pattern, @Nullable String header, int group) {
        return Optional.ofNullable(header)
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(group));
    }

    private static Optional<String> fresh() {
        return LogContext.isSupported() || LOG.isDebugEnabled() ? Optional.of(LogContext.newId()) : Optional.empty();
    }
}
