package io.heliodor.interop;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of {@code interop/test} on Node: phoenix.js, raw WebSocket frames and a browser against the servers that
 * the launcher starts.
 */
class RealClientsIT {
    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    static void packagesAreInstalled() throws Exception {
        NodePackages.install();
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void realClientsAreServed() throws Exception {
        NodePackages.script("test");
    }
}
