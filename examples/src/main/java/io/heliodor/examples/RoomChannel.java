package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.NOTICE;
import static io.heliodor.examples.RoomEvents.SAID;
import static io.heliodor.examples.RoomEvents.SAY;
import static io.heliodor.examples.RoomEvents.TYPING;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.event.Reason;
import io.heliodor.examples.RoomEvents.NewMessage;
import io.heliodor.examples.RoomEvents.Notice;
import io.heliodor.examples.RoomEvents.Said;
import io.heliodor.examples.RoomEvents.Saved;
import io.heliodor.pubsub.Topic;

/** A chat room: its join handler and its events. */
final class RoomChannel {
    // @start region=assigns
    record User(String id, String name) {}

    record Member(User user, boolean muted) {
        Member mute() {
            return new Member(user, true);
        }
    }
    // @end

    /** The payload of a join. */
    record Enter(String password) {}

    /** Published by a moderator, anywhere in the application. */
    record Mute(String userId, String by) {}

    static final Topic<Mute> MUTES = Topic.of("mutes", Mute.class);

    /** The storage of messages; its methods may block. */
    interface Store {
        boolean opens(String room, String password);

        long save(String room, Said said);
    }

    private final Store store;

    RoomChannel(Store store) {
        this.store = store;
    }

    // @start region=channel
    Channel<User, Member> channel() {
        return Channel.of(User.class)
                .join(Enter.class, this::enter)
                .onJoined(room -> room.subscribe(MUTES))
                .answer(SAY, this::say)
                .on(TYPING, (typing, room) -> room.broadcastFrom(TYPING, typing))
                .onPublished(MUTES, this::mute)
                .build();
    }
    // @end

    // @start region=enter
    private JoinOutcome<Member> enter(Enter enter, Join<User> join) {
        return store.opens(join.subtopic(), enter.password())
                ? Join.ok(new Member(join.socket().assigns(), false))
                : Join.refuse("unauthorized");
    }
    // @end

    // @start region=say
    private Outcome<Saved, Reason> say(NewMessage message, Context<User, Member> room) {
        if (room.assigns().muted()) {
            return Reply.error("muted");
        }
        var post = new Said(room.assigns().user().name(), message.body());
        long id = store.save(room.subtopic(), post);
        room.broadcast(SAID, post);
        return Reply.ok(new Saved(id));
    }
    // @end

    // @start region=mute
    private Outcome<Void, ?> mute(Mute mute, Context<User, Member> room) {
        if (!mute.userId().equals(room.assigns().user().id())) {
            return NoReply.none();
        }
        room.update(Member::mute);
        return room.push(NOTICE, new Notice("muted by " + mute.by()));
    }
    // @end
}
