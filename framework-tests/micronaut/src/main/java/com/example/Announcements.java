package com.example;

import io.heliodor.channel.Channels;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;

@Controller("/announcements")
class Announcements {
    private final Channels channels;

    Announcements(ChatServer server) {
        this.channels = server.channels();
    }

    @Post
    @Consumes(MediaType.TEXT_PLAIN)
    @ExecuteOn(TaskExecutors.BLOCKING)
    void announce(@Body String text) {
        channels.broadcast("room:lobby", ChatServer.MESSAGE, new ChatServer.Message(text));
    }
}
