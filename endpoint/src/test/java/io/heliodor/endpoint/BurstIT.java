package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

/** Bursts of a publisher that does not pause, to clients that read. */
class BurstIT extends LiveTest {
    @ParameterizedTest
    @CsvSource({
        "1, 82, 102400", //
        "20, 82, 102400",
        "60, 82, 102400",
        "5, 8192, 1024",
        "60, 8192, 1024"
    })
    void everyMemberThatReadsGetsAllMessages(int members, int messages, int bytes) throws InterruptedException {
        Live live = start();
        withHealthyClient(live);
        List<RawClient> clients =
                Stream.generate(() -> open(live).joins("room:a")).limit(members).toList();
        String text = "x".repeat(bytes);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        List<Thread> readers = clients.stream()
                .map(client -> Thread.ofVirtual()
                        .unstarted(() -> IntStream.range(0, messages)
                                .forEach(i -> assertThat(client.next().payload().length())
                                        .isGreaterThan(bytes))))
                .toList();
        readers.forEach(reader -> reader.setUncaughtExceptionHandler((thread, fault) -> failures.add(fault)));
        readers.forEach(Thread::start);
        for (int i = 0; i < messages; i++) {
            live.broadcasts("room:a", text);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failures).isEmpty();
        assertThat(live.count("closed_slow")).isZero();
        assertThat(RecordedLog.lines(Level.WARN, "does not read")).isEmpty();
    }
}
