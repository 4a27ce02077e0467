package io.heliodor.transport.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The headers of a request as an immutable map from lower-case names to values, in order. */
public final class HeaderMap {
    private HeaderMap() {}

    public static Map<String, List<String>> of(HttpHeaders headers) {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        headers.iteratorAsString()
                .forEachRemaining(header -> byName.computeIfAbsent(
                                header.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
                        .add(header.getValue()));
        byName.replaceAll((_, values) -> List.copyOf(values));
        return Collections.unmodifiableMap(byName);
    }
}
