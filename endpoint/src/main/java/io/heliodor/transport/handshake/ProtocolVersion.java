package io.heliodor.transport.handshake;

import io.heliodor.wire.Serializer;
import io.heliodor.wire.SupabaseSerializer;
import io.heliodor.wire.V1Serializer;
import io.heliodor.wire.V2Serializer;
import io.heliodor.wire.V2TextSerializer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The serializer for a client's {@code vsn} parameter.
 *
 * <p>The last of several values counts, because clients append theirs to the user's parameters. Without a value the version
 * is 1.0.0, as in Phoenix.
 */
public final class ProtocolVersion {
    /** {@code ~> 1.0.0} of semantic versions: any patch of 1.0. */
    private static final Pattern ONE = Pattern.compile("1\\.0\\.(0|[1-9]\\d{0,9})");

    /** {@code ~> 2.0.0}. */
    private static final Pattern TWO = Pattern.compile("2\\.0\\.(0|[1-9]\\d{0,9})");

    // Singletons: a broadcast is encoded once for each serializer.
    private static final Serializer V1 = new V1Serializer();
    private static final Serializer V2 = new V2Serializer();
    private static final Serializer V2_TEXT = new V2TextSerializer();
    private static final Serializer SUPABASE = new SupabaseSerializer();

    private ProtocolVersion() {}

    /** The serializer for a WebSocket, with the binary messages of supabase-js if the socket supports them. */
    public static Optional<Serializer> serializer(Map<String, List<String>> params, boolean supabase) {
        return serializer(params, supabase ? SUPABASE : V2);
    }

    /** The serializer for a transport without binary messages to the client. */
    public static Optional<Serializer> textOnly(Map<String, List<String>> params) {
        return serializer(params, V2_TEXT);
    }

    private static Optional<Serializer> serializer(Map<String, List<String>> params, Serializer two) {
        List<String> vsn = params.get("vsn");
        if (vsn == null) {
            boolean nested = params.keySet().stream().anyMatch(name -> name.startsWith("vsn["));
            return nested ? Optional.empty() : Optional.of(V1);
        }
        if (ONE.matcher(vsn.getLast()).matches()) {
            return Optional.of(V1);
        }
        return TWO.matcher(vsn.getLast()).matches() ? Optional.of(two) : Optional.empty();
    }
}
