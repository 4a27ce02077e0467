package io.heliodor.playground.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
class PrinterTests {
    private static ObjectNode line(String text) {
        return Json.object().put("event", text);
    }

    @Test
    void theStartedLineIsPrintedFirst() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Printer printer = new Printer(out, Json::line);
        printer.event(line("early"));
        printer.start(line("started"));
        printer.event(line("late"));
        printer.close(10_000);
        assertThat(out.toString(UTF_8))
                .isEqualTo("{\"event\":\"started\"}\n{\"event\":\"early\"}\n{\"event\":\"late\"}\n");
    }

    @Test
    void linesOfManyThreadsStayWhole() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Printer printer = new Printer(out, Json::line);
        printer.start(line("started"));
        List<Thread> threads = new ArrayList<>();
        for (int each = 0; each < 8; each++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> IntStream.range(0, 500).forEach(i -> printer.event(line("x".repeat(i))))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        printer.close(10_000);
        assertThat(out.toString(UTF_8).lines()).hasSize(4_001).allMatch(line -> line.matches("\\{\"event\":\"\\w*\"}"));
    }

    @Test
    void noThreadWaitsForAReaderThatDoesNotReadAndDroppedLinesAreCounted() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch writing = new CountDownLatch(1);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Printer printer = new Printer(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        writing.countDown();
                        try {
                            reads.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        got.write(b);
                    }
                },
                Json::line);
        printer.start(line("started"));
        writing.await();
        for (int i = 0; i < Printer.MAX_LINES + 3; i++) {
            printer.event(line("e"));
        }
        assertThat(printer.dropped()).isEqualTo(3);
        reads.countDown();
        printer.close(20_000);
        assertThat(got.toString(UTF_8).lines()).hasSize(Printer.MAX_LINES + 1);
    }

    @Test
    void anAnswerDoesNotWaitForAReaderThatIsGone() throws Exception {
        Printer printer = new Printer(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("gone");
                    }
                },
                Json::line);
        printer.start(line("started"));
        for (int i = 0; i < Printer.MAX_LINES + 3; i++) {
            printer.answer(line("a"));
        }
        printer.close(10_000);
    }
}
