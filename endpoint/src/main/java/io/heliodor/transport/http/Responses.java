package io.heliodor.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Makes the small responses of a server, without the headers of every response. */
final class Responses {
    private Responses() {}

    /** A response with a content of a type. */
    static FullHttpResponse of(int status, String type, String text) {
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        if (content.isReadable()) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        return response;
    }

    /** A response with a text for people, or without a content if it is empty. */
    static FullHttpResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text);
    }

    /** A refusal with the headers that its status needs, and the time after which the client may retry. */
    static FullHttpResponse refusal(int status, String text, Optional<Duration> retryAfter) {
        FullHttpResponse response = text(status, text);
        retryAfter.ifPresent(time -> response.headers()
                .set(HttpHeaderNames.RETRY_AFTER, time.plusNanos(999_999_999).toSeconds()));
        if (status == 405) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (status == 426) {
            response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        return response;
    }
}
