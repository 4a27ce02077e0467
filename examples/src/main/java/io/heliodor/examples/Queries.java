package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.function.BiFunction;

/** Subscriptions of GraphQL, as the clients of Absinthe expect them. */
final class Queries {
    record Document(String query) {}

    record Subscribed(String subscriptionId) {}

    record Data(String subscriptionId, Object result) {}

    static final Call<Document, Subscribed, Reason> DOC = Call.of("doc", Document.class, Subscribed.class);
    static final Event<Data> DATA = Event.of("subscription:data", Data.class);
    static final InfoMessage<Data> RESULT = InfoMessage.of("result", Data.class);

    /** Starts a subscription for a client, and returns its number. */
    private final BiFunction<Document, Context<?, Empty>, String> subscriptions;

    Queries(BiFunction<Document, Context<?, Empty>, String> subscriptions) {
        this.subscriptions = subscriptions;
    }

    Channel<Object, Empty> channel() {
        // @start region=push-topics
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .pushTopics("__absinthe__:doc:*")
                .answer(DOC, this::subscribe)
                .onInfo(RESULT, (data, control) -> control.pushUnder(data.subscriptionId(), DATA, data))
                .build();
        // @end
    }

    private Outcome<Subscribed, Reason> subscribe(Document doc, Context<?, Empty> control) {
        return Reply.ok(new Subscribed("__absinthe__:doc:" + subscriptions.apply(doc, control)));
    }
}
