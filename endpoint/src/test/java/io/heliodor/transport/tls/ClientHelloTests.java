package io.heliodor.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTests {
    /** The first record of the JDK's client. */
    private static ByteBuf hello(String... protocols) throws SSLException, NoSuchAlgorithmException {
        SSLEngine client = SSLContext.getDefault().createSSLEngine("localhost", 1);
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        client.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), record);
        return Unpooled.wrappedBuffer(record.flip());
    }

    @Test
    void onlyOtherProtocolsAreFound() throws Exception {
        assertThat(ClientHello.offersOthersThan("http/1.1", hello("h2"))).isTrue();
        assertThat(ClientHello.offersOthersThan("http/1.1", hello("h2", "h3"))).isTrue();
        assertThat(ClientHello.offersOthersThan("http/1.1", hello("h2", "http/1.1")))
                .isFalse();
        assertThat(ClientHello.offersOthersThan("http/1.1", hello())).isFalse();
    }

    @Test
    void bytesAreNotConsumed() throws Exception {
        ByteBuf hello = hello("h2");
        int bytes = hello.readableBytes();
        assertThat(ClientHello.offersOthersThan("http/1.1", hello)).isTrue();
        assertThat(hello.readableBytes()).isEqualTo(bytes);
    }

    @Test
    void aRecordIsWholeWithItsLastByte() throws Exception {
        ByteBuf hello = hello("h2");
        for (int i = 0; i < hello.readableBytes(); i++) {
            assertThat(ClientHello.isWhole(hello.slice(0, i))).isFalse();
        }
        assertThat(ClientHello.isWhole(hello)).isTrue();
        assertThat(ClientHello.isWhole(Unpooled.wrappedBuffer(hello, Unpooled.wrappedBuffer(new byte[3]))))
                .isTrue();
    }

    @Test
    void otherBytesAreLeftToTheEngine() throws Exception {
        ByteBuf hello = hello("h2");
        for (int i = 0; i < hello.readableBytes(); i++) {
            assertThat(ClientHello.offersOthersThan("http/1.1", hello.slice(0, i)))
                    .isFalse();
            for (int value : new int[] {0, 1, 0x7f, 0xff}) {
                ByteBuf changed = hello.copy();
                changed.setByte(i, value);
                // Either result, but no exception.
                assertThat(ClientHello.offersOthersThan("http/1.1", changed)).isIn(true, false);
            }
        }
    }
}
