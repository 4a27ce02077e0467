package com.example.board;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.presence.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A board of cards: the messages between pages and server, and their handlers. */
final class Board {
    enum Column {
        TODO,
        DOING,
        DONE
    }

    record Card(int id, String title, Column column) {}

    record Enter(String name) {
        Enter {
            if (name.isBlank() || name.length() > 30) {
                throw new InvalidPayload("name", "must have 1 to 30 characters");
            }
        }
    }

    record Add(String title) {
        Add {
            if (title.isBlank() || title.length() > 100) {
                throw new InvalidPayload("title", "must have 1 to 100 characters");
            }
        }
    }

    record Move(int card, Column from, Column to) {}

    sealed interface MoveError {
        record UnknownCard(int card) implements MoveError {}

        record AlreadyMoved(Card card, String by) implements MoveError {}
    }

    record Change(Card card, String by) {}

    record State(List<Card> cards) {}

    record Online(Instant since) {}

    static final Call<Add, Card, Reason> ADD = Call.of("add", Add.class, Card.class);
    static final Call<Move, Card, MoveError> MOVE =
            Call.of("move", Move.class, Card.class).failingWith(MoveError.class);
    static final Event<Change> CHANGE = Event.of("change", Change.class);

    // Each page that joins gets them all.
    private static final int MAX_CARDS = 500;

    private final Presence<Online> presence;
    private final List<Change> last = new ArrayList<>(); // of each card, by its id

    Board(Presence<Online> presence) {
        this.presence = presence;
    }

    UserSocket<Object> socket() {
        return UserSocket.open().channel("board", channel()).build();
    }

    private Channel<Object, String> channel() {
        return Channel.join(Enter.class, this::join)
                .onJoined(board -> presence.track(board, board.assigns(), new Online(Instant.now())))
                .answer(ADD, this::add)
                .answer(MOVE, this::move)
                .history(History.of(500, Duration.ofHours(12), CHANGE))
                .joinReply(State.class)
                .sends(CHANGE)
                .presence(Online.class)
                .build();
    }

    // Handlers of several pages run at the same time. Under one lock, each page gets the changes in their order, and
    // exactly those that its state lacks.

    private synchronized JoinOutcome<String> join(Enter enter, Join<Object> join) {
        List<Card> cards = last.stream().map(Change::card).toList();
        return Join.ok(enter.name(), new State(cards)).since(join.position());
    }

    private synchronized Outcome<Card, Reason> add(Add add, Context<?, String> board) {
        if (last.size() == MAX_CARDS) {
            return Reply.error("full");
        }
        return Reply.ok(change(new Card(last.size(), add.title(), Column.TODO), board));
    }

    private synchronized Outcome<Card, MoveError> move(Move move, Context<?, String> board) {
        if (move.card() < 0 || move.card() >= last.size()) {
            return Reply.error(new MoveError.UnknownCard(move.card()));
        }
        Change latest = last.get(move.card());
        Card card = latest.card();
        if (card.column() != move.from()) {
            return Reply.error(new MoveError.AlreadyMoved(card, latest.by()));
        }
        return Reply.ok(change(new Card(card.id(), card.title(), move.to()), board));
    }

    private Card change(Card card, Context<?, String> board) {
        Change change = new Change(card, board.assigns());
        if (card.id() == last.size()) {
            last.add(change);
        } else {
            last.set(card.id(), change);
        }
        board.broadcast(CHANGE, change);
        return card;
    }
}
