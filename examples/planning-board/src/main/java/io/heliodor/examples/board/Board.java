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

    record Add(String title) {
        Add {
            if (title.isBlank() || title.length() > 100) {
                throw new InvalidPayload("title", "must have 1 to 100 characters");
            }
        }
    }

    record Move(long card, Column column) {}

    record Point(double x, double y) {}

    record Cursor(User by, Point at) {}

    record Change(Card card, User by, Instant at) {}

    record State(List<Card> cards, List<Change> changes) {}

    static final Call<Add, Card, Reason> ADD = Call.of("add", Add.class, Card.class);
    static final Call<Move, Card, Reason> MOVE = Call.of("move", Move.class, Card.class);
    static final Call<User, Empty, Reason> KICK = Call.of("kick", User.class, Empty.class);
    static final Event<Point> POINT = Event.of("point", Point.class);
    static final Event<Cursor> CURSOR = Event.of("cursor", Cursor.class);
    static final Event<Change> CHANGE = Event.of("change", Change.class);
    static final Event<State> STATE = Event.of("state", State.class);
    static final Event<User> KICKED = Event.of("kicked", User.class);

    UserSocket<User> socket() {
        return UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
                    case TokenOutcome.Valid<User>(var user, var signed, var left) ->
                        Connect.ok(user, "users:" + user.name()).validFor(left);
                    default -> Connect.refuse();
                })
                .channel("board", channel())
                .build();
    }

    Channel<User, User> channel() {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns(), join.socket().assigns()))
                .onJoined(this::welcome)
                .answer(ADD, (add, board) -> changed(cards.add(add.title()), board))
                .answer(MOVE, this::move)
                .answer(KICK, this::kick)
                .on(POINT, (at, board) -> board.broadcastFrom(CURSOR, new Cursor(board.assigns(), at)))
                .whenSlow(CURSOR, SlowPolicy.latest(Cursor::by))
                .history(History.of(500, Duration.ofHours(8), CHANGE))
                .onException(SQLException.class, e -> Reply.error("unavailable"))
                .build();
    }

    private void welcome(Context<User, User> board) throws SQLException {
        presence.track(board, board.assigns().name(), board.assigns());
        var kept = board.channels().newest(board.topic(), 30).messages();
        var changes =
                kept.stream().flatMap(message -> message.as(CHANGE).stream()).toList();
        board.push(STATE, new State(cards.open(), changes));
    }

    private Outcome<Card, Reason> move(Move move, Context<User, User> board) throws SQLException {
        var moved = cards.move(move.card(), move.column());
        return moved.isPresent() ? changed(moved.get(), board) : Reply.error("no such card");
    }

    private Outcome<Card, Reason> changed(Card card, Context<User, User> board) {
        board.broadcast(CHANGE, new Change(card, board.assigns(), Instant.now()));
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
