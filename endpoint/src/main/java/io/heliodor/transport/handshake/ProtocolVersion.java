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
 * Which serializer a client's {@code vsn} asks for.
 *
 * <p>The last of several counts: clients append theirs to what the user's parameters are. A client that names no version
 * means 1.0.0, as with Phoenix.
 */
public final class ProtocolVersion {
    /** {@code ~> 1.0.0} of semantic versions: any patch of 1.0. */
    private static final Pattern ONE = Pattern.compile("1\\.0\\.(0|[1-9]\\d{0,9})");

    /** {@code ~> 2.0.0}. */
    private static final Pattern TWO = Pattern.compile("2\\.0\\.(0|[1-9]\\d{0,9})");

    // One of each: what is said to many is encoded once for each serializer.
    private static final Serializer V1 = new V1Serializer();
    private static final Serializer V2 = new V2Serializer();
    private static final Serializer V2_TEXT = new V2TextSerializer();
    private static final Serializer SUPABASE = new SupabaseSerializer();

    private ProtocolVersion() {}

    /** For a WebSocket; with the binary messages of supabase-js where the socket wants them. */
    public static Optional<Serializer> serializer(Map<String, List<String>> params, boolean supabase) {
        return serializer(params, supabase ? SUPABASE : V2);
    }

    /** For a transport that carries no binary messages to the client. */
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
