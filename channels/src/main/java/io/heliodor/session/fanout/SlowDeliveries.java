package io.heliodor.session.fanout;

import io.heliodor.session.lane.SlowDelivery;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The deliveries of a broadcast to lagging clients, by the policies of their channels. Computed by user code, so without a lock. */
record SlowDeliveries(Map<SlowPolicies, SlowDelivery> byPolicies) {
    static final SlowDeliveries NONE = new SlowDeliveries(Map.of());

    @Nullable
    SlowDelivery of(SlowPolicies policies) {
        return byPolicies.get(policies);
    }
}
