package com.example.demo;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.spring.ChannelMapping;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
class ChatApplication {
    record Message(String text) {}

    static final Event<Message> MESSAGE = Event.of("message", Message.class);

    public static void main(String[] args) {
        SpringApplication.run(ChatApplication.class, args);
    }

    @Bean
    @ChannelMapping("room:*")
    Channel<Object, Empty> room() {
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(MESSAGE, (message, room) -> room.broadcast(MESSAGE, message))
                .build();
    }
}
