package io.heliodor.interop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of {@code interop/test} on Node: phoenix.js, raw WebSocket frames and a browser against the servers that
 * the launcher starts. It takes longer than any other class, so it starts first.
 */
@Order(0)
class RealClientsIT {
    @TestFactory
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    List<DynamicTest> realClientsAreServed() throws Exception {
        return NodeTests.of("test");
    }
}
