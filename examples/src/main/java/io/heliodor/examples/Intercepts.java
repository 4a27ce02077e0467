package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.event.Event;
import java.util.Set;

/** An intercept: each member gets a broadcast in a form of its own, or not at all. */
final class Intercepts {
    private Intercepts() {}

    record Reader(String name, Set<String> ignored) {}

    record Post(String by, String body) {}

    record OwnPost(String by, String body, boolean mine) {}

    static final Event<Post> POST = Event.of("post", Post.class);

    static Channel<Reader, Reader> channel() {
        // @start region=intercept
        return Channel.of(Reader.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .on(POST, (post, reader) -> reader.broadcast(POST, post))
                .intercept(POST, (post, reader) -> {
                    if (reader.assigns().ignored().contains(post.by())) {
                        return Out.drop();
                    }
                    return post.by().equals(reader.assigns().name())
                            ? Out.replace(new OwnPost(post.by(), post.body(), true))
                            : Out.pass();
                })
                .build();
        // @end
    }
}
