/**
 * Typed channels in the Phoenix wire protocol. This module holds what a user writes (sockets, channels, outcomes)
 * and what runs it, without a network: {@code io.heliodor.endpoint} carries the bytes.
 *
 * <p>Payload records are read by Jackson: a module that declares them opens their package to
 * {@code tools.jackson.databind}.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // io.heliodor.endpoint and others are built after this one
module io.heliodor.channels {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.contract;
    requires transitive io.heliodor.presence;
    requires transitive io.heliodor.pubsub;
    requires transitive tools.jackson.databind;
    requires java.management;
    requires org.slf4j;

    exports io.heliodor.channel;
    exports io.heliodor.describe;
    exports io.heliodor.group;
    exports io.heliodor.limit;
    exports io.heliodor.observe;
    exports io.heliodor.schema;
    exports io.heliodor.token;
    exports io.heliodor.channel.definition to
            io.heliodor.dashboard,
            io.heliodor.endpoint,
            io.heliodor.micrometer,
            io.heliodor.testkit;
    exports io.heliodor.inspect to
            io.heliodor.dashboard,
            io.heliodor.endpoint;
    exports io.heliodor.session to
            io.heliodor.endpoint,
            io.heliodor.testkit;
    exports io.heliodor.session.budget to
            io.heliodor.endpoint,
            io.heliodor.testkit;
    exports io.heliodor.session.cluster to
            io.heliodor.endpoint;
    exports io.heliodor.session.eviction to
            io.heliodor.endpoint,
            io.heliodor.testkit;
    exports io.heliodor.session.lane to
            io.heliodor.endpoint,
            io.heliodor.testkit;
    exports io.heliodor.session.telemetry to
            io.heliodor.endpoint,
            io.heliodor.testkit;
    exports io.heliodor.wire to
            io.heliodor.endpoint,
            io.heliodor.testkit;

    opens io.heliodor.inspect to
            tools.jackson.databind;
}
