package io.heliodor.kotlin.chat

// @start region=server
import io.heliodor.channel.*
import io.heliodor.endpoint.Endpoint
import io.heliodor.event.*
import io.heliodor.kotlin.*
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import java.nio.file.Path
import java.time.Instant

data class Enter(val name: String) {
    init {
        if (name.isBlank() || name.length > 30) throw InvalidPayload("name", "must have 1 to 30 characters")
    }
}

data class Say(val body: String)

data class Message(val from: String, val body: String)

data class Online(val since: Instant)

val SAY = event<Say>("say")
val NEW_MSG = event<Message>("new_msg")

fun room(presence: Presence<Online>) =
    Channel.join(Enter::class.java) { enter, _ -> Join.ok(enter.name) }
        .onJoined { room -> presence.track(room, room.assigns(), Online(Instant.now())) }
        .on(SAY) { say, room -> room.broadcast(NEW_MSG, Message(room.assigns(), say.body)) }
        .build()

fun main() {
    val pubsub = PubSub.local()
    val presence = Presence.over(pubsub, Online::class.java)
    val socket = UserSocket.open().channel("room:*", room(presence)).build()
    val endpoint = Endpoint.builder()
        .host("127.0.0.1")
        .port(4000)
        .pubsub(pubsub)
        .json(kotlinJson())
        .socket("/socket", socket)
        .files("/", Path.of("web"))
        .build()
        .start()
    println("http://127.0.0.1:${endpoint.port()}")
}
// @end
