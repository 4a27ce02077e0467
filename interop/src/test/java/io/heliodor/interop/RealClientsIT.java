package io.heliodor.interop;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of {@code interop/test} on Node: phoenix.js, raw WebSocket frames and a browser against the servers that
 * the launcher starts.
 */
class RealClientsIT {
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void realClientsAreServed() throws Exception {
        NodePackages.script("test");
    }
}
