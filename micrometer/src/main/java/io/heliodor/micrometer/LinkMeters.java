package io.heliodor.micrometer;

import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.LinkState;
import io.heliodor.node.Node;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Two gauges for the link to each other member, until it leaves. It listens to the membership, one call at a time. */
final class LinkMeters implements Consumer<MembershipEvent> {
    private final MeterRegistry registry;
    private final Tags tags;
    private final WeakReference<Node> node;
    private final Map<String, List<Meter>> meters = new HashMap<>();

    LinkMeters(MeterRegistry registry, Tags tags, Node node) {
        this.registry = registry;
        this.tags = tags;
        this.node = new WeakReference<>(node);
    }

    @Override
    public void accept(MembershipEvent event) {
        switch (event) {
            case MembershipEvent.Joined(var member) -> meters.computeIfAbsent(member.node(), this::register);
            case MembershipEvent.Left(var member) -> {
                List<Meter> gone = meters.remove(member.node());
                if (gone != null) {
                    gone.forEach(registry::remove);
                }
            }
            case MembershipEvent.Changed _, MembershipEvent.Merged _ -> {}
        }
    }

    private List<Meter> register(String peer) {
        @Nullable Node present = node.get();
        if (present == null) {
            return List.of();
        }
        Tags all = tags.and("peer", peer);
        Gauge queued = new Meters<>(registry, all, present)
                .gauge(
                        "heliodor.node.link.queued",
                        "bytes",
                        "Bytes that wait for the member or are in flight to it.",
                        read(peer, LinkState::queuedBytes));
        ToDoubleFunction<LinkState> nanos =
                link -> link.roundTrip().map(trip -> (double) trip.toNanos()).orElse(Double.NaN);
        Gauge roundTrip = TimeGauge.builder(
                        "heliodor.node.link.round.trip", present, TimeUnit.NANOSECONDS, read(peer, nanos))
                .description("The round trip of the last ping, or the age of one that has no answer yet.")
                .tags(all)
                .register(registry);
        return List.of(queued, roundTrip);
    }

    private static ToDoubleFunction<Node> read(String peer, ToDoubleFunction<LinkState> value) {
        return node -> node.link(peer).map(value::applyAsDouble).orElse(Double.NaN);
    }
}
