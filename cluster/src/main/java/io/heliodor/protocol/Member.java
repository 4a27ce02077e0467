package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One member of a view, as its coordinator sees it: it tells what its processes have, keeps a copy of the table, accepts
 * what is granted, and asks for what its processes wish for.
 */
final class Member {
    /** To the coordinator of the view. */
    @FunctionalInterface
    interface Way {
        /** Sends, if there is a session; whether there is. */
        boolean send(NamesMessage message);
    }

    /** Something given up, until all know it. */
    private record Giving(Key key, List<Wish.Request> requests) {}

    private final Peer self;
    private final Names.Effects effects;
    private final Way coordinator;
    private final Wishes wishes = new Wishes();
    private final Map<Key, Claim> table = new LinkedHashMap<>();
    /** What processes of this node have. */
    private final Map<Key, Wish> own = new LinkedHashMap<>();

    private final Map<Long, Giving> giving = new LinkedHashMap<>();
    private ViewId view;
    private Peer coordinatorPeer;
    /** The table of the view before, if it is complete here but for the rows of members that left. */
    private Optional<Term> base = Optional.empty();
    /** What is told in this view; null until the coordinator asked. */
    private @Nullable Pages<Wish> telling;
    /** Whether the coordinator's table of this view is here. */
    private boolean settled;
    /** The last change of that table that is here. */
    private long number;
    /** The table under way. */
    private List<Row> incoming = List.of();

    private long incomingNumber;
    private int parts;

    Member(Peer self, Names.Effects effects, Way coordinator) {
        this.self = self;
        this.effects = effects;
        this.coordinator = coordinator;
        view = new ViewId(0, self);
        coordinatorPeer = self;
    }

    Map<Key, Claim> table() {
        return table;
    }

    Map<Key, Wish> own() {
        return own;
    }

    Wishes wishes() {
        return wishes;
    }

    boolean settled() {
        return settled;
    }

    Optional<Term> base() {
        return base;
    }

    /** Whether nothing more may be wished for. */
    boolean full() {
        return wishes.size() + giving.size() >= Names.MOST;
    }

    void view(View next) {
        // Without the table of the view that ends, rows of a member that left and is back are missing here only.
        base = settled ? Optional.of(new Term(view, number)) : Optional.empty();
        view = next.id();
        coordinatorPeer = next.coordinator();
        telling = null;
        settled = false;
        parts = 0;
        for (Wish wish : wishes.all()) {
            wish.asked = false;
            wish.known = false;
            wish.confirmed = false;
        }
        for (Map.Entry<Key, Claim> row : List.copyOf(table.entrySet())) {
            if (!next.has(row.getValue().peer())) {
                table.remove(row.getKey());
                effects.changed(row.getKey(), Optional.empty());
            }
        }
    }

    /** What the coordinator was told may have been lost with the session. */
    void repeat() {
        wishes.all().forEach(wish -> wish.asked = false);
        if (telling != null && !settled) {
            telling = null;
            tell();
        }
        if (parts > 0) {
            coordinator.send(new Accepted(view, incomingNumber, parts));
        }
        if (settled) {
            coordinator.send(new Accepted(view, number, 0));
        }
        giving.forEach((wish, given) -> release(wish, given.key()));
        ask();
    }

    /** The coordinator said something. */
    void told(NamesMessage message) {
        switch (message) {
            case Tell tell -> tell(tell);
            case Table page -> page(page);
            case Granted granted -> granted(granted);
            case Freed freed -> freed(freed);
            case Held held -> held(held);
            case Denied denied -> denied(denied);
            case Released released -> {
                @Nullable Giving given = giving.remove(released.wish());
                if (given != null) {
                    given.requests().forEach(request -> request.answer(effects, new Answer.Released()));
                }
            }
            default -> throw new IllegalArgumentException("Not for a member: " + message);
        }
    }

    private void tell(Tell message) {
        if (settled) {
            return;
        }
        if (telling != null) {
            telling.acknowledge(message.parts());
        }
        tell();
    }

    private void tell() {
        if (telling == null) {
            telling = new Pages<>(
                    wishes.all().stream()
                            .filter(wish -> wish.since != null || wish.key.election())
                            .toList(),
                    wish -> 80 + wish.key.name().length());
        }
        telling.send((part, last, page) -> {
            List<Told> claims = new ArrayList<>();
            for (Wish wish : page) {
                // What was given up since is not told.
                if (wishes.find(wish.number) == wish) {
                    wish.known = true;
                    claims.add(
                            new Told(wish.key, wish.process, wish.number, Optional.ofNullable(wish.since), wish.firm));
                }
            }
            coordinator.send(new Claims(view, part, last, claims, base));
        });
    }

    private void page(Table page) {
        if (page.part() == 1) {
            incoming = new ArrayList<>();
            incomingNumber = page.number();
            parts = 0;
        }
        if (page.number() != incomingNumber || page.part() != parts + 1) {
            return;
        }
        parts++;
        incoming.addAll(page.rows());
        if (!page.last()) {
            coordinator.send(new Accepted(view, incomingNumber, parts));
            return;
        }
        parts = 0;
        number = incomingNumber;
        List<Row> rows = incoming;
        incoming = List.of();
        settle(rows, page.changes());
        coordinator.send(new Accepted(view, number, 0));
        // If it is not the first table of this view, answers were lost with the session before.
        wishes.all().forEach(wish -> wish.asked = false);
        ask();
    }

    /** The coordinator's table is here. */
    private void settle(List<Row> rows, boolean changes) {
        Map<Key, Claim> next = new LinkedHashMap<>();
        if (changes) {
            next.putAll(table);
            next.values()
                    .removeIf(claim -> claim.peer().equals(self) || claim.peer().equals(coordinatorPeer));
        }
        for (Row row : rows) {
            if (row.losers().isEmpty()) {
                row.owner().ifPresentOrElse(claim -> next.put(row.key(), claim), () -> next.remove(row.key()));
            } else if (!settled) {
                judged(row);
            }
        }
        settled = true;
        for (Map.Entry<Key, Wish> mine : List.copyOf(own.entrySet())) {
            Claim claim = next.get(mine.getKey());
            // What has another term was lost, and granted again before this table came.
            if (claim == null || !same(claim, mine.getValue())) {
                lose(mine.getValue());
            }
        }
        for (Map.Entry<Long, Giving> given : List.copyOf(giving.entrySet())) {
            Claim claim = next.get(given.getValue().key());
            given.getValue().requests().removeIf(Wish.Request::answered);
            boolean over = claim == null || !claim.is(self, given.getKey());
            if (over && given.getValue().requests().isEmpty()) {
                giving.remove(given.getKey());
            } else {
                // That the others have this table too, only the coordinator can say.
                release(given.getKey(), given.getValue().key());
            }
        }
        next.entrySet().removeIf(row -> row.getValue().peer().equals(self) && !enter(row.getKey(), row.getValue()));
        for (Key key : List.copyOf(table.keySet())) {
            if (!next.containsKey(key)) {
                table.remove(key);
                effects.changed(key, Optional.empty());
            }
        }
        next.forEach(this::put);
    }

    private boolean same(Claim claim, Wish wish) {
        return claim.is(self, wish.number) && claim.since().equals(wish.since);
    }

    private void put(Key key, Claim claim) {
        if (!claim.equals(table.put(key, claim))) {
            effects.changed(key, Optional.of(claim));
        }
    }

    /** Something is said to be of a process of this node. If that does not want it any more it is given back. */
    private boolean enter(Key key, Claim claim) {
        @Nullable Wish wish = wishes.find(claim.wish());
        if (wish == null) {
            giving.computeIfAbsent(claim.wish(), _ -> new Giving(key, new ArrayList<>()));
            release(claim.wish(), key);
            return false;
        }
        wish.since = claim.since();
        wish.known = true;
        own.put(key, wish);
        return true;
    }

    /** The resolver decided about a name that two had. */
    private void judged(Row row) {
        String name = row.key().name();
        Optional<Peer> winner = row.owner().map(Claim::peer);
        @Nullable Wish wish = own.get(row.key());
        if (wish == null) {
            return;
        }
        for (Claim loser : row.losers()) {
            if (loser.is(self, wish.number)) {
                lose(wish);
                effects.conflict(name, winner, self);
            } else if (row.owner().isPresent() && row.owner().get().is(self, wish.number)) {
                effects.conflict(name, winner, loser.peer());
            }
        }
    }

    /** A process has something no longer, though it did not give it up. It may go on wishing for it. */
    private void lose(Wish wish) {
        own.remove(wish.key);
        Term since = wish.since;
        boolean firm = wish.firm;
        wish.since = null;
        wish.firm = false;
        wish.confirmed = false;
        if (firm && wish.key.election() && since != null) {
            effects.deposed(wish.key.name(), wish.process, since);
        } else if (firm) {
            effects.lost(wish.key.name(), wish.process);
        }
        wish.requests.removeIf(Wish.Request::answered);
        if (!wish.key.election() && wish.requests.isEmpty()) {
            wishes.forget(wish);
        }
    }

    private void granted(Granted message) {
        if (!settled || message.number() != number + 1) {
            return;
        }
        number++;
        Claim claim = message.claim();
        Wish before = own.get(message.key());
        if (before != null && !same(claim, before)) {
            lose(before);
        }
        if (!claim.peer().equals(self) || enter(message.key(), claim)) {
            put(message.key(), claim);
        }
        // Behind what is shown: who is told that it has a name finds it in the table of any member.
        coordinator.send(new Accepted(view, number, 0));
    }

    private void freed(Freed message) {
        if (!settled || message.number() != number + 1) {
            return;
        }
        number++;
        Wish mine = own.get(message.key());
        if (mine != null && message.peer().equals(self) && mine.number == message.wish()) {
            lose(mine);
        }
        Claim claim = table.get(message.key());
        if (claim != null && claim.is(message.peer(), message.wish())) {
            table.remove(message.key());
            effects.changed(message.key(), Optional.empty());
        }
        coordinator.send(new Accepted(view, number, 0));
    }

    private void held(Held message) {
        @Nullable Wish wish = wishes.find(message.wish());
        @Nullable Term since = wish == null ? null : wish.since;
        if (wish == null || since == null || !settled) {
            return;
        }
        boolean first = !wish.firm;
        wish.firm = true;
        wish.confirmed = true;
        if (first && wish.key.election()) {
            effects.leading(wish.key.name(), wish.process, since);
        }
        answer(wish, new Answer.Held(new Claim(self, wish.process, wish.number, since)));
    }

    private void denied(Denied message) {
        @Nullable Wish wish = wishes.find(message.wish());
        if (wish != null && wish.since == null) {
            wishes.forget(wish);
            answer(wish, message.owner().<Answer>map(Answer.Taken::new).orElseGet(Answer.Full::new));
        }
    }

    private void answer(Wish wish, Answer answer) {
        wish.requests.forEach(request -> request.answer(effects, answer));
        wish.requests.clear();
    }

    /** Asks for all that is wished for, in the order in which it was. */
    private void ask() {
        for (Wish wish : wishes.all()) {
            ask(wish);
        }
    }

    void ask(Wish wish) {
        wish.requests.removeIf(Wish.Request::answered);
        boolean lasting = wish.since != null || wish.key.election();
        boolean due = !wish.requests.isEmpty() || (lasting && !wish.firm);
        if (settled && due && !wish.asked) {
            wish.asked = true;
            wish.known |= coordinator.send(new Ask(view, wish.number, wish.key, wish.process));
        }
    }

    private void release(long wish, Key key) {
        // Before it was asked in this view the coordinator does not know of it.
        if (telling != null) {
            coordinator.send(new Release(view, wish, key));
        }
    }

    void give(Wish wish, List<Wish.Request> waiting) {
        wishes.forget(wish);
        answer(wish, new Answer.Unknown());
        Term since = wish.since;
        if (own.remove(wish.key, wish)) {
            table.remove(wish.key);
            effects.changed(wish.key, Optional.empty());
            if (wish.key.election() && wish.firm && since != null) {
                effects.deposed(wish.key.name(), wish.process, since);
            }
        }
        if (wish.known || !waiting.isEmpty()) {
            giving.put(wish.number, new Giving(wish.key, new ArrayList<>(waiting)));
            release(wish.number, wish.key);
        }
    }
}
