package io.heliodor.kotlin

import io.heliodor.channel.Channel
import io.heliodor.channel.Join
import io.heliodor.channel.Reply
import io.heliodor.channel.UserSocket
import io.heliodor.codec.Codecs
import io.heliodor.codec.Decoded
import io.heliodor.endpoint.Endpoint
import io.heliodor.describe.SocketContract
import io.heliodor.event.Call
import io.heliodor.event.InvalidPayload
import io.heliodor.event.Raw
import io.heliodor.event.Reason
import io.heliodor.testkit.ChannelKit
import io.heliodor.testkit.Refusal
import io.heliodor.testkit.TestChannel
import io.heliodor.token.Secret
import io.heliodor.token.TokenOutcome
import io.heliodor.token.Tokens
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatIllegalArgumentException
import org.junit.jupiter.api.Test
import java.nio.file.Path
import java.time.Instant
import kotlin.io.path.readText

/** The classes of Kotlin as payloads: which are read, how strictly, and which are refused at the build. */
class KotlinPayloadsTests {
    data class Order(val item: String, val count: Int)

    data class Note(val text: String, val color: String? = "yellow", val pinned: Boolean = false, val by: String?)

    data class Settings(val theme: String = "light", val size: Int = 12)

    enum class Side { LEFT, RIGHT }

    sealed interface Move {
        data class Step(val side: Side, val cells: Int) : Move

        data object Pass : Move
    }

    data class Turn(val at: Instant, val moves: List<Move>)

    @JvmInline
    value class UserId(val value: Long)

    data class User(val id: UserId, val name: String)

    @JvmInline
    value class Tags(val all: List<String>)

    data class Tagged(val tags: Tags)

    data class Sorted(val byName: Map<String, Tags>, val all: List<Tags>, val maybe: Tags?)

    @JvmInline
    value class Remark(val text: String?)

    data class Remarked(val remark: Remark = Remark("none"))

    data class Paint(
        val name: String,
        val side: Side = Side.LEFT,
        val sizes: List<Int> = listOf(1),
        val at: Instant = Instant.EPOCH,
        val order: Order = Order("tea", 1),
        val id: UserId = UserId(3),
    )

    data class Page<T>(val items: List<T>, val next: String?)

    data class Names(val names: List<String?>)

    data class Checked(val name: String) {
        init {
            if (name.isBlank()) throw InvalidPayload("name", "must not be blank")
        }
    }

    class Mutable {
        var name: String = "none"
    }

    @JvmRecord
    data class Grant(val user: String, val rooms: List<String>)

    private inline fun <reified T : Any> echoed(test: (Call<T, T, Reason>, TestChannel) -> Unit) {
        val echo = call<T, T>("echo")
        ChannelKit.builder(socket(echo)).json(kotlinJson()).start().use { kit -> test(echo, kit.connect().join("room:1")) }
    }

    private fun <T : Any> socket(echo: Call<T, T, Reason>): UserSocket<Any> =
        UserSocket.open()
            .channel("room:*", Channel.join { Join.ok("a") }.answer(echo) { value, _ -> Reply.ok(value) }.build())
            .build()

    /** The answer to a request in JSON, as text. */
    private fun TestChannel.sends(json: String): String =
        call(Call.of("echo", Raw::class.java, Raw::class.java), Raw.of(json)).json().decodeToString()

    private fun TestChannel.refuses(json: String): Refusal =
        callRefused(Call.of("echo", Raw::class.java, Raw::class.java), Raw.of(json))

    @Test
    fun aDataClassIsReadStrictly() = echoed<Order> { echo, room ->
        assertThat(room.call(echo, Order("tea", 2))).isEqualTo(Order("tea", 2))
        assertThat(room.refuses("""{"item":"tea"}""")).isEqualTo(Refusal.InvalidPayload("count", "is missing"))
        assertThat(room.refuses("""{"count":1}""")).isEqualTo(Refusal.InvalidPayload("item", "is missing"))
        assertThat(room.refuses("""{"item":null,"count":1}""")).isEqualTo(Refusal.InvalidPayload("item", "must not be null"))
        assertThat(room.refuses("""{"item":"tea","count":"2"}"""))
            .isEqualTo(Refusal.InvalidPayload("count", "must be an integer"))
    }

    @Test
    fun aDefaultValueOrANullableTypeMakesAPropertyOptional() = echoed<Note> { _, room ->
        assertThat(room.sends("""{"text":"a"}"""))
            .isEqualTo("""{"text":"a","color":"yellow","pinned":false,"by":null}""")
        assertThat(room.sends("""{"text":"a","color":null,"pinned":true,"by":null}"""))
            .isEqualTo("""{"text":"a","color":null,"pinned":true,"by":null}""")
        assertThat(room.refuses("""{"text":"a","pinned":null}"""))
            .isEqualTo(Refusal.InvalidPayload("pinned", "must not be null"))
        assertThat(room.refuses("""{"color":"red"}""")).isEqualTo(Refusal.InvalidPayload("text", "is missing"))
    }

    @Test
    fun aValueClassOverAListIsThatListInTheContract() = echoed<Tagged> { echo, room ->
        assertThat(room.call(echo, Tagged(Tags(listOf("a"))))).isEqualTo(Tagged(Tags(listOf("a"))))
        assertThat(room.refuses("""{"tags":[null]}""")).isEqualTo(Refusal.InvalidPayload("tags[0]", "must not be null"))
        assertThat(SocketContract.of("C", socket(echo), kotlinJson()).typeScript()).contains("Tagged = { tags: string[] }")
    }

    @Test
    fun aValueClassOverAListIsReadAsItIsWrittenAtEachPlace() = echoed<Sorted> { echo, room ->
        val sorted = Sorted(mapOf("k" to Tags(listOf("a"))), listOf(Tags(listOf("b"))), Tags(listOf("c")))
        assertThat(room.call(echo, sorted)).isEqualTo(sorted)
    }

    @Test
    fun aClassWithDefaultsOnlyIsReadFromAnEmptyObject() = echoed<Settings> { _, room ->
        assertThat(room.sends("{}")).isEqualTo("""{"theme":"light","size":12}""")
        assertThat(room.sends("""{"size":14}""")).isEqualTo("""{"theme":"light","size":14}""")
    }

    @Test
    fun aDefaultValueDoesNotPermitNull() = echoed<Paint> { _, room ->
        for (property in listOf("side", "sizes", "at", "order", "id")) {
            assertThat(room.refuses("""{"name":"a","$property":null}"""))
                .isEqualTo(Refusal.InvalidPayload(property, "must not be null"))
        }
        assertThat(room.sends("""{"name":"a"}""")).isEqualTo(
            """{"name":"a","side":"LEFT","sizes":[1],"at":"1970-01-01T00:00:00Z","order":{"item":"tea","count":1},"id":3}""",
        )
    }

    @Test
    fun aValueClassOfANullableValueHasADefault() = echoed<Remarked> { _, room ->
        assertThat(room.sends("{}")).isEqualTo("""{"remark":"none"}""")
        assertThat(room.sends("""{"remark":"a"}""")).isEqualTo("""{"remark":"a"}""")
    }

    @Test
    fun theModuleBringsTheReflectionOfItsKotlin() {
        // That of jackson-module-kotlin is older, and fails for value classes of a newer compiler.
        assertThat(Path.of("pom.xml").readText())
            .containsPattern("<artifactId>kotlin-reflect</artifactId>\\s*</dependency>")
        assertThat(Path.of("src/test/chat/kotlin-pom.xml").readText())
            .containsPattern("<artifactId>kotlin-maven-plugin</artifactId>\\s*<version>${KotlinVersion.CURRENT}<")
            .doesNotContain("kotlin-reflect")
    }

    @Test
    fun aSealedInterfaceHasTheNamesOfItsClasses() = echoed<Turn> { echo, room ->
        val turn = Turn(Instant.EPOCH, listOf(Move.Step(Side.LEFT, 2), Move.Pass))
        assertThat(room.call(echo, turn)).isEqualTo(turn)
        assertThat(room.sends("""{"at":"1970-01-01T00:00:00Z","moves":[{"type":"Pass"}]}"""))
            .isEqualTo("""{"at":"1970-01-01T00:00:00Z","moves":[{"type":"Pass"}]}""")
        assertThat(room.call(echo, Turn(Instant.EPOCH, listOf(Move.Pass))).moves.single()).isSameAs(Move.Pass)
        assertThat(room.refuses("""{"at":"1970-01-01T00:00:00Z","moves":[{"type":"Step","cells":1}]}"""))
            .isEqualTo(Refusal.InvalidPayload("moves[0].side", "is missing"))
        assertThat(room.refuses("""{"at":"1970-01-01T00:00:00Z","moves":[{"type":"Jump"}]}"""))
            .isInstanceOf(Refusal.InvalidPayload::class.java)
    }

    @Test
    fun aValueClassIsItsValue() = echoed<User> { echo, room ->
        assertThat(room.call(echo, User(UserId(7), "Ann"))).isEqualTo(User(UserId(7), "Ann"))
        assertThat(room.sends("""{"id":7,"name":"Ann"}""")).isEqualTo("""{"id":7,"name":"Ann"}""")
        assertThat(room.refuses("""{"name":"Ann"}""")).isEqualTo(Refusal.InvalidPayload("id", "is missing"))
        assertThat(room.refuses("""{"id":"7","name":"Ann"}""")).isEqualTo(Refusal.InvalidPayload("id", "must be an integer"))
        assertThat(room.refuses("""{"id":null,"name":"Ann"}""")).isEqualTo(Refusal.InvalidPayload("id", "must not be null"))
    }

    @Test
    fun aGenericClassHasItsArguments() = echoed<Page<Order>> { echo, room ->
        val page = Page(listOf(Order("tea", 1)), null)
        assertThat(room.call(echo, page)).isEqualTo(page)
        assertThat(room.refuses("""{"items":[{"item":"tea"}]}""")).isEqualTo(Refusal.InvalidPayload("items[0].count", "is missing"))
    }

    @Test
    fun aNullInAListIsRefusedEvenIfKotlinPermitsIt() = echoed<Names> { _, room ->
        assertThat(room.refuses("""{"names":["a",null]}""")).isEqualTo(Refusal.InvalidPayload("names[1]", "must not be null"))
    }

    @Test
    fun anInitializerRefusesAValue() = echoed<Checked> { _, room ->
        assertThat(room.refuses("""{"name":" "}""")).isEqualTo(Refusal.InvalidPayload("name", "must not be blank"))
    }

    @Test
    fun aRecordOfKotlinIsReadWithAndWithoutTheModule() {
        val grant = Grant("ann", listOf("lobby"))
        echoed<Grant> { echo, room -> assertThat(room.call(echo, grant)).isEqualTo(grant) }
        val echo = call<Grant, Grant>("echo")
        ChannelKit.start(socket(echo)).use { kit ->
            assertThat(kit.connect().join("room:1").call(echo, grant)).isEqualTo(grant)
        }
    }

    @Test
    fun unitIsAnEmptyObject() = echoed<Unit> { echo, room ->
        assertThat(room.call(echo, Unit)).isSameAs(Unit)
        assertThat(room.sends("{}")).isEqualTo("{}")
    }

    @Test
    fun withoutTheModuleAClassOfKotlinIsRefusedAtTheBuild() {
        isRefused(call<Order, Order>("echo"), "Order")
        isRefused(call<Settings, Settings>("echo"), "Settings")
        isRefused(call<Turn, Turn>("echo"), "Turn")
        isRefused(call<User, User>("echo"), "User")
        isRefused(call<Page<Order>, Page<Order>>("echo"), "Page")
        isRefused(call<Mutable, Mutable>("echo"), "Mutable")
        isRefused(call<Map<String, Order>, Map<String, Order>>("echo"), "Order")
    }

    private fun <T : Any> isRefused(echo: Call<T, T, Reason>, name: String) {
        assertThatIllegalArgumentException()
            .isThrownBy { Endpoint.builder().socket("/socket", socket(echo)).build() }
            .withMessageMatching("(?s).*call 'echo'.*$name(<.*>)? is a class of Kotlin.*\\.json\\(kotlinJson\\(\\)\\).*")
        ChannelKit.builder(socket(echo)).json(kotlinJson()).start().close()
    }

    @Test
    fun tokensAreOfDataClassesWithTheModule() {
        val secret = Secret.of(Secret.fresh())
        val tokens = Tokens.of(User::class.java, "socket").secrets(secret).json(kotlinJson()).build()
        val valid = tokens.verify(tokens.sign(User(UserId(7), "Ann"))) as TokenOutcome.Valid
        assertThat(valid.value).isEqualTo(User(UserId(7), "Ann"))
        assertThatIllegalArgumentException()
            .isThrownBy { Tokens.of(User::class.java, "socket").secrets(secret).build() }
            .withMessageContaining(".json(kotlinJson())")
    }

    @Test
    fun aClassWithSettersIsReadByThem() = echoed<Mutable> { _, room ->
        assertThat(room.sends("""{"name":"ann"}""")).isEqualTo("""{"name":"ann"}""")
        assertThat(room.refuses("{}")).isEqualTo(Refusal.InvalidPayload("name", "is missing"))
    }

    @Test
    fun aMissingPropertyIsNamedWithItsPath() = echoed<Page<Note>> { _, room ->
        assertThat(room.refuses("""{"items":[{"text":"a"},{}]}"""))
            .isEqualTo(Refusal.InvalidPayload("items[1].text", "is missing"))
    }

    @Test
    fun betweenNodesARecordOfKotlinIsAMessageAndADataClassIsNot() {
        val codecs = Codecs.builder().build()
        val codec = codecs.of(Grant::class.java)
        val grant = Grant("ann", listOf("lobby"))
        assertThat(codec.decode(codec.encode(grant))).isEqualTo(Decoded.Value(grant))
        assertThatIllegalArgumentException().isThrownBy { codecs.of(Order::class.java) }.withMessageContaining("record")
    }
}
