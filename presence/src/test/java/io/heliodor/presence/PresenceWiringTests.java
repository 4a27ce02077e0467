package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.pubsub.PubSub;
import io.heliodor.type.Type;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PresenceWiringTests {
    record Meta(String text) {}

    record Running(Thread thread) {}

    record Reading(List<Map<String, InputStream>> all) {}

    @Test
    void aLocalPubSubHasOnePresenceOfEachName() {
        try (PubSub pubsub = PubSub.local()) {
            Presence<Meta> first = Presence.over(pubsub, Meta.class);
            assertThatIllegalStateException()
                    .isThrownBy(() -> Presence.over(pubsub, Meta.class))
                    .withMessageContaining(Meta.class.getName())
                    .withMessageContaining(".name(");
            Presence<Meta> named =
                    Presence.builder(pubsub, Meta.class).name("other").build();
            first.close();
            Presence<Meta> again = Presence.over(pubsub, Meta.class);
            assertThat(again).isNotSameAs(named);
        }
    }

    @Test
    void aMetaThatHoldsAResourceIsRefused() {
        try (PubSub pubsub = PubSub.local()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Presence.over(pubsub, Running.class))
                    .withMessageContaining("java.lang.Thread in 'thread'");
            assertThatIllegalArgumentException().isThrownBy(() -> Presence.over(pubsub, Reading.class));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Presence.over(pubsub, new Type<Map<String, Thread>>() {}));
        }
    }
}
