package io.heliodor.transport;

import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.handshake.Admission;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.http.BrowserModule;
import io.heliodor.transport.http.FileResponse;
import io.heliodor.transport.http.HealthResponse;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.StaticFiles;
import io.heliodor.transport.http.TextEndpoint;
import io.heliodor.transport.longpoll.LongPoll;
import io.heliodor.transport.longpoll.PollRequest;
import io.heliodor.transport.websocket.UpgradeRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what serves a request, by its path: a transport of a socket, its {@code /heliodor.mjs}, {@code /health}, a computed text
 * or a file.
 *
 * @param mounts the sockets
 * @param texts the computed texts by path
 * @param files the folders of static files
 * @param admission the checks of requests to connect
 * @param longPoll the long-polling sessions
 * @param module serves {@code /heliodor.mjs} of each socket
 * @param health serves {@code /health}
 * @param details whether {@code /health} has more than its status
 */
record Router(
        List<Mount<?>> mounts,
        Map<String, TextEndpoint> texts,
        List<StaticFiles> files,
        Admission admission,
        LongPoll longPoll,
        BrowserModule module,
        HealthResponse health,
        boolean details)
        implements HttpConnection.RequestHandler {
    @Override
    public void handle(HttpConnection http, HttpRequest request, String path, Map<String, List<String>> params) {
        String name = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        for (Mount<?> mount : mounts) {
            if (name.equals(mount.path() + "/websocket")) {
                new UpgradeRequest<>(admission, http, mount, request, params).begin();
                return;
            }
            if (name.equals(mount.path() + "/longpoll")) {
                new PollRequest<>(longPoll, admission, http, mount, request, params).begin();
                return;
            }
        }
        // A body is not read, so no other request can follow it.
        boolean keepAlive = HttpUtil.isKeepAlive(request) && !HttpConnection.hasBody(request);
        Optional<Mount<?>> moduleOf = mounts.stream()
                .filter(mount -> name.equals(mount.path() + "/heliodor.mjs"))
                .findFirst();
        TextEndpoint text = texts.get(name);
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            http.refuse(Counter.REFUSED_REQUEST, 405, "");
        } else if (moduleOf.isPresent()) {
            sendModule(http, moduleOf.get(), request, keepAlive);
        } else if (name.equals("/health")) {
            health.respond(http, details, keepAlive);
        } else if (text != null) {
            text.respond(http, params, request.headers(), keepAlive);
        } else {
            sendFile(http, path, request, keepAlive);
        }
    }

    private void sendModule(HttpConnection http, Mount<?> mount, HttpRequest request, boolean keepAlive) {
        if (admission.originAllowed(mount, http.client(), request.headers())) {
            module.respond(http, request.headers(), keepAlive);
        } else {
            http.refuse(Counter.REFUSED_ORIGIN, 403, "");
        }
    }

    private void sendFile(HttpConnection http, String path, HttpRequest request, boolean keepAlive) {
        Optional<StaticFiles> folder =
                files.stream().filter(each -> path.startsWith(each.prefix())).findFirst();
        if (folder.isEmpty()) {
            http.refuse(Counter.REFUSED_REQUEST, 404, "");
        } else {
            boolean stays = keepAlive && http.mayStay();
            http.runBlocking(new FileResponse(http, folder.get(), path, request, stays));
        }
    }
}
