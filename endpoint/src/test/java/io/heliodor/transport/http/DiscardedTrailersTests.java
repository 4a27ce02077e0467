package io.heliodor.transport.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import org.junit.jupiter.api.Test;

class DiscardedTrailersTests {
    @Test
    void theDecoderKeepsHeadersAndNoTrailers() {
        EmbeddedChannel channel = new EmbeddedChannel(
                new HttpRequestDecoder(new HttpDecoderConfig().setTrailersFactory(DiscardedTrailers.FACTORY)));
        channel.writeInbound(Unpooled.copiedBuffer(
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\na: b\r\n\r\n0\r\nc: d\r\n e\r\nf: g\r\n\r\n",
                ISO_8859_1));
        HttpRequest request = channel.readInbound();
        assertThat(request.headers().get("a")).isEqualTo("b");
        LastHttpContent end = channel.readInbound();
        assertThat(end.decoderResult().isSuccess()).isTrue();
        assertThat(end.trailingHeaders().isEmpty()).isTrue();
        channel.finishAndReleaseAll();
    }
}
