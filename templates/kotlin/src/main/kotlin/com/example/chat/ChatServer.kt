package com.example.chat

import io.heliodor.endpoint.Endpoint
import io.heliodor.kotlin.kotlinJson
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import java.nio.file.Path

/** The server: the socket of the chat, and the files of the folder `web`. */
fun main() {
    val pubsub = PubSub.local()
    val chat = Chat(Presence.over(pubsub, Online::class.java))
    val endpoint = Endpoint.builder()
        .host("127.0.0.1")
        .port(4000)
        .pubsub(pubsub)
        .json(kotlinJson())
        .socket("/socket", chat.socket())
        .files("/", Path.of("web"))
        .build()
        .start()
    Runtime.getRuntime().addShutdownHook(Thread(endpoint::close))
    println("http://127.0.0.1:${endpoint.port()}")
}
