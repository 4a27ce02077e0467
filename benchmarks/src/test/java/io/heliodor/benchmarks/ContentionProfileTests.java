package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentionProfileTests {
    @Test
    void aWaitIsCountedByItsThreadAndPlace(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("waits.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ThreadPark").withoutThreshold().withStackTrace();
            recording.start();
            for (int i = 0; i < 2; i++) {
                Thread waiting = Thread.ofPlatform().name("waiting-" + i).start(() -> LockSupport.parkNanos(this, 1));
                waiting.join();
            }
            recording.dump(file);
        }
        assertThat(ContentionProfile.of(file))
                .anySatisfy(line -> assertThat(line)
                        .contains(" in 2 waits: ThreadPark " + getClass().getName() + " at ", " by waiting-N"));
    }
}
