package io.heliodor.kotlin.chat

import io.heliodor.channel.Channel
import io.heliodor.channel.Join
import io.heliodor.channel.NoReply
import io.heliodor.channel.Reply
import io.heliodor.channel.Stop
import io.heliodor.event.Empty
import io.heliodor.kotlin.call
import io.heliodor.kotlin.event
import io.heliodor.kotlin.topic

// @start region=declarations
data class Order(val item: String, val count: Int = 1, val note: String?)

data class Receipt(val item: String, val left: Int)

data class SoldOut(val left: Int)

val BUY = call<Order, Receipt, SoldOut>("buy") // Call<Order, Receipt, SoldOut>
val STOCK = call<Empty, Map<String, Int>>("stock") // Call<Empty, Map<String, Int>, Reason>
val PRICES = event<Map<String, Int>>("prices") // Event<Map<String, Int>>
val CHANGED = topic<List<Receipt>>("changed") // Topic<List<Receipt>>
// @end

// @start region=sealed
sealed interface Move {
    data class Step(val cells: Int) : Move

    data object Pass : Move
}

val MOVE = event<Move>("move") // {"type": "Step", "cells": 2}, {"type": "Pass"}
// @end

class UnknownItem : Exception()

interface Shelf {
    fun all(): Map<String, Int>

    /** @throws UnknownItem */
    fun take(item: String, count: Int): Int?
}

fun shop(shelf: Shelf): Channel<Any, String> {
    // @start region=channel
    return Channel.join { join -> if (join.subtopic() == "closed") Join.refuse("closed") else Join.ok(join.subtopic()) }
        .onJoined { shop -> shop.subscribe(CHANGED) }
        .answer(BUY) { order, shop ->
            when (val left = shelf.take(order.item, order.count)) {
                null -> Reply.error(SoldOut(0))
                0 -> Stop.because<Receipt, SoldOut>("sold out").replying(Reply.ok(Receipt(order.item, left)))
                else -> {
                    shop.broadcast(PRICES, mapOf(order.item to 100 / left))
                    Reply.ok(Receipt(order.item, left))
                }
            }
        }
        .answer(STOCK) { _, _ -> Reply.ok(shelf.all()) }
        .on(MOVE) { move, shop ->
            when (move) {
                is Move.Step -> shop.broadcastFrom(MOVE, move)
                Move.Pass -> NoReply.none()
            }
        }
        .onPublished(CHANGED) { receipts, shop -> shop.push(PRICES, receipts.associate { it.item to it.left }) }
        .onException(UnknownItem::class.java) { Reply.error<Empty>("unknown item") }
        .build()
    // @end
}
