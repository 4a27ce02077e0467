package io.heliodor.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The recovery of a member by its token: the kept messages after it, if they are all that the member has missed. */
final class TokenRecovery<C> {
    private final LogPosition position;
    private final LogEntries<C> entries;

    TokenRecovery(LogPosition position, LogEntries<C> entries) {
        this.position = position;
        this.entries = entries;
    }

    ResumeResult<C> resume(Optional<ResumeToken> since) {
        if (since.isEmpty() || !recovers(since.get().named())) {
            return new ResumeResult<>(false, position.token().text(), List.of(), VersionVector.NONE);
        }
        VersionVector named = since.get().named();
        VersionVector after = named;
        List<ResumeResult.Missed<C>> missed = new ArrayList<>();
        for (LogEntry<C> each : missedBy(named)) {
            List<Dot> over = each.stamp().retired();
            after = after.where(
                    (id, counter) -> over.stream().noneMatch(last -> last.stream() == id && last.counter() >= counter));
            missed.add(new ResumeResult.Missed<>(each, after(each, after)));
        }
        return new ResumeResult<>(true, since.get().text(), missed, position.missing(named));
    }

    private boolean recovers(VersionVector named) {
        return position.knows(named)
                && named.get(position.own()) <= position.get(position.own()) // otherwise it is forged
                && lacking(named).size() == 0
                && missedBy(named).stream()
                        .flatMap(each -> each.stamp().retired().stream())
                        // Also if the stream is forgotten: the member may lack its messages.
                        .allMatch(last -> has(named, last.stream()) >= last.counter());
    }

    /** The streams of which a member has missed messages that are not kept. */
    private VersionVector lacking(VersionVector named) {
        return position.vector().where((id, counter) -> has(named, id) < entries.floor(id, counter));
    }

    private List<LogEntry<C>> missedBy(VersionVector named) {
        return entries.all().stream()
                .filter(each -> each.dot().counter() > has(named, each.dot().stream()))
                .toList();
    }

    /** The counter up to which a member has the messages of a stream. */
    private long has(VersionVector named, long stream) {
        return position.retired().counter(named, stream);
    }

    /** A member's token after a message. It is the same object as the message's token if the two are equal. */
    private ResumeToken after(LogEntry<C> message, VersionVector named) {
        ResumeToken stored = message.token();
        // Streams that were retired meanwhile, and that the member's token does not name, were retired before that was
        // issued.
        return stored.named().covers(named)
                ? stored
                : new ResumeToken(
                        stored.named()
                                .where((id, _) -> position.has(id) || named.has(id))
                                .max(named),
                        stored.maxLength());
    }
}
