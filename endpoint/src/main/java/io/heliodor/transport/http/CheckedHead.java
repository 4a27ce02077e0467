package io.heliodor.transport.http;

import io.heliodor.session.telemetry.Counter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Optional;

/** The result of the checks of a request's head: its version, origin, target and host (RFC 9112). No state. */
sealed interface CheckedHead {
    /**
     * A request that may be served.
     *
     * @param target its target
     */
    record Valid(RequestTarget target) implements CheckedHead {}

    /**
     * A request that is refused.
     *
     * @param why the reason, as it is counted
     * @param status the status of the response
     * @param text its text; empty for none
     */
    record Refused(Counter why, int status, String text) implements CheckedHead {}

    /** Checks a head. The authority of an absolute target replaces its host header. */
    static CheckedHead of(HttpRequest request, ServedHosts hosts) {
        if (request.decoderResult().isFailure()) {
            return refused(statusOf(request.decoderResult().cause()), "");
        }
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return refused(505, "only HTTP/1.1 and HTTP/1.0 are served");
        }
        if (request.headers().getAll(HttpHeaderNames.ORIGIN).size() > 1) {
            return refused(400, "a request has one 'origin' header");
        }
        RequestTarget target;
        try {
            target = RequestTarget.parse(request.uri());
        } catch (IllegalArgumentException e) {
            return refused(400, "the path or the query cannot be decoded");
        }
        return ofHost(request, target, hosts);
    }

    private static CheckedHead ofHost(HttpRequest request, RequestTarget target, ServedHosts hosts) {
        List<String> named = request.headers().getAll(HttpHeaderNames.HOST);
        if (named.size() > 1 || (named.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
            return refused(400, "one 'host' header is needed");
        }
        Optional<String> header = target.authority().or(() -> named.stream().findFirst());
        Optional<String> host = header.flatMap(ServedHosts::parse);
        if (header.isPresent() && host.isEmpty()) {
            return refused(400, "the host is not valid");
        }
        // RFC 9112, section 3.2.2: the authority replaces the header, which refuses no character of a valid host.
        target.authority().ifPresent(each -> request.headers().set(HttpHeaderNames.HOST, each));
        if (!hosts.serves(host)) {
            return new Refused(Counter.REFUSED_HOST, 403, "this host is not served");
        }
        return new Valid(target);
    }

    private static Refused refused(int status, String text) {
        return new Refused(Counter.REFUSED_REQUEST, status, text);
    }

    private static int statusOf(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line -> 414;
            case TooLongFrameException header -> 431;
            default -> 400;
        };
    }
}
