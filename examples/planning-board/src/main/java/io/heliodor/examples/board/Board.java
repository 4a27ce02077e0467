package io.heliodor.examples.board;

import io.heliodor.channel.*;
import io.heliodor.event.*;
import io.heliodor.examples.board.Cards.*;
import io.heliodor.presence.Presence;
import io.heliodor.token.*;
import java.sql.SQLException;
import java.time.*;
import java.util.List;

/** The board: its users, the messages between page and server, and their handlers. */
record Board(Cards cards, Presence<User> presence, Tokens<User> tokens, Revocations revocations) {
    record User(String name, boolean owner) {}

    record Add(String key, String title) {
        Add {
            if (title.isBlank() || title.length() > 100) {
                throw new InvalidPayload("title", "must have 1 to 100 characters");
            }
        }
    }

    record Move(long card, Column column) {}

    record Point(double x, double y) {}

    record Cursor(User by, Point at) {}

    record Change(Card card, boolean added, User by, Instant at) {}

    record State(User me, List<Card> cards, List<Change> changes) {}

    static final Call<Add, Card, Reason> ADD =
            Call.of("add", Add.class, Card.class).once(Add::key);
    static final Call<Move, Card, Reason> MOVE = Call.of("move", Move.class, Card.class);
    static final Call<User, Empty, Reason> KICK = Call.of("kick", User.class, Empty.class);
    static final Event<Point> POINT = Event.of("point", Point.class);
    static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    static final Event<Change> CHANGE = Event.of("change", Change.class);
    static final Event<User> KICKED = Event.of("kicked", User.class);

    UserSocket<User> socket() {
        return UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
                    case TokenOutcome.Valid<User>(var user, var signed, var left) ->
                        Connect.ok(user, "users:" + user.name()).validFor(left);
                    default -> Connect.refuse();
                })
                .channel("board", channel())
                .sends(KICKED)
                .build();
    }

    Channel<User, User> channel() {
        return Channel.of(User.class)
                .join(this::join)
                .onJoined(board -> presence.track(board, board.assigns().name(), board.assigns()))
                .answer(ADD, this::add)
                .answer(MOVE, this::move)
                .answer(KICK, this::kick)
                .on(POINT, (at, board) -> board.broadcastFrom(CURSOR, new Cursor(board.assigns(), at)))
                .whenSlow(CURSOR, SlowPolicy.latest(Cursor::by))
                .history(History.of(500, Duration.ofHours(8), CHANGE))
                .onException(SQLException.class, e -> Reply.error("unavailable"))
                .joinReply(State.class)
                .sends(CHANGE, CURSOR)
                .presence(User.class)
                .build();
    }

    // The lock of the cards: pages get changes in the order of the database, and each that their state lacks.

    private JoinOutcome<User> join(Join<User> join) throws SQLException {
        var me = join.socket().assigns();
        synchronized (cards) {
            var kept = join.channels().newest(join.topic(), 30).messages();
            var changes = kept.stream()
                    .flatMap(message -> message.as(CHANGE).stream())
                    .toList();
            return Join.ok(me, new State(me, cards.open(), changes)).since(join.position());
        }
    }

    private Outcome<Card, Reason> add(Add add, Context<User, User> board) throws SQLException {
        synchronized (cards) {
            return changed(cards.add(add.title()), true, board);
        }
    }

    private Outcome<Card, Reason> move(Move move, Context<User, User> board) throws SQLException {
        synchronized (cards) {
            var moved = cards.move(move.card(), move.column());
            return moved.isPresent() ? changed(moved.get(), false, board) : Reply.error("no such card");
        }
    }

    private Outcome<Card, Reason> changed(Card card, boolean added, Context<User, User> board) {
        board.broadcast(CHANGE, new Change(card, added, board.assigns(), Instant.now()));
        return Reply.ok(card);
    }

    private Outcome<Empty, Reason> kick(User user, Context<User, User> board) {
        if (!board.assigns().owner()) {
            return Reply.error("not the owner");
        }
        revocations.revoke(user.name());
        board.channels().kick("users:" + user.name(), KICKED, board.assigns());
        return Reply.ok();
    }
}
