package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The context of a publisher, as its subscribers get it. */
class CarriedContextTests {
    private static final Topic<String> NEWS = Topic.of("news", String.class);

    private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private void see(String message) {
        seen.add(message + " " + Correlation.carried());
    }

    private String next() throws InterruptedException {
        return seen.poll(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aSubscriberHasTheContextOfEachMessage() throws Exception {
        try (PubSub pubsub = PubSub.local();
                Subscription _ = pubsub.subscribe(NEWS, this::see)) {
            try (var _ = Correlation.with("abc");
                    var _ = Correlation.traced(new Correlation.Trace("00-1-2-01", "a=1"))) {
                pubsub.broadcast(NEWS, "one");
            }
            pubsub.broadcast(NEWS, "two");
            assertThat(next()).isEqualTo("one abc 00-1-2-01 a=1");
            assertThat(next()).isEqualTo("two ");
        }
    }

    @Test
    void allSubscribersGetTheOneObjectOfThePublisher() throws Exception {
        LinkedBlockingQueue<Correlation.Trace> traces = new LinkedBlockingQueue<>();
        Subscriber<String> subscriber =
                message -> traces.add(Correlation.trace().orElseThrow());
        Correlation.Trace published = new Correlation.Trace("00-1-2-01", "a=1");
        try (PubSub pubsub = PubSub.local();
                Subscription _ = pubsub.subscribe(NEWS, subscriber);
                Subscription _ = pubsub.subscribe(NEWS, subscriber);
                var _ = Correlation.traced(published)) {
            pubsub.broadcast(NEWS, "one");
            for (int i = 0; i < 2; i++) {
                assertThat(traces.poll(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                        .isSameAs(published);
            }
        }
    }

    @Test
    void anInlineSubscriberHasItToo() throws Exception {
        try (PubSub pubsub = PubSub.local();
                Subscription _ = pubsub.subscribeInline(NEWS, this::see);
                var _ = Correlation.with("abc")) {
            pubsub.broadcast(NEWS, "one");
            assertThat(next()).isEqualTo("one abc");
        }
    }
}
