/**
 * The client of Heliodor for Java programs: typed channels over the Phoenix wire protocol. Compiled for Java 17.
 *
 * <p>Payload records are read by Jackson: a module that declares them opens their package to {@code tools.jackson.databind}.
 */
@org.jspecify.annotations.NullMarked
module io.heliodor.client {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.contract;
    requires transitive tools.jackson.databind;
    requires java.logging;
    requires transitive java.net.http;

    exports io.heliodor.client;
    exports io.heliodor.client.socket;
    exports io.heliodor.client.status;
}
