package com.example.board

import io.heliodor.channel.UserSocket
import io.heliodor.kotlin.kotlinJson
import io.heliodor.presence.Presence
import io.heliodor.pubsub.PubSub
import io.heliodor.spring.EndpointCustomizer
import org.springframework.boot.SpringApplication
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.context.annotation.Bean

/** The application: pages come from Spring Boot at port 8080, the socket of the board from Heliodor at port 4000. */
@SpringBootApplication(proxyBeanMethods = false)
class BoardApplication {
    @Bean
    fun presence(pubsub: PubSub): Presence<Online> = Presence.over(pubsub, Online::class.java)

    @Bean
    fun socket(presence: Presence<Online>): UserSocket<Any> = Board(presence).socket()

    @Bean
    fun json() = EndpointCustomizer { endpoint -> endpoint.json(kotlinJson()) }
}

fun main(args: Array<String>) {
    SpringApplication.run(BoardApplication::class.java, *args)
}
