package io.heliodor.transport.handshake;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.HandlerName;
import io.heliodor.channel.definition.Expiry;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.observe.AuditEvent;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.Hub;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.type.text.EscapedException;
import io.heliodor.wire.Serializer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a client may connect to a socket, for all transports: by the page's origin and by the connect handler of
 * the socket. Any thread may use it.
 */
public final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** Statuses from here on are faults of the server. */
    private static final int FAULT = 500;

    private static final String FETCH_SITE = "Sec-Fetch-Site";

    private final Hub hub;
    private final Origins origins;
    private final BoundedLog foreignOrigins = new BoundedLog(LOG, "foreign origins", System::nanoTime);
    private final BoundedLog outages =
            new BoundedLog(LOG, "clients that connect handlers refused as unavailable", System::nanoTime);
    private final BoundedLog unknownVersions = new BoundedLog(LOG, "unknown versions", System::nanoTime);
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);

    public Admission(Hub hub, Origins origins) {
        this.hub = hub;
        this.origins = origins;
    }

    /** Whether the page that sent a request may connect; if not, the log shows how to allow it. */
    public boolean originAllowed(Mount<?> mount, TrustedProxies.Client client, HttpHeaders headers) {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin == null) {
            return origins.allowsAll() || !isOfAnotherSite(headers);
        }
        String host = headers.get(HttpHeaderNames.HOST, "-");
        if (origins.allows(origin, host, client.scheme())) {
            return true;
        }
        foreignOrigins.warn(
                "A page of origin '{}' may not connect to {} at host '{}'; to allow it: .origins(\"{}\").",
                LogRedaction.printable(origin),
                mount.path(),
                LogRedaction.printable(host),
                LogRedaction.printable(origin));
        return false;
    }

    /** Whether a browser sent a request for another host's page and left out its origin, as for the source of an image. */
    private static boolean isOfAnotherSite(HttpHeaders headers) {
        return headers.containsValue(FETCH_SITE, "cross-site", true)
                || headers.containsValue(FETCH_SITE, "same-site", true);
    }

    /** Logs that a client requested an unsupported version of the protocol. */
    public void logUnknownVersion(Mount<?> mount, Map<String, List<String>> params) {
        unknownVersions.warn(
                "A client asked for version {} of the wire at {}; 1.0.0 and 2.0.0 are supported.",
                LogRedaction.printable(String.valueOf(params.getOrDefault("vsn", List.of()))),
                mount.path());
    }

    /**
     * Calls the connect handler on a thread of its own, because it may block, and then a task on the loop of the connection.
     * The handler holds the request, and the task is called, also if the client disconnects meanwhile or the call fails.
     *
     * @param then takes the client and the outcome, which is empty if the handler failed
     */
    public <S> void connect(
            HttpConnection http,
            Mount<S> mount,
            ConnectRequest connect,
            Serializer serializer,
            BiConsumer<ConnectingClient, Optional<ConnectOutcome<? extends S>>> then) {
        // Those of anybody else are not taken: they would stand in the log and in traces as the server's own.
        boolean trusted = http.isProxied();
        Optional<Correlation.Trace> trace = trusted ? TraceHeaders.of(connect) : Optional.empty();
        Optional<String> correlation = trusted ? RequestId.of(connect.fields(), trace) : RequestId.fresh();
        Acceptance acceptance = hub.accept(http.client().address());
        http.runBlocking(() -> {
            Optional<ConnectOutcome<? extends S>> outcome = call(acceptance, mount, connect, correlation, trace);
            http.onLoop(
                    () -> then.accept(new ConnectingClient(http, serializer, acceptance, correlation, trace), outcome));
        });
    }

    private <S> Optional<ConnectOutcome<? extends S>> call(
            Acceptance acceptance,
            Mount<S> mount,
            ConnectRequest connect,
            Optional<String> correlation,
            Optional<Correlation.Trace> trace) {
        try (Correlation.Scope _ = trace.map(Correlation::traced).orElse(null)) {
            return acceptance.call(() -> callConnectHandler(mount, connect, correlation));
        } catch (Throwable e) {
            // For example an exception whose message throws.
            failures.error("A connect to " + mount.path(), e, () -> "failed; the client gets status 500.");
            return Optional.empty();
        }
    }

    private <S> Optional<ConnectOutcome<? extends S>> callConnectHandler(
            Mount<S> mount, ConnectRequest connect, Optional<String> correlation) {
        Observers observers = hub.observers();
        correlation.ifPresent(LogContext::enter);
        long begin = observers.timesHandlers() ? System.nanoTime() : 0;
        Result result = Result.FAILED;
        try {
            Optional<ConnectOutcome<? extends S>> outcome = decide(mount, connect, correlation);
            result = outcome.map(each -> each instanceof ConnectOutcome.Refused<?> ? Result.REFUSED : Result.OK)
                    .orElse(Result.FAILED);
            auditRefusal(mount, connect, correlation, outcome);
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

    private <S> void auditRefusal(
            Mount<S> mount,
            ConnectRequest connect,
            Optional<String> correlation,
            Optional<ConnectOutcome<? extends S>> outcome) {
        // A handler that throws refuses, too.
        int status = outcome.map(each -> each instanceof ConnectOutcome.Refused<?> refused ? refused.status() : 0)
                .orElse(500);
        if (status != 0) {
            hub.observers()
                    .audit()
                    .write(
                            AuditEvent.CONNECT_REFUSED,
                            fields -> fields.with("address", connect.remoteAddress())
                                    .with("socket", mount.path())
                                    .with("status", Integer.toString(status))
                                    .correlation(correlation));
        }
    }

    private <S> Optional<ConnectOutcome<? extends S>> decide(
            Mount<S> mount, ConnectRequest connect, Optional<String> correlation) {
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
            if (outcome instanceof ConnectOutcome.Refused<? extends S> refused && refused.status() >= FAULT) {
                outages.warn(
                        "The connect handler of {} refused a client with status {}: {}",
                        mount.path(),
                        refused.status(),
                        ControlCharacters.escaped(refused.cause().orElse(refused.text())));
            }
            return Optional.of(Expiry.at(outcome, Instant.now()));
        } catch (Throwable e) {
            // At a rate: while a database is away, all clients connect again and again.
            failures.write(
                    "The connect handler of " + mount.path(),
                    e,
                    () -> LogContext.traced(
                            Correlation.trace(),
                            () -> LOG.atError()
                                    .addKeyValue(LogContext.KEY, correlation.orElse("-"))
                                    .setCause(EscapedException.of(e))
                                    .log(
                                            "The connect handler of {} failed; the client gets status 500.",
                                            mount.path())));
            return Optional.empty();
        }
    }
}
