package com.example.chat;

import com.example.chat.Chat.Online;
import io.heliodor.channel.UserSocket;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The application: pages come from Spring Boot at port 8080, the socket of the chat from Heliodor at port 4000. */
@SpringBootApplication
class ChatApplication {
    public static void main(String[] args) {
        SpringApplication.run(ChatApplication.class, args);
    }

    @Bean
    Presence<Online> presence(PubSub pubsub) {
        return Presence.over(pubsub, Online.class);
    }

    @Bean
    UserSocket<Object> socket(Presence<Online> presence) {
        return new Chat(presence).socket();
    }
}
