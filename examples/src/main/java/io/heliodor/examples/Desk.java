package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import java.time.Duration;

/** A desk with many users: rates are limited, and outdated events are dropped for slow clients. */
final class Desk {
    private Desk() {}

    record Cursor(String user, int x, int y) {}

    record Typing(String user) {}

    record Note(String text) {}

    static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    static final Event<Typing> TYPING = Event.of("typing", Typing.class);
    static final Event<Note> NOTE = Event.of("note", Note.class);

    static Limits limits() {
        // @start region=rates
        return Limits.openInternet()
                .rates(r -> r.messages(Rate.perSecond(50).burst(200))
                        .joins(Rate.perSecond(5).burst(100)));
        // @end
    }

    static Channel<Object, String> notes() {
        // @start region=rate
        return Channel.join(join -> Join.ok(join.topic()))
                .on(NOTE, (note, desk) -> desk.broadcast(NOTE, note))
                .messageRate(Rate.perSecond(10).burst(100))
                .build();
        // @end
    }

    static Channel<Object, String> patientNotes() {
        // @start region=timeout
        return Channel.join(join -> Join.ok(join.topic()))
                .on(NOTE, (note, desk) -> desk.broadcast(NOTE, note))
                .handlerTimeout(Duration.ofSeconds(30))
                .build();
        // @end
    }

    static Channel<Object, String> channel() {
        // @start region=slow
        return Channel.join(join -> Join.ok(join.topic()))
                .on(CURSOR, (cursor, desk) -> desk.broadcastFrom(CURSOR, cursor))
                .on(TYPING, (typing, desk) -> desk.broadcastFrom(TYPING, typing))
                .whenSlow(CURSOR, SlowPolicy.latest(Cursor::user))
                .whenSlow(TYPING, SlowPolicy.drop())
                .build();
        // @end
    }
}
