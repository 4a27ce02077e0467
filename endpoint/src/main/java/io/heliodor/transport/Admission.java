package io.heliodor.transport;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.HandlerName;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.session.LogContext;
import io.heliodor.session.Observers;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may connect to a socket, whatever the transport: the page's origin, and the user's say.
 *
 * @param server who is asked
 * @param mount the socket that was asked for
 * @param client who asks
 * @param headers of the request
 * @param <S> the type of the connection's assigns
 */
record Admission<S>(Server server, Mount<S> mount, TrustedProxies.Client client, HttpHeaders headers) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** What of a client's header or parameter goes into a line of the log. */
    private static final int MAX_LOGGED_CHARS = 200;

    boolean originAllowed() {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        String host = headers.get(HttpHeaderNames.HOST, "-");
        if (origin == null || server.settings().origins().allows(origin, host, client.scheme())) {
            return true;
        }
        server.foreignOrigins()
                .warn(
                        "A page of origin '{}' may not connect to {} at host '{}'; to allow it: .origins(\"{}\").",
                        printable(origin),
                        mount.path(),
                        printable(host),
                        printable(origin));
        return false;
    }

    /** Says in the log that a version of the wire was asked for that is not spoken. */
    void logUnknownVersion(Map<String, List<String>> params) {
        server.unknownVersions()
                .warn(
                        "A client asked for version {} of the wire at {}; 1.0.0 and 2.0.0 are spoken here.",
                        printable(String.valueOf(params.getOrDefault("vsn", List.of()))),
                        mount.path());
    }

    /** Asks the connect handler, which may block; empty if it failed. */
    Optional<ConnectOutcome<? extends S>> callConnectHandler(ConnectRequest connect, Optional<String> correlation) {
        Observers observers = server.settings().hub().observers();
        correlation.ifPresent(LogContext::enter);
        long begin = observers.timesHandlers() ? System.nanoTime() : 0;
        Result result = Result.FAILED;
        try {
            Optional<ConnectOutcome<? extends S>> outcome = decide(connect, correlation);
            result = outcome.map(each -> each instanceof ConnectOutcome.Refused<?> ? Result.REFUSED : Result.OK)
                    .orElse(Result.FAILED);
            return outcome;
        } finally {
            if (observers.timesHandlers()) {
                observers.handled(
                        new HandlerName(mount.path(), HandlerName.Kind.CONNECT, "connect"),
                        result,
                        System.nanoTime() - begin);
            }
            LogContext.leave();
        }
    }

    private Optional<ConnectOutcome<? extends S>> decide(ConnectRequest connect, Optional<String> correlation) {
        if (LOG.isDebugEnabled()) {
            LOG.atDebug()
                    .addKeyValue(LogContext.KEY, correlation.orElse("-"))
                    .addKeyValue("params", LogRedaction.params(connect.params()))
                    .log("A client asks to connect to {}.", mount.path());
        }
        try {
            ConnectOutcome<? extends S> outcome = mount.socket().connect().connect(connect);
            if (outcome == null) {
                throw new IllegalStateException(
                        "The connect handler returned null; return Connect.ok(assigns) or Connect.refuse().");
            }
            return Optional.of(outcome);
        } catch (Throwable e) {
            LOG.atError()
                    .addKeyValue(LogContext.KEY, correlation.orElse("-"))
                    .setCause(e)
                    .log("The connect handler of {} failed; the client gets status 500.", mount.path());
            return Optional.empty();
        }
    }

    /** A text of a client as it may stand in a line of the log. */
    static String printable(String text) {
        String clean = text.replaceAll("[^ -~]", "?");
        return clean.length() <= MAX_LOGGED_CHARS ? clean : clean.substring(0, MAX_LOGGED_CHARS) + "...";
    }
}
