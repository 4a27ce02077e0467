package io.heliodor.endpoint;

import io.heliodor.transport.tls.TlsLibrary;

/** As {@link TlsTests}, with BoringSSL. */
class BoringSslTests extends TlsTests {
    @Override
    TlsLibrary library() {
        return TlsLibrary.BORINGSSL;
    }
}
