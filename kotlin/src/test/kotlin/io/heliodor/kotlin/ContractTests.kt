package io.heliodor.kotlin

import io.heliodor.channel.Channel
import io.heliodor.channel.Join
import io.heliodor.channel.Reply
import io.heliodor.channel.UserSocket
import io.heliodor.describe.SocketContract
import io.heliodor.event.Empty
import io.heliodor.event.Event
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.math.BigDecimal

/** The types of clients that are made of classes of Kotlin. */
class ContractTests {
    data class Note(val text: String, val by: String?, val pinned: Boolean = false)

    sealed interface Move {
        data class Step(val cells: Int) : Move

        data object Pass : Move
    }

    data class Turn(val moves: List<Move>)

    @Test
    fun `nullable properties and defaults are those of Kotlin`() {
        val room =
            Channel
                .join { _ -> Join.ok(Empty.EMPTY) }
                .sends(Event.of("note", Note::class.java), Event.of("turn", Turn::class.java))
                .build()
        val types = SocketContract.of("Notes", UserSocket.open().channel("room:*", room).build(), kotlinJson()).typeScript()
        assertThat(types)
            .contains("type Note = { text: string; by: string | null; pinned: boolean };")
            .contains("type Turn = { moves: Move[] };")
            .contains("type Move = { type: \"Pass\" } | { type: \"Step\" } & Step;")
    }

    enum class Color { RED, GREEN }

    data class Paint(
        val color: Color = Color.RED,
        val sizes: List<Int> = listOf(),
        val price: BigDecimal = BigDecimal.ONE,
        val names: Map<String, String> = mapOf(),
        val first: Turn = Turn(listOf()),
        val by: String? = "ann",
    )

    @Test
    fun `a default value makes a property optional and does not permit null`() {
        val room =
            Channel
                .join { _ -> Join.ok(Empty.EMPTY) }
                .answer(call<Paint, Empty>("paint")) { _, _ -> Reply.ok() }
                .build()
        val types = SocketContract.of("Paints", UserSocket.open().channel("room:*", room).build(), kotlinJson()).typeScript()
        assertThat(types)
            .contains("color?: Color; ", "sizes?: number[]; ", "price?: number; ", "first?: Turn; ", "by?: string | null ")
            .doesNotContainPattern("names\\?: [^;]*null")
    }
}
