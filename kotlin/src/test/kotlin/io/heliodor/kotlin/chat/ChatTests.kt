package io.heliodor.kotlin.chat

import io.heliodor.channel.UserSocket
import io.heliodor.kotlin.kotlinJson
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import io.heliodor.testkit.ChannelKit
import io.heliodor.testkit.Refusal
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** The chat of docs/kotlin.md. */
class ChatTests {
    // @start region=test
    @Test
    fun aMessageReachesTheOthersUnderTheNameOfItsSender() {
        val pubsub = PubSub.local()
        val presence = Presence.over(pubsub, Online::class.java)
        val socket = UserSocket.open().channel("room:*", room(presence)).build()
        ChannelKit.builder(socket).pubsub(pubsub).presence(presence).json(kotlinJson()).start().use { kit ->
            val ann = kit.connect().join("room:lobby", Enter("Ann"))
            val bo = kit.connect().join("room:lobby", Enter("Bo"))
            ann.push(SAY, Say("Hello Bo"))
            assertThat(bo.expect(NEW_MSG)).isEqualTo(Message("Ann", "Hello Bo"))
            assertThat(bo.presence()).containsOnlyKeys("Ann", "Bo")
        }
    }
    // @end

    @Test
    fun aBlankNameIsRefused() {
        val socket = UserSocket.open().channel("room:*", room(Presence.over(PubSub.local(), Online::class.java))).build()
        ChannelKit.builder(socket).json(kotlinJson()).start().use { kit ->
            assertThat(kit.connect().joinRefused("room:lobby", mapOf("name" to " ")))
                .isEqualTo(Refusal.InvalidPayload("name", "must have 1 to 30 characters"))
        }
    }
}
