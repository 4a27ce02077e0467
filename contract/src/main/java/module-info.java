/**
 * The declarations that a server and its typed clients share: events and calls, errors, close codes. Compiled for Java 17, and
 * without dependencies.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // io.heliodor.channels and io.heliodor.cluster are built after this one
module io.heliodor.contract {
    requires static transitive org.jspecify;

    exports io.heliodor.event;
    exports io.heliodor.event.json to
            io.heliodor.channels,
            io.heliodor.endpoint,
            io.heliodor.presence,
            io.heliodor.testkit;
    exports io.heliodor.type;
    exports io.heliodor.type.text to
            io.heliodor.pubsub,
            io.heliodor.presence,
            io.heliodor.cluster,
            io.heliodor.channels,
            io.heliodor.jwt,
            io.heliodor.endpoint,
            io.heliodor.spring.boot;
}
