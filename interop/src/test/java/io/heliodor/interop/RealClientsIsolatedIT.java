package io.heliodor.interop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Runs the tests of {@code interop/test/isolated} on Node: they measure times, so nothing else runs. */
@Tag("long")
@Isolated
class RealClientsIsolatedIT {
    @TestFactory
    @Timeout(value = 120, unit = TimeUnit.MINUTES)
    List<DynamicTest> realClientsAreServed() throws Exception {
        return NodeTests.of("test:isolated");
    }
}
