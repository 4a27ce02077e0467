package io.heliodor.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.TestCertificate;
import io.heliodor.fixtures.RecordedLog;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class TlsLibraryTests {
    @TempDir
    private Path folder;

    @BeforeEach
    void clearTheLog() {
        RecordedLog.clear();
    }

    @Test
    void boringSslIsPreferredWhereItIsOnTheClassPath() {
        assertThat(TlsLibrary.preferred()).isEqualTo(TlsLibrary.BORINGSSL);
        assertThat(RecordedLog.lines(Level.WARN, "")).isEmpty();
    }

    @Test
    void withoutItTheJdkServesSilently() {
        assertThat(TlsLibrary.unavailable(new ClassNotFoundException("io.netty.internal.tcnative.SSLContext")))
                .isEqualTo(TlsLibrary.JDK);
        assertThat(TlsLibrary.unavailable(new UnsupportedOperationException("disabled with noOpenSsl")))
                .isEqualTo(TlsLibrary.JDK);
        assertThat(RecordedLog.lines(Level.WARN, "")).isEmpty();
    }

    @Test
    void aLibraryThatCannotBeUsedIsReported() {
        assertThat(TlsLibrary.unavailable(new UnsatisfiedLinkError("no netty_tcnative")))
                .isEqualTo(TlsLibrary.JDK);
        assertThat(RecordedLog.lines(Level.WARN, "UnsatisfiedLinkError: no netty_tcnative"))
                .hasSize(1);
        assertThat(TlsLibrary.loaded("OpenSSL 3.0.19")).isEqualTo(TlsLibrary.JDK);
        assertThat(RecordedLog.lines(Level.WARN, "OpenSSL 3.0.19 is not BoringSSL"))
                .hasSize(1);
    }

    /** At the start, and when it takes the place of another one. */
    @Test
    void aCertificateThatIsNotValidNowIsReported() throws IOException {
        TestCertificate.make("EC", "-100d").write(folder);
        PemFiles files = PemFiles.read(
                folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), TlsLibrary.preferred());
        assertThat(RecordedLog.lines(Level.WARN, "so clients refuse it")).hasSize(1);
        TestCertificate.make("EC", "+10d").write(folder);
        assertThat(files.reloadIfChanged()).isTrue();
        assertThat(RecordedLog.lines(Level.WARN, "so clients refuse it")).hasSize(2);
        TestCertificate.SECOND.write(folder);
        assertThat(files.reloadIfChanged()).isTrue();
        assertThat(RecordedLog.lines(Level.WARN, "so clients refuse it")).hasSize(2);
    }

    @Test
    void aNativeContextIsFreedAfterItsReplacementAndItsLastConnection() throws IOException {
        TestCertificate.FIRST.write(folder);
        PemFiles files = PemFiles.read(
                folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), TlsLibrary.BORINGSSL);
        SslContext first = context(files);
        SSLEngine connection = files.newEngine(UnpooledByteBufAllocator.DEFAULT);
        assertThat(ReferenceCountUtil.refCnt(first)).isEqualTo(2);
        // Other attributes of the file make it a new version.
        Files.writeString(folder.resolve("chain.pem"), Files.readString(folder.resolve("chain.pem")) + "\n");
        assertThat(files.reloadIfChanged()).isTrue();
        assertThat(context(files)).isNotSameAs(first);
        awaitReferences(first, 1);
        ReferenceCountUtil.release(connection);
        assertThat(ReferenceCountUtil.refCnt(first)).isZero();
        assertThat(ReferenceCountUtil.refCnt(context(files))).isEqualTo(1);
    }

    /** A client of TLS 1.2 without tickets would be given one that the server keeps. */
    @Test
    void boringSslKeepsNoSessions() throws IOException {
        TestCertificate.FIRST.write(folder);
        PemFiles files = PemFiles.read(
                folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), TlsLibrary.BORINGSSL);
        OpenSslServerSessionContext sessions =
                (OpenSslServerSessionContext) context(files).sessionContext();
        assertThat(sessions.isSessionCacheEnabled()).isFalse();
    }

    @Test
    void serversThatRequestCertificatesOfClientsUseTheJdk() throws IOException {
        TestCertificate.FIRST.write(folder);
        PemFiles files = PemFiles.read(
                folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), TlsLibrary.BORINGSSL);
        assertThat(files.library()).isEqualTo(TlsLibrary.BORINGSSL);
        assertThat(files.verifyingClients().library()).isEqualTo(TlsLibrary.JDK);
    }

    private static SslContext context(PemFiles files) {
        return ((TlsLibrary.BoringSslEngines) files.engines()).context();
    }

    private static void awaitReferences(SslContext context, int references) {
        Awaitility.await().until(() -> {
            System.gc();
            return ReferenceCountUtil.refCnt(context) == references;
        });
    }
}
