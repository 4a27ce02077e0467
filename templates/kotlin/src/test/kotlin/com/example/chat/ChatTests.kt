package com.example.chat

import io.heliodor.describe.ContractFiles
import io.heliodor.describe.SocketContract
import io.heliodor.kotlin.kotlinJson
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import io.heliodor.testkit.ChannelKit
import io.heliodor.testkit.Refusal
import io.heliodor.testkit.TestChannel
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** The chat as its pages see it, without a network. */
class ChatTests {
    private val pubsub = PubSub.local()
    private val presence = Presence.over(pubsub, Online::class.java)
    private val socket = Chat(presence).socket()

    @AutoClose
    private val kit = ChannelKit.builder(socket).pubsub(pubsub).presence(presence).json(kotlinJson()).start()

    private fun join(name: String): TestChannel = kit.connect().join("room:lobby", Enter(name))

    /** Writes the types instead, with `mvn test -Dheliodor.write=contract`. */
    @Test
    fun theTypesOfThePageAreThoseOfTheServer() {
        ContractFiles.of(SocketContract.of("Chat", socket, kotlinJson())).typeScript(Path.of("types/chat.ts")).checkOrWrite()
    }

    @Test
    fun aMessageReachesTheOthersUnderTheNameOfItsSender() {
        val ann = join("Ann")
        val bo = join("Bo")
        ann.push(SAY, Say("Hello Bo"))
        val message = bo.expect(MESSAGE)
        assertThat(message.from).isEqualTo("Ann")
        assertThat(message.text).isEqualTo("Hello Bo")
    }

    @Test
    fun aNameMustHaveACharacter() {
        assertThat(kit.connect().joinRefused("room:lobby", mapOf("name" to " ")))
            .isEqualTo(Refusal.InvalidPayload("name", "must have 1 to 30 characters"))
    }

    @Test
    fun aUserIsPresentUntilTheConnectionIsLost() {
        val ann = join("Ann")
        val bo = join("Bo")
        assertThat(ann.presence()).containsOnlyKeys("Ann", "Bo")
        bo.client().drop()
        assertThat(ann.presence()).containsOnlyKeys("Ann")
    }

    @Test
    fun aPageThatComesBackGetsTheMessagesThatItMissed() {
        val ann = join("Ann")
        val away = kit.connect()
        val bo = away.join("room:lobby", Enter("Bo"))
        away.drop()
        ann.push(SAY, Say("Are you there?"))
        ann.expect(MESSAGE)
        val back = kit.connect().rejoin(bo)
        assertThat(back.recovered()).isTrue()
        assertThat(back.expect(MESSAGE).text).isEqualTo("Are you there?")
    }
}
