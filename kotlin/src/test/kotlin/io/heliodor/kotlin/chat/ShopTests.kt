package io.heliodor.kotlin.chat

import io.heliodor.channel.UserSocket
import io.heliodor.event.Empty
import io.heliodor.kotlin.kotlinJson
import io.heliodor.testkit.ChannelKit
import io.heliodor.testkit.Refusal
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** The channel of docs/kotlin.md. */
class ShopTests {
    private val stock = mutableMapOf("tea" to 3)

    private val shelf = object : Shelf {
        override fun all() = stock

        override fun take(item: String, count: Int): Int? {
            val left = (stock[item] ?: throw UnknownItem()) - count
            return if (left < 0) null else left.also { stock[item] = it }
        }
    }

    @AutoClose
    private val kit = ChannelKit.builder(UserSocket.open().channel("shop:*", shop(shelf)).build())
        .json(kotlinJson())
        .start()

    private val room = kit.connect().join("shop:1")

    @Test
    fun eachOutcomeReachesTheClient() {
        assertThat(room.call(BUY, Order("tea", 2, null))).isEqualTo(Receipt("tea", 1))
        assertThat(room.expect(PRICES)).isEqualTo(mapOf("tea" to 100))
        assertThat(room.callError(BUY, Order("tea", 2, null))).isEqualTo(SoldOut(0))
        assertThat(room.callRefused(BUY, Order("gold", 1, null))).isEqualTo(Refusal.Plain("unknown item"))
        assertThat(room.call(STOCK, Empty.EMPTY)).isEqualTo(mapOf("tea" to 1))
        assertThat(room.call(BUY, Order("tea", note = null))).isEqualTo(Receipt("tea", 0))
        room.expectClose()
        assertThat(kit.connect().joinRefused("shop:closed")).isEqualTo(Refusal.Plain("closed"))
    }

    @Test
    fun aSealedPayloadReachesTheOthers() {
        val other = kit.connect().join("shop:1")
        room.push(MOVE, Move.Pass)
        room.push(MOVE, Move.Step(2))
        assertThat(other.expect(MOVE)).isEqualTo(Move.Step(2))
    }

    @Test
    fun aPublishedListReachesTheClient() {
        kit.settle() // the channel subscribes after its response
        kit.pubsub().broadcast(CHANGED, listOf(Receipt("tea", 9)))
        assertThat(room.expect(PRICES)).isEqualTo(mapOf("tea" to 9))
    }
}
