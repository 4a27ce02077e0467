package io.heliodor.spring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.heliodor.endpoint.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** The certificate of a bundle. */
class SslBundleTests {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    private static SslBundle bundle() throws NoSuchAlgorithmException {
        SslBundle bundle = mock(SslBundle.class);
        given(bundle.getStores()).willReturn(SslStoreBundle.NONE); // the metrics of certificates read it
        given(bundle.createSslContext()).willReturn(SSLContext.getDefault());
        return bundle;
    }

    /** The server closes the connection after its engine has read this. */
    private static void connects(Endpoint endpoint) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
            socket.getOutputStream().write("not a record of TLS".getBytes(US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isNotNull();
        }
    }

    @Test
    void oneContextServesAllConnectionsUntilTheBundleChanges() throws NoSuchAlgorithmException {
        SslBundle first = bundle();
        SslBundle second = bundle();
        DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("web", first);
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class, ServingTests.Mapped.class)
                .withBean(SslBundles.class, () -> bundles)
                .withPropertyValues(
                        "heliodor.port=0",
                        "heliodor.host=127.0.0.1",
                        "heliodor.security=open",
                        "heliodor.ssl.bundle=web")
                .run(context -> {
                    Endpoint endpoint = context.getBean(Endpoint.class);
                    connects(endpoint);
                    connects(endpoint);
                    verify(first, times(1)).createSslContext();
                    bundles.updateBundle("web", second);
                    connects(endpoint);
                    verify(first, times(1)).createSslContext();
                    verify(second, times(1)).createSslContext();
                });
    }
}
