package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.NamesMessage.Row;
import io.heliodor.protocol.NamesMessage.Table;
import io.heliodor.protocol.NamesMessage.TableAck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a {@link Coordinator}'s table to the members of its view. Each member has a copy of the table, and acknowledges changes
 * of it. Messages may wait until all members but suspects have a change.
 */
final class TableDistribution {
    /** The minimum number of changes that are kept for members that still receive the table. */
    private static final int MIN_RECENT = 1_024;

    /** The copy of one member. */
    private static final class Copy {
        private final Peer peer;

        /** Whether the pages have only rows that differ from the base of the member. */
        private boolean changes;
        /** The table that is being sent to it; changes wait until then. */
        private @Nullable Pages<Row> pages;

        private long pagesNumber;
        /** Whether it was sent the whole table, so that each change is sent at once. */
        private boolean synced;
        /** The last change that it acknowledged. */
        private long accepted = -1;

        private boolean suspect;

        Copy(Peer peer) {
            this.peer = peer;
        }
    }

    /** A change, and its message. */
    private record Change(long number, NamesMessage message) {}

    /** A message that is sent when all members but suspects have a change. */
    private record Deferred(Peer to, NamesMessage message) {}

    private final View view;
    private final NamesOutbox outgoing;
    private final Supplier<List<Row>> table;
    private final Map<Peer, Copy> copies = new LinkedHashMap<>();
    private final Deque<Change> recent = new ArrayDeque<>();
    private final NavigableMap<Long, List<Deferred>> onAgreement = new TreeMap<>();
    private long number;
    /** The last change that all members but suspects have. */
    private long agreed = -1;

    /** {@code table} returns the rows of the whole table, for a member that needs more changes than are kept. */
    TableDistribution(View view, NamesOutbox outgoing, Supplier<List<Row>> table) {
        this.view = view;
        this.outgoing = outgoing;
        this.table = table;
        view.members().forEach(peer -> copies.put(peer, new Copy(peer)));
    }

    private Copy copy(Peer peer) {
        return Objects.requireNonNull(copies.get(peer));
    }

    /** The number of the last change. */
    long number() {
        return number;
    }

    /** Numbers the next change, which must follow. */
    long next() {
        return ++number;
    }

    /** Sends a change, the one that was numbered last. */
    void change(NamesMessage message, int rows) {
        recent.addLast(new Change(number, message));
        if (recent.size() > Math.max(MIN_RECENT, rows / 4)) {
            recent.removeFirst();
        }
        for (Copy copy : copies.values()) {
            if (copy.synced) {
                outgoing.send(copy.peer, message);
            }
        }
    }

    /** Sends the table to a member: all of it, or the rows that differ from its base. */
    void send(Peer to, List<Row> rows, boolean changes) {
        send(copy(to), rows, changes);
    }

    private void send(Copy copy, List<Row> rows, boolean changes) {
        copy.changes = changes;
        copy.pages = new Pages<>(
                rows,
                row -> 100 + row.key().name().length() + 100 * row.losers().size());
        copy.pagesNumber = number;
        copy.synced = false;
        advance(copy);
    }

    private void advance(Copy copy) {
        Pages<Row> pages = copy.pages;
        if (pages == null) {
            return;
        }
        pages.send((part, last, rows) ->
                outgoing.send(copy.peer, new Table(view.id(), copy.pagesNumber, part, last, rows, copy.changes)));
        if (!pages.complete()) {
            return;
        }
        if (copy.pagesNumber < number && recent.getFirst().number() > copy.pagesNumber + 1) {
            // Some changes since then are not kept any more.
            send(copy, table.get(), false);
            return;
        }
        copy.pages = null;
        copy.synced = true;
        for (Change change : recent) {
            if (change.number() > copy.pagesNumber) {
                outgoing.send(copy.peer, change.message());
            }
        }
    }

    /** A member has pages of the table, or changes of it. */
    void acknowledged(Peer from, TableAck message) {
        Copy copy = copy(from);
        if (message.parts() > 0) {
            if (copy.pages != null && copy.pagesNumber == message.number()) {
                copy.pages.acknowledge(message.parts());
                advance(copy);
            }
            return;
        }
        copy.accepted = Math.max(copy.accepted, Math.min(number, message.number()));
        agree();
    }

    /** Whether each member has the table, suspects included. */
    boolean isWithAll() {
        return copies.values().stream().allMatch(each -> each.accepted >= 0);
    }

    /** Acknowledgements of a suspect are not waited for. */
    void suspected(Peer peer, boolean suspect) {
        copy(peer).suspect = suspect;
        agree();
    }

    private void agree() {
        long least = copies.values().stream()
                .filter(each -> !each.suspect)
                .mapToLong(each -> each.accepted)
                .min()
                .orElse(-1);
        if (least > agreed) {
            agreed = least;
            NavigableMap<Long, List<Deferred>> due = onAgreement.headMap(least, true);
            List<List<Deferred>> kept = List.copyOf(due.values());
            due.clear();
            kept.forEach(some -> some.forEach(deferred -> outgoing.send(deferred.to(), deferred.message())));
        }
    }

    /** Sends a message when all members but suspects have a change. */
    void sendWhenAgreed(long after, Peer to, NamesMessage message) {
        if (after <= agreed) {
            outgoing.send(to, message);
        } else {
            onAgreement.computeIfAbsent(after, _ -> new ArrayList<>()).add(new Deferred(to, message));
        }
    }

    /** Checks the numbers of changes. */
    void checkInvariants() {
        long at = number - recent.size();
        for (Change change : recent) {
            Invariant.check(change.number() == ++at, "changes are numbered without a gap", change.number(), number);
        }
        for (Copy copy : copies.values()) {
            Invariant.check(
                    copy.accepted <= number, "a member accepts what was changed", copy.peer, copy.accepted, number);
            Invariant.check(
                    !copy.synced || copy.pages == null, "changes follow the table", copy.peer, copy.pagesNumber);
        }
        Invariant.check(agreed <= number, "all have what was changed", agreed, number);
        Invariant.check(
                onAgreement.isEmpty() || (onAgreement.firstKey() > agreed && onAgreement.lastKey() <= number),
                "a message waits for a change that not all have",
                onAgreement.keySet(),
                agreed,
                number);
    }
}
