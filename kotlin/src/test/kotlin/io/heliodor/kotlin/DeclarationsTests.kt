package io.heliodor.kotlin

import io.heliodor.channel.InfoMessage
import io.heliodor.event.Call
import io.heliodor.event.Empty
import io.heliodor.event.Event
import io.heliodor.event.Reason
import io.heliodor.pubsub.Topic
import io.heliodor.type.Type
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatIllegalArgumentException
import org.junit.jupiter.api.Test

/** The declarations of Kotlin equal those of Java. */
class DeclarationsTests {
    data class Order(val item: String)

    data class Receipt(val id: Long)

    data class SoldOut(val left: Int)

    @Test
    fun aTypeHasItsArguments() {
        assertThat(type<Order>()).isEqualTo(Type.of(Order::class.java))
        assertThat(type<Map<String, List<Int>>>()).isEqualTo(object : Type<Map<String, List<Int>>>() {})
        assertThat(type<Map<String, List<Int>>>()).isNotEqualTo(type<Map<String, List<Long>>>())
    }

    @Test
    fun anEventHasTheTypeOfItsArgument() {
        assertThat(event<Order>("order")).isEqualTo(Event.of("order", Order::class.java))
        assertThat(event<Map<String, Int>>("scores")).isEqualTo(Event.of("scores", object : Type<Map<String, Int>>() {}))
    }

    @Test
    fun aCallWithTwoArgumentsIsRefusedWithAReason() {
        val buy: Call<Order, Receipt, Reason> = call<Order, Receipt>("buy")
        assertThat(buy).isEqualTo(Call.of("buy", Order::class.java, Receipt::class.java))
        assertThat(call<Empty, List<Receipt>>("all").reply()).isEqualTo(object : Type<List<Receipt>>() {})
    }

    @Test
    fun theThirdArgumentOfACallIsTheTypeOfItsErrors() {
        val buy: Call<Order, Receipt, SoldOut> = call<Order, Receipt, SoldOut>("buy")
        assertThat(buy)
            .isEqualTo(Call.of("buy", Order::class.java, Receipt::class.java).failingWith(SoldOut::class.java))
    }

    @Test
    fun topicsAndInfoMessagesHaveTypes() {
        assertThat(topic<List<Order>>("orders")).isEqualTo(Topic.of("orders", object : Type<List<Order>>() {}))
        assertThat(infoMessage<Order>("order")).isEqualTo(InfoMessage.of("order", Order::class.java))
    }

    @Test
    fun theRulesAreThoseOfJava() {
        assertThatIllegalArgumentException().isThrownBy { event<Order>("phx_order") }.withMessageContaining("phx_")
        assertThatIllegalArgumentException().isThrownBy { event<List<Order>>("orders") }
    }
}
