package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.announce.StateRecipient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** An owner that records the events that it gets, as a channel does, and those for all subscribers. */
final class Listener implements PresenceOwner, StateRecipient {
    static final long MAX_HELD = 100;

    private final String topic;
    private final Object party;
    private final Owner life;
    final List<String> events;
    private final AtomicLong held = new AtomicLong();
    private volatile boolean lost;

    Listener(String topic, List<String> events) {
        this(topic, new Object(), events);
    }

    /** An owner of a party, which may have others. */
    Listener(String topic, Object party, List<String> events) {
        this.topic = topic;
        this.party = party;
        this.life = Owner.of(topic);
        this.events = events;
    }

    static List<String> log() {
        return new CopyOnWriteArrayList<>();
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public void onEnd(Runnable done) {
        life.onEnd(done);
    }

    @Override
    public void onUnreachable(Runnable done) {
        life.onEnd(done);
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public Object party() {
        return party;
    }

    @Override
    public long cost(String presenceKey, Object meta) {
        return String.valueOf(meta).length();
    }

    @Override
    public void reserve(long bytes) {
        if (held.addAndGet(bytes) > MAX_HELD) {
            held.addAndGet(-bytes);
            throw new IllegalStateException("too much");
        }
    }

    @Override
    public void release(long bytes) {
        held.addAndGet(-bytes);
    }

    /** The memory of its presences: a byte for each character of their metadata. */
    long held() {
        return held.get();
    }

    void ends() {
        life.close();
    }

    /** Loses its connection. */
    void breaks() {
        lost = true;
        life.close();
    }

    @Override
    public void receiveState(String event, Announcement state) {
        events.add((event.equals("presence_state") ? "state " : event + " ") + text(state.joins()) + text(state));
    }

    @Override
    public void receiveDiff(String event, Announcement diff) {
        events.add(event + diff(diff).substring("diff".length()));
    }

    @Override
    public void receiveCount(String event, int keys) {
        events.add(event + " " + keys);
    }

    static String diff(Announcement diff) {
        return "diff +" + text(diff.joins()) + " -" + text(diff.leaves()) + text(diff);
    }

    private static String text(Announcement announcement) {
        return announcement.additions().isEmpty() ? "" : " & " + new TreeMap<>(announcement.additions());
    }

    private static String text(Map<String, List<PresenceMeta>> presents) {
        return presents.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each -> each.getKey() + "="
                        + each.getValue().stream()
                                .map(present -> String.valueOf(present.meta()))
                                .sorted()
                                .collect(Collectors.joining("|")))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
