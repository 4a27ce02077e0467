package io.heliodor.transport.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The response to a socket's {@code /heliodor.mjs}: the JavaScript module of this version, for pages with phoenix.js. Immutable;
 * the loop of a connection uses it.
 */
public final class BrowserModule {
    private static final String RESOURCE = "/META-INF/resources/heliodor.mjs";

    private final byte[] content;
    private final String tag;

    /** Reads the module from the class path. */
    public BrowserModule() {
        try (InputStream in = BrowserModule.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(
                        "The jar of heliodor-endpoint lacks " + RESOURCE + "; include its resources.");
            }
            content = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CRC32C sum = new CRC32C();
        sum.update(content);
        tag = FileTags.text(content.length, sum);
    }

    /**
     * Responds to GET or HEAD.
     *
     * @param http the connection of the request
     * @param headers of the request, whose origin may connect to the socket
     * @param keepAlive whether another request may follow
     */
    public void respond(HttpConnection http, HttpHeaders headers, boolean keepAlive) {
        FullHttpResponse response;
        if (FileTags.isCached(headers, Optional.of(tag))) {
            response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_MODIFIED, Unpooled.EMPTY_BUFFER);
        } else {
            response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(content));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, content.length)
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/javascript; charset=utf-8");
        }
        response.headers().set(HttpHeaderNames.ETAG, tag).set(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin != null) {
            response.headers().set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        http.respond(response, keepAlive);
    }
}
