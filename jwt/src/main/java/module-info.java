/** Connections that are accepted by JSON Web Tokens. */
@org.jspecify.annotations.NullMarked
module io.heliodor.jwt {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.channels;
    requires com.nimbusds.jose.jwt;
    requires java.net.http;
    requires org.slf4j;

    exports io.heliodor.jwt;
}
