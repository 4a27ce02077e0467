package com.example;

import io.heliodor.channel.Channels;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;

@Path("/announcements")
public class Announcements {
    private final Channels channels;

    Announcements(ChatServer server) {
        this.channels = server.channels();
    }

    @POST
    @Consumes(MediaType.TEXT_PLAIN)
    public void announce(String text) {
        channels.broadcast("room:lobby", ChatServer.MESSAGE, new ChatServer.Message(text));
    }
}
