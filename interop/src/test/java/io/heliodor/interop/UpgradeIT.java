package io.heliodor.interop;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Servers of the former wire are replaced by those of today, one after the other, under real clients. */
@Tag("long")
class UpgradeIT {
    @TestFactory
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    List<DynamicTest> realClientsMissNothing() throws Exception {
        return NodeTests.of("test:upgrade", Map.of("HELIODOR_FORMER_SERVE", FormerWire.launcher() + " serve"));
    }
}
