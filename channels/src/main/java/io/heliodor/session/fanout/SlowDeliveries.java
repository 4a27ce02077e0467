package io.heliodor.session.fanout;

import io.heliodor.session.lane.SlowDelivery;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of a broadcast to lagging clients. Computed by user code, so without a lock.
 *
 * @param byPolicies the deliveries by the policies of the channels
 */
public record SlowDeliveries(Map<SlowPolicies, SlowDelivery> byPolicies) {
    /** Of a broadcast without policies. */
    public static final SlowDeliveries NONE = new SlowDeliveries(Map.of());

    @Nullable
    SlowDelivery of(SlowPolicies policies) {
        return byPolicies.get(policies);
    }
}
