package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** {@code @absinthe/socket} and a channel that pushes the results of its subscriptions. */
class AbsintheIT {
    private static final String PREFIX = "__absinthe__:doc:";

    record Document(String query, Map<String, String> variables) {}

    record Response(Optional<String> subscriptionId, Optional<Map<String, String>> data) {}

    record Subscription(String subscriptionId) {}

    record Result(Map<String, String> data) {}

    record Data(String subscriptionId, Result result) {}

    private static final Call<Document, Response, Reason> DOC = Call.of("doc", Document.class, Response.class);
    private static final Call<Subscription, Subscription, Reason> UNSUBSCRIBE =
            Call.of("unsubscribe", Subscription.class, Subscription.class);
    private static final Event<Data> DATA = Event.of("subscription:data", Data.class);

    private final AtomicInteger subscriptions = new AtomicInteger();
    private final Map<String, Context<?, Empty>> subscribers = new ConcurrentHashMap<>();

    private Outcome<Response, Reason> answer(Document doc, Context<?, Empty> control) {
        if (doc.query().startsWith("subscription")) {
            String topic = PREFIX + subscriptions.incrementAndGet();
            subscribers.put(topic, control);
            return Reply.ok(new Response(Optional.of(topic), Optional.empty()));
        }
        String text = doc.variables().get("text");
        subscribers.forEach((topic, subscriber) ->
                subscriber.pushUnder(topic, DATA, new Data(topic, new Result(Map.of("added", text)))));
        return Reply.ok(new Response(Optional.empty(), Optional.of(Map.of("add", text))));
    }

    private Outcome<Subscription, Reason> unsubscribe(Subscription subscription, Context<?, Empty> control) {
        subscribers.remove(subscription.subscriptionId());
        return Reply.ok(subscription);
    }

    @Test
    void resultsComeUnderTopicsThatTheClientsHaveNotJoined() throws Exception {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "__absinthe__:control",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .pushTopics(PREFIX + "*")
                                .answer(DOC, this::answer)
                                .answer(UNSUBSCRIBE, this::unsubscribe)
                                .build())
                .build();
        try (Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", socket)
                .build()
                .start()) {
            NodePackages.install();
            String address = "ws://127.0.0.1:" + endpoint.port() + "/socket";
            assertThat(NodePackages.run(Map.of(), "node", "absinthe-client.mjs", address))
                    .as("status of absinthe-client.mjs")
                    .isZero();
        }
    }
}
