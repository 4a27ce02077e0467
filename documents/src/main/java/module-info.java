/** Shared documents of Yjs. */
@org.jspecify.annotations.NullMarked
module io.heliodor.documents {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive io.heliodor.channels;

    exports io.heliodor.document;

    opens io.heliodor.document to
            tools.jackson.databind;
}
