package io.heliodor.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.heliodor.endpoint.TestCertificate;
import io.netty.buffer.UnpooledByteBufAllocator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.Test;

class TrialHandshakeTests {
    private static SSLEngine server(SSLContext context) {
        return new TlsLibrary.JdkEngines(context).newEngine(UnpooledByteBufAllocator.DEFAULT);
    }

    @Test
    void itEndsWithKeysOnBothSides() throws Exception {
        SSLEngine server = server(TestCertificate.FIRST.serving());
        TrialHandshake.with(server);
        assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        assertThat(server.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void aHandshakeThatFailsIsNotTheMatter() throws Exception {
        SSLEngine server = server(SSLContext.getDefault()); // has no key
        assertThatCode(() -> TrialHandshake.with(server)).doesNotThrowAnyException();
    }
}
