/**
 * Typed publish/subscribe by topic, without a broker: in one JVM with {@link io.heliodor.pubsub.PubSub#local()}, and between the
 * nodes of a cluster.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the other modules are built after this one
module io.heliodor.pubsub {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires static tools.jackson.databind;
    requires transitive io.heliodor.contract;
    requires org.slf4j;

    exports io.heliodor.batch to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.presence;
    exports io.heliodor.binary to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.endpoint,
            io.heliodor.presence;
    exports io.heliodor.counter to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.endpoint,
            io.heliodor.presence;
    exports io.heliodor.exchange to
            io.heliodor.channels,
            io.heliodor.presence;
    exports io.heliodor.json to
            io.heliodor.channels,
            io.heliodor.cluster;
    exports io.heliodor.log to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.dashboard,
            io.heliodor.endpoint,
            io.heliodor.presence,
            io.heliodor.spring.boot;
    exports io.heliodor.pubsub;
    exports io.heliodor.pubsub.engine to
            io.heliodor.channels,
            io.heliodor.cluster,
            io.heliodor.dashboard,
            io.heliodor.endpoint,
            io.heliodor.presence,
            io.heliodor.testkit;
    exports io.heliodor.secret to
            io.heliodor.cluster,
            io.heliodor.endpoint;
}
