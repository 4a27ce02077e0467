/** The metrics of endpoints and nodes as Micrometer meters, and their handlers as observations. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module-info
module io.heliodor.micrometer {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.endpoint;
    requires static transitive io.heliodor.cluster;
    requires transitive micrometer.core;
    requires transitive micrometer.observation;
    requires static micrometer.tracing;

    exports io.heliodor.micrometer;
}
