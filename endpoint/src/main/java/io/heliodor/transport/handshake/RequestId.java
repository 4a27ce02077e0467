package io.heliodor.transport.handshake;

import io.heliodor.session.LogContext;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By what the lines of a connection are known in the log: what the client or a proxy before this server says, or a fresh id.
 * It goes into logs, so nothing passes that could be taken for more than an id.
 */
public final class RequestId {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,64}");

    /** Of the W3C's Trace Context: version, trace, parent, flags. */
    private static final Pattern TRACE_PARENT =
            Pattern.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}");

    private RequestId() {}

    /** Empty where nobody would see a fresh one yet: the session makes one when it has something to say. */
    public static Optional<String> of(HttpHeaders headers) {
        String id = headers.get("x-request-id");
        if (id != null && ID.matcher(id).matches()) {
            return Optional.of(id);
        }
        String trace = trace(headers.get("traceparent"));
        if (trace != null) {
            return Optional.of(trace);
        }
        return LogContext.kept() || LOG.isDebugEnabled() ? Optional.of(LogContext.fresh()) : Optional.empty();
    }

    private static @Nullable String trace(@Nullable String parent) {
        if (parent == null) {
            return null;
        }
        Matcher matcher = TRACE_PARENT.matcher(parent);
        return matcher.matches() ? matcher.group(1) : null;
    }
}
