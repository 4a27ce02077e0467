package com.example.chat

import io.heliodor.channel.Channel
import io.heliodor.channel.History
import io.heliodor.channel.Join
import io.heliodor.channel.UserSocket
import io.heliodor.event.InvalidPayload
import io.heliodor.kotlin.event
import io.heliodor.presence.Presence
import java.time.Duration
import java.time.Instant

data class Enter(val name: String) {
    init {
        if (name.isBlank() || name.length > 30) throw InvalidPayload("name", "must have 1 to 30 characters")
    }
}

data class Say(val text: String) {
    init {
        if (text.isBlank() || text.length > 2000) throw InvalidPayload("text", "must have 1 to 2000 characters")
    }
}

data class Message(val from: String, val text: String, val at: Instant)

data class Online(val since: Instant)

val SAY = event<Say>("say")
val MESSAGE = event<Message>("message")

/** The chat: the handlers of the messages between pages and server. */
class Chat(private val presence: Presence<Online>) {
    fun socket(): UserSocket<Any> = UserSocket.open().channel("room:*", room()).build()

    /** A page that joins gets the last messages. After a lost connection it gets those that it missed. */
    private fun room() =
        Channel.join(Enter::class.java) { enter, _ -> Join.ok(enter.name).newest(50) }
            .onJoined { room -> presence.track(room, room.assigns(), Online(Instant.now())) }
            .on(SAY) { say, room -> room.broadcast(MESSAGE, Message(room.assigns(), say.text, Instant.now())) }
            .history(History.of(200, Duration.ofHours(12), MESSAGE))
            .sends(MESSAGE)
            .presence(Online::class.java)
            .key("name")
            .build()
}
