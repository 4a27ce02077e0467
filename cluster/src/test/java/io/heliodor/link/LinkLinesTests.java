package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.LinkContract.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkLinesTests {
    private static final Peer ANA = new Peer("ana@host", Long.MAX_VALUE);
    private static final Peer BEN = new Peer("ben@host", 2);

    @TempDir
    private Path folder;

    private List<Event> read(Path file) throws Exception {
        LinkContract.Log log = new LinkContract().log(ANA);
        LinkLines.read(file, log);
        return log.events();
    }

    @Test
    void eventsAreReadAsTheyWereWritten() throws Exception {
        List<Event> all = List.of(
                new Event.Viewed(new View(new ViewId(7, BEN), List.of(BEN, ANA), true)),
                new Event.Opened(BEN),
                new Event.Suspected(BEN, true),
                new Event.Handed(BEN, 17L, Sent.FULL, true, 3),
                new Event.Received(BEN, 18L),
                new Event.Closed(BEN),
                new Event.Calm());
        Path file = folder.resolve("lines");
        try (LinkLines lines = new LinkLines(file)) {
            all.forEach(lines::add);
        }
        assertThat(read(file)).isEqualTo(all);
    }

    @Test
    void aTornLineIsIgnored() throws Exception {
        Path file = folder.resolve("lines");
        try (LinkLines lines = new LinkLines(file)) {
            lines.add(new Event.Received(BEN, 1L));
        }
        Files.writeString(file, "received " + BEN + " 1", StandardOpenOption.APPEND);
        assertThat(read(file)).containsExactly(new Event.Received(BEN, 1L));
    }

    @Test
    void anEnvelopeWithoutAnOutcomeMayHaveBeenQueued() throws Exception {
        Path file = folder.resolve("lines");
        try (LinkLines lines = new LinkLines(file)) {
            assertThat(lines.handing(BEN, 1L)).isZero();
            lines.add(new Event.Handed(BEN, 1L, Sent.QUEUED, true, 0));
            assertThat(lines.handing(BEN, 2L)).isEqualTo(1);
        }
        assertThat(read(file))
                .containsExactly(
                        new Event.Handed(BEN, 1L, Sent.QUEUED, true, 0),
                        new Event.Handed(BEN, 2L, Sent.QUEUED, false, -1));
    }
}
