/** The metrics of endpoints and nodes as Micrometer meters. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module-info
module io.heliodor.micrometer {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.endpoint;
    requires static transitive io.heliodor.cluster;
    requires transitive micrometer.core;

    exports io.heliodor.micrometer;
}
