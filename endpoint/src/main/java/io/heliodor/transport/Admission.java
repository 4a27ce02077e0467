package io.heliodor.transport;

import io.heliodor.channel.ConnectOutcome;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may connect to a socket, whatever the transport: the page's origin, and the user's say.
 *
 * @param origins which pages may
 * @param mount the socket that was asked for
 * @param headers of the request
 * @param <S> the type of the connection's assigns
 */
record Admission<S>(Origins origins, Mount<S> mount, HttpHeaders headers) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** What of a client's header or parameter goes into a line of the log. */
    private static final int MOST_PRINTED = 200;

    boolean originAllowed() {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        String host = headers.get(HttpHeaderNames.HOST, "-");
        if (origin == null || origins.allows(origin, host)) {
            return true;
        }
        LOG.warn(
                "A page of origin '{}' may not connect to {} at host '{}'; to allow it: .origins(\"{}\").",
                printable(origin),
                mount.path(),
                printable(host),
                printable(origin));
        return false;
    }

    /** Says in the log that a version of the wire was asked for that is not spoken. */
    void versionUnknown(Map<String, List<String>> params) {
        LOG.warn(
                "A client asked for version {} of the wire at {}; 1.0.0 and 2.0.0 are spoken here.",
                printable(String.valueOf(params.getOrDefault("vsn", List.of()))),
                mount.path());
    }

    /** Asks the connect handler, which may block; empty if it failed. */
    Optional<ConnectOutcome<? extends S>> ask(ConnectRequest connect) {
        try {
            ConnectOutcome<? extends S> outcome = mount.socket().connect().connect(connect);
            if (outcome == null) {
                throw new IllegalStateException(
                        "The connect handler returned null; return Connect.ok(assigns) or Connect.refuse().");
            }
            return Optional.of(outcome);
        } catch (Throwable e) {
            LOG.error("The connect handler of {} failed; the client gets status 500.", mount.path(), e);
            return Optional.empty();
        }
    }

    static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : String.valueOf(address);
    }

    private static String printable(String text) {
        String clean = text.replaceAll("[^ -~]", "?");
        return clean.length() <= MOST_PRINTED ? clean : clean.substring(0, MOST_PRINTED) + "...";
    }
}
