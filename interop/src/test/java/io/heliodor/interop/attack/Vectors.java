package io.heliodor.interop.attack;

import java.util.List;

/** All vectors, with sizes that hurt. */
final class Vectors {
    static final List<AttackVector> ALL = List.of(
            new Mailboxes(20, 100),
            new UnreadReplies(50),
            new UnreadBroadcasts(10, 6, 100),
            new Replays(40, 4),
            new Histories(6),
            new LongPolls(200, 100),
            new PollBodies(60),
            new Handshakes(2_000),
            new Fragments(300),
            new Bombs(20),
            new Pings(50),
            new Presences(60, 20),
            new Stalls(40),
            new Churn(20, 100),
            new Bursts(20, 60),
            new Joins(10, 10),
            new Crashes(20),
            new UnreadPages(100),
            new Metas(100, 100),
            new Trees(6, 10),
            new Heads(500),
            new ParkedPolls(300),
            new FileFloods(100, 20),
            new KeptAlive(500),
            new Rejoins(30),
            new Documents(40),
            new OnceKeys(40, 2),
            new LogFloods(40));

    private Vectors() {}

    /** Those with these names; all of them if there are no names. */
    static List<AttackVector> named(List<String> names) {
        for (String name : names) {
            if (ALL.stream().noneMatch(vector -> vector.name().equals(name))) {
                throw new IllegalArgumentException("no vector is called " + name + "; there are "
                        + ALL.stream().map(AttackVector::name).toList());
            }
        }
        return ALL.stream()
                .filter(vector -> names.isEmpty() || names.contains(vector.name()))
                .toList();
    }
}
