package io.heliodor.transport;

import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which serializer a client's {@code vsn} asks for. */
final class Version {
    /** {@code ~> 2.0.0} of semantic versions: any patch of 2.0. */
    private static final Pattern TWO = Pattern.compile("2\\.0\\.(0|[1-9]\\d{0,9})");

    private static final Serializer V2 = new V2Serializer();

    private Version() {}

    /**
     * The last of several counts: clients append theirs to what the user's parameters are. A client that names no
     * version means 1.0.0, as with Phoenix; that one is not served yet.
     */
    static Optional<Serializer> serializer(@Nullable List<String> vsn) {
        if (vsn != null && TWO.matcher(vsn.getLast()).matches()) {
            return Optional.of(V2);
        }
        return Optional.empty();
    }

    /** The same for long polling, which carries no binary frames to a client. */
    static Optional<Serializer> textOnly(@Nullable List<String> vsn) {
        return serializer(vsn);
    }
}
