/** The numbers of an endpoint as Micrometer meters. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module-info
module io.heliodor.micrometer {
    requires static transitive org.jspecify;
    requires transitive io.heliodor.endpoint;
    requires transitive micrometer.core;

    exports io.heliodor.micrometer;
}
