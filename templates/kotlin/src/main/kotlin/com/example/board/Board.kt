package com.example.board

import io.heliodor.channel.Channel
import io.heliodor.channel.Context
import io.heliodor.channel.History
import io.heliodor.channel.Join
import io.heliodor.channel.JoinOutcome
import io.heliodor.channel.Outcome
import io.heliodor.channel.Reply
import io.heliodor.channel.UserSocket
import io.heliodor.event.InvalidPayload
import io.heliodor.event.Reason
import io.heliodor.kotlin.call
import io.heliodor.kotlin.event
import io.heliodor.presence.Presence
import java.time.Duration
import java.time.Instant

enum class Column { TODO, DOING, DONE }

data class Card(val id: Int, val title: String, val column: Column)

data class Enter(val name: String) {
    init {
        if (name.isBlank() || name.length > 30) throw InvalidPayload("name", "must have 1 to 30 characters")
    }
}

data class Add(val title: String) {
    init {
        if (title.isBlank() || title.length > 100) throw InvalidPayload("title", "must have 1 to 100 characters")
    }
}

data class Move(val card: Int, val from: Column, val to: Column)

sealed interface MoveError {
    data class UnknownCard(val card: Int) : MoveError

    data class AlreadyMoved(val card: Card, val by: String) : MoveError
}

data class Change(val card: Card, val by: String)

data class State(val cards: List<Card>)

data class Online(val since: Instant)

val ADD = call<Add, Card>("add")
val MOVE = call<Move, Card, MoveError>("move")
val CHANGE = event<Change>("change")

/** Each page that joins gets them all. */
private const val MAX_CARDS = 500

/** A board of cards: the handlers of the messages between pages and server. */
class Board(private val presence: Presence<Online>) {
    private val last = mutableListOf<Change>() // of each card, by its id

    fun socket(): UserSocket<Any> = UserSocket.open().channel("board", channel()).build()

    private fun channel() =
        Channel.join(Enter::class.java) { enter, at -> join(enter, at) }
            .onJoined { board -> presence.track(board, board.assigns(), Online(Instant.now())) }
            .answer(ADD) { request, board -> add(request, board) }
            .answer(MOVE) { request, board -> move(request, board) }
            .history(History.of(500, Duration.ofHours(12), CHANGE))
            .joinReply(State::class.java)
            .sends(CHANGE)
            .presence(Online::class.java)
            .build()

    // Handlers of several pages run at the same time. Under one lock, each page gets the changes in their order, and exactly those
    // that its state lacks.

    @Synchronized
    private fun join(enter: Enter, join: Join<Any>): JoinOutcome<String> =
        Join.ok(enter.name, State(last.map { it.card })).since(join.position())

    @Synchronized
    private fun add(add: Add, board: Context<Any, String>): Outcome<Card, Reason> =
        if (last.size == MAX_CARDS) Reply.error("full")
        else Reply.ok(change(Card(last.size, add.title, Column.TODO), board))

    @Synchronized
    private fun move(move: Move, board: Context<Any, String>): Outcome<Card, MoveError> {
        val (card, by) = last.getOrNull(move.card) ?: return Reply.error(MoveError.UnknownCard(move.card))
        if (card.column != move.from) return Reply.error(MoveError.AlreadyMoved(card, by))
        return Reply.ok(change(card.copy(column = move.to), board))
    }

    private fun change(card: Card, board: Context<Any, String>): Card {
        val change = Change(card, board.assigns())
        if (card.id == last.size) last.add(change) else last[card.id] = change
        board.broadcast(CHANGE, change)
        return card
    }
}
