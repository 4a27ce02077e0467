package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.NamesMessage.Accepted;
import io.heliodor.protocol.NamesMessage.Ask;
import io.heliodor.protocol.NamesMessage.Claims;
import io.heliodor.protocol.NamesMessage.Denied;
import io.heliodor.protocol.NamesMessage.Freed;
import io.heliodor.protocol.NamesMessage.Granted;
import io.heliodor.protocol.NamesMessage.Held;
import io.heliodor.protocol.NamesMessage.Release;
import io.heliodor.protocol.NamesMessage.Released;
import io.heliodor.protocol.NamesMessage.Row;
import io.heliodor.protocol.NamesMessage.Table;
import io.heliodor.protocol.NamesMessage.Tell;
import io.heliodor.protocol.NamesMessage.Told;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides about names and elections in one view. It asks all members what they claim, makes a table of it, and changes the
 * table from then on. Each member has a copy of the table and says how far it has come.
 */
final class Coordinator {
    /** The fewest changes that are remembered for members to which the table is under way. */
    private static final int RECENT = 1_024;

    /** A row of the table, and the change that made it; 0 if it was told. */
    private record Entry(Claim claim, long number) {}

    /** One member. */
    private static final class Follower {
        private final Peer peer;
        private final int rank;
        /** What it told, by wish, and how many pages of it came. */
        private final Map<Long, Told> told = new LinkedHashMap<>();

        private int parts;
        private boolean complete;
        /** Which table it has of the view before. */
        private Optional<Term> base = Optional.empty();

        /** Whether the pages hold only what differs from that. */
        private boolean changes;
        /** The table under way to it; changes wait meanwhile. */
        private @Nullable Pages<Row> pages;

        private long pagesNumber;
        /** Whether it was sent the table, and is sent each change. */
        private boolean live;
        /** The last change that it has. */
        private long accepted = -1;

        private boolean suspect;

        Follower(Peer peer, int rank) {
            this.peer = peer;
            this.rank = rank;
        }
    }

    /** Somebody who would have what is not free. */
    private record Candidate(Follower member, long wish, long process) {
        private static final Comparator<Candidate> IN_ORDER =
                Comparator.<Candidate>comparingInt(some -> some.member.rank).thenComparingLong(Candidate::wish);
    }

    /** A change, and the message that tells it. */
    private record Change(long number, NamesMessage message) {}

    /** What a member is told when all have a change, but for suspects. */
    private record Promise(Peer to, NamesMessage message) {}

    private final View view;
    private final int most;
    private final BiConsumer<Peer, NamesMessage> out;

    /** Which table this node has of the view before, and its rows. A member with the same base has the same rows of others. */
    private final Optional<Term> base;

    private final Map<Key, Claim> before;
    private final Verdicts verdicts;
    private final Map<Peer, Follower> members = new LinkedHashMap<>();
    private final Map<Key, Entry> table = new LinkedHashMap<>();
    private final Map<Key, NavigableSet<Candidate>> candidates = new LinkedHashMap<>();
    private final Deque<Change> recent = new ArrayDeque<>();
    private final NavigableMap<Long, List<Promise>> promises = new TreeMap<>();
    private List<Row> judged = List.of();
    private boolean granting;
    private long number;
    /** The last change that all have, but for suspects. */
    private long agreed = -1;

    Coordinator(
            View view,
            int most,
            Member own,
            BiConsumer<Peer, NamesMessage> out,
            Names.Effects effects,
            LongSupplier questions) {
        this.view = view;
        base = own.base();
        before = new LinkedHashMap<>(own.table());
        this.most = most;
        this.out = out;
        verdicts = new Verdicts(effects, questions);
        int rank = 0;
        for (Peer peer : view.members()) {
            members.put(peer, new Follower(peer, rank++));
        }
    }

    void start() {
        members.values().forEach(this::ask);
    }

    private void ask(Follower member) {
        out.accept(member.peer, new Tell(view.id(), member.parts));
    }

    private Follower member(Peer peer) {
        @Nullable Follower member = members.get(peer);
        if (member == null) {
            throw new IllegalArgumentException(peer + " is no member of view " + view.id());
        }
        return member;
    }

    /** What was sent before may have been lost. */
    void opened(Peer peer) {
        Follower member = member(peer);
        if (granting) {
            tell(member);
        } else if (!member.complete) {
            ask(member);
        }
    }

    void claims(Peer from, Claims message) {
        Follower member = member(from);
        // With the questions asked, or the table made, it is too late: what differs is released later.
        if (granting || verdicts.asked()) {
            return;
        }
        if (message.part() == 1) {
            member.told.clear();
            member.parts = 0;
            member.complete = false;
        }
        if (message.part() != member.parts + 1 || member.complete) {
            return;
        }
        member.parts++;
        member.base = message.base();
        message.claims().forEach(told -> member.told.put(told.wish(), told));
        if (!message.last()) {
            ask(member);
            return;
        }
        member.complete = true;
        if (members.values().stream().allMatch(each -> each.complete)) {
            verdicts.ask(claims());
            settle();
        }
    }

    /** The resolver answered. */
    void resolved(long question, Optional<Claim> winner) {
        if (!granting && verdicts.resolved(question, winner)) {
            settle();
        }
    }

    void tick(long now) {
        if (!granting && verdicts.asked() && verdicts.tick(now)) {
            settle();
        }
    }

    /** Who claims what: of the firm claims if there is one, else of all. What is not firm, nobody was told of. */
    private Map<Key, List<Claim>> claims() {
        Map<Key, List<Claim>> firm = new LinkedHashMap<>();
        Map<Key, List<Claim>> others = new LinkedHashMap<>();
        for (Follower member : members.values()) {
            for (Told told : member.told.values()) {
                told.since()
                        .ifPresent(since -> (told.firm() ? firm : others)
                                .computeIfAbsent(told.key(), _ -> new ArrayList<>())
                                .add(new Claim(member.peer, told.process(), told.wish(), since)));
            }
        }
        Map<Key, List<Claim>> claims = new LinkedHashMap<>(firm);
        others.forEach((key, some) -> claims.computeIfAbsent(key, _ -> {
            // Nobody was promised anything: the oldest has it, and no resolver need be asked.
            return List.of(some.stream().min(Claim.BY_AGE).orElseThrow());
        }));
        return claims;
    }

    /** Makes the table once all verdicts are there. */
    private void settle() {
        if (granting || !verdicts.complete()) {
            return;
        }
        granting = true;
        List<Row> rows = new ArrayList<>();
        claims().forEach((key, claims) -> {
            // Of an election the first in the order of the view stays leader; that is the first in this list.
            Optional<Claim> owner = key.election() ? Optional.of(claims.getFirst()) : verdicts.choose(key, claims);
            if (!key.election() && claims.size() > 1) {
                rows.add(new Row(
                        key,
                        owner,
                        claims.stream()
                                .filter(claim -> !claim.equals(owner.orElse(null)))
                                .toList()));
            }
            owner.ifPresent(claim -> enter(key, claim));
        });
        judged = rows;
        for (Follower member : members.values()) {
            for (Told told : member.told.values()) {
                if (told.key().election()) {
                    candidate(told.key(), new Candidate(member, told.wish(), told.process()));
                }
            }
        }
        candidates.keySet().stream()
                .filter(key -> !table.containsKey(key))
                .toList()
                .forEach(this::elect);
        members.values().forEach(member -> member.told.clear());
        members.values().forEach(member -> tell(member, rows(member), isBased(member)));
        before.clear();
    }

    private boolean isBased(Follower member) {
        return base.isPresent() && base.equals(member.base);
    }

    /** The table for a member that may have a part of it. */
    private List<Row> rows(Follower member) {
        if (!isBased(member)) {
            return rows();
        }
        List<Row> rows = new ArrayList<>(judged);
        table.forEach((key, entry) -> {
            Claim claim = entry.claim();
            // Each node forgets its own claims before all know it, so of those the two copies may differ.
            boolean shared = !claim.peer().equals(member.peer) && !claim.peer().equals(view.coordinator());
            if (!shared || !claim.equals(before.get(key))) {
                rows.add(new Row(key, Optional.of(claim), List.of()));
            }
        });
        before.keySet().stream()
                .filter(key -> !table.containsKey(key))
                .forEach(key -> rows.add(new Row(key, Optional.empty(), List.of())));
        return rows;
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>(judged);
        table.forEach((key, entry) -> rows.add(new Row(key, Optional.of(entry.claim()), List.of())));
        return rows;
    }

    private void enter(Key key, Claim claim) {
        Told told = member(claim.peer()).told.get(claim.wish());
        table.put(key, new Entry(claim, 0));
        if (told != null && !told.firm()) {
            promise(0, claim.peer(), new Held(view.id(), claim.wish()));
        }
    }

    /** Tells the whole table. */
    private void tell(Follower member) {
        tell(member, rows(), false);
    }

    private void tell(Follower member, List<Row> rows, boolean changes) {
        member.changes = changes;
        member.pages = new Pages<>(
                rows,
                row -> 100 + row.key().name().length() + 100 * row.losers().size());
        member.pagesNumber = number;
        member.live = false;
        advance(member);
    }

    private void advance(Follower member) {
        Pages<Row> pages = member.pages;
        if (pages == null) {
            return;
        }
        pages.send((part, last, rows) ->
                out.accept(member.peer, new Table(view.id(), member.pagesNumber, part, last, rows, member.changes)));
        if (!pages.complete()) {
            return;
        }
        if (member.pagesNumber < number && recent.getFirst().number() > member.pagesNumber + 1) {
            // What changed meanwhile is not all remembered.
            tell(member);
            return;
        }
        member.pages = null;
        member.live = true;
        for (Change change : recent) {
            if (change.number() > member.pagesNumber) {
                out.accept(member.peer, change.message());
            }
        }
    }

    void accepted(Peer from, Accepted message) {
        Follower member = member(from);
        if (message.parts() > 0) {
            if (member.pages != null && member.pagesNumber == message.number()) {
                member.pages.acknowledge(message.parts());
                advance(member);
            }
            return;
        }
        member.accepted = Math.max(member.accepted, Math.min(number, message.number()));
        agree();
    }

    /** For a member that cannot be heard nobody waits: it is told when it can be. */
    void suspected(Peer peer, boolean suspect) {
        member(peer).suspect = suspect;
        agree();
    }

    private void agree() {
        // A suspect is not waited for, but it has to learn the verdicts, too.
        if (members.values().stream().allMatch(each -> each.accepted >= 0)) {
            judged = List.of();
        }
        long least = members.values().stream()
                .filter(each -> !each.suspect)
                .mapToLong(each -> each.accepted)
                .min()
                .orElse(-1);
        if (least > agreed) {
            agreed = least;
            NavigableMap<Long, List<Promise>> due = promises.headMap(least, true);
            List<List<Promise>> kept = List.copyOf(due.values());
            due.clear();
            kept.forEach(some -> some.forEach(promise -> out.accept(promise.to(), promise.message())));
        }
    }

    private void promise(long after, Peer to, NamesMessage message) {
        if (after <= agreed) {
            out.accept(to, message);
        } else {
            promises.computeIfAbsent(after, _ -> new ArrayList<>()).add(new Promise(to, message));
        }
    }

    void asked(Peer from, Ask message) {
        if (!granting) {
            return;
        }
        Key key = message.key();
        Follower member = member(from);
        @Nullable Entry entry = table.get(key);
        if (entry != null && entry.claim().peer().equals(from) && entry.claim().process() == message.process()) {
            if (entry.claim().wish() == message.wish()) {
                promise(entry.number(), from, new Held(view.id(), message.wish()));
                return;
            }
            // Another wish of the same process: the one before was given up, and that was lost.
            withdraw(key, new Candidate(member, entry.claim().wish(), 0));
            free(key, entry);
            entry = null;
        }
        if (key.election()) {
            candidate(key, new Candidate(member, message.wish(), message.process()));
            if (entry == null) {
                elect(key);
            }
        } else if (entry != null) {
            out.accept(from, new Denied(view.id(), message.wish(), Optional.of(entry.claim())));
        } else if (table.size() >= most) {
            out.accept(from, new Denied(view.id(), message.wish(), Optional.empty()));
        } else {
            grant(key, from, message.process(), message.wish());
        }
    }

    private void candidate(Key key, Candidate candidate) {
        candidates.computeIfAbsent(key, _ -> new TreeSet<>(Candidate.IN_ORDER)).add(candidate);
    }

    private void withdraw(Key key, Candidate candidate) {
        @Nullable NavigableSet<Candidate> some = candidates.get(key);
        if (some != null && some.remove(candidate) && some.isEmpty()) {
            candidates.remove(key);
        }
    }

    private void elect(Key key) {
        @Nullable NavigableSet<Candidate> some = candidates.get(key);
        if (some != null) {
            Candidate first = some.first();
            grant(key, first.member().peer, first.process(), first.wish());
        }
    }

    private void grant(Key key, Peer peer, long process, long wish) {
        var claim = new Claim(peer, process, wish, new Term(view.id(), ++number));
        table.put(key, new Entry(claim, number));
        change(new Granted(view.id(), number, key, claim));
        promise(number, peer, new Held(view.id(), wish));
    }

    private void free(Key key, Entry entry) {
        table.remove(key);
        change(new Freed(
                view.id(), ++number, key, entry.claim().peer(), entry.claim().wish()));
    }

    private void change(NamesMessage message) {
        recent.addLast(new Change(number, message));
        if (recent.size() > Math.max(RECENT, table.size() / 4)) {
            recent.removeFirst();
        }
        for (Follower member : members.values()) {
            if (member.live) {
                out.accept(member.peer, message);
            }
        }
    }

    void released(Peer from, Release message) {
        Follower member = member(from);
        if (!granting) {
            member.told.remove(message.wish());
            settle();
            return;
        }
        Key key = message.key();
        withdraw(key, new Candidate(member, message.wish(), 0));
        @Nullable Entry entry = table.get(key);
        if (entry != null && entry.claim().is(from, message.wish())) {
            free(key, entry);
            elect(key);
        }
        promise(number, from, new Released(view.id(), message.wish()));
    }
}
