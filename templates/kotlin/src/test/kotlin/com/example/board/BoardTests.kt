package com.example.board

import io.heliodor.describe.ContractFiles
import io.heliodor.describe.SocketContract
import io.heliodor.kotlin.kotlinJson
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import io.heliodor.testkit.ChannelKit
import io.heliodor.testkit.TestChannel
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** The board as its pages see it, without a network. */
class BoardTests {
    private val tea = Card(0, "Buy tea", Column.TODO)
    private val teaDone = Card(0, "Buy tea", Column.DONE)
    private val done = Move(0, Column.TODO, Column.DONE)

    private val pubsub = PubSub.local()
    private val presence = Presence.over(pubsub, Online::class.java)
    private val socket = Board(presence).socket()

    @AutoClose
    private val kit = ChannelKit.builder(socket).pubsub(pubsub).presence(presence).json(kotlinJson()).start()

    private fun join(name: String): TestChannel = kit.connect().join("board", Enter(name))

    /** Writes the types instead, with `mvn test -Dheliodor.write=contract`. */
    @Test
    fun theTypesOfThePageAreThoseOfTheServer() {
        ContractFiles.of(SocketContract.of("Board", socket, kotlinJson())).typeScript(Path.of("types/board.ts")).checkOrWrite()
    }

    @Test
    fun aCardReachesThePagesThatAreThereAndThoseThatComeLater() {
        val ann = join("Ann")
        val bo = join("Bo")
        assertThat(ann.call(ADD, Add("Buy tea"))).isEqualTo(tea)
        assertThat(bo.expect(CHANGE)).isEqualTo(Change(tea, "Ann"))
        assertThat(join("Cy").reply(State::class.java).cards).containsExactly(tea)
    }

    @Test
    fun theSecondOfTwoMovesOfACardFailsWithTheFirst() {
        val ann = join("Ann")
        val bo = join("Bo")
        ann.call(ADD, Add("Buy tea"))
        assertThat(bo.call(MOVE, done)).isEqualTo(teaDone)
        assertThat(ann.callError(MOVE, done)).isEqualTo(MoveError.AlreadyMoved(teaDone, "Bo"))
    }

    @Test
    fun aCardThatDoesNotExistIsNotMoved() {
        assertThat(join("Ann").callError(MOVE, done)).isEqualTo(MoveError.UnknownCard(0))
    }

    @Test
    fun aPageThatComesBackGetsTheChangesThatItMissed() {
        val ann = join("Ann")
        val away = kit.connect()
        val bo = away.join("board", Enter("Bo"))
        away.drop()
        ann.call(ADD, Add("Buy tea"))
        val back = kit.connect().rejoin(bo)
        assertThat(back.recovered()).isTrue()
        assertThat(back.expect(CHANGE)).isEqualTo(Change(tea, "Ann"))
    }

    @Test
    fun aUserIsPresentUntilTheConnectionIsLost() {
        val ann = join("Ann")
        val bo = join("Bo")
        assertThat(ann.presence()).containsOnlyKeys("Ann", "Bo")
        bo.client().drop()
        assertThat(ann.presence()).containsOnlyKeys("Ann")
    }
}
