package io.heliodor.link;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.LinkContract.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A recording in a file, a line for each event, with numbers as keys. Each line is written to the operating system
 * before the link continues, so the recording of a killed process has no gaps.
 */
public final class LinkLines implements LinkRecorder.Book, AutoCloseable {
    private final OutputStream out;
    private int events;

    /** A recording in a new file. */
    public LinkLines(Path file) throws IOException {
        out = Files.newOutputStream(file);
    }

    @Override
    public synchronized int handing(Peer to, Object key) {
        write("handing " + to + " " + key);
        return events;
    }

    @Override
    public synchronized void add(Event event) {
        events++;
        write(
                switch (event) {
                    case Event.Viewed(View view) ->
                        "viewed " + view.id().number() + " " + view.id().creator() + " " + view.merged() + " "
                                + view.members().stream().map(Peer::toString).collect(Collectors.joining(" "));
                    case Event.Opened(Peer peer) -> "opened " + peer;
                    case Event.Closed(Peer peer) -> "closed " + peer;
                    case Event.Suspected(Peer peer, boolean suspect) -> "suspected " + peer + " " + suspect;
                    case Event.Handed(Peer to, Object key, Sent sent, boolean insisted, int begun) ->
                        "handed " + to + " " + key + " " + sent + " " + insisted + " " + begun;
                    case Event.Received(Peer from, Object key) -> "received " + from + " " + key;
                    case Event.Overlapped(String call) -> "overlapped " + call;
                    case Event.Calm() -> "calm";
                });
    }

    private void write(String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }

    /** Adds the events in a file to a log. */
    public static void read(Path file, LinkContract.Log log) throws IOException {
        String text = Files.readString(file);
        Map<String, Event> begun = new LinkedHashMap<>();
        // The text after the last line end is torn, or is being written.
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("handing")) {
                // An envelope without an outcome may have been queued, in any session.
                begun.put(words[2], new Event.Handed(peer(words[1]), key(words[2]), Sent.QUEUED, false, -1));
            } else {
                Event event = event(words);
                if (event instanceof Event.Handed handed) {
                    begun.remove(handed.key().toString());
                }
                log.add(event);
            }
        }
        begun.values().forEach(log::add);
    }

    private static Event event(String[] words) {
        return switch (words[0]) {
            case "viewed" ->
                new Event.Viewed(new View(
                        new ViewId(Long.parseLong(words[1]), peer(words[2])),
                        Arrays.stream(words).skip(4).map(LinkLines::peer).toList(),
                        Boolean.parseBoolean(words[3])));
            case "opened" -> new Event.Opened(peer(words[1]));
            case "closed" -> new Event.Closed(peer(words[1]));
            case "suspected" -> new Event.Suspected(peer(words[1]), Boolean.parseBoolean(words[2]));
            case "handed" ->
                new Event.Handed(
                        peer(words[1]),
                        key(words[2]),
                        Sent.valueOf(words[3]),
                        Boolean.parseBoolean(words[4]),
                        Integer.parseInt(words[5]));
            case "received" -> new Event.Received(peer(words[1]), key(words[2]));
            case "overlapped" -> new Event.Overlapped(String.join(" ", words));
            case "calm" -> new Event.Calm();
            default -> throw new IllegalArgumentException("No event is called " + words[0]);
        };
    }

    private static Object key(String word) {
        return Long.valueOf(word);
    }

    /** The peer that {@link Peer#toString} wrote. */
    public static Peer peer(String word) {
        int mark = word.lastIndexOf('#');
        return new Peer(word.substring(0, mark), Long.parseLong(word.substring(mark + 1), 36));
    }
}
